import { TimeRange } from '@grafana/data';
import { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { readExecutions } from '../frame/executions';
import { frameOf, useQuery } from '../source/useQuery';

/** The executions of a query. */
export function useExecutions(query: SteptraceQuery, range: TimeRange) {
  const queries = useMemo(() => [query], [query]);
  const answer = useQuery(queries, range);
  const frame = frameOf(answer, query.refId);
  const rows = useMemo(() => readExecutions(frame), [frame]);
  return { rows, answered: frame !== undefined, errors: answer.errors, loading: answer.loading, retry: answer.retry };
}
