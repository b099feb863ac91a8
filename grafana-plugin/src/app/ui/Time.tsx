import React from 'react';
import { formatSecond, formatTime } from '../format/format';

interface Props {
  /** Unix milliseconds. */
  ms: number | null;
  /** Leaves out the milliseconds, which are shown to who points at it. */
  coarse?: boolean;
}

/** A time in the user's time zone. */
export function Time({ ms, coarse = false }: Props) {
  if (ms === null) {
    return <>{formatTime(null)}</>;
  }
  return (
    <time dateTime={new Date(ms).toISOString()} title={coarse ? formatTime(ms) : undefined}>
      {coarse ? formatSecond(ms) : formatTime(ms)}
    </time>
  );
}
