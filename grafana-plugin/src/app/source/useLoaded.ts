import { useEffect, useReducer, useState } from 'react';

/** What a promise gave: neither value nor error while it is awaited for the first time. */
export interface Loaded<T> {
  value?: T;
  error?: string;
  loading: boolean;
  retry: () => void;
}

interface Outcome<T> {
  /** What was awaited, and for the how manieth time. */
  of?: unknown;
  attempt?: number;
  value?: T;
  error?: string;
}

/**
 * Awaits what `load` promises, again whenever `load` is another function: memoise it. Null loads nothing. While it is
 * asked again the last value stays; the answer to a question that is no longer asked is dropped.
 */
export function useLoaded<T>(load: (() => Promise<T>) | null): Loaded<T> {
  const [outcome, setOutcome] = useState<Outcome<T>>({});
  const [attempt, retry] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let current = load !== null;
    const done = (next: Outcome<T>) => current && setOutcome({ ...next, of: load, attempt });
    load?.().then(
      (value) => done({ value }),
      (err: unknown) => done({ error: messageOf(err) })
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  const loading = load !== null && (outcome.of !== load || outcome.attempt !== attempt);
  const { value, error } = load === null ? {} : (outcome as Outcome<T>);
  return { value, error: loading ? undefined : error, loading, retry };
}

/** What an error says, whatever was thrown. */
export function messageOf(err: unknown): string {
  const { data, message, statusText } = (typeof err === 'object' && err !== null ? err : {}) as {
    data?: { message?: string; error?: string };
    message?: string;
    statusText?: string;
  };
  return data?.message || data?.error || message || statusText || (typeof err === 'string' ? err : 'no answer');
}
