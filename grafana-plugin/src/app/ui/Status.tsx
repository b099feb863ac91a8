import { Badge, BadgeColor, IconName } from '@grafana/ui';
import React from 'react';

// An icon and a word each: colour alone tells nothing.
const looks: Record<string, { icon: IconName; color: BadgeColor; word: string }> = {
  RUNNING: { icon: 'sync', color: 'blue', word: 'Running' },
  SUCCEEDED: { icon: 'check', color: 'green', word: 'Succeeded' },
  CAUGHT: { icon: 'shield', color: 'orange', word: 'Caught' },
  FAILED: { icon: 'exclamation-circle', color: 'red', word: 'Failed' },
  TIMED_OUT: { icon: 'clock-nine', color: 'red', word: 'Timed out' },
  ABORTED: { icon: 'pause', color: 'orange', word: 'Aborted' },
  PENDING_REDRIVE: { icon: 'history', color: 'purple', word: 'Pending redrive' },
  NOT_REACHED: { icon: 'minus', color: 'blue', word: 'Not reached' },
};

/** The status of an execution or state in words; one that is not known as it is written. */
export const statusWord = (status: string) => looks[status]?.word ?? (status || 'Unknown');

export function Status({ status }: { status: string }) {
  const { icon, color } = looks[status] ?? { icon: 'question-circle', color: 'purple' };
  return <Badge icon={icon} color={color} text={statusWord(status)} />;
}
