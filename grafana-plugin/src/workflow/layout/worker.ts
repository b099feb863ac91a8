import { createLayouter } from './layouter';

// The chunk is a script of its own, not a module for Grafana's loader as the rest of the bundle, and finds others beside it.
const startWorker = () =>
  new Worker(
    /* webpackEntryOptions: { library: { type: "self" }, publicPath: "auto" } */ new URL(
      './layout.worker.ts',
      import.meta.url
    )
  );

/** One for all panels of a page. */
export const layouter = createLayouter(startWorker);
