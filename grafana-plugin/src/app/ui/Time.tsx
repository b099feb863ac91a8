import React from 'react';
import { formatTime } from '../format/format';

/** A time in Unix milliseconds, in the user's time zone. */
export function Time({ ms }: { ms: number | null }) {
  return ms === null ? <>{formatTime(null)}</> : <time dateTime={new Date(ms).toISOString()}>{formatTime(ms)}</time>;
}
