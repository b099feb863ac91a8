import { Taken } from '../flow';
import { Placed } from '../indexWorkflow';
import { Box } from '../layout/geometry';
import { StateRun, Status } from '../states';

/** The transitions to be shown as taken: those that were, and those of which it cannot be told, if both ends were reached. */
export function takenOf(
  flow: Map<string, Taken>,
  index: Map<string, Placed>,
  runs: Map<string, StateRun>
): Map<string, Taken> {
  const visits = (id: string) => runs.get(index.get(id)?.state.name ?? '')?.visits ?? 0;
  const any = [...runs.values()].some((run) => run.visits > 0);
  const taken = new Map<string, Taken>();
  for (const { machine } of index.values()) {
    for (const { id, source, target, kind } of machine.transitions) {
      const times = flow.get(id);
      const reached = kind === 'start' ? any : visits(source) > 0 && (kind === 'end' || visits(target) > 0);
      if (times === undefined ? reached && left(kind, runs.get(index.get(source)!.state.name)) : times > 0) {
        taken.set(id, times);
      }
    }
  }
  return taken;
}

/** Whether a state was left that way at all. */
const left = (kind: string, run: StateRun | undefined) =>
  kind === 'start' || (kind === 'catch' ? (run?.caught ?? 0) > 0 : (run?.succeeded ?? 0) > 0);

const urgent: Status[] = ['FAILED', 'RUNNING', 'CAUGHT'];

/** The box one wants to see first: a failed state, else a running or a caught one, else the beginning. */
export function anchorOf(
  index: Map<string, Placed>,
  runs: Map<string, StateRun>,
  boxes: Map<string, Box>
): Box | undefined {
  const placed = [...index.values()];
  for (const status of urgent) {
    // The innermost: a container fails because of what it holds.
    const found = placed.filter(({ state }) => runs.get(state.name)?.status === status).pop();
    if (found) {
      return boxes.get(found.state.id);
    }
  }
  return boxes.get(placed[0]?.state.id);
}
