import { Path, Point, Rect, Size } from './geometry';

/** How far from a corner a line may end. */
const corner = 12;

/** Lets a line begin and end on the states themselves: dagre ends it on the block around, or at its side. */
export function endOn(points: Point[], source: Rect, target: Rect): Point[] {
  const [first, last] = [points[0], points[points.length - 1]];
  const inner = points.slice(1, -1);
  return [
    edgePoint(source, first, inner[0] ?? last),
    ...inner,
    edgePoint(target, last, inner[inner.length - 1] ?? first),
  ];
}

/** The point of a box's upper or lower edge for a line that comes from there. */
function edgePoint(box: Rect, at: Point, from: Point): Point {
  const middle = box.y + box.height / 2;
  if (from.y > box.y && from.y < box.y + box.height) {
    return { x: from.x < box.x ? box.x : box.x + box.width, y: Math.min(Math.max(at.y, box.y), box.y + box.height) };
  }
  return {
    x: Math.min(Math.max(at.x, box.x + corner), box.x + box.width - corner),
    y: from.y < middle ? box.y : box.y + box.height,
  };
}

/** From box to box, down or up. */
export function straight(source: Rect, target: Rect, label?: Size): Path {
  const down = target.y >= source.y + source.height;
  const points = [
    { x: source.x + source.width / 2, y: down ? source.y + source.height : source.y },
    { x: target.x + target.width / 2, y: down ? target.y : target.y + target.height },
  ];
  if (!label?.width) {
    return { points };
  }
  const middle = { x: (points[0].x + points[1].x) / 2, y: (points[0].y + points[1].y) / 2 };
  return { points, label: { x: middle.x - label.width / 2, y: middle.y - label.height / 2, ...label } };
}
