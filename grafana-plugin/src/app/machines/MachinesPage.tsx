import { PluginPage } from '@grafana/runtime';
import { Alert, Column, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { formatShare, plural } from '../format/format';
import { MachineRow, readMachines } from '../frame/machines';
import { frameOf, useQuery } from '../source/useQuery';
import { column, DataTable } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Errors, Summary } from '../ui/Messages';
import { RangePicker } from '../ui/RangePicker';
import { machinePath, pagePath } from '../url/paths';
import { Time } from '../ui/Time';
import { UrlRange } from '../url/timeRange';
import { useRange } from '../url/useRange';

const queries: SteptraceQuery[] = [{ refId: 'machines', queryType: 'machines' }];

/** The state machines, with what became of the executions that started in the range. */
export function MachinesPage() {
  const { range, url, setRange } = useRange();
  const answer = useQuery(queries, range);
  const frame = frameOf(answer, 'machines');
  const rows = useMemo(() => readMachines(frame), [frame]);
  const columns = useMemo(() => columnsFor({ from: url.from, to: url.to }), [url.from, url.to]);
  return (
    <PluginPage
      subTitle="State machines, and what became of their executions that started in the range."
      actions={<RangePicker range={range} onChange={setRange} />}
    >
      <Errors title="The state machines could not be read" errors={answer.errors} retry={answer.retry} />
      <Summary>{answer.loading ? '' : `${plural(rows.length, 'state machine')}.`}</Summary>
      {answer.loading && !frame && <LoadingPlaceholder text="Reading the state machines…" />}
      {frame && !answer.loading && rows.length === 0 && (
        <Alert severity="info" title="No state machine is known in this time">
          Widen the time range. A state machine is known once an execution of it has been sent.
        </Alert>
      )}
      {rows.length > 0 && (
        <DataTable name="State machines" columns={columns} data={rows} rowId={({ arn }) => arn} busy={answer.loading} />
      )}
    </PluginPage>
  );
}

function columnsFor(range: UrlRange): Array<Column<MachineRow>> {
  const counted = (id: keyof MachineRow & string, header: string, status: string) =>
    column<MachineRow>(
      id,
      header,
      (row) => <Count row={row} count={row[id] as number} {...{ status, range }} />,
      'number'
    );
  return [
    column('name', 'Name', ({ arn, name }) => <Link to={machinePath(arn, range)}>{name || arn}</Link>, 'string'),
    column('type', 'Type', ({ type }) => type, 'string'),
    counted('running', 'Running', 'RUNNING'),
    counted('succeeded', 'Succeeded', 'SUCCEEDED'),
    counted('failed', 'Failed', 'FAILED'),
    counted('timed_out', 'Timed out', 'TIMED_OUT'),
    counted('aborted', 'Aborted', 'ABORTED'),
    column('error_rate', 'Error rate', ({ error_rate }) => formatShare(error_rate), 'number'),
    column('last_start', 'Last start', ({ last_start }) => <Time ms={last_start} coarse />, 'number'),
    column('revisions', 'Revisions', ({ revisions }) => revisions, 'number'),
  ];
}

interface CountProps {
  row: MachineRow;
  count: number;
  status: string;
  range: UrlRange;
}

// A count leads to what it counts.
function Count({ row, count, status, range }: CountProps) {
  if (count === 0) {
    return <>0</>;
  }
  const to = pagePath('executions', { machine: row.arn, status, ...range });
  return (
    <Link to={to} label={`${count} ${status.toLowerCase().replace('_', ' ')} executions of ${row.name}`}>
      {count}
    </Link>
  );
}
