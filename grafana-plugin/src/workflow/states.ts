// What became of the states: the rows of the frame `workflow`.

/** As the frame has it; ELSEWHERE is a state that runs in other executions, of which this one cannot tell. */
export type Status = 'RUNNING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED' | 'NOT_REACHED' | 'ELSEWHERE';

/** One execution, or all of a time range taken together. */
export type Mode = 'execution' | 'aggregate';

/** What the boxes of mode `aggregate` are coloured by. */
export type Measure = 'failures' | 'p95';

/** A row. Durations are milliseconds; what a mode does not have is absent, as is what is not known. */
export interface StateRun {
  state: string;
  type?: string;
  status: Status;
  visits: number;
  running: number;
  succeeded: number;
  caught: number;
  failed: number;
  aborted: number;
  attempts: number;
  retries: number;
  durationMs?: number;
  error?: string;
  message?: string;
  /** Unix milliseconds. */
  firstStart?: number;
  lastEnd?: number;
  p50Ms?: number;
  p95Ms?: number;
  p99Ms?: number;
  waitS?: number;
  /** Visits by error. */
  errors?: Record<string, number>;
}

/** Those of the frame. */
export const statuses: Status[] = ['RUNNING', 'SUCCEEDED', 'CAUGHT', 'FAILED', 'ABORTED', 'NOT_REACHED'];

/** Whether anything became of a state in the execution itself. */
export const ran = (run: StateRun | undefined): run is StateRun =>
  run !== undefined && run.status !== 'NOT_REACHED' && run.status !== 'ELSEWHERE';

/** The share of the visits that failed, whether a Catch took it or not: 0 to 1. */
export const failureShare = ({ visits, failed, caught }: StateRun) =>
  visits > 0 ? Math.min(1, (failed + caught) / visits) : 0;

/** The rows by name. Of two with one name (which no answer has) the latter counts. */
export const byName = (runs: StateRun[]) => new Map(runs.map((run) => [run.state, run]));

/** How long a state took, in milliseconds; undefined where that is not known, as it may be of one that runs. */
export const tookMs = ({ status, durationMs }: StateRun) =>
  status === 'RUNNING' && durationMs === 0 ? undefined : durationMs;
