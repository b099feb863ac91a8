import { TimeRange } from '@grafana/data';
import { BackendSrvRequest } from '@grafana/runtime';
import { ExecutionWithCost, HistoryEvent, Revision, StateDetail, StateMachine, Value } from './answers';

/** What values of the store can be chosen. */
export type ValuesOf = 'machines' | 'states' | 'functions' | 'errors' | 'statuses' | 'services' | 'operations';

export interface ValuesQuery {
  of: ValuesOf;
  /** State machines (names or ARNs) that the values belong to; empty: all. */
  machines?: string[];
  range?: TimeRange;
}

export interface HistoryQuery {
  /** ARN, trace id or `latest`. */
  execution: string;
  /** The id of the last event that is known: those after it are answered. */
  after?: number;
  limit?: number;
  state?: string;
}

export type Params = NonNullable<BackendSrvRequest['params']>;
type Options = Partial<BackendSrvRequest>;
type Get = <T>(path: string, params: Params, options: Options) => Promise<T>;

/** An answer that was an error. */
export class ResourceError extends Error {
  constructor(
    message: string,
    /** The HTTP status: 404 where there is no such thing, 0 when nothing answered. */
    readonly status: number
  ) {
    super(message);
    this.name = 'ResourceError';
  }
}

/**
 * What the data source tells besides frames (docs/grafana-data.md, Resources). All methods reject with ResourceError,
 * and show no alert of Grafana's.
 */
export class Resources {
  constructor(private readonly get: Get) {}

  /** The state machines with what ran in the range (of all time without one). */
  machines(range?: TimeRange): Promise<StateMachine[]> {
    return this.ask('machines', bounds(range));
  }

  values({ of, machines, range }: ValuesQuery): Promise<Value[]> {
    return this.ask('values', { of, machine: machines, ...bounds(range) });
  }

  /** A state machine's definitions, newest first. */
  revisions(machineArn: string, limit?: number): Promise<Revision[]> {
    return this.ask('revisions', { machine: machineArn, limit });
  }

  /** What became of a state of an execution: its visits, their attempts, invocations and AWS calls. */
  state(execution: string, state: string): Promise<StateDetail> {
    return this.ask('state', { execution, state });
  }

  /** A page of an execution's events with their payloads, by id. */
  history(query: HistoryQuery): Promise<HistoryEvent[]> {
    return this.ask('history', { ...query });
  }

  execution(execution: string): Promise<ExecutionWithCost> {
    return this.ask('execution', { execution });
  }

  private async ask<T>(path: string, params: Params): Promise<T> {
    try {
      return await this.get<T>(path, params, { showErrorAlert: false });
    } catch (err) {
      throw asResourceError(err, path);
    }
  }
}

const bounds = (range?: TimeRange): Params => ({ from: range?.from.valueOf(), to: range?.to.valueOf() });

interface FetchError {
  status?: number;
  statusText?: string;
  data?: { error?: string; message?: string };
  message?: string;
}

function asResourceError(err: unknown, path: string): ResourceError {
  const { status, statusText, data, message } = (err ?? {}) as FetchError;
  const why = data?.error || data?.message || message || statusText || 'no answer';
  return new ResourceError(`${path}: ${why}`, status ?? 0);
}
