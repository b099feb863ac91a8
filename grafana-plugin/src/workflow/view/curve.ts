import { Point } from '../layout/geometry';

const radius = 10;

/** The `d` of a path through points, its corners rounded. */
export function roundedPath(points: Point[]): string {
  const [first, ...rest] = points;
  const parts = [`M${at(first)}`];
  for (const [index, point] of rest.entries()) {
    const following = rest[index + 1];
    if (following === undefined) {
      parts.push(`L${at(point)}`);
      break;
    }
    const before = points[index];
    parts.push(`L${at(towards(point, before))}`, `Q${at(point)} ${at(towards(point, following))}`);
  }
  return parts.join('');
}

const at = ({ x, y }: Point) => `${round(x)},${round(y)}`;

const round = (value: number) => Math.round(value * 10) / 10;

/** A point on the way to another, a radius away or half the way. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(radius / length, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
