import { Column } from '@grafana/ui';
import React from 'react';
import { readCause } from '../format/cause';
import { formatDuration, none } from '../format/format';
import { ExecutionRow } from '../frame/executions';
import { Clipped } from '../ui/Clipped';
import { column } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Status } from '../ui/Status';
import { Time } from '../ui/Time';
import { executionPath, machinePath } from '../url/paths';

const Name = ({ row: { execution_arn, name } }: { row: ExecutionRow }) => (
  <Clipped width={24} title={name || execution_arn}>
    <Link to={executionPath(execution_arn)}>{name || execution_arn}</Link>
  </Clipped>
);

const Machine = ({ row: { state_machine, state_machine_arn } }: { row: ExecutionRow }) => (
  <Clipped width={20} title={state_machine}>
    <Link to={machinePath(state_machine_arn)}>{state_machine}</Link>
  </Clipped>
);

const FailedState = ({ row: { execution_arn, failed_state } }: { row: ExecutionRow }) =>
  failed_state ? (
    <Clipped width={24} title={failed_state}>
      <Link to={executionPath(execution_arn, failed_state)}>{failed_state}</Link>
    </Clipped>
  ) : null;

const ended = ['FAILED', 'TIMED_OUT', 'ABORTED'];

function Failure({ row: { status, error, cause } }: { row: ExecutionRow }) {
  if (!ended.includes(status)) {
    return null;
  }
  const { message } = readCause(cause);
  return (
    <>
      <Clipped width={44} title={error}>
        {error || (status === 'FAILED' ? none : '')}
      </Clipped>
      <Clipped width={44} title={message.slice(0, 2000)}>
        {message.slice(0, 300)}
      </Clipped>
    </>
  );
}

export const executionColumns: Array<Column<ExecutionRow>> = [
  column('status', 'Status', (row) => <Status status={row.status} />, 'string'),
  column('name', 'Execution', (row) => <Name row={row} />, 'string'),
  column('state_machine', 'State machine', (row) => <Machine row={row} />, 'string'),
  column('failed_state', 'Ended in', (row) => <FailedState row={row} />, 'string'),
  column('error', 'Error and cause', (row) => <Failure row={row} />, 'string'),
  column('start', 'Start', (row) => <Time ms={row.start} coarse />, 'number'),
  column('duration_ms', 'Duration', (row) => formatDuration(row.duration_ms), 'number'),
  column('redrive_count', 'Redrives', (row) => row.redrive_count || '', 'number'),
];
