import fs from 'fs';
import path from 'path';
import { parseDefinition } from '../asl/parse';
import { eachMachine, eachState, Workflow } from '../graph';
import { Box, Layout, LayoutOptions, Rect } from './geometry';
import { layoutMachine } from './layout';
import * as machines from './testing/machines';

const options: LayoutOptions[] = [
  { orientation: 'down', compact: false },
  { orientation: 'right', compact: false },
  { orientation: 'down', compact: true },
];

const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;

const within = (inner: Rect, outer: Rect) =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;

/** What is wrong with a layout; nothing should be. */
function faults(workflow: Workflow, layout: Layout): string[] {
  const found: string[] = [];
  const boxes = new Map(layout.boxes.map((box) => [box.id, box]));
  const whole: Rect = { x: 0, y: 0, ...layout };
  eachMachine(workflow.machine, (machine, holder) => {
    const outer = holder ? boxes.get(holder.id)! : whole;
    const placed = machine.states.map(({ id }) => boxes.get(id)!);
    for (const box of placed.filter((each) => !within(each, outer))) {
      found.push(`${box.id} is outside of ${holder?.id ?? 'the drawing'}`);
    }
    found.push(...overlaps(placed));
  });
  eachState(workflow.machine, (state) => {
    const inner = state.machines.flatMap((machine) => machine.states.map(({ id }) => boxes.get(id)!));
    found.push(...overlaps(inner));
  });
  const routes = new Map(layout.routes.map((route) => [route.id, route]));
  eachMachine(workflow.machine, (machine, holder) => {
    const outer = holder ? boxes.get(holder.id)! : whole;
    for (const { id, source, target } of machine.transitions) {
      const points = routes.get(id)!.points.map((point) => ({ ...point, width: 0, height: 0 }));
      const sound: Array<[boolean, string]> = [
        [within(points[0], boxes.get(source)!), `does not begin at ${source}`],
        [within(points[points.length - 1], boxes.get(target)!), `does not end at ${target}`],
        [points.every((point) => within(point, outer)), 'leaves its machine'],
      ];
      found.push(...sound.filter(([good]) => !good).map(([, fault]) => `${id} ${fault}`));
    }
  });
  return found;
}

function overlaps(boxes: Box[]): string[] {
  const sorted = [...boxes].sort((a, b) => a.y - b.y);
  return sorted.flatMap((box, at) => {
    const found: string[] = [];
    for (let next = at + 1; next < sorted.length && sorted[next].y < box.y + box.height; next++) {
      if (overlap(box, sorted[next])) {
        found.push(`${box.id} and ${sorted[next].id} overlap`);
      }
    }
    return found;
  });
}

function expectSound(definition: unknown) {
  const workflow = parseDefinition(definition);
  const states: string[] = [];
  const transitions: string[] = [];
  eachMachine(workflow.machine, (machine) => {
    states.push(...machine.states.map(({ id }) => id));
    transitions.push(...machine.transitions.map(({ id }) => id));
  });
  for (const each of options) {
    const layout = layoutMachine(workflow.machine, each);
    expect(layout.boxes.map(({ id }) => id).sort()).toEqual([...states].sort());
    expect(layout.routes.map(({ id }) => id).sort()).toEqual([...transitions].sort());
    expect(new Set(states).size).toBe(states.length);
    expect(faults(workflow, layout)).toEqual([]);
    expect(layoutMachine(workflow.machine, each)).toEqual(layout);
  }
  return workflow;
}

test.each([
  ['a chain', machines.chain(500)],
  ['a handler of all errors', machines.withHandler(500)],
  ['choices', machines.choices(500)],
  ['branches', machines.parallel(25, 20)],
  ['a fan', machines.fan(500)],
  ['a fan too large for dagre', machines.fan(1500)],
  ['ways everywhere', machines.dense(300)],
  ['50 levels', machines.nested(50)],
])('%s is drawn whole and without overlaps', (_, definition) => {
  expectSound(definition);
});

test('a chain of thousands of states does not overflow the stack', () => {
  const workflow = parseDefinition(machines.chain(4990));
  expect(layoutMachine(workflow.machine, options[0]).boxes).toHaveLength(4992);
});

test('the test finds boxes that overlap and ones outside of their container', () => {
  const workflow = parseDefinition(machines.nested(1));
  const layout = layoutMachine(workflow.machine, options[0]);
  const inner = layout.boxes.find(({ depth }) => depth === 1)!;
  const moved = { ...layout, boxes: layout.boxes.map((box) => (box === inner ? { ...box, x: box.x + 1000 } : box)) };
  expect(faults(workflow, moved)).toContain(`${inner.id} is outside of /Level 1`);
  const heaped = { ...layout, boxes: layout.boxes.map((box) => (box.depth === 0 ? { ...box, x: 20, y: 20 } : box)) };
  expect(faults(workflow, heaped)).toContain('#start and #end overlap');
});

const recordings = process.env.STEPTRACE_RECORDINGS;

describe('definitions that people wrote', () => {
  const folder = recordings ? path.join(recordings, 'definitions') : '';
  const files = recordings ? fs.readdirSync(folder).filter((name) => name.endsWith('.asl.json')) : [];
  const each = recordings ? test.each(files) : test.skip.each(['set STEPTRACE_RECORDINGS']);
  each('%s', (name) => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    const workflow = expectSound(text);
    expect(workflow.states).toBe(countStates(JSON.parse(text)));
  });
});

/** States as they are written, counted without the parser. */
function countStates(machine: { States?: Record<string, Written> }): number {
  return Object.values(machine.States ?? {}).reduce((sum, state) => {
    const inner =
      state.Type === 'Parallel'
        ? (state.Branches ?? [])
        : state.Type === 'Map'
          ? [state.ItemProcessor ?? state.Iterator ?? {}]
          : [];
    return sum + 1 + inner.reduce((states, each) => states + countStates(each), 0);
  }, 0);
}

interface Written {
  Type?: string;
  Branches?: Array<{ States?: Record<string, Written> }>;
  ItemProcessor?: { States?: Record<string, Written> };
  Iterator?: { States?: Record<string, Written> };
}
