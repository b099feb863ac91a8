import { DataFrame } from '@grafana/data';
import { count, number, readRows, Row, text, time } from './rows';

const readers = {
  start: time,
  status: text,
  state_machine: text,
  name: text,
  duration_ms: number,
  error: text,
  cause: text,
  end: time,
  redrive_count: count,
  execution_arn: text,
  trace_id: text,
  state_machine_arn: text,
  map_run_arn: text,
  failed_state: text,
};

/** An execution of the frame `executions`. */
export type ExecutionRow = Row<typeof readers>;

export const readExecutions = (frame?: DataFrame): ExecutionRow[] =>
  readRows(frame, readers).filter((row) => row.execution_arn !== '');
