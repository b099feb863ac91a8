import { Machine, Transition } from '../graph';
import { Ranks } from './ranks';

/** Dagre puts a node into every rank that a transition passes; more of them than this are not worth their time. */
const mostPassed = 120;

export interface Split {
  /** Laid out by dagre. */
  inside: Transition[];
  /** Led around everything, all that go to one state on one line. */
  around: Transition[];
}

/**
 * Parts the transitions that pass many ranks (every state's Catch to one handler at the end, say) from the others, the longest
 * first and only as many as needed. A state keeps a transition from the rank before it, so it stays in its place.
 */
export function splitTransitions({ transitions }: Machine, { rank, back }: Ranks): Split {
  const passed = ({ source, target }: Transition) =>
    source === target ? 0 : Math.max(0, Math.abs((rank.get(target) ?? 0) - (rank.get(source) ?? 0)) - 1);
  let total = transitions.reduce((sum, transition) => sum + passed(transition), 0);
  const around = new Set<string>();
  const longest = [...transitions].sort(
    (a, b) => passed(b) - passed(a) || Number(back.has(b.id)) - Number(back.has(a.id))
  );
  for (const transition of longest) {
    if (total <= mostPassed) {
      break;
    }
    around.add(transition.id);
    total -= passed(transition);
  }
  return {
    inside: transitions.filter(({ id }) => !around.has(id)),
    around: transitions.filter(({ id }) => around.has(id)),
  };
}
