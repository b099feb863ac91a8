import { eachMachine, Machine, StateNode, Workflow } from './graph';

export interface Placed {
  state: StateNode;
  machine: Machine;
  /** The container's id; none for states of the outermost machine. */
  holder?: string;
}

/** Finds states by id, in the order of the definition. */
export function indexWorkflow(workflow: Workflow): Map<string, Placed> {
  const index = new Map<string, Placed>();
  eachMachine(workflow.machine, (machine, holder) => {
    for (const state of machine.states) {
      index.set(state.id, { state, machine, holder: holder?.id });
    }
  });
  return index;
}
