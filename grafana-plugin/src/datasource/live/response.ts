import { DataFrame, DataQueryResponse, LoadingState } from '@grafana/data';

/**
 * The response after a part of the queries has been asked again. The frames of the others are kept, and so are the
 * last ones of a query that has failed now: beside the error stands what was known before.
 */
export function replaced(before: DataQueryResponse, now: DataQueryResponse, asked: Set<string>): DataQueryResponse {
  const failed = new Set((now.errors ?? (now.error ? [now.error] : [])).map((e) => e.refId));
  const all = failed.has(undefined);
  const isStale = ({ refId }: DataFrame) => asked.has(refId ?? '') && !all && !failed.has(refId);
  const errors = [...(before.errors ?? []).filter((e) => !asked.has(e.refId ?? '')), ...(now.errors ?? [])];
  return {
    ...now,
    data: [...before.data.filter((frame: DataFrame) => !isStale(frame)), ...now.data],
    errors: errors.length > 0 ? errors : undefined,
    error: now.error ?? errors[0],
  };
}

/** A response of a query that goes on: it streams, unless it failed. */
export function streaming(response: DataQueryResponse): DataQueryResponse {
  const failed = response.error || response.errors?.length || response.state === LoadingState.Error;
  return { ...response, state: failed ? LoadingState.Error : LoadingState.Streaming };
}
