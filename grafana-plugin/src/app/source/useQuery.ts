import {
  CoreApp,
  DataFrame,
  DataQueryError,
  DataQueryRequest,
  DataQueryResponse,
  getTimeZone,
  LoadingState,
  rangeUtil,
  TimeRange,
} from '@grafana/data';
import { useEffect, useReducer, useState } from 'react';
import { defer, from, Observable } from 'rxjs';
import { SteptraceDataSource } from '../../datasource/datasource';
import { SteptraceQuery } from '../../datasource/query';
import { useSource } from './SourceContext';
import { messageOf } from './useLoaded';

/** What the data source has answered so far. */
export interface Answer {
  /** By refId, in the order they came. */
  frames: Record<string, DataFrame[]>;
  /** Of queries that failed; their frames, if there are any, are older. */
  errors: string[];
  /** Whether a query names what the store does not have, by what the backend says. */
  notFound: boolean;
  /** Whether the first answer to what is asked now is still awaited; frames are then those of the question before. */
  loading: boolean;
  request?: DataQueryRequest<SteptraceQuery>;
}

let requests = 0;

function requestOf(source: SteptraceDataSource, queries: SteptraceQuery[], range: TimeRange) {
  const datasource = { type: source.type, uid: source.uid };
  const interval = rangeUtil.calculateInterval(range, 500, '1s');
  const request: DataQueryRequest<SteptraceQuery> = {
    app: CoreApp.Unknown,
    requestId: `steptrace-${requests++}`,
    timezone: getTimeZone(),
    range,
    interval: interval.interval,
    intervalMs: interval.intervalMs,
    maxDataPoints: 500,
    targets: queries.map((query) => ({ ...query, datasource })),
    scopedVars: {},
    startTime: Date.now(),
  };
  return request;
}

function byRefId(frames: DataFrame[]): Record<string, DataFrame[]> {
  const found: Record<string, DataFrame[]> = {};
  for (const frame of frames) {
    (found[frame.refId ?? ''] ??= []).push(frame);
  }
  return found;
}

const errorsOf = ({ error, errors }: DataQueryResponse): DataQueryError[] =>
  errors?.length ? errors : error ? [error] : [];

const failed = (errors: DataQueryError[]) => ({
  errors: Array.from(new Set(errors.map(messageOf))),
  notFound: errors.some(({ status }) => status === 404),
});

const answerOf = (response: DataQueryResponse, request: DataQueryRequest<SteptraceQuery>): Answer => ({
  frames: byRefId(response.data),
  ...failed(errorsOf(response)),
  loading: response.state === LoadingState.Loading,
  request,
});

const none: Answer = { frames: {}, errors: [], notFound: false, loading: true };

/**
 * Asks the data source, and again whenever queries or range are others: memoise both. Null asks nothing. What is no
 * longer asked is cancelled. Live queries go on answering until then.
 */
export function useQuery(queries: SteptraceQuery[] | null, range: TimeRange): Answer & { retry: () => void } {
  const source = useSource();
  const [answer, setAnswer] = useState<Answer>(none);
  const [attempt, retry] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    if (!queries) {
      setAnswer(none);
      return undefined;
    }
    setAnswer((before) => ({ ...before, loading: true }));
    const request = requestOf(source, queries, range);
    const answers = defer(() => from(source.query(request)) as Observable<DataQueryResponse>);
    const subscription = answers.subscribe({
      next: (response) => setAnswer(answerOf(response, request)),
      error: (err) => setAnswer({ ...none, ...failed([err]), loading: false }),
      complete: () => setAnswer((before) => ({ ...before, loading: false })),
    });
    return () => subscription.unsubscribe();
  }, [source, queries, range, attempt]);
  return { ...answer, retry };
}

/** The first frame that answers a query. */
export const frameOf = (answer: Answer, refId: string): DataFrame | undefined => answer.frames[refId]?.[0];
