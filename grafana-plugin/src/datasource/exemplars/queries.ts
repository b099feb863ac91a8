import { DataQueryRequest } from '@grafana/data';
import { SteptraceQuery } from '../query';

const suffix = ' exemplars';
const durations = ['p50', 'p95', 'p99'];

// As many executions as one query tells. Of more the older have no exemplars.
const limit = 1000;

/** Whether a query can have exemplars: durations over time. */
export function canHaveExemplars({ queryType, format, metric = '' }: SteptraceQuery): boolean {
  return queryType === 'executions' && format === 'time_series' && durations.includes(metric);
}

/** The query whose exemplars an answer holds; undefined for answers of other queries. */
export const ownerOf = (refId: string | undefined) =>
  refId?.endsWith(suffix) ? refId.slice(0, -suffix.length) : undefined;

/** The request with a query for the executions behind each that is to have exemplars. */
export function withExemplarQueries(request: DataQueryRequest<SteptraceQuery>): DataQueryRequest<SteptraceQuery> {
  const owners = request.targets.filter((q) => q.exemplars && canHaveExemplars(q));
  const asked = owners.map(
    (q): SteptraceQuery => ({
      ...q,
      refId: q.refId + suffix,
      format: 'table',
      limit,
      metric: undefined,
      step: undefined,
      live: undefined,
      exemplars: undefined,
    })
  );
  return { ...request, targets: [...request.targets, ...asked] };
}
