import { childrenOf, end, executionSpan, kind, TraceSpan } from '../frame/trace';
import { Execution, StateRow } from '../frame/workflow';

/** What went wrong in an execution, from the outside in. What is not known is absent. */
export interface Diagnosis {
  /** FAILED, TIMED_OUT or ABORTED. */
  status: string;
  state?: string;
  stateType?: string;
  attempt?: { number: number; of: number; called: string };
  invocation?: { function: string; requestId?: string; timedOut: boolean };
  call?: { service: string; operation: string; resource?: string; httpStatus?: string };
  error: string;
  message: string;
  /** The child execution that the state is of, if it is not of the execution itself. */
  within?: string;
  /** The child execution that the failed state started, where it is not known which state of it failed. */
  child?: string;
  /** What was going on when the execution was ended from outside. */
  interrupted: string[];
}

const sfn = (name: string) => `aws.step_functions.${name}`;
const failures = ['FAILED', 'TIMED_OUT', 'ABORTED'];
const containers = ['Parallel', 'Map'];

/** Names the state, attempt, Lambda and AWS call in which an execution failed; undefined for one that did not. */
export function diagnose(execution: Execution, states: StateRow[], spans: TraceSpan[]): Diagnosis | undefined {
  if (!failures.includes(execution.status)) {
    return undefined;
  }
  const root = executionSpan(spans, execution.arn);
  const chain = root ? failureChain(root, childrenOf(spans)) : [];
  const said = { status: execution.status, error: execution.error, message: execution.cause };
  if (chain.some((span) => kind(span) === 'state')) {
    return { ...said, ...readChain(chain, spans, said), interrupted: [] };
  }
  return { ...said, ...fromStates(states), interrupted: interruptedStates(states) };
}

/** From the execution down: at each level the span that failed, the last one where there are several. */
function failureChain(root: TraceSpan, children: Map<string, TraceSpan[]>): TraceSpan[] {
  const chain = [root];
  const seen = new Set([root.id]);
  for (;;) {
    const failed = failedBelow(chain[chain.length - 1], children).filter((span) => !seen.has(span.id));
    if (failed.length === 0) {
      return chain;
    }
    const next = cause(failed);
    seen.add(next.id);
    chain.push(next);
  }
}

// What triggered an execution succeeds even if the execution fails. A state waits for what it starts, a function need not.
const waits = ['attempt', 'map_run'];

function failedBelow(span: TraceSpan, children: Map<string, TraceSpan[]>): TraceSpan[] {
  const below = (of: TraceSpan) => children.get(of.id) ?? [];
  const triggers = waits.includes(kind(span)) ? below(span).filter((each) => kind(each) === 'trigger') : [];
  const started = triggers.flatMap(below).filter((each) => kind(each) === 'execution');
  return latestRuns([...below(span), ...started]).filter((each) => each.failed);
}

/** Without the earlier runs of executions that were redriven. */
function latestRuns(spans: TraceSpan[]): TraceSpan[] {
  const latest = new Map<string, TraceSpan>();
  for (const span of spans) {
    const arn = arnOf(span);
    const known = latest.get(arn);
    if (known === undefined || span.start > known.start) {
      latest.set(arn, span);
    }
  }
  return spans.filter((span) => kind(span) !== 'execution' || latest.get(arnOf(span)) === span);
}

// An execution without an ARN is one of its own.
const arnOf = (span: TraceSpan) => (kind(span) === 'execution' && span.tags[sfn('execution.arn')]) || span.id;

// Of attempts the last decides; of what runs side by side (iterations, children of a Map Run) the first to fail.
function cause(failed: TraceSpan[]): TraceSpan {
  const last = ['attempt', 'state', 'call', 'invocation'].includes(kind(failed[0]));
  return failed.reduce((a, b) => (last === end(b) >= end(a) ? b : a));
}

function readChain(chain: TraceSpan[], spans: TraceSpan[], said: { error: string; message: string }) {
  const innermost = (wanted: string) => [...chain].reverse().find((span) => kind(span) === wanted);
  const state = innermost('state');
  const below = state ? chain.slice(chain.indexOf(state)) : [];
  const find = (wanted: string) => below.find((span) => kind(span) === wanted);
  const [attempt, invocation] = [find('attempt'), find('invocation')];
  const call = [...below].reverse().find((span) => kind(span) === 'call');
  const told = [attempt, state].find((span) => span?.tags[sfn('error')]);
  return {
    state: state?.tags[sfn('state.name')] ?? state?.name,
    stateType: state?.tags[sfn('state.type')],
    attempt: attempt && readAttempt(attempt, spans),
    invocation: invocation && readInvocation(invocation),
    call: call && readCall(call),
    error: told?.tags[sfn('error')] ?? said.error,
    message: told?.tags[sfn('cause')] || told?.message || said.message,
    ...readChildren(chain, state),
  };
}

/** The child execution around the failed state, and the one that it started. */
function readChildren(chain: TraceSpan[], state?: TraceSpan) {
  const at = state ? chain.indexOf(state) : 0;
  const executions = (spans: TraceSpan[]) => spans.filter((span) => kind(span) === 'execution');
  const around = executions(chain.slice(0, at)).at(-1);
  const below = chain.slice(at + 1);
  const [child] = executions(below);
  const attempt = below.find((span) => kind(span) === 'attempt');
  const arn = sfn('execution.arn');
  return {
    within: around === chain[0] ? undefined : around?.tags[arn],
    child: child?.tags[arn] ?? attempt?.tags[sfn('child_execution.arn')],
  };
}

function readAttempt(attempt: TraceSpan, spans: TraceSpan[]) {
  const run = (span: TraceSpan) => span.tags[sfn('execution.redrive_count')] ?? '0';
  const tries = spans.filter(
    (span) => span.parent === attempt.parent && kind(span) === 'attempt' && run(span) === run(attempt)
  );
  const number = Number(attempt.tags[sfn('attempt.retry_count')] ?? 0) + 1;
  return { number, of: Math.max(tries.length, number), called: attempt.name };
}

const readInvocation = (span: TraceSpan) => ({
  function: span.tags['faas.name'] ?? (span.service || span.name),
  requestId: span.tags['faas.invocation_id'],
  timedOut: span.tags['steptrace.timed_out'] === 'true',
});

const resources = ['aws.s3.bucket', 'aws.dynamodb.table_names', 'messaging.destination.name'];

function readCall({ name, tags }: TraceSpan) {
  const resource = resources.map((tag) => tags[tag]).find(Boolean);
  return {
    service: tags['rpc.service'] ?? name,
    operation: tags['rpc.method'] ?? '',
    resource,
    httpStatus: tags['http.response.status_code'],
  };
}

// Without the trace, or where none of its states failed: a Parallel or Map is said only if nothing in it is.
function fromStates(states: StateRow[]): Partial<Diagnosis> {
  const failed = states.filter((row) => row.status === 'FAILED');
  const leaf = failed.filter((row) => !containers.includes(row.type));
  const [first] = (leaf.length > 0 ? leaf : failed).sort((a, b) => (a.last_end ?? 0) - (b.last_end ?? 0));
  return first
    ? { state: first.state, stateType: first.type, ...(first.error && { error: first.error, message: first.message }) }
    : {};
}

const interruptedStates = (states: StateRow[]) =>
  states.filter((row) => row.status === 'ABORTED' || row.status === 'RUNNING').map((row) => row.state);
