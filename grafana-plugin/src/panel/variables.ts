import { WorkflowOptions } from './options';

/** What of the dashboard's address a click changes; undefined if no variable is to be set. */
export function variablesFor(
  { stateVariable, executionVariable }: Pick<WorkflowOptions, 'stateVariable' | 'executionVariable'>,
  state: string | undefined,
  execution: string
): Record<string, string> | undefined {
  const query = {
    ...(stateVariable && { [`var-${nameOf(stateVariable)}`]: state ?? '' }),
    ...(executionVariable && state !== undefined && execution && { [`var-${nameOf(executionVariable)}`]: execution }),
  };
  return Object.keys(query).length > 0 ? query : undefined;
}

/** People write variables as they use them, too. */
const nameOf = (variable: string) => variable.trim().replace(/^\$\{?|\}$/g, '');
