import { parseExecutionArn } from '../url/arn';
import { executionSpan, kind, TraceSpan } from '../frame/trace';

/** An execution that this one started, as its trace tells. */
export interface ChildExecution {
  arn: string;
  name: string;
  state: string;
  /** Empty where the child is not in the trace. */
  status: string;
}

export interface Relatives {
  parent?: string;
  children: ChildExecution[];
  mapRuns: Array<{ arn: string; state: string }>;
}

const sfn = (name: string) => `aws.step_functions.${name}`;
const [executionArn, childArn, mapRunArn] = [sfn('execution.arn'), sfn('child_execution.arn'), sfn('map_run.arn')];

/** Which executions started this one, and which it started itself: by its tasks, and by its distributed Map states. */
export function relatives(spans: TraceSpan[], arn: string): Relatives {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const own = spans.filter((span) => kind(span) !== 'execution' && owner(span, byId) === arn);
  const root = executionSpan(spans, arn);
  const started = own.filter((span) => span.tags[childArn]);
  return {
    parent: root && (root.tags[sfn('parent_execution.arn')] ?? aboveIn(root, byId)),
    children: distinct(started.map((span) => child(span, spans))),
    mapRuns: distinct(own.filter((span) => kind(span) === 'map_run' && span.tags[mapRunArn]).map(mapRun)),
  };
}

// The execution that a span is of: the nearest one above it.
function owner(span: TraceSpan, byId: Map<string, TraceSpan>): string | undefined {
  const seen = new Set<string>();
  let at: TraceSpan | undefined = span;
  while (at && !seen.has(at.id)) {
    if (kind(at) === 'execution') {
      return at.tags[executionArn];
    }
    seen.add(at.id);
    at = byId.get(at.parent);
  }
  return undefined;
}

function aboveIn(root: TraceSpan, byId: Map<string, TraceSpan>): string | undefined {
  const parent = byId.get(root.parent);
  const above = parent && owner(parent, byId);
  return above === root.tags[executionArn] ? undefined : above;
}

function child(span: TraceSpan, spans: TraceSpan[]): ChildExecution {
  const arn = span.tags[childArn];
  const status = executionSpan(spans, arn)?.tags[sfn('execution.status')] ?? '';
  return { arn, name: parseExecutionArn(arn)?.name ?? arn, state: span.tags[sfn('state.name')] ?? '', status };
}

const mapRun = (span: TraceSpan) => ({ arn: span.tags[mapRunArn], state: span.tags[sfn('state.name')] ?? '' });

const distinct = <T extends { arn: string }>(found: T[]): T[] =>
  Array.from(new Map(found.map((one) => [one.arn, one])).values());
