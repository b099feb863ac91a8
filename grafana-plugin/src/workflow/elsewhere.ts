import { indexWorkflow, Placed } from './indexWorkflow';
import { StateRun } from './states';
import { workflowOf } from './workflowOf';

/**
 * Tells states that were not reached from those that one execution cannot tell of, since the items of a distributed Map are
 * executions of their own: of a Map that ran what is inside, and of an item what is around its Map.
 */
export function markElsewhere(definition: unknown, runs: StateRun[]): StateRun[] {
  const index = indexWorkflow(workflowOf(definition, []));
  const reached = new Set(runs.filter(({ status }) => status !== 'NOT_REACHED').map(({ state }) => state));
  const within = new Map([...index.values()].map((placed) => [placed.state.name, mapsAround(placed, index)]));
  const home = homeOf(reached, within);
  const isElsewhere = (state: string) => {
    const maps = within.get(state);
    return maps?.some((map) => reached.has(map)) || (home !== undefined && maps !== undefined && !maps.includes(home));
  };
  return runs.map((run) => (!reached.has(run.state) && isElsewhere(run.state) ? { ...run, status: 'ELSEWHERE' } : run));
}

/** The names of the distributed Maps that hold a state, the innermost first. */
function mapsAround({ holder }: Placed, index: Map<string, Placed>): string[] {
  const around = index.get(holder ?? '');
  if (around === undefined) {
    return [];
  }
  return [...(around.state.distributed ? [around.state.name] : []), ...mapsAround(around, index)];
}

/** The Map that the execution is an item of: a state in it ran, and the Map itself did not. */
function homeOf(reached: Set<string>, within: Map<string, string[]>): string | undefined {
  return [...reached].map((state) => within.get(state)?.[0]).find((map) => map !== undefined && !reached.has(map));
}
