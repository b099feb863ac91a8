import { Machine, Transition } from '../graph';

export interface Ranks {
  /** How many transitions away from the beginning a state is on the longest way there. */
  rank: Map<string, number>;
  /** Transitions that go back to where one came from. */
  back: Set<string>;
}

/** Ranks the states of a machine. Nothing here recurses: a machine may be a chain of thousands. */
export function rankStates(machine: Machine): Ranks {
  const out = outgoing(machine);
  const { order, back } = depthFirst(machine, out);
  const rank = new Map(machine.states.map(({ id }) => [id, 0]));
  for (const id of order) {
    for (const { id: transition, target } of out.get(id) ?? []) {
      if (!back.has(transition)) {
        rank.set(target, Math.max(rank.get(target) ?? 0, (rank.get(id) ?? 0) + 1));
      }
    }
  }
  return { rank, back };
}

export function outgoing({ states, transitions }: Machine): Map<string, Transition[]> {
  const out = new Map<string, Transition[]>(states.map(({ id }) => [id, []]));
  for (const transition of transitions) {
    out.get(transition.source)?.push(transition);
  }
  return out;
}

/** A topological order of the states without the transitions that close a circle. */
function depthFirst(machine: Machine, out: Map<string, Transition[]>) {
  const open = new Set<string>();
  const done = new Set<string>();
  const back = new Set<string>();
  const finished: string[] = [];
  for (const { id: root } of machine.states) {
    const stack = done.has(root) ? [] : [{ id: root, next: 0 }];
    open.add(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const transition = out.get(top.id)?.[top.next++];
      if (transition === undefined) {
        stack.pop();
        open.delete(top.id);
        done.add(top.id);
        finished.push(top.id);
      } else if (open.has(transition.target)) {
        back.add(transition.id);
      } else if (!done.has(transition.target)) {
        open.add(transition.target);
        stack.push({ id: transition.target, next: 0 });
      }
    }
    open.delete(root);
  }
  return { order: finished.reverse(), back };
}
