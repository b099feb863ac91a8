import { DataFrame } from '@grafana/data';
import { Column } from '@grafana/ui';
import React, { useMemo } from 'react';
import { formatCost, formatDuration, formatShare } from '../format/format';
import { CostRow, currencyOf, StateStatistics } from '../frame/machines';
import { column, DataTable } from '../ui/DataTable';
import { Link } from '../ui/Link';
import { Section } from '../ui/Section';
import { pagePath } from '../url/paths';
import { UrlRange } from '../url/timeRange';

interface Props {
  machine: string;
  range: UrlRange;
  rows: StateStatistics[];
  costs: CostRow[];
  costFrame?: DataFrame;
}

type StateWithCost = StateStatistics & { cost: number | null };

const seconds = (s: number | null) => formatDuration(s === null ? null : s * 1000);

function columnsFor(machine: string, { from, to }: UrlRange, currency?: string): Array<Column<StateWithCost>> {
  const failures = (failedState: string) => pagePath('executions', { machine, failedState, from, to });
  return [
    column('state', 'State', ({ state }) => state, 'string'),
    column('visits', 'Visits', ({ visits }) => visits, 'number'),
    column(
      'failed',
      'Failed',
      ({ failed, state }) =>
        failed > 0 ? (
          <Link to={failures(state)} label={`${failed} failed visits of ${state}`}>
            {failed}
          </Link>
        ) : (
          0
        ),
      'number'
    ),
    column('caught', 'Caught', ({ caught }) => caught, 'number'),
    column('error_rate', 'Error rate', ({ error_rate }) => formatShare(error_rate), 'number'),
    column('p50_ms', 'p50', ({ p50_ms }) => formatDuration(p50_ms), 'number'),
    column('p95_ms', 'p95', ({ p95_ms }) => formatDuration(p95_ms), 'number'),
    column('p99_ms', 'p99', ({ p99_ms }) => formatDuration(p99_ms), 'number'),
    column('retries', 'Retries', ({ retries }) => retries, 'number'),
    column('wait_s', 'Mean wait', ({ wait_s }) => seconds(wait_s), 'number'),
    column('cost', 'Cost', ({ cost }) => formatCost(cost, currency), 'number'),
  ];
}

/** What became of each state in the range, and what that cost. */
export function Statistics({ machine, range: { from, to }, rows, costs, costFrame }: Props) {
  const currency = currencyOf(costFrame);
  const columns = useMemo(() => columnsFor(machine, { from, to }, currency), [machine, from, to, currency]);
  const data = useMemo(() => {
    const byState = new Map(costs.map(({ state, total_cost }) => [state, total_cost]));
    return rows.map((row): StateWithCost => ({ ...row, cost: byState.get(row.state) ?? null }));
  }, [rows, costs]);
  return (
    <Section title="States">
      {data.length === 0 ? (
        <p>No state was visited in this time.</p>
      ) : (
        <DataTable name="Statistics of states" columns={columns} data={data} rowId={({ state }) => state} />
      )}
    </Section>
  );
}
