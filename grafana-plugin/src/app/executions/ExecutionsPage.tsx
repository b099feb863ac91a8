import { PluginPage } from '@grafana/runtime';
import { Button, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { plural } from '../format/format';
import { ExecutionRow } from '../frame/executions';
import { DataTable } from '../ui/DataTable';
import { Errors, Summary } from '../ui/Messages';
import { ExecutionsSearch, executionsQuery, mostRows, readSearch, writeSearch } from '../url/executionsSearch';
import { toTimeRange } from '../url/timeRange';
import { useSearch, useSetSearch } from '../url/useSearch';
import { executionColumns } from './columns';
import { Empty } from './Empty';
import { Filters } from './Filters';
import { useExecutions } from './useExecutions';

/** The executions of a range, newest first, with what they failed in. */
export function ExecutionsPage() {
  const address = useSearch();
  const setAddress = useSetSearch();
  const search = useMemo(() => readSearch(new URLSearchParams(address)), [address]);
  const range = useMemo(() => toTimeRange({ from: search.from, to: search.to }), [search.from, search.to]);
  const query = useMemo(() => executionsQuery(search), [search]);
  const { rows, answered, errors, loading, retry } = useExecutions(query, range);
  const show = (next: ExecutionsSearch) => setAddress(writeSearch(next, new URLSearchParams(address)));
  const change = (changed: Partial<ExecutionsSearch>) => show({ ...search, ...changed });
  const clear = () => show({ ...readSearch(new URLSearchParams()), from: search.from, to: search.to });
  return (
    <PluginPage subTitle="Executions of AWS Step Functions, newest first, updated live.">
      <Filters search={search} range={range} onChange={change} onClear={clear} />
      <Errors title="The executions could not be read" errors={errors} retry={retry} />
      <Summary>{summary(rows, loading, search.limit)}</Summary>
      {loading && !answered && <LoadingPlaceholder text="Reading the executions…" />}
      {answered && !loading && rows.length === 0 && <Empty search={search} onClear={clear} />}
      {rows.length > 0 && (
        <DataTable name="Executions" columns={executionColumns} data={rows} rowId={arnOf} busy={loading} />
      )}
      {rows.length >= search.limit && search.limit < mostRows && (
        <Button variant="secondary" onClick={() => change({ limit: Math.min(search.limit * 2, mostRows) })}>
          Show more
        </Button>
      )}
    </PluginPage>
  );
}

const arnOf = (row: ExecutionRow) => row.execution_arn;

function summary(rows: ExecutionRow[], loading: boolean, limit: number): string {
  if (loading || rows.length === 0) {
    return '';
  }
  const failed = rows.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT').length;
  const running = rows.filter(({ status }) => status === 'RUNNING').length;
  const many =
    rows.length >= limit ? `The newest ${plural(rows.length, 'execution')}` : plural(rows.length, 'execution');
  return `${many}: ${failed} failed, ${running} running.`;
}
