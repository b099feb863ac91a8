import { formatDifference, plural } from '../format/format';
import { statusWord } from '../ui/statusLook';
import { ComparedState, Divergence } from './states';

type Only = Extract<Divergence, { kind: 'only' }>;

/** What two executions differ in, in one sentence. */
export function sentence(divergence: Divergence | undefined, largest: ComparedState | undefined): string {
  if (!divergence) {
    return `Both went the same way.${slowest(largest)}`;
  }
  const { state } = divergence;
  switch (divergence.kind) {
    case 'only':
      return only(divergence);
    case 'outcome':
      return `They part at ${state}: ${statusWord(divergence.a)} in A, ${statusWord(divergence.b)} in B.`;
    case 'visits':
      return sameBut(`${state} was visited`, divergence, 'time');
    case 'attempts':
      return sameBut(`${state} took`, divergence, 'attempt');
  }
}

function only({ state, in: side, after }: Only): string {
  const [one, other] = side === 'a' ? ['A', 'B'] : ['B', 'A'];
  const choice = after?.type === 'Choice' ? `the choice ${after.state} led elsewhere` : `after ${after?.state}`;
  return `They part at ${state}, which ${one} reached and ${other} did not${after ? `: ${choice}` : ''}.`;
}

const sameBut = (what: string, { a, b }: { a: number; b: number }, unit: string) =>
  `Both went the same way, but ${what} ${plural(a, unit)} in A and ${plural(b, unit)} in B.`;

const slowest = (largest?: ComparedState) =>
  largest
    ? ` The largest difference of time is in ${largest.state}: ${formatDifference(largest.difference)} in B.`
    : '';
