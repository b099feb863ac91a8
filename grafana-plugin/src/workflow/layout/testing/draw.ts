import { eachMachine, Workflow } from '../../graph';
import { Box, Layout, Point, Route } from '../geometry';

// A layout as characters: boxes with names, lines with an arrow at their end (dotted for a Catch), labels. A character stands
// for 8 by 12 pixels.

const [across, down] = [8, 12];

type Canvas = string[][];

export function draw(workflow: Workflow, layout: Layout): string {
  const canvas: Canvas = Array.from({ length: Math.ceil(layout.height / down) }, () =>
    Array.from({ length: Math.ceil(layout.width / across) }, () => ' ')
  );
  const names = new Map<string, string>();
  const transitions = new Map<string, { label: string; kind: string }>();
  eachMachine(workflow.machine, (machine) => {
    machine.states.forEach(({ id, name }) => names.set(id, name));
    machine.transitions.forEach((each) => transitions.set(each.id, each));
  });
  for (let depth = 0; depth <= Math.max(...layout.boxes.map((box) => box.depth)); depth++) {
    const routes = layout.routes.filter((route) => route.depth === depth);
    routes.forEach((route) => drawLine(canvas, route, transitions.get(route.id)!.kind));
    layout.boxes.filter((box) => box.depth === depth).forEach((box) => drawBox(canvas, box, names.get(box.id)!));
    routes.forEach((route) => drawArrow(canvas, route));
    routes.forEach(({ id, label }) => label && write(canvas, cell(label), transitions.get(id)!.label));
  }
  return canvas.map((line) => line.join('').trimEnd()).join('\n');
}

const cell = ({ x, y }: Point): Point => ({ x: Math.round(x / across), y: Math.round(y / down) });

function put(canvas: Canvas, { x, y }: Point, character: string) {
  if (canvas[y]?.[x] !== undefined) {
    canvas[y][x] = character;
  }
}

const write = (canvas: Canvas, at: Point, text: string) =>
  [...text].forEach((character, index) => put(canvas, { x: at.x + index, y: at.y }, character));

function drawBox(canvas: Canvas, box: Box, name: string) {
  const [from, to] = [cell(box), cell({ x: box.x + box.width, y: box.y + box.height })];
  const [width, last] = [to.x - from.x, to.y - 1];
  for (let y = from.y; y <= last; y++) {
    const [left, middle, right] = y === from.y ? '┌─┐' : y === last ? '└─┘' : '│ │';
    write(canvas, { x: from.x, y }, left + middle.repeat(width - 2) + right);
  }
  write(canvas, { x: from.x + 2, y: last > from.y + 1 ? from.y + 1 : from.y }, name.slice(0, width - 4));
}

function drawLine(canvas: Canvas, { points }: Route, kind: string) {
  for (const [index, from] of points.slice(0, -1).entries()) {
    const to = points[index + 1];
    const steps = Math.max(Math.abs(to.x - from.x) / across, Math.abs(to.y - from.y) / down, 1) * 2;
    const steep = Math.abs(to.x - from.x) * down < Math.abs(to.y - from.y) * across;
    for (let step = 0; step <= steps; step++) {
      const at = { x: from.x + ((to.x - from.x) * step) / steps, y: from.y + ((to.y - from.y) * step) / steps };
      put(canvas, cell(at), kind === 'catch' ? ':' : steep ? '│' : '─');
    }
  }
}

function drawArrow(canvas: Canvas, { points }: Route) {
  const [before, end] = points.slice(-2);
  const [dx, dy] = [end.x - before.x, end.y - before.y];
  const vertical = Math.abs(dy) >= Math.abs(dx);
  const at = cell(end);
  put(
    canvas,
    vertical ? { x: at.x, y: dy > 0 ? at.y - 1 : at.y } : { x: dx > 0 ? at.x - 1 : at.x, y: at.y },
    vertical ? (dy > 0 ? 'v' : '^') : dx > 0 ? '>' : '<'
  );
}
