import { DataFrame } from '@grafana/data';
import { count, readRows, Row, text, time } from './rows';

const readers = {
  time,
  kind: text,
  state: text,
  state_type: text,
  error: text,
  message: text,
  start: time,
  execution_arn: text,
  redrive_count: count,
  event_id: count,
};

/** A failed state of the frame `failures`. */
export type FailureRow = Row<typeof readers>;

export const readFailures = (frame?: DataFrame): FailureRow[] => readRows(frame, readers);

// A failure goes up through the Parallel and Map states around it, which were entered before: of one moment's failures
// the state entered last is where it began.
function beganLater(a: FailureRow, b: FailureRow): boolean {
  const order = [a.redrive_count - b.redrive_count, (b.time ?? 0) - (a.time ?? 0), a.event_id - b.event_id];
  return (order.find((difference) => difference !== 0) ?? 0) > 0;
}

/** By execution, the state in which its latest run failed: the innermost of those that failed first. */
export function failedStates(failures: FailureRow[]): Map<string, FailureRow> {
  const found = new Map<string, FailureRow>();
  for (const failure of failures.filter(({ kind, state }) => kind !== 'execution' && state !== '')) {
    const known = found.get(failure.execution_arn);
    if (!known || beganLater(failure, known)) {
      found.set(failure.execution_arn, failure);
    }
  }
  return found;
}
