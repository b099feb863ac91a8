import { DataQuery } from '@grafana/schema';
import { ValuesOf } from '../resources';

/** What the values of a dashboard's variable are. */
export interface SteptraceVariableQuery extends DataQuery {
  of: ValuesOf | 'executions';
  /** Names, ARNs or variables: only what belongs to these state machines. */
  stateMachines?: string[];
}

/** The query of a variable; Grafana has empty text or half a query for one that is new. */
export function variableQueryOf(query: Partial<SteptraceVariableQuery> | string | undefined): SteptraceVariableQuery {
  const { of = 'machines', ...rest } = typeof query === 'object' && query !== null ? query : {};
  return { refId: 'steptrace-variable', ...rest, of };
}
