import { unfoldPayload } from './unfold';

/** As much of a payload as is shown; a Step Functions payload may have 256 KiB, a pretty one more. */
export const mostCharacters = 20_000;

export interface Shown {
  text: string;
  /** Characters that are left out. */
  omitted: number;
}

/** A payload as text that is easy to read: JSON, or a text that holds JSON, is indented, and unfolded; long ones are cut. */
export function showPayload(value: unknown): Shown {
  const text = typeof value === 'string' ? prettyText(value) : unfoldPayload(value);
  return { text: text.slice(0, mostCharacters), omitted: Math.max(0, text.length - mostCharacters) };
}

/** All of it, as it was. */
export function prettyText(value: unknown): string {
  if (typeof value !== 'string') {
    return JSON.stringify(value, null, 2) ?? '';
  }
  if (!/^\s*[[{]/.test(value)) {
    return value;
  }
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // A text that only looks like JSON is shown as it is.
    return value;
  }
}
