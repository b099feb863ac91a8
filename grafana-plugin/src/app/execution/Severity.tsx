import { Badge } from '@grafana/ui';
import React from 'react';

/** The severity of an event; of what is as it should be none is said. */
export function Severity({ severity }: { severity: string }) {
  switch (severity.toUpperCase()) {
    case 'ERROR':
      return <Badge icon="exclamation-circle" color="red" text="Error" />;
    case 'WARN':
    case 'WARNING':
      return <Badge icon="exclamation-triangle" color="orange" text="Warning" />;
    default:
      return null;
  }
}
