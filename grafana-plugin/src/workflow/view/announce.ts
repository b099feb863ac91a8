import { ran, StateRun } from '../states';
import { statusText } from './statusStyle';

const mostNamed = 3;

/** What became of states since, for people who do not see it; empty if nothing did. */
export function changesOf(before: Map<string, StateRun>, after: Map<string, StateRun>): string {
  const changed = [...after.values()].filter((run) => ran(run) && before.get(run.state)?.status !== run.status);
  const named = changed.slice(0, mostNamed).map(sentence);
  const more = changed.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more states changed.`] : [])].join(' ');
}

const sentence = ({ state, status, error }: StateRun) =>
  `${state}: ${statusText[status].toLowerCase()}${error && status !== 'SUCCEEDED' ? `, ${error}` : ''}.`;
