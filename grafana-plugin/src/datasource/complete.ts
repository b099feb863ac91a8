import { SteptraceQuery } from './query';

const duration = /^\+?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/;

/** Whether a duration is written as the backend reads it: 250ms, 90s, 1h30m. Empty and variables are valid. */
export function validDuration(text: string | undefined): boolean {
  return !text || text.includes('$') || text.includes('[[') || text === '0' || duration.test(text);
}

/** What a query lacks, as a sentence to its user; undefined when it can be asked. */
export function missing(query: Partial<SteptraceQuery>): string | undefined {
  if (!query.queryType) {
    return 'Choose what to ask for.';
  }
  for (const field of ['minDuration', 'maxDuration', 'step'] as const) {
    if (!validDuration(query[field])) {
      return `“${query[field]}” is not a duration such as 250ms, 90s or 1h30m.`;
    }
  }
  return lacks(query);
}

/** Whether a query is about one execution, which it has to name. */
export function needsExecution({ queryType, aggregate }: Partial<SteptraceQuery>): boolean {
  return queryType === 'trace' || queryType === 'events' || (queryType === 'workflow' && !aggregate);
}

/** Whether a query is about the executions of one state machine, which it has to name. */
export function needsMachine({ queryType, aggregate }: Partial<SteptraceQuery>): boolean {
  return queryType === 'workflow' && aggregate === true;
}

function lacks(query: Partial<SteptraceQuery>) {
  const { queryType, execution, stateMachines, rawSql } = query;
  if (needsExecution(query) && !execution?.trim()) {
    return 'Name an execution: its ARN, its trace id, or “latest”.';
  }
  if (needsMachine(query) && stateMachines?.length !== 1) {
    return 'Choose the one state machine whose executions are drawn together.';
  }
  if (queryType === 'sql' && !rawSql?.trim()) {
    return 'Write a statement.';
  }
  return undefined;
}
