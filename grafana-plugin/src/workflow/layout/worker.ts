import { AnyOriginWorker as Worker } from './anyOrigin';
import { createLayouter } from './layouter';

// The chunk is a script of its own, not a module for Grafana's loader as the rest of the bundle.
const startWorker = () =>
  new Worker(
    /* webpackChunkName: "layout-worker", webpackEntryOptions: { library: { type: "self" } } */ new URL(
      './layout.worker.ts',
      import.meta.url
    )
  );

/** One for all panels of a page. */
export const layouter = createLayouter(startWorker);
