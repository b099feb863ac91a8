import { SteptraceQuery } from './query';
import { types } from './types';

const all = (list?: string[]) => list?.join(', ');

/** A query in one line, for query history: `Failures of orders: Detect, count`. */
export function displayText(query: SteptraceQuery): string {
  if (query.queryType === 'sql') {
    return query.rawSql ?? '';
  }
  const of = query.execution ?? all(query.stateMachines?.length ? query.stateMachines : undefined);
  const { states, state, statuses, errors, services, operations, callers, name, text, failedState } = query;
  const parts = [state, all(states), all(statuses), all(errors), failedState, name, text];
  const told = [...parts, all(services), all(operations), all(callers), query.resource, query.metric];
  const rest = told.filter(Boolean).join(', ');
  const type = types[query.queryType]?.label ?? 'Query';
  return `${type}${of ? ` of ${of}` : ''}${rest ? `: ${rest}` : ''}`;
}
