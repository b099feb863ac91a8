import { Transition } from '../graph';

/** States of which each has but one way on, to the next; most have one member only. */
export type Chain = string[];

/** Parts the states into chains, in the order of the states. */
export function chainsOf(ids: string[], transitions: Transition[], back: Set<string>): Chain[] {
  const onward = onlyWays(transitions, back);
  const followers = new Set(onward.values());
  return ids.filter((id) => !followers.has(id)).map((head) => chainFrom(head, onward));
}

function chainFrom(head: string, onward: Map<string, string>): Chain {
  const chain = [head];
  for (let id = onward.get(head); id !== undefined; id = onward.get(id)) {
    chain.push(id);
  }
  return chain;
}

/** From a state with one way out to the next one if that is its only way in. Ways back close circles and do not count. */
function onlyWays(transitions: Transition[], back: Set<string>): Map<string, string> {
  const out = new Map<string, number>();
  const into = new Map<string, number>();
  for (const { source, target } of transitions) {
    out.set(source, (out.get(source) ?? 0) + 1);
    into.set(target, (into.get(target) ?? 0) + 1);
  }
  return new Map(
    transitions
      .filter(({ id, source, target }) => out.get(source) === 1 && into.get(target) === 1 && !back.has(id))
      .map(({ source, target }) => [source, target])
  );
}
