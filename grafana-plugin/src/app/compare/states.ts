import { StateRow, Workflow } from '../frame/workflow';

/** A state in both executions; a side is absent where its workflow does not have the state or did not reach it. */
export interface ComparedState {
  state: string;
  type: string;
  a?: StateRow;
  b?: StateRow;
  /** How much longer it took in b, in milliseconds; null where one of them did not finish it. */
  difference: number | null;
  /** When it began, in milliseconds since the start of its execution: the earlier of both; null if unknown. */
  offset: number | null;
}

export type Divergence =
  | { kind: 'only'; state: string; in: 'a' | 'b'; after?: ComparedState }
  | { kind: 'outcome'; state: string; a: string; b: string }
  | { kind: 'visits' | 'attempts'; state: string; a: number; b: number };

const reached = (row?: StateRow) => (row && row.status !== 'NOT_REACHED' && row.status !== '' ? row : undefined);

function offsetIn({ execution }: Workflow, row?: StateRow): number | null {
  const start = execution?.start ?? null;
  const entered = row?.first_start ?? null;
  return entered !== null && start !== null ? entered - start : null;
}

const earlier = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));

/** The states of two executions by name, in the order in which they were entered; what none reached is left out. */
export function compareStates(a: Workflow, b: Workflow): ComparedState[] {
  const names = new Set([...a.states, ...b.states].map(({ state }) => state));
  const row = (workflow: Workflow, name: string) => reached(workflow.states.find(({ state }) => state === name));
  return Array.from(names, (state) => compared(state, a, b, row(a, state), row(b, state)))
    .filter((one) => one.a || one.b)
    .sort((one, other) => (one.offset ?? Infinity) - (other.offset ?? Infinity) || 0);
}

function compared(state: string, inA: Workflow, inB: Workflow, a?: StateRow, b?: StateRow): ComparedState {
  const [before, after] = [a?.duration_ms ?? null, b?.duration_ms ?? null];
  const ended = a?.status !== 'RUNNING' && b?.status !== 'RUNNING';
  return {
    state,
    type: a?.type || b?.type || '',
    a,
    b,
    difference: ended && before !== null && after !== null ? after - before : null,
    offset: earlier(offsetIn(inA, a), offsetIn(inB, b)),
  };
}

const isRunning = (workflow: Workflow) => workflow.execution?.status === 'RUNNING';

/**
 * Where two executions first went apart: a state that one of them did not reach, or that ended otherwise. Where there
 * is none, the first state that was visited or attempted another number of times. Undefined where they went the same
 * way. What a running execution has not come to yet is no difference.
 */
export function firstDivergence(rows: ComparedState[], a: Workflow, b: Workflow): Divergence | undefined {
  const parted = rows.flatMap((row, index): Parted[] => {
    const divergence = goneApart(row, rows.slice(0, index), isRunning(a), isRunning(b));
    return divergence ? [{ row, divergence }] : [];
  });
  return innermost(parted)?.divergence ?? rows.map(otherNumber).find(Boolean);
}

interface Parted {
  row: ComparedState;
  divergence: Divergence;
}

const containers = ['Parallel', 'Map'];

// A Parallel or Map ends otherwise because something in it does.
function innermost([first, ...later]: Parted[]): Parted | undefined {
  if (!first || first.divergence.kind !== 'outcome' || !containers.includes(first.row.type)) {
    return first;
  }
  return innermost(later.filter(({ row }) => isWithin(row, first.row))) ?? first;
}

function isWithin({ offset }: ComparedState, { offset: from, a, b }: ComparedState): boolean {
  const longest = Math.max(a?.duration_ms ?? 0, b?.duration_ms ?? 0);
  return offset !== null && from !== null && offset <= from + longest;
}

function goneApart(row: ComparedState, before: ComparedState[], aRuns: boolean, bRuns: boolean) {
  const { state, a, b } = row;
  if (a && b) {
    const running = a.status === 'RUNNING' || b.status === 'RUNNING';
    return a.status === b.status || running ? undefined : outcome(state, a, b);
  }
  if (a ? bRuns : aRuns) {
    return undefined;
  }
  const after = [...before].reverse().find((earlierRow) => earlierRow.a && earlierRow.b);
  return { kind: 'only' as const, state, in: a ? ('a' as const) : ('b' as const), ...(after && { after }) };
}

const outcome = (state: string, a: StateRow, b: StateRow): Divergence => ({
  kind: 'outcome',
  state,
  a: a.status,
  b: b.status,
});

function otherNumber({ state, a, b }: ComparedState): Divergence | undefined {
  const differs = (kind: 'visits' | 'attempts') => a && b && a[kind] !== b[kind];
  const kind = (['visits', 'attempts'] as const).find(differs);
  const ended = a?.status !== 'RUNNING' && b?.status !== 'RUNNING';
  return kind && a && b && ended ? { kind, state, a: a[kind], b: b[kind] } : undefined;
}

/** The state whose duration differs most; undefined where none differs. */
export function largestDifference(rows: ComparedState[]): ComparedState | undefined {
  const size = (row: ComparedState) => Math.abs(row.difference ?? 0);
  const largest = [...rows].sort((one, other) => size(other) - size(one))[0];
  return largest && size(largest) > 0 ? largest : undefined;
}
