import { DataFrame } from '@grafana/data';
import { StateRun, Status, statuses } from '../../workflow/states';
import { StateRow } from '../frame/workflow';
import { count, json, number, readRows, text } from '../frame/rows';

// The rows of the frame `workflow` as the drawing takes them: what is not known is absent there.

const known = <T>(value: T | null) => (value === null || value === '' ? undefined : value);

// A status of a newer backend is drawn as one that was not reached; the table says what it is.
const drawable = (status: string): Status => statuses.find((one) => one === status) ?? 'NOT_REACHED';

export const runOf = (row: StateRow): StateRun => ({
  state: row.state,
  type: known(row.type),
  status: drawable(row.status),
  visits: row.visits,
  running: row.running,
  succeeded: row.succeeded,
  caught: row.caught,
  failed: row.failed,
  aborted: row.aborted,
  attempts: row.attempts,
  retries: row.retries,
  durationMs: known(row.duration_ms),
  error: known(row.error),
  message: known(row.message),
  firstStart: known(row.first_start),
  lastEnd: known(row.last_end),
});

function errors(value: unknown): Record<string, number> | undefined {
  const said = json(value);
  return typeof said === 'object' && said !== null ? (said as Record<string, number>) : undefined;
}

const aggregate = {
  state: text,
  type: text,
  visits: count,
  succeeded: count,
  caught: count,
  failed: count,
  aborted: count,
  attempts: count,
  retries: count,
  p50_ms: number,
  p95_ms: number,
  p99_ms: number,
  wait_s: number,
  errors,
};

/** The states of the frame `workflow` of many executions. */
export const aggregateRuns = (frame: DataFrame): StateRun[] =>
  readRows(frame, aggregate)
    .filter(({ state }) => state !== '')
    .map(({ type, p50_ms, p95_ms, p99_ms, wait_s, ...counts }) => ({
      ...counts,
      type: known(type),
      status: counts.visits === 0 ? 'NOT_REACHED' : counts.failed + counts.caught > 0 ? 'FAILED' : 'SUCCEEDED',
      running: 0,
      p50Ms: known(p50_ms),
      p95Ms: known(p95_ms),
      p99Ms: known(p99_ms),
      waitS: known(wait_s),
    }));
