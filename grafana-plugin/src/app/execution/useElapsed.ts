import { useEffect, useState } from 'react';
import { Execution } from '../frame/workflow';

/** How long an execution took, or has been running: milliseconds, counted on every second. */
export function useElapsed({ start, end, status }: Execution): number | null {
  const [now, setNow] = useState(() => Date.now());
  const running = end === null && status === 'RUNNING';
  useEffect(() => {
    if (!running) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  if (start === null || (end === null && !running)) {
    return null;
  }
  return Math.max((end ?? now) - start, 0);
}
