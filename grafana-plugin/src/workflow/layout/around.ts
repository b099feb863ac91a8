import { Transition } from '../graph';
import { Path } from './flat';
import { Rect, Size } from './geometry';
import { gap } from './sizes';

interface Lane {
  target: string;
  top: number;
  bottom: number;
  /** Counted from the drawing outwards. */
  at: number;
}

/** How far below a state, and above the target, a line turns; and how far from the right corner it leaves. */
const turn = 12;
const inset = 20;

/** Leads transitions along the right side of everything: out below the state, down or up a lane of the target's, in from above. */
export function routeAround(transitions: Transition[], boxes: Map<string, Rect>, labels: Map<string, Size>) {
  const right = Math.max(0, ...[...boxes.values()].map(({ x, width }) => x + width)) + gap.states;
  const lanes = new Map(lanesOf(transitions, boxes).map((lane) => [lane.target, lane]));
  return new Map<string, Path>(
    transitions.map(({ id, source, target }) => {
      const x = right + lanes.get(target)!.at * gap.rail;
      return [id, around(boxes.get(source)!, boxes.get(target)!, x, labels.get(id))];
    })
  );
}

/** One lane a target; targets whose lines do not meet share a place. */
function lanesOf(transitions: Transition[], boxes: Map<string, Rect>): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { source, target } of transitions) {
    const ends = [boxes.get(source)!.y + boxes.get(source)!.height + turn, boxes.get(target)!.y - turn];
    const lane = lanes.get(target) ?? { target, top: Infinity, bottom: -Infinity, at: 0 };
    lanes.set(target, { ...lane, top: Math.min(lane.top, ...ends), bottom: Math.max(lane.bottom, ...ends) });
  }
  const free: number[] = [];
  return [...lanes.values()]
    .sort((a, b) => a.top - b.top || a.bottom - b.bottom)
    .map((lane) => {
      const found = free.findIndex((bottom) => bottom < lane.top);
      const at = found < 0 ? free.length : found;
      free[at] = lane.bottom;
      return { ...lane, at };
    });
}

function around(source: Rect, target: Rect, x: number, label?: Size): Path {
  const [from, to] = [source.x + source.width - inset, target.x + target.width - inset];
  const [out, into] = [source.y + source.height + turn, target.y - turn];
  const points = [
    { x: from, y: out - turn },
    { x: from, y: out },
    { x, y: out },
    { x, y: into },
    { x: to, y: into },
    { x: to, y: into + turn },
  ];
  return label?.width ? { points, label: { x: from + 8, y: out - label.height / 2, ...label } } : { points };
}
