// The answer of the data source's resource `state`; docs/grafana-data.md describes it. Anything may be missing.

export interface StateDetails {
  state: string;
  type?: string;
  visits?: Visit[] | null;
  /** How many visits were left out. */
  omitted?: number;
  /** The store holds more of the execution than was read. */
  truncated?: boolean;
}

interface Ended {
  span_id: string;
  status?: string;
  start?: string;
  end?: string | null;
  duration_ms?: number | null;
  error?: string;
  message?: string;
}

export interface Visit extends Ended {
  input?: unknown;
  output?: unknown;
  event_id?: number;
  /** From 1, among all visits of the state. */
  number?: number;
  redrive_count?: number;
  /** From 0, of the innermost Map and Parallel around it. */
  iteration?: number;
  branch?: number;
  attempts?: Attempt[] | null;
}

export interface Attempt extends Ended {
  retry?: number;
  queue_s?: number;
  backoff_s?: number;
  resource?: string;
  resource_type?: string;
  /** The ARN. */
  child_execution?: string;
  invocations?: Invocation[] | null;
}

export interface Invocation extends Ended {
  function?: string;
  cold_start?: boolean;
  request_id?: string;
  join?: { method?: string; confidence?: number } | null;
  calls?: Call[] | null;
}

export interface Call extends Ended {
  service?: string;
  operation?: string;
  resource?: string;
  http_status?: number;
  retries?: number;
}

/** Asks for the visits of a state of an execution; rejects with an error whose message is for people. */
export type LoadState = (execution: string, state: string) => Promise<StateDetails>;
