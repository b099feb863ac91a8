import { Alert, Button } from '@grafana/ui';
import React from 'react';
import { ExecutionsSearch, isFiltered } from '../url/executionsSearch';

interface Props {
  search: ExecutionsSearch;
  onClear: () => void;
}

/** Instead of a table without rows: what to do about it. */
export function Empty({ search, onClear }: Props) {
  if (isFiltered(search)) {
    return (
      <Alert severity="info" title="No execution of this time is like that">
        <p>Widen the time range, or take away a filter.</p>
        <Button size="sm" variant="secondary" onClick={onClear}>
          Clear filters
        </Button>
      </Alert>
    );
  }
  return (
    <Alert severity="info" title="No execution started in this time">
      Widen the time range. If there should be some, see whether the agent runs and sends:{' '}
      <code>steptrace executions</code> lists what the store has.
    </Alert>
  );
}
