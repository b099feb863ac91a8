import { Machine, StateNode } from '../graph';
import { failureShare, Mode, ran, StateRun, tookMs } from '../states';
import { counted, formatDuration, formatShare } from './format';
import { statusText } from './statusStyle';

/** What a screen reader says of a state: all that the box shows. */
export function accessibleName(state: StateNode, run: StateRun | undefined, mode: Mode): string {
  if (state.type === 'Missing') {
    return `${state.name}, is not defined`;
  }
  const about = [state.name, typeText(state), state.starts && `starts ${state.starts}`];
  const facts = mode === 'aggregate' ? aggregateFacts(run) : executionFacts(run);
  const retry = state.retry.length > 0 ? [`retries on ${state.retry.join(', ')}`] : [];
  return [...about, ...facts, ...retry].filter(Boolean).join(', ');
}

export const typeText = ({ type, distributed }: StateNode) => (distributed ? 'distributed Map' : type);

function executionFacts(run: StateRun | undefined): string[] {
  const status = statusText[run?.status ?? 'NOT_REACHED'].toLowerCase();
  if (!ran(run)) {
    return [status];
  }
  const took = tookMs(run);
  return [
    status,
    run.error ? `error ${run.error}` : '',
    took === undefined ? '' : `${run.status === 'RUNNING' ? 'for' : 'took'} ${formatDuration(took)}`,
    run.visits > 1 ? counted(run.visits, 'visit') : '',
    run.retries > 0 ? counted(run.retries, 'retry', 'retries') : '',
  ];
}

function aggregateFacts(run: StateRun | undefined): string[] {
  if (!run || run.visits === 0) {
    return ['no visits'];
  }
  return [
    counted(run.visits, 'visit'),
    `${formatShare(failureShare(run))} failed`,
    run.p95Ms === undefined ? '' : `p95 ${formatDuration(run.p95Ms)}`,
    run.retries > 0 ? counted(run.retries, 'retry', 'retries') : '',
  ];
}

/** Where a state leads to, in a sentence; empty for one that leads nowhere. */
export function waysOn(state: StateNode, machine: Machine): string {
  const names = new Map(machine.states.map(({ id, name }) => [id, name]));
  return machine.transitions
    .filter(({ source }) => source === state.id)
    .map(({ target, kind, detail }) => {
      const name = names.get(target) ?? '';
      return kind === 'catch' ? `on ${detail} to ${name}` : detail ? `if ${detail} to ${name}` : `goes to ${name}`;
    })
    .join('; ');
}
