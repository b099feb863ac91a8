import { StateRun } from '../states';

/** A row for tests: SUCCEEDED, and no counts but those that are given. */
export const run = (state: string, more: Partial<StateRun> = {}): StateRun => ({
  state,
  status: 'SUCCEEDED',
  visits: 0,
  running: 0,
  succeeded: 0,
  caught: 0,
  failed: 0,
  aborted: 0,
  attempts: 0,
  retries: 0,
  ...more,
});
