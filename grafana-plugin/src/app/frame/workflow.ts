import { DataFrame } from '@grafana/data';
import { count, number, readRows, Row, text, time } from './rows';

const readers = {
  state: text,
  type: text,
  status: text,
  visits: count,
  running: count,
  succeeded: count,
  caught: count,
  failed: count,
  aborted: count,
  attempts: count,
  retries: count,
  duration_ms: number,
  error: text,
  message: text,
  first_start: time,
  last_end: time,
};

/** A state of the frame `workflow` of one execution. */
export type StateRow = Row<typeof readers>;

/** The execution of the frame `workflow`, times in Unix milliseconds. */
export interface Execution {
  arn: string;
  name: string;
  machine: string;
  machineArn: string;
  traceId: string;
  status: string;
  redrives: number;
  start: number | null;
  end: number | null;
  mapRun: string;
  error: string;
  cause: string;
}

export interface Workflow {
  states: StateRow[];
  execution: Execution | null;
  definition: unknown;
  revisionId: string;
  truncated: boolean;
}

type Custom = Record<string, unknown>;

const object = (value: unknown): Custom | null =>
  typeof value === 'object' && value !== null ? (value as Custom) : null;

function readExecution(said: Custom | null): Execution | null {
  return (
    said && {
      arn: text(said.execution_arn),
      name: text(said.name),
      machine: text(said.state_machine),
      machineArn: text(said.state_machine_arn),
      traceId: text(said.trace_id),
      status: text(said.status),
      redrives: count(said.redrive_count),
      start: time(said.start),
      end: time(said.end),
      mapRun: text(said.map_run_arn),
      error: text(said.error),
      cause: text(said.cause),
    }
  );
}

export function readWorkflow(frame?: DataFrame): Workflow {
  const custom = object(frame?.meta?.custom) ?? {};
  return {
    states: readRows(frame, readers).filter((row) => row.state !== ''),
    execution: readExecution(object(custom.execution)),
    definition: custom.definition ?? null,
    revisionId: text(custom.revisionId),
    truncated: custom.truncated === true,
  };
}
