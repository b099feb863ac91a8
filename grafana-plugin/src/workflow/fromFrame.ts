import { DataFrame, FieldType } from '@grafana/data';
import { markElsewhere } from './elsewhere';
import { Mode, StateRun, Status, statuses } from './states';

/** What the frame `workflow` says; docs/grafana-data.md describes it. */
export interface WorkflowData {
  refId?: string;
  mode: Mode;
  /** Amazon States Language, or null where it is not known. */
  definition: unknown;
  states: StateRun[];
  stateMachineArn: string;
  /** Empty in the aggregate. */
  execution: ExecutionRef;
  approximate: boolean;
  truncated: boolean;
}

export interface ExecutionRef {
  arn: string;
  name: string;
  traceId: string;
  status: string;
}

/** Whether a frame is one of a workflow, of this data source or made into its form. */
export const isWorkflowFrame = (frame: DataFrame) =>
  frame.fields.some(({ name }) => name === 'state') &&
  (frame.name === 'workflow' || frame.meta?.custom?.definition !== undefined);

/** Reads a frame; columns that are not there, and values of a wrong type, are taken as not known. */
export function fromFrame(frame: DataFrame): WorkflowData {
  const custom: Record<string, unknown> = frame.meta?.custom ?? {};
  const mode = custom.mode === 'aggregate' ? 'aggregate' : 'execution';
  const definition = custom.definition ?? null;
  const states = statesOf(frame);
  return {
    refId: frame.refId,
    mode,
    definition,
    states: mode === 'execution' ? markElsewhere(definition, states) : states,
    stateMachineArn: text(custom.stateMachineArn) ?? '',
    execution: executionOf(custom.execution),
    approximate: custom.approximate === true,
    truncated: custom.truncated === true,
  };
}

function executionOf(value: unknown): ExecutionRef {
  const execution = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const own = (key: string) => text(execution[key]) ?? '';
  return { arn: own('execution_arn'), name: own('name'), traceId: own('trace_id'), status: own('status') };
}

function statesOf(frame: DataFrame): StateRun[] {
  const columns = new Map(frame.fields.map((field) => [field.name, field]));
  const rows = Array.from({ length: frame.length }, (_, at) => at);
  return rows.flatMap((at) => {
    const get = (name: string): unknown => columns.get(name)?.values.get?.(at) ?? columns.get(name)?.values[at];
    const time = (name: string) => (columns.get(name)?.type === FieldType.time ? number(get(name)) : undefined);
    const state = text(get('state'));
    return state === undefined
      ? []
      : [{ ...counts(get), ...facts(get), state, firstStart: time('first_start'), lastEnd: time('last_end') }];
  });
}

type Get = (column: string) => unknown;

function counts(get: Get) {
  const count = (name: string) => number(get(name)) ?? 0;
  return {
    visits: count('visits'),
    running: count('running'),
    succeeded: count('succeeded'),
    caught: count('caught'),
    failed: count('failed'),
    aborted: count('aborted'),
    attempts: count('attempts'),
    retries: count('retries'),
  };
}

function facts(get: Get) {
  return {
    type: text(get('type')),
    status: statusOf(get('status')),
    durationMs: number(get('duration_ms')),
    error: text(get('error')),
    message: text(get('message')),
    p50Ms: number(get('p50_ms')),
    p95Ms: number(get('p95_ms')),
    p99Ms: number(get('p99_ms')),
    waitS: number(get('wait_s')),
    errors: errorsOf(get('errors')),
  };
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

const statusOf = (value: unknown): Status => (statuses.includes(value as Status) ? (value as Status) : 'NOT_REACHED');

function errorsOf(value: unknown): Record<string, number> | undefined {
  if (typeof value === 'string') {
    try {
      return errorsOf(JSON.parse(value));
    } catch {
      // Not JSON, so not known.
      return undefined;
    }
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  return Object.fromEntries(Object.entries(value).filter(([, count]) => number(count) !== undefined));
}

// Then the store reads counts by the minute.
const overDays =
  'Approximate: over more than 25 hours durations are off by a tenth at most, large counts are estimates, and attempts, ' +
  'retries and waiting are not known.';

/** What people should know of the data. */
export function noticesOf({ approximate, truncated }: WorkflowData): string[] {
  return [
    ...(truncated ? ['Not everything is shown: there was too much of it.'] : []),
    ...(approximate ? [overDays] : []),
  ];
}
