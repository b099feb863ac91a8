import { Orientation, Point, Size } from './geometry';
import { gap } from './sizes';

/** As many branches as still stand side by side. */
const mostBeside = 6;

export interface Packed extends Size {
  at: Point[];
}

/** Places the machines of one container: across the direction of reading, in several lines if there are many. */
export function pack(sizes: Size[], orientation: Orientation): Packed {
  const packed = packAcross(orientation === 'down' ? sizes : sizes.map(turned));
  return orientation === 'down' ? packed : { ...turned(packed), at: packed.at.map(({ x, y }) => ({ x: y, y: x })) };
}

const turned = ({ width, height }: Size): Size => ({ width: height, height: width });

function packAcross(sizes: Size[]): Packed {
  const columns = sizes.length <= mostBeside ? sizes.length : Math.ceil(Math.sqrt(sizes.length * 2));
  const at: Point[] = [];
  let [width, y] = [0, 0];
  for (let first = 0; first < sizes.length; first += columns) {
    const line = sizes.slice(first, first + columns);
    let x = 0;
    for (const size of line) {
      at.push({ x, y });
      x += size.width + gap.branches;
    }
    width = Math.max(width, x - gap.branches);
    y += Math.max(...line.map(({ height }) => height)) + gap.branches;
  }
  return { width, height: Math.max(0, y - gap.branches), at };
}
