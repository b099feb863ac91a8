import React from 'react';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { Status, statuses } from '../states';
import { formatDuration } from '../view/format';
import { StatusIcon } from '../view/StatusIcon';
import { statusColor, statusText } from '../view/statusStyle';
import { detailStyles } from './detailStyles';
import { restOf, Told } from './told';

interface Props {
  title: string;
  status?: string;
  durationMs?: number | null;
  /** What else there is to say, empty texts are left out. */
  facts?: string[];
}

/** A line of a visit, attempt, invocation or call: what it was, how it ended, how long it took. */
export function Outcome({ title, status, durationMs, facts = [] }: Props) {
  const styles = useStyles2(detailStyles);
  const duration = typeof durationMs === 'number' ? [formatDuration(durationMs)] : [];
  return (
    <span className={styles.outcome}>
      <StatusMark status={status} />
      <strong>{title}</strong>
      <span className={styles.muted}>{[...duration, ...facts].filter(Boolean).join(' · ')}</span>
    </span>
  );
}

// Spans of Lambda and AWS calls have the statuses of OpenTelemetry.
const spanStatus: Record<string, Status> = {
  OK: 'SUCCEEDED',
  UNSET: 'SUCCEEDED',
  ERROR: 'FAILED',
  TIMED_OUT: 'FAILED',
};

const all: Status[] = [...statuses, 'ELSEWHERE'];

export function StatusMark({ status = '' }: { status?: string }) {
  const theme = useTheme2();
  const known = all.find((each) => each === status) ?? spanStatus[status.toUpperCase()];
  if (known === undefined) {
    return <span>{status}</span>;
  }
  return (
    <span style={{ display: 'inline-flex', color: statusColor(theme, known).line }} title={statusText[known]}>
      <StatusIcon status={known} inverse={theme.colors.background.primary} />
      <span className="sr-only">{statusText[known]}</span>
    </span>
  );
}

interface Failure {
  error?: string;
  message?: string;
}

/** An error with its message, or the error alone where the message has been told. */
export function ErrorText({ error, message, told = 'whole' }: Failure & { told?: Told }) {
  const styles = useStyles2(detailStyles);
  const rest = told === 'whole' ? restOf({ error, message }) : '';
  if (told === 'elsewhere' || (!error && !rest)) {
    return null;
  }
  return (
    <p className={styles.error}>
      {error && <strong>{error}</strong>}
      {error && rest && ': '}
      {rest}
    </p>
  );
}
