import { isMark } from '../graph';
import { Placed } from '../indexWorkflow';
import { Box, Orientation } from '../layout/geometry';

/** Along the transitions, against them, and to the states at either side. */
export type Step = 'forward' | 'back' | 'before' | 'after';

export function stepOf(key: string, orientation: Orientation): Step | undefined {
  const down: Record<string, Step> = {
    ArrowDown: 'forward',
    ArrowUp: 'back',
    ArrowLeft: 'before',
    ArrowRight: 'after',
  };
  const right: Record<string, Step> = {
    ArrowRight: 'forward',
    ArrowLeft: 'back',
    ArrowUp: 'before',
    ArrowDown: 'after',
  };
  return (orientation === 'down' ? down : right)[key];
}

/** The state that a step leads to from one; undefined where there is none. */
export function neighbour(
  id: string,
  step: Step,
  index: Map<string, Placed>,
  boxes: Map<string, Box>,
  orientation: Orientation
): string | undefined {
  switch (step) {
    case 'forward':
      return index.get(id)?.state.machines[0]?.states[0]?.id ?? onward(id, index);
    case 'back':
      return backward(id, index);
    default:
      return beside(id, step, boxes, index, orientation);
  }
}

/** The first state that one can focus: the marks of beginning and end cannot be. */
export const firstState = (index: Map<string, Placed>) =>
  [...index.values()].find(({ state }) => !isMark(state.type))?.state.id;

/** The id of a state by its name: of several, in different branches, the one that is preferred if it is among them. */
export const idOf = (name: string | undefined, index: Map<string, Placed>, preferred?: string) =>
  [preferred ?? '', ...index.keys()].find((id) => name !== undefined && index.get(id)?.state.name === name);

/** Where a state goes to; from the end of what a container holds, where the container does. */
function onward(id: string, index: Map<string, Placed>): string | undefined {
  const placed = index.get(id);
  const target = placed?.machine.transitions
    .filter(({ source }) => source === id)
    .map((transition) => transition.target)
    .find((other) => other !== id && !isMark(index.get(other)!.state.type));
  return target ?? (placed?.holder === undefined ? undefined : onward(placed.holder, index));
}

/** Where one came from; from the first state of what a container holds, the container. */
function backward(id: string, index: Map<string, Placed>): string | undefined {
  const placed = index.get(id);
  if (placed === undefined || (placed.holder !== undefined && placed.machine.states[0]?.id === id)) {
    return placed?.holder;
  }
  const source = placed.machine.transitions
    .filter(({ target }) => target === id)
    .map((transition) => transition.source)
    .find((other) => other !== id && !isMark(index.get(other)!.state.type));
  return source ?? placed.holder;
}

/** The nearest state at that side, as deep inside, at about the same height. */
function beside(
  id: string,
  step: 'before' | 'after',
  boxes: Map<string, Box>,
  index: Map<string, Placed>,
  orientation: Orientation
): string | undefined {
  const from = boxes.get(id);
  if (from === undefined) {
    return undefined;
  }
  const along = (box: Box) => (orientation === 'down' ? [box.y, box.y + box.height] : [box.x, box.x + box.width]);
  const across = (box: Box) => (orientation === 'down' ? box.x + box.width / 2 : box.y + box.height / 2);
  const [low, high] = along(from);
  const distance = (box: Box) => (across(box) - across(from)) * (step === 'after' ? 1 : -1);
  return [...boxes.values()]
    .filter((box) => box.depth === from.depth && along(box)[0] < high && along(box)[1] > low && distance(box) > 0)
    .filter((box) => !isMark(index.get(box.id)!.state.type))
    .sort((a, b) => distance(a) - distance(b))[0]?.id;
}
