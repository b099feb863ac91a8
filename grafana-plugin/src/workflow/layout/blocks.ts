import { Transition } from '../graph';
import { Chain } from './chains';
import { Rect, Size } from './geometry';
import { gap } from './sizes';

/** Chains as nodes of the layout, each by its first state. */
export interface Blocks {
  chains: Map<string, Chain>;
  sizes: Map<string, Size>;
  /** The block of each state. */
  of: Map<string, string>;
  /** The space below each state of a chain but its last. */
  spaces: Map<string, number>;
  /** Transitions from one member of a chain to the next. */
  within: Set<string>;
}

export function blocksOf(
  chains: Chain[],
  transitions: Transition[],
  sizes: Map<string, Size>,
  labels: Map<string, Size>
): Blocks {
  const following = new Map(chains.flatMap((chain) => chain.slice(1).map((id, at) => [chain[at], id] as const)));
  const within = transitions.filter(({ source, target }) => following.get(source) === target && source !== target);
  const spaces = new Map(
    within.map(({ id, source }) => [source, Math.max(gap.ranks, (labels.get(id)?.height ?? 0) + 26)])
  );
  return {
    chains: new Map(chains.map((chain) => [chain[0], chain])),
    sizes: new Map(chains.map((chain) => [chain[0], chainSize(chain, sizes, spaces)])),
    of: new Map(chains.flatMap((chain) => chain.map((id) => [id, chain[0]] as const))),
    spaces,
    within: new Set(within.map(({ id }) => id)),
  };
}

function chainSize(chain: Chain, sizes: Map<string, Size>, spaces: Map<string, number>): Size {
  const size = { width: 0, height: 0 };
  for (const [at, id] of chain.entries()) {
    size.width = Math.max(size.width, sizes.get(id)!.width);
    size.height += sizes.get(id)!.height + (at < chain.length - 1 ? spaces.get(id)! : 0);
  }
  return size;
}

/** The boxes of all states from those of the blocks. */
export function expand(blocks: Blocks, placed: Map<string, Rect>, sizes: Map<string, Size>): Map<string, Rect> {
  const boxes = new Map<string, Rect>();
  for (const [head, chain] of blocks.chains) {
    const block = placed.get(head)!;
    let y = block.y;
    for (const id of chain) {
      const size = sizes.get(id)!;
      boxes.set(id, { ...size, x: block.x + (block.width - size.width) / 2, y });
      y += size.height + (blocks.spaces.get(id) ?? 0);
    }
  }
  return boxes;
}
