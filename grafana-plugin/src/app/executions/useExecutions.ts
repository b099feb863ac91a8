import { TimeRange } from '@grafana/data';
import { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { readExecutions } from '../frame/executions';
import { failedStates, readFailures } from '../frame/failures';
import { frameOf, useQuery } from '../source/useQuery';
import { ListedExecution, withFailures } from './columns';

const mostFailures = 1000;

function failuresQuery({ stateMachines, statuses = [] }: SteptraceQuery): SteptraceQuery[] {
  const wanted = statuses.length === 0 || statuses.some((s) => s !== 'SUCCEEDED' && s !== 'RUNNING');
  const query: SteptraceQuery = {
    refId: 'failures',
    queryType: 'failures',
    format: 'table',
    kind: 'state',
    stateMachines,
    limit: mostFailures,
    live: true,
  };
  return wanted ? [query] : [];
}

/** The executions of a query, and the states in which they failed. */
export function useExecutions(query: SteptraceQuery, range: TimeRange) {
  const queries = useMemo(() => [query, ...failuresQuery(query)], [query]);
  const answer = useQuery(queries, range);
  const frame = frameOf(answer, query.refId);
  const failures = frameOf(answer, 'failures');
  const rows: ListedExecution[] = useMemo(
    () => withFailures(readExecutions(frame), failedStates(readFailures(failures))),
    [frame, failures]
  );
  return { rows, answered: frame !== undefined, errors: answer.errors, loading: answer.loading, retry: answer.retry };
}
