import { Machine } from '../graph';
import { Layout, LayoutOptions } from './geometry';
import { layoutMachine } from './layout';

export interface Job {
  id: number;
  machine: Machine;
  options: LayoutOptions;
}

export type Answer = { id: number; layout: Layout } | { id: number; error: string };

export interface Layouter {
  /** A layout that is known, or of a workflow so small that a worker would take longer. */
  now(key: string, machine: Machine, states: number, options: LayoutOptions): Layout | undefined;
  later(key: string, machine: Machine, options: LayoutOptions): Promise<Layout>;
}

const smallest = 40;
const mostKept = 30;

/**
 * Lays out in a worker, and on this thread where there are none or it does not start. Results are kept by key, which says all
 * that they depend on.
 */
export function createLayouter(startWorker: () => Worker): Layouter {
  const kept = new Map<string, Layout>();
  const keep = (key: string, layout: Layout) => {
    kept.set(key, layout);
    if (kept.size > mostKept) {
      kept.delete(kept.keys().next().value!);
    }
    return layout;
  };
  const compute = workerFirst(startWorker);
  return {
    now: (key, machine, states, options) =>
      kept.get(key) ?? (states <= smallest ? keep(key, layoutMachine(machine, options)) : undefined),
    later: async (key, machine, options) => kept.get(key) ?? keep(key, await compute(machine, options)),
  };
}

interface Pending extends Job {
  resolve(layout: Layout): void;
  reject(error: Error): void;
}

function workerFirst(startWorker: () => Worker) {
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let broken = false;
  let jobs = 0;

  const giveUp = () => {
    broken = true;
    worker?.terminate();
    worker = undefined;
    for (const job of pending.values()) {
      here(job);
    }
    pending.clear();
  };
  const settle = ({ data }: MessageEvent<Answer>) => {
    const job = pending.get(data.id);
    pending.delete(data.id);
    if ('layout' in data) {
      job?.resolve(data.layout);
    } else {
      job?.reject(new Error(data.error));
    }
  };
  const start = () => {
    try {
      worker = startWorker();
      worker.onmessage = settle;
      worker.onerror = giveUp;
    } catch {
      // No workers here, or not from where this plugin comes from: this thread can do it, too.
      giveUp();
    }
  };
  return (machine: Machine, options: LayoutOptions) =>
    new Promise<Layout>((resolve, reject) => {
      const job: Pending = { id: jobs++, machine, options, resolve, reject };
      if (worker === undefined && !broken) {
        start();
      }
      if (worker === undefined) {
        here(job);
        return;
      }
      pending.set(job.id, job);
      worker.postMessage({ id: job.id, machine, options } satisfies Job);
    });
}

function here({ machine, options, resolve, reject }: Pending) {
  try {
    resolve(layoutMachine(machine, options));
  } catch (error) {
    reject(error as Error);
  }
}
