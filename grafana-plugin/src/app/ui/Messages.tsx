import { Alert, Button } from '@grafana/ui';
import React, { ReactNode } from 'react';

interface ErrorsProps {
  title: string;
  errors: string[];
  retry?: () => void;
}

/** What the data source answered instead of data. */
export function Errors({ title, errors, retry }: ErrorsProps) {
  if (errors.length === 0) {
    return null;
  }
  return (
    <Alert severity="error" title={title}>
      {errors.map((error) => (
        <div key={error}>{error}</div>
      ))}
      {retry && (
        <Button size="sm" variant="secondary" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** What there is to say of a result, for the eye and for screen readers as it changes. */
export function Summary({ children }: { children: ReactNode }) {
  return (
    <p role="status" aria-live="polite">
      {children}
    </p>
  );
}
