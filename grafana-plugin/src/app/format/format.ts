import { dateTimeFormat } from '@grafana/data';

export const none = '–';

const units: Array<[string, number]> = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

const shortest = (value: number) => String(Number(value.toPrecision(3)));

/** Milliseconds as people read them: `12 ms`, `1.25 s`, `2 m 5 s`, `3 d 4 h`. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) {
    return none;
  }
  if (ms < 1000) {
    return `${shortest(Math.max(ms, 0))} ms`;
  }
  if (ms < 59_950) {
    return `${shortest(ms / 1000)} s`;
  }
  const seconds = Math.round(ms / 1000) * 1000;
  const index = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[index];
  const [smaller, smallerSize] = units[index + 1] ?? ['s', 1000];
  const rest = Math.floor((seconds % size) / smallerSize);
  return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
}

/** A difference of durations, with its sign. */
export const formatDifference = (ms: number | null) =>
  ms === null ? none : ms === 0 ? '0 ms' : `${ms > 0 ? '+' : '−'}${formatDuration(Math.abs(ms))}`;

/** A time in the time zone that the user has set. */
export const formatTime = (ms: number | null) =>
  ms === null ? none : dateTimeFormat(ms, { format: 'YYYY-MM-DD HH:mm:ss.SSS' });

export const formatSecond = (ms: number) => dateTimeFormat(ms, { format: 'YYYY-MM-DD HH:mm:ss' });

export const formatCount = (value: number | null) => (value === null ? none : value.toLocaleString('en-US'));

export const formatShare = (share: number | null) => (share === null ? none : `${shortest(share * 100)} %`);

/** A cost: with four significant digits, for a single execution costs a thousandth of a cent. */
export function formatCost(value: number | null, currency = 'USD'): string {
  return value === null ? none : `${Number(value.toPrecision(4))} ${currency}`;
}

export const plural = (count: number, one: string, several = `${one}s`) =>
  `${formatCount(count)} ${count === 1 ? one : several}`;
