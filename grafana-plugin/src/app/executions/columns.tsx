import { Column } from '@grafana/ui';
import { css } from '@emotion/css';
import React from 'react';
import { readCause } from '../format/cause';
import { formatDuration, none } from '../format/format';
import { ExecutionRow } from '../frame/executions';
import { FailureRow } from '../frame/failures';
import { column } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Status } from '../ui/Status';
import { Time } from '../ui/Time';
import { executionPath, machinePath } from '../url/paths';

/** An execution with the state it failed in, where that is known. */
export interface ListedExecution extends ExecutionRow {
  failure?: FailureRow;
}

export const withFailures = (executions: ExecutionRow[], failures: Map<string, FailureRow>): ListedExecution[] =>
  executions.map((row) => ({ ...row, failure: failures.get(row.execution_arn) }));

const causeStyle = css({
  maxWidth: '60ch',
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
});

const nameStyle = css({ maxWidth: '32ch', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' });

function Name({ row: { execution_arn, name } }: { row: ListedExecution }) {
  return (
    <div className={nameStyle} title={name}>
      <Link to={executionPath(execution_arn)}>{name || execution_arn}</Link>
    </div>
  );
}

// As wide as words need: the table would break within them.
const stateStyle = css({ minWidth: 'max-content' });

const failed = ['FAILED', 'TIMED_OUT', 'ABORTED'];

function FailedState({ row }: { row: ListedExecution }) {
  const state = failed.includes(row.status) ? row.failure?.state : undefined;
  return state ? (
    <div className={stateStyle}>
      <Link to={executionPath(row.execution_arn, state)}>{state}</Link>
    </div>
  ) : null;
}

function Failure({ row }: { row: ListedExecution }) {
  if (!failed.includes(row.status)) {
    return null;
  }
  const error = row.failure?.error || row.error;
  const { message } = readCause(row.cause || row.failure?.message || '');
  return (
    <>
      <div>{error || (row.status === 'FAILED' ? none : '')}</div>
      <div className={causeStyle} title={message.slice(0, 2000)}>
        {message.slice(0, 300)}
      </div>
    </>
  );
}

export const executionColumns: Array<Column<ListedExecution>> = [
  column('status', 'Status', (row) => <Status status={row.status} />, 'string'),
  column('name', 'Execution', (row) => <Name row={row} />, 'string'),
  column(
    'state_machine',
    'State machine',
    (row) => <Link to={machinePath(row.state_machine_arn)}>{row.state_machine}</Link>,
    'string'
  ),
  column('failure', 'Failed state', (row) => <FailedState row={row} />),
  column('error', 'Error and cause', (row) => <Failure row={row} />, 'string'),
  column('start', 'Start', (row) => <Time ms={row.start} />, 'number'),
  column('duration_ms', 'Duration', (row) => formatDuration(row.duration_ms), 'number'),
  column('redrive_count', 'Redrives', (row) => row.redrive_count || '', 'number'),
];
