import { DataFrame } from '@grafana/data';
import { count, json, readRows, text } from './rows';

/** A span of the frame `trace`; times in milliseconds, tags by name as text. */
export interface TraceSpan {
  id: string;
  parent: string;
  name: string;
  service: string;
  failed: boolean;
  message: string;
  start: number;
  duration: number;
  tags: Record<string, string>;
}

interface Pair {
  key: string;
  value: unknown;
}

function readTags(value: unknown): Record<string, string> {
  const pairs = json(value);
  const known = Array.isArray(pairs) ? (pairs as Pair[]).filter((pair) => typeof pair?.key === 'string') : [];
  return Object.fromEntries(known.map(({ key, value: said }) => [key, text(said)]));
}

const readers = {
  spanID: text,
  parentSpanID: text,
  operationName: text,
  serviceName: text,
  statusCode: count,
  statusMessage: text,
  startTime: count,
  duration: count,
  tags: readTags,
};

export const readTrace = (frame?: DataFrame): TraceSpan[] =>
  readRows(frame, readers).map((row) => ({
    id: row.spanID,
    parent: row.parentSpanID,
    name: row.operationName,
    service: row.serviceName,
    failed: row.statusCode === 2,
    message: row.statusMessage,
    start: row.startTime,
    duration: row.duration,
    tags: row.tags,
  }));

export const end = (span: TraceSpan) => span.start + span.duration;

/** What a span stands for: execution, state, attempt, invocation, call, … */
export const kind = (span: TraceSpan) => span.tags['steptrace.kind'] ?? '';

/** Spans by their parent's id, siblings by start. */
export function childrenOf(spans: TraceSpan[]): Map<string, TraceSpan[]> {
  const children = new Map<string, TraceSpan[]>();
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    children.set(span.parent, [...(children.get(span.parent) ?? []), span]);
  }
  return children;
}

/** The span of an execution; of one that was redriven the one that began last. */
export function executionSpan(spans: TraceSpan[], arn: string): TraceSpan | undefined {
  const own = spans.filter((s) => kind(s) === 'execution' && s.tags['aws.step_functions.execution.arn'] === arn);
  return own.sort((a, b) => b.start - a.start)[0];
}
