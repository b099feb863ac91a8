import { Machine, Transition } from '../graph';
import { Path, Point, Rect, Size } from './geometry';
import { Blocks, blocksOf, expand } from './blocks';
import { chainsOf } from './chains';
import { arrange } from './arrange';
import { rankStates } from './ranks';
import { routeAround } from './around';
import { splitTransitions } from './split';
import { endOn, straight } from './ends';

/** One machine, downwards, its upper left corner at 0, 0. */
export interface Flat extends Size {
  boxes: Map<string, Rect>;
  paths: Map<string, Path>;
}

/**
 * Lays out one machine whose states have sizes already. Labels are sizes by transition, budget is how many ranks
 * transitions may pass before they are led around.
 */
export function layoutFlat(
  machine: Machine,
  sizes: Map<string, Size>,
  labels: Map<string, Size>,
  budget: number
): Flat {
  const ranks = rankStates(machine);
  const { inside, around } = splitTransitions(machine, ranks, budget);
  const chains = chainsOf(
    machine.states.map(({ id }) => id),
    inside,
    ranks.back
  );
  const blocks = blocksOf(chains, inside, sizes, labels);
  const arranged = arrange(blocks, inside, labels, ranks.rank);
  const boxes = expand(blocks, arranged.blocks, sizes);
  const paths = new Map<string, Path>();
  for (const transition of inside) {
    paths.set(transition.id, pathOf(transition, blocks, boxes, arranged.paths, labels));
  }
  for (const [id, path] of routeAround(around, boxes, paths, labels)) {
    paths.set(id, path);
  }
  return cornered(boxes, paths);
}

function pathOf(
  transition: Transition,
  blocks: Blocks,
  boxes: Map<string, Rect>,
  arranged: Map<string, Path>,
  labels: Map<string, Size>
): Path {
  const [source, target] = [boxes.get(transition.source)!, boxes.get(transition.target)!];
  const path = arranged.get(transition.id);
  return path === undefined || blocks.within.has(transition.id)
    ? straight(source, target, labels.get(transition.id))
    : { ...path, points: endOn(path.points, source, target) };
}

/** Moves everything so that the upper left corner of all of it is at 0, 0. */
function cornered(boxes: Map<string, Rect>, paths: Map<string, Path>): Flat {
  const rects = [...boxes.values(), ...[...paths.values()].flatMap(({ label }) => (label ? [label] : []))];
  const points = [...paths.values()].flatMap((path) => path.points);
  const extent = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y, width, height } of [...rects, ...points.map((point) => ({ ...point, width: 0, height: 0 }))]) {
    extent.left = Math.min(extent.left, x);
    extent.top = Math.min(extent.top, y);
    extent.right = Math.max(extent.right, x + width);
    extent.bottom = Math.max(extent.bottom, y + height);
  }
  const move = <T extends Point>(shape: T): T => ({ ...shape, x: shape.x - extent.left, y: shape.y - extent.top });
  return {
    width: rects.length ? extent.right - extent.left : 0,
    height: rects.length ? extent.bottom - extent.top : 0,
    boxes: new Map([...boxes].map(([id, box]) => [id, move(box)])),
    paths: new Map(
      [...paths].map(([id, { points, label }]) => [
        id,
        { points: points.map(move), ...(label && { label: move(label) }) },
      ])
    ),
  };
}
