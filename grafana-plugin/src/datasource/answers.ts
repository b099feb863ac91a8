// The answers of the data source's resources: docs/grafana-data.md, and package store whose JSON they are.
// Times are RFC 3339; what is unknown is missing or empty.

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** A value to choose: of a select, a variable. */
export interface Value {
  text: string;
  value: string;
}

export interface StateMachine {
  arn: string;
  name: string;
  type?: 'STANDARD' | 'EXPRESS';
  revisions: number;
  running: number;
  succeeded: number;
  failed: number;
  timed_out: number;
  aborted: number;
  last_start?: string;
}

export interface Revision {
  state_machine_arn: string;
  /** Empty for the one that the state machine was created with. */
  revision_id: string;
  type?: 'STANDARD' | 'EXPRESS';
  since: string;
  /** Amazon States Language. */
  definition?: Definition;
}

/** A definition in the Amazon States Language. Who draws it knows more of it. */
export type Definition = { StartAt?: string; States?: Record<string, unknown> } & Record<string, unknown>;

export interface Execution {
  execution_arn: string;
  name: string;
  /** The state machine's name. */
  state_machine: string;
  state_machine_arn: string;
  trace_id: string;
  redrive_count: number;
  status: ExecutionStatus;
  start?: string;
  /** Missing while it runs. */
  end?: string;
  map_run_arn?: string;
  error?: string;
  cause?: string;
}

export interface Cost {
  state_machine_arn: string;
  state?: string;
  execution_arn?: string;
  executions: number;
  transitions: number;
  retries: number;
  express_requests: number;
  express_gb_seconds: number;
  invocations: number;
  cold_starts: number;
  unknown_memory: number;
  gb_seconds: number;
  step_functions_cost: number;
  lambda_cost: number;
  total_cost: number;
}

export interface ExecutionWithCost extends Execution {
  cost: Cost;
}

export interface HistoryEvent {
  id: number;
  previous_id: number;
  type: string;
  time: string;
  state?: string;
  span_id: string;
  redrive_count: number;
  severity: 'INFO' | 'WARN' | 'ERROR';
  /** The event's details; text where they are not JSON. */
  payload?: unknown;
}

/** What became of a state in an execution. */
export interface StateDetail {
  state: string;
  type: string;
  /** By start. */
  visits: Visit[];
  /** How many visits are left out: of more than 500, those that succeeded the latest. */
  omitted?: number;
  /** The store holds more of the execution than was read. */
  truncated?: boolean;
}

export type PartStatus = 'RUNNING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED';

/** What visits, attempts, invocations and calls have in common. */
export interface Part<Status extends string> {
  span_id: string;
  status: Status;
  start: string;
  /** Null while it runs. */
  end: string | null;
  /** 0 while it runs. */
  duration_ms: number;
  error: string;
  message: string;
}

export interface Visit extends Part<PartStatus> {
  /** Null where payloads are not kept. */
  input: unknown;
  /** Null until it has ended, and where it failed. */
  output: unknown;
  /** Of the event that entered the state. */
  event_id: number;
  redrive_count: number;
  /** Of the innermost Parallel around it, from 0. */
  branch?: number;
  /** Of the innermost Map around it, from 0. */
  iteration?: number;
  attempts: Attempt[];
}

export interface Attempt extends Part<PartStatus> {
  /** 0 for the first. */
  retry: number;
  queue_s: number;
  backoff_s: number;
  resource: string;
  resource_type: string;
  /** The ARN of the execution that it started. */
  child_execution?: string;
  invocations: Invocation[];
}

/** A run of a Lambda function. */
export interface Invocation extends Part<'OK' | 'ERROR'> {
  function: string;
  cold_start: boolean;
  request_id: string;
  /** How it came under its attempt; null when it said so itself. */
  join: Join | null;
  calls: AwsCall[];
}

export interface AwsCall extends Part<'OK' | 'ERROR'> {
  service: string;
  operation: string;
  resource: string;
  /** 0 without a response. */
  http_status: number;
  retries: number;
}

export interface Join {
  method: string;
  /** Above 0, at most 1. */
  confidence: number;
}
