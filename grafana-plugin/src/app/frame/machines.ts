import { DataFrame } from '@grafana/data';
import { count, number, readRows, Row, text, time } from './rows';

const machine = {
  name: text,
  type: text,
  running: count,
  succeeded: count,
  failed: count,
  timed_out: count,
  aborted: count,
  error_rate: number,
  last_start: time,
  revisions: count,
  arn: text,
};

/** A state machine of the frame `machines`. */
export type MachineRow = Row<typeof machine>;

export const readMachines = (frame?: DataFrame): MachineRow[] =>
  readRows(frame, machine).filter((row) => row.arn !== '');

const statistics = {
  state: text,
  visits: count,
  succeeded: count,
  caught: count,
  failed: count,
  aborted: count,
  error_rate: number,
  p50_ms: number,
  p95_ms: number,
  p99_ms: number,
  attempts: count,
  retries: count,
  wait_s: number,
  backoff_s: number,
};

/** A state of the frame `states`: what became of it in a range. */
export type StateStatistics = Row<typeof statistics>;

export const readStatistics = (frame?: DataFrame): StateStatistics[] =>
  readRows(frame, statistics).filter((row) => row.state !== '');

const cost = {
  state: text,
  executions: count,
  transitions: count,
  retries: count,
  invocations: count,
  gb_seconds: number,
  step_functions_cost: number,
  lambda_cost: number,
  total_cost: number,
};

/** A row of the frame `cost`. */
export type CostRow = Row<typeof cost>;

export const readCosts = (frame?: DataFrame): CostRow[] => readRows(frame, cost);

/** The price table's currency, which is the unit of a cost. */
export const currencyOf = (frame?: DataFrame) =>
  currencyCode(frame?.fields.find((field) => field.name === 'total_cost')?.config.unit);

// Grafana writes units of money currencyUSD, or currency:USD for any other.
const currencyCode = (unit?: string) => unit?.replace(/^currency:?/, '').trim() || undefined;
