import { Rect, Size } from './geometry';
import { gap } from './sizes';

/** Boxes in rows, one a rank, beside each other as they come. For machines too large for anything better. */
export function rows(sizes: Map<string, Size>, rank: Map<string, number>): Map<string, Rect> {
  const byRank = new Map<number, string[]>();
  for (const id of sizes.keys()) {
    const row = rank.get(id) ?? 0;
    byRank.set(row, [...(byRank.get(row) ?? []), id]);
  }
  const boxes = new Map<string, Rect>();
  let y = 0;
  for (const row of [...byRank.keys()].sort((a, b) => a - b)) {
    const ids = byRank.get(row)!;
    let x = 0;
    for (const id of ids) {
      boxes.set(id, { ...sizes.get(id)!, x, y });
      x += sizes.get(id)!.width + gap.states;
    }
    y += Math.max(...ids.map((id) => sizes.get(id)!.height)) + gap.ranks;
  }
  return boxes;
}
