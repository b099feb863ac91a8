import { Column } from '@grafana/ui';
import React, { useMemo } from 'react';
import { formatDuration } from '../format/format';
import { StateRow } from '../frame/workflow';
import { column, DataTable } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Status } from '../ui/Status';
import { Time } from '../ui/Time';
import { executionPath } from '../url/paths';

interface Props {
  execution: string;
  states: StateRow[];
}

const columnsFor = (execution: string): Array<Column<StateRow>> => [
  column('state', 'State', ({ state }) => <Link to={executionPath(execution, state)}>{state}</Link>, 'string'),
  column('type', 'Type', ({ type }) => type, 'string'),
  column('status', 'Status', ({ status }) => <Status status={status} />, 'string'),
  column('visits', 'Visits', ({ visits }) => visits, 'number'),
  column('attempts', 'Attempts', ({ attempts }) => attempts || '', 'number'),
  column('first_start', 'First start', ({ first_start }) => <Time ms={first_start} />, 'number'),
  column('duration_ms', 'Duration', ({ duration_ms }) => formatDuration(duration_ms), 'number'),
  column('error', 'Error', ({ error }) => error, 'string'),
];

// As they ran; what was not reached is last.
const order = ({ first_start }: StateRow) => first_start ?? Number.MAX_SAFE_INTEGER;

/** The states of an execution in words: what the drawing shows, for those who do not see it. */
export function StatesTable({ execution, states }: Props) {
  const columns = useMemo(() => columnsFor(execution), [execution]);
  const rows = useMemo(() => [...states].sort((a, b) => order(a) - order(b)), [states]);
  return <DataTable name="States" columns={columns} data={rows} rowId={({ state }) => state} />;
}
