import { eachMachine, Machine, Transition, Workflow } from './graph';
import { StateRun } from './states';

/** How often a transition was taken; undefined where the visits allow it, but others too. */
export type Taken = number | undefined;

/**
 * Infers how often each transition was taken from how often the states were: what goes into a state is as much as its visits,
 * what leaves it by Next or a Choice as much as it succeeded, by Catch as much as it was caught. Sums with one unknown are
 * solved until none is left. Keys are ids of transitions.
 */
export function inferFlow(workflow: Workflow, runs: Map<string, StateRun>): Map<string, Taken> {
  const flow = new Map<string, Taken>();
  eachMachine(workflow.machine, (machine) => solve(machine, runs, flow));
  return flow;
}

interface Sum {
  parts: Transition[];
  total: number;
}

function solve(machine: Machine, runs: Map<string, StateRun>, flow: Map<string, Taken>) {
  const names = new Map(machine.states.map(({ id, name }) => [id, name]));
  const sums = sumsOf(machine, (id) => runs.get(names.get(id) ?? ''));
  const touching = new Map<string, Sum[]>();
  for (const sum of sums) {
    for (const { id } of sum.parts) {
      touching.set(id, [...(touching.get(id) ?? []), sum]);
    }
  }
  const waiting = [...sums];
  for (let sum = waiting.pop(); sum !== undefined; sum = waiting.pop()) {
    for (const id of settle(sum, flow)) {
      waiting.push(...(touching.get(id) ?? []));
    }
  }
}

/** Sets what follows from one sum, and says which transitions that were. */
function settle({ parts, total }: Sum, flow: Map<string, Taken>): string[] {
  const open = parts.filter(({ id }) => flow.get(id) === undefined);
  const rest = total - parts.reduce((sum, { id }) => sum + (flow.get(id) ?? 0), 0);
  if (open.length === 0 || (open.length > 1 && rest > 0)) {
    return [];
  }
  for (const { id } of open) {
    flow.set(id, Math.max(0, rest));
  }
  return open.map(({ id }) => id);
}

function sumsOf(machine: Machine, runOf: (id: string) => StateRun | undefined): Sum[] {
  const out = new Map<string, Transition[]>();
  const caught = new Map<string, Transition[]>();
  const into = new Map<string, Transition[]>();
  for (const transition of machine.transitions) {
    append(transition.kind === 'catch' ? caught : out, transition.source, transition);
    append(into, transition.target, transition);
  }
  return machine.states.flatMap((state) => {
    if (state.type === 'Start' || state.type === 'End') {
      return [];
    }
    const run = runOf(state.id);
    return [
      { parts: out.get(state.id) ?? [], total: run?.succeeded ?? 0 },
      { parts: caught.get(state.id) ?? [], total: run?.caught ?? 0 },
      ...(entered(machine, state.id) ? [] : [{ parts: into.get(state.id) ?? [], total: run?.visits ?? 0 }]),
    ];
  });
}

/** Whether a state of an inner machine is entered without a transition: the first one, as its machine begins. */
const entered = (machine: Machine, id: string) => machine.id !== '' && machine.states[0]?.id === id;

function append<T>(lists: Map<string, T[]>, key: string, item: T) {
  const list = lists.get(key);
  if (list) {
    list.push(item);
  } else {
    lists.set(key, [item]);
  }
}
