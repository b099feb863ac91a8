import { Machine, Transition } from '../graph';
import { Ranks } from './ranks';

/** Dagre puts a node into every rank that a transition passes: so many in one machine, and in all machines together. */
const mostPassed = 80;
const mostPassedOfAll = 6000;

/** How many ranks the transitions of a machine may pass in dagre, by the states of the whole workflow. */
export const passingBudget = (states: number) =>
  Math.min(mostPassed, Math.round(mostPassedOfAll / Math.max(1, states)));

export interface Split {
  /** Laid out by dagre. */
  inside: Transition[];
  /** Led around everything, all that go to one state on one line. */
  around: Transition[];
}

/** So many transitions that pass others on their way to one state are easier to follow on one line. */
const crowd = 3;

/**
 * Parts the transitions that pass many ranks from the others: all of a crowd with one target (every state's Catch to one
 * handler, say), and of the rest the longest, only as many as needed. A state keeps a transition from the rank before it, so
 * it stays in its place.
 */
export function splitTransitions({ transitions }: Machine, ranks: Ranks, budget: number): Split {
  const passed = new Map(transitions.map((transition) => [transition.id, passedBy(transition, ranks)]));
  const around = crowded(transitions, passed);
  const left = transitions.filter(({ id }) => !around.has(id));
  let total = left.reduce((sum, { id }) => sum + passed.get(id)!, 0);
  for (const { id } of left.sort((a, b) => passed.get(b.id)! - passed.get(a.id)!)) {
    if (total <= budget) {
      break;
    }
    around.add(id);
    total -= passed.get(id)!;
  }
  return {
    inside: transitions.filter(({ id }) => !around.has(id)),
    around: transitions.filter(({ id }) => around.has(id)),
  };
}

/** How many ranks are between the ends. */
const passedBy = ({ source, target }: Transition, { rank }: Ranks) =>
  Math.max(0, Math.abs((rank.get(target) ?? 0) - (rank.get(source) ?? 0)) - 1);

function crowded(transitions: Transition[], passed: Map<string, number>): Set<string> {
  const passing = transitions.filter(({ id }) => passed.get(id)! > 0);
  const toward = new Map<string, number>();
  for (const { target } of passing) {
    toward.set(target, (toward.get(target) ?? 0) + 1);
  }
  return new Set(passing.filter(({ target }) => toward.get(target)! >= crowd).map(({ id }) => id));
}
