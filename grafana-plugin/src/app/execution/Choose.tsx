import { Alert } from '@grafana/ui';
import React from 'react';
import { Link } from '../ui/Link';
import { executionPath, pagePath } from '../url/paths';

/** The page of an execution without one. */
export function Choose() {
  return (
    <Alert severity="info" title="Which execution?">
      Choose one from the <Link to={pagePath('executions')}>executions</Link>, or see{' '}
      <Link to={executionPath('latest')}>the latest</Link>. The address of this page ends in <code>?execution=</code>{' '}
      and its ARN or trace id.
    </Alert>
  );
}
