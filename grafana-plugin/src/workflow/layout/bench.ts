import { parseDefinition } from '../asl/parse';
import { layoutMachine } from './layout';
import * as machines from './testing/machines';

// Prints how long parsing and laying out 500 states takes: the median on the clock, and of this process's own time, which
// others on the machine do not lengthen.

const runs = 15;
const machines500 = {
  chain: machines.chain(500),
  handler: machines.withHandler(500),
  choices: machines.choices(500),
  parallel: machines.parallel(25, 20),
  fan: machines.fan(500),
  dense: machines.dense(500),
};

const results = Object.entries(machines500).map(([name, definition]) => {
  const times = Array.from({ length: runs }, () => time(JSON.stringify(definition)));
  return { name, clock: median(times.map(({ clock }) => clock)), own: median(times.map(({ own }) => own)) };
});
for (const { name, clock, own } of results) {
  print(`panel.layout_500.${name}`, clock);
  print(`panel.layout_500_cpu.${name}`, own);
}
print('panel.layout_500', Math.max(...results.map(({ clock }) => clock)));
print('panel.layout_500_cpu', Math.max(...results.map(({ own }) => own)));

function time(text: string) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  layoutMachine(parseDefinition(text).machine, { orientation: 'down', compact: false });
  return { clock: performance.now() - start, own: process.cpuUsage(before).user / 1000 };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function print(figure: string, ms: number) {
  process.stdout.write(`figure ${figure} ${ms.toFixed(1)} ms\n`);
}
