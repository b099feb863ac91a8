import { Graph, layout } from '@dagrejs/dagre';
import { Transition } from '../graph';
import { Blocks } from './blocks';
import { Path, Rect, Size } from './geometry';
import { rows } from './rows';
import { gap } from './sizes';

export interface Arranged {
  blocks: Map<string, Rect>;
  /** Of transitions between blocks. */
  paths: Map<string, Path>;
}

/** More blocks than these, in one machine and none within another, would take dagre seconds. */
const mostBlocks = 450;

/** Beyond these, fewer crossings are not worth their time: the order of the definition mostly has few. */
const mostOrdered = 120;

/** Places the blocks: by dagre, or simply row by row where dagre cannot or would take too long. */
export function arrange(
  blocks: Blocks,
  transitions: Transition[],
  labels: Map<string, Size>,
  rank: Map<string, number>
): Arranged {
  const between = transitions.filter(({ id }) => !blocks.within.has(id));
  if (blocks.sizes.size === 1 && between.length === 0) {
    return { blocks: new Map([...blocks.sizes].map(([id, size]) => [id, { x: 0, y: 0, ...size }])), paths: new Map() };
  }
  return blocks.sizes.size > mostBlocks
    ? { blocks: rows(blocks.sizes, rank), paths: new Map() }
    : byDagre(blocks, between, labels);
}

function byDagre(blocks: Blocks, transitions: Transition[], labels: Map<string, Size>): Arranged {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: 'TB',
    nodesep: gap.states,
    edgesep: 16,
    ranksep: gap.ranks,
    ranker: 'tight-tree',
    rankalign: 'top',
  });
  for (const [id, size] of blocks.sizes) {
    graph.setNode(id, { ...size });
  }
  for (const { id, source, target } of transitions) {
    const label = { ...(labels.get(id) ?? { width: 0, height: 0 }), labelpos: 'c' };
    graph.setEdge(blocks.of.get(source)!, blocks.of.get(target)!, label, id);
  }
  layout(graph, { disableOptimalOrderHeuristic: blocks.sizes.size > mostOrdered });
  return {
    blocks: new Map(graph.nodes().map((id) => [id, fromCentre(graph.node(id) as Rect)])),
    paths: new Map(graph.edges().map((edge) => [edge.name!, pathOf(graph.edge(edge) as DagreEdge)])),
  };
}

type DagreEdge = Path & Partial<Rect>;

const fromCentre = ({ x, y, width, height }: Rect): Rect => ({ x: x - width / 2, y: y - height / 2, width, height });

const pathOf = ({ points, x, y, width, height }: DagreEdge): Path =>
  width && height && x !== undefined && y !== undefined
    ? { points, label: fromCentre({ x, y, width, height }) }
    : { points };
