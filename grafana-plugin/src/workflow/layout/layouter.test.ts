import { parseDefinition } from '../asl/parse';
import { LayoutOptions } from './geometry';
import { createLayouter, Job } from './layouter';
import { layoutMachine } from './layout';
import { chain } from './testing/machines';

const options: LayoutOptions = { orientation: 'down', compact: false };
const { machine, states } = parseDefinition(chain(60));
const expected = layoutMachine(machine, options);

/** A worker that answers, or breaks, when it is told to. */
class FakeWorker {
  onmessage?: (event: { data: unknown }) => void;
  onerror?: () => void;
  jobs: Job[] = [];
  terminated = false;
  postMessage(job: Job) {
    this.jobs.push(job);
  }
  terminate() {
    this.terminated = true;
  }
}

const withWorker = () => {
  const worker = new FakeWorker();
  const start = jest.fn(() => worker as unknown as Worker);
  return { worker, start, layouter: createLayouter(start) };
};

test('a large workflow goes to the worker, once, and is known from then on', async () => {
  const { worker, start, layouter } = withWorker();
  expect(layouter.now('key', machine, states, options)).toBeUndefined();
  const later = layouter.later('key', machine, options);
  expect(worker.jobs).toHaveLength(1);
  worker.onmessage!({ data: { id: worker.jobs[0].id, layout: expected } });
  expect(await later).toBe(expected);
  expect(layouter.now('key', machine, states, options)).toBe(expected);
  expect(await layouter.later('key', machine, options)).toBe(expected);
  expect([worker.jobs.length, start.mock.calls.length]).toEqual([1, 1]);
});

test('a small workflow is laid out at once, on this thread', () => {
  const { start, layouter } = withWorker();
  const small = parseDefinition(chain(5));
  expect(layouter.now('small', small.machine, small.states, options)?.boxes).toHaveLength(7);
  expect(start).not.toHaveBeenCalled();
});

test('a worker that breaks: what it had to do, and all that comes, is done here', async () => {
  const { worker, start, layouter } = withWorker();
  const later = layouter.later('key', machine, options);
  worker.onerror!();
  expect(await later).toEqual(expected);
  expect(worker.terminated).toBe(true);
  expect(await layouter.later('other', machine, options)).toEqual(expected);
  expect(start).toHaveBeenCalledTimes(1);
});

test('where workers cannot be started, this thread does it', async () => {
  const layouter = createLayouter(() => {
    throw new Error('not allowed');
  });
  expect(await layouter.later('key', machine, options)).toEqual(expected);
});

test('an error of the layout is said, and asked for again next time', async () => {
  const { worker, layouter } = withWorker();
  const later = layouter.later('key', machine, options);
  worker.onmessage!({ data: { id: worker.jobs[0].id, error: 'too much' } });
  await expect(later).rejects.toThrow('too much');
  void layouter.later('key', machine, options);
  expect(worker.jobs).toHaveLength(2);
});

test('only the latest layouts are kept', () => {
  const { layouter } = withWorker();
  const small = parseDefinition(chain(3));
  const now = (key: string) => layouter.now(key, small.machine, small.states, options);
  const first = now('0');
  expect(now('0')).toBe(first);
  for (let at = 1; at <= 30; at++) {
    now(String(at));
  }
  expect(now('0')).not.toBe(first);
});
