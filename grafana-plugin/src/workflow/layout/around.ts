import { Transition } from '../graph';
import { Path, Rect, Size } from './geometry';
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
export function routeAround(
  transitions: Transition[],
  boxes: Map<string, Rect>,
  paths: Map<string, Path>,
  labels: Map<string, Size>
) {
  const ownLabels = transitions.map(({ id, source }) => labelAt(boxes.get(source)!, labels.get(id)));
  const right = rightOf([...boxes.values(), ...ownLabels], [...paths.values()]) + gap.states;
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

function rightOf(rects: Rect[], paths: Path[]): number {
  let right = 0;
  for (const { x, width } of [...rects, ...paths.flatMap(({ label }) => label ?? [])]) {
    right = Math.max(right, x + width);
  }
  for (const { points } of paths) {
    right = points.reduce((most, { x }) => Math.max(most, x), right);
  }
  return right;
}

/** Beside where the line leaves. */
function labelAt(source: Rect, label: Size = { width: 0, height: 0 }): Rect {
  const y = source.y + source.height + turn - label.height / 2;
  return { x: source.x + source.width - inset + 8, y, ...label };
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
  return label?.width ? { points, label: labelAt(source, label) } : { points };
}
