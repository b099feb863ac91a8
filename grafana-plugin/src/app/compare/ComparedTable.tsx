import { Column } from '@grafana/ui';
import React, { useMemo } from 'react';
import { formatDifference, formatDuration, none } from '../format/format';
import { StateRow } from '../frame/workflow';
import { column, DataTable } from '../ui/DataTable';
import { Status } from '../ui/Status';
import { ComparedState } from './states';

interface Props {
  rows: ComparedState[];
  /** The state at which they part. */
  divergence?: string;
}

const status = (row?: StateRow) => <Status status={row?.status ?? 'NOT_REACHED'} />;
const duration = (row?: StateRow) => formatDuration(row?.duration_ms ?? null);
const attempts = (row?: StateRow) => (row ? row.attempts || none : none);

const columnsFor = (divergence?: string): Array<Column<ComparedState>> => [
  column(
    'state',
    'State',
    ({ state }) => (state === divergence ? <strong>{`${state} (they part here)`}</strong> : state),
    'string'
  ),
  { ...column<ComparedState>('a', 'Status in A', ({ a }) => status(a)), id: 'a' },
  { ...column<ComparedState>('b', 'Status in B', ({ b }) => status(b)), id: 'b' },
  { ...column<ComparedState>('a', 'Attempts in A', ({ a }) => attempts(a)), id: 'attemptsA' },
  { ...column<ComparedState>('b', 'Attempts in B', ({ b }) => attempts(b)), id: 'attemptsB' },
  { ...column<ComparedState>('a', 'Duration in A', ({ a }) => duration(a)), id: 'durationA' },
  { ...column<ComparedState>('b', 'Duration in B', ({ b }) => duration(b)), id: 'durationB' },
  column('difference', 'B − A', ({ difference }) => formatDifference(difference), 'number'),
];

/** The states of both, in the order in which they were entered. */
export function ComparedTable({ rows, divergence }: Props) {
  const columns = useMemo(() => columnsFor(divergence), [divergence]);
  return <DataTable name="States of both" columns={columns} data={rows} rowId={({ state }) => state} />;
}
