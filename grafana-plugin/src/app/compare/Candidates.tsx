import { Column, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { formatDuration } from '../format/format';
import { ExecutionRow, readExecutions } from '../frame/executions';
import { frameOf, useQuery } from '../source/useQuery';
import { column, DataTable } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Errors } from '../ui/Messages';
import { Section } from '../ui/Section';
import { Status } from '../ui/Status';
import { Time } from '../ui/Time';
import { parseExecutionArn } from '../url/arn';
import { comparePath } from '../url/paths';
import { toTimeRange } from '../url/timeRange';

interface Props {
  /** The execution that is chosen, if one is. */
  chosen: string;
  /** Which of both the other one will be. */
  side: 'a' | 'b';
}

const limit = 50;
const range = toTimeRange({ from: 'now-7d', to: 'now' });

/** The executions of the last week that can be compared with the one that is chosen: of its state machine, if known. */
export function Candidates({ chosen, side }: Props) {
  const machine = parseExecutionArn(chosen)?.machineArn;
  const queries: SteptraceQuery[] = useMemo(() => {
    const stateMachines = machine ? [machine] : [];
    return [{ refId: 'candidates', queryType: 'executions', format: 'table', stateMachines, limit }];
  }, [machine]);
  const answer = useQuery(queries, range);
  const frame = frameOf(answer, 'candidates');
  const rows = useMemo(
    () => readExecutions(frame).filter(({ execution_arn }) => execution_arn !== chosen),
    [frame, chosen]
  );
  const columns = useMemo(() => columnsFor(chosen, side), [chosen, side]);
  return (
    <Section title={chosen ? 'Compare it with' : 'Choose the first execution'}>
      <Errors title="The executions could not be read" errors={answer.errors} retry={answer.retry} />
      {answer.loading && !frame && <LoadingPlaceholder text="Reading the executions…" />}
      {!answer.loading && frame && rows.length === 0 && <p>No other execution started in the last week.</p>}
      {rows.length > 0 && (
        <DataTable name="Executions" columns={columns} data={rows} rowId={({ execution_arn }) => execution_arn} />
      )}
    </Section>
  );
}

const pathWith = (chosen: string, side: 'a' | 'b', other: string) =>
  side === 'a' ? comparePath(other, chosen) : comparePath(chosen, other);

const columnsFor = (chosen: string, side: 'a' | 'b'): Array<Column<ExecutionRow>> => [
  column('status', 'Status', ({ status }) => <Status status={status} />, 'string'),
  column(
    'name',
    'Execution',
    ({ execution_arn, name }) => <Link to={pathWith(chosen, side, execution_arn)}>{name}</Link>,
    'string'
  ),
  column('state_machine', 'State machine', ({ state_machine }) => state_machine, 'string'),
  column('start', 'Start', ({ start }) => <Time ms={start} coarse />, 'number'),
  column('duration_ms', 'Duration', ({ duration_ms }) => formatDuration(duration_ms), 'number'),
  column('error', 'Error', ({ error }) => error, 'string'),
];
