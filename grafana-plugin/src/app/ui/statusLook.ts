import type { IconName } from '@grafana/data';
import type { BadgeColor } from '@grafana/ui';

interface Look {
  icon: IconName;
  color: BadgeColor;
  word: string;
}

const looks = new Map<string, Look>([
  ['RUNNING', { icon: 'sync', color: 'blue', word: 'Running' }],
  ['SUCCEEDED', { icon: 'check', color: 'green', word: 'Succeeded' }],
  ['CAUGHT', { icon: 'shield', color: 'orange', word: 'Caught' }],
  ['FAILED', { icon: 'exclamation-circle', color: 'red', word: 'Failed' }],
  ['TIMED_OUT', { icon: 'clock-nine', color: 'red', word: 'Timed out' }],
  ['ABORTED', { icon: 'pause', color: 'orange', word: 'Aborted' }],
  ['PENDING_REDRIVE', { icon: 'history', color: 'purple', word: 'Pending redrive' }],
  ['NOT_REACHED', { icon: 'minus', color: 'blue', word: 'Not reached' }],
  ['ELSEWHERE', { icon: 'external-link-alt', color: 'blue', word: 'In other executions' }],
]);

/** How the status of an execution or state is shown; one that is not known as it is written. */
export const lookOf = (status: string): Look =>
  looks.get(status) ?? { icon: 'question-circle', color: 'purple', word: status || 'Unknown' };

export const statusWord = (status: string) => lookOf(status).word;
