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
  /** Null while nothing of it is billed. */
  cost: Cost | null;
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

export interface StateDetail {
  state: string;
  type?: string;
  visits: Visit[];
}

export interface Visit {
  span_id: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED';
  start: string;
  end?: string | null;
  duration_ms: number;
  error?: string;
  message?: string;
  input?: unknown;
  output?: unknown;
  /** Of the event that entered the state. */
  event_id?: number;
  attempts: Attempt[];
}

export interface Attempt {
  span_id: string;
  /** 0 for the first. */
  retry: number;
  status: string;
  start: string;
  end?: string | null;
  duration_ms: number;
  queue_s?: number;
  backoff_s?: number;
  resource?: string;
  resource_type?: string;
  error?: string;
  message?: string;
  invocations?: Invocation[];
  /** AWS calls that the task itself made, without a function. */
  calls?: AwsCall[];
}

export interface Invocation {
  span_id: string;
  function: string;
  status: string;
  start: string;
  duration_ms: number;
  cold_start?: boolean;
  request_id?: string;
  error?: string;
  message?: string;
  /** How it came under its attempt; null when it said so itself. */
  join?: Join | null;
  calls?: AwsCall[];
}

export interface AwsCall {
  span_id: string;
  service: string;
  operation: string;
  status: string;
  start: string;
  duration_ms: number;
  resource?: string;
  http_status?: number;
  retries?: number;
  error?: string;
  message?: string;
}

export interface Join {
  method: string;
  /** Above 0, at most 1. */
  confidence: number;
}
