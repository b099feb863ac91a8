import { DataFrame, DataQueryError, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { LinkSource } from '../trace/links';
import { SteptraceQuery } from '../query';
import { exemplarsOf } from './frame';
import { ownerOf } from './queries';

// A graph is hardly wider than this many marks.
const marks = 60;

/** The response with exemplars in place of the executions that were asked for them. */
export function withExemplars(
  response: DataQueryResponse,
  { range }: DataQueryRequest<SteptraceQuery>,
  source: LinkSource
): DataQueryResponse {
  const stepMs = Math.max(1, (range.to.valueOf() - range.from.valueOf()) / marks);
  const converted = (frame: DataFrame) => {
    const owner = ownerOf(frame.refId);
    return owner === undefined ? frame : exemplarsOf(frame, owner, stepMs, source);
  };
  return { ...response, data: response.data.map(converted), errors: response.errors?.map(ofOwner) };
}

// An error of the executions is one of the query that they were asked for.
const ofOwner = (error: DataQueryError): DataQueryError => ({ ...error, refId: ownerOf(error.refId) ?? error.refId });
