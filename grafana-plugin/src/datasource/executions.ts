import {
  CoreApp,
  DataQueryRequest,
  DataQueryResponse,
  DataFrame,
  rangeUtil,
  ScopedVars,
  TimeRange,
} from '@grafana/data';
import { lastValueFrom, Observable } from 'rxjs';
import { SteptraceQuery } from './query';

/** An execution to choose: a row of the frame `executions`. */
export interface FoundExecution {
  arn: string;
  name: string;
  stateMachine: string;
  status: string;
  /** Unix ms. */
  start: number;
}

type Ask = (request: DataQueryRequest<SteptraceQuery>) => Observable<DataQueryResponse>;
export type Search = Pick<SteptraceQuery, 'name' | 'stateMachines' | 'statuses' | 'limit'>;

/** The executions of a range that a search finds, newest first. Rejects with the backend's error. */
export async function findExecutions(
  ask: Ask,
  search: Search,
  range: TimeRange,
  scopedVars: ScopedVars
): Promise<FoundExecution[]> {
  const query: SteptraceQuery = { refId: 'search', queryType: 'executions', format: 'table', ...search };
  const { data, errors, error } = await lastValueFrom(ask(requestFor(query, range, scopedVars)));
  const failed = errors?.[0] ?? error;
  if (failed) {
    throw new Error(failed.data?.message ?? failed.message ?? 'the executions could not be read');
  }
  return data.flatMap(rowsOf);
}

function requestFor(query: SteptraceQuery, range: TimeRange, scopedVars: ScopedVars): DataQueryRequest<SteptraceQuery> {
  return {
    requestId: `steptrace-search-${++searches}`,
    app: CoreApp.Unknown,
    interval: '1m',
    intervalMs: 60_000,
    range,
    scopedVars,
    startTime: range.to.valueOf(),
    timezone: 'browser',
    targets: [query],
  };
}

let searches = 0;

/** The range of a search that has none. */
export const lastDay = (): TimeRange => rangeUtil.convertRawToRange({ from: 'now-24h', to: 'now' });

function rowsOf(frame: DataFrame): FoundExecution[] {
  const columns = Object.fromEntries(frame.fields.map((field) => [field.name, Array.from(field.values)]));
  return (columns.execution_arn ?? []).map((arn, i) => ({
    arn: String(arn),
    name: String(columns.name?.[i] ?? ''),
    stateMachine: String(columns.state_machine?.[i] ?? ''),
    status: String(columns.status?.[i] ?? ''),
    start: Number(columns.start?.[i] ?? 0),
  }));
}
