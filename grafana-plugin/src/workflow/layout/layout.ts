import { Machine, StateNode } from '../graph';
import { Box, Layout, LayoutOptions, moved, Point, Rect, Route, Size, transposed } from './geometry';
import { layoutFlat } from './flat';
import { pack } from './pack';
import { gap, headerHeight, headerWidth, labelSize, leafSize } from './sizes';

/** A machine laid out by itself, with what its states hold. */
interface Plan extends Size {
  boxes: Map<string, Rect>;
  routes: Omit<Route, 'depth'>[];
  inner: Map<string, Inner>;
}

/** What a container holds, by its own upper left corner. */
interface Inner extends Size {
  plans: Array<{ plan: Plan; at: Point }>;
}

/**
 * Lays out a machine from the inside out: a container is as large as what it holds, and then a state like others, so no
 * transition crosses its border. Pure and deterministic.
 */
export function layoutMachine(machine: Machine, options: LayoutOptions): Layout {
  const plan = planMachine(machine, options);
  const layout: Layout = {
    width: plan.width + 2 * gap.margin,
    height: plan.height + 2 * gap.margin,
    boxes: [],
    routes: [],
  };
  place(plan, { x: gap.margin, y: gap.margin }, 0, layout);
  return layout;
}

function planMachine(machine: Machine, options: LayoutOptions): Plan {
  const inner = new Map<string, Inner>();
  const sizes = new Map<string, Size>();
  for (const state of machine.states) {
    const held = state.machines.length > 0 ? planInner(state, options) : undefined;
    if (held) {
      inner.set(state.id, held);
    }
    sizes.set(state.id, held ?? leafSize(state, options));
  }
  return { ...planFlat(machine, sizes, options), inner };
}

function planFlat(machine: Machine, sizes: Map<string, Size>, { orientation }: LayoutOptions): Omit<Plan, 'inner'> {
  const turn = <T extends Size>({ width, height }: T): Size =>
    orientation === 'down' ? { width, height } : { width: height, height: width };
  const back = <T extends Point>(shape: T): T => (orientation === 'down' ? shape : transposed(shape));
  const flat = layoutFlat(
    machine,
    new Map([...sizes].map(([id, size]) => [id, turn(size)])),
    new Map(machine.transitions.map((transition) => [transition.id, turn(labelSize(transition))]))
  );
  return {
    ...turn(flat),
    boxes: new Map([...flat.boxes].map(([id, box]) => [id, back(box)])),
    routes: machine.transitions.map(({ id }) => {
      const { points, label } = flat.paths.get(id)!;
      return { id, points: points.map(back), ...(label && { label: back(label) }) };
    }),
  };
}

function planInner(state: StateNode, options: LayoutOptions): Inner {
  const plans = state.machines.map((machine) => planMachine(machine, options));
  const packed = pack(plans, options.orientation);
  const top = headerHeight(options);
  const width = Math.max(packed.width + 2 * gap.padding, headerWidth(state, options));
  const left = (width - packed.width) / 2;
  return {
    width,
    height: packed.height + top + gap.padding,
    plans: plans.map((plan, at) => ({ plan, at: { x: packed.at[at].x + left, y: packed.at[at].y + top } })),
  };
}

/** Turns plans into one list of places in the whole drawing. */
function place(plan: Plan, by: Point, depth: number, layout: Layout) {
  for (const [id, rect] of plan.boxes) {
    const box: Box = { id, depth, ...moved(rect, by) };
    layout.boxes.push(box);
    for (const { plan: held, at } of plan.inner.get(id)?.plans ?? []) {
      place(held, moved(at, box), depth + 1, layout);
    }
  }
  for (const { id, points, label } of plan.routes) {
    const route: Route = { id, depth, points: points.map((point) => moved(point, by)) };
    layout.routes.push(label ? { ...route, label: moved(label, by) } : route);
  }
}
