import { DataFrame, DataQueryError, DataQueryResponse, LoadingState } from '@grafana/data';

const errorsOf = ({ errors, error }: DataQueryResponse): DataQueryError[] => errors ?? (error ? [error] : []);

/**
 * The response after a part of the queries has been asked again. The frames of the others are kept, and so are the
 * last ones of a query that has failed now: beside the error stands what was known before. An error without refId is
 * of all queries that were asked. The order is that of the queries.
 */
export function replaced(
  before: DataQueryResponse,
  now: DataQueryResponse,
  asked: Set<string>,
  order: string[]
): DataQueryResponse {
  const failed = new Set(errorsOf(now).map((e) => e.refId));
  const isStale = ({ refId = '' }: DataFrame) => asked.has(refId) && !failed.has(undefined) && !failed.has(refId);
  const others = errorsOf(before).filter((e) => e.refId !== undefined && !asked.has(e.refId));
  const errors = [...others, ...errorsOf(now)];
  return {
    ...now,
    data: inOrder([...before.data.filter((frame: DataFrame) => !isStale(frame)), ...now.data], order),
    errors: errors.length > 0 ? errors : undefined,
    error: errors[0],
  };
}

// Frames in the order of their queries, or a panel would change colours and rows at every answer.
function inOrder(frames: DataFrame[], order: string[]): DataFrame[] {
  const place = ({ refId = '' }: DataFrame) => order.indexOf(refId);
  return frames.sort((a, b) => place(a) - place(b));
}

/** A response of a query that goes on: it streams, unless it failed. */
export function streaming(response: DataQueryResponse): DataQueryResponse {
  return { ...response, state: errorsOf(response).length > 0 ? LoadingState.Error : LoadingState.Streaming };
}
