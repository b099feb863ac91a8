import { isMark, StateNode, Transition } from '../graph';
import { LayoutOptions, Size } from './geometry';

// Sizes go by the definition alone, never by what ran, so that new data moves nothing. Text is not measured but counted:
// the layout runs where there is no page.

export const gap = { states: 28, ranks: 46, branches: 24, padding: 16, rail: 14, margin: 12 };

const letter = 7.3;

// Beside a name: the icons of type and status with what is around them; the badge of a Retry.
const icons = 64;
const badge = 36;

const between = (low: number, value: number, high: number) => Math.round(Math.min(Math.max(value, low), high));

/** A state without anything inside. */
export function leafSize({ type, name, resource, retry }: StateNode, { compact }: LayoutOptions): Size {
  if (isMark(type)) {
    return { width: 72, height: 28 };
  }
  const title = name.length * letter + icons + (retry.length > 0 ? badge : 0);
  return compact
    ? { width: between(96, title, 264), height: 36 }
    : { width: between(184, Math.max(title, resource.length * 6.2 + 64), 264), height: 64 };
}

/** The line above what a container holds. */
export const headerHeight = ({ compact }: LayoutOptions) => (compact ? 36 : 52);

/** What a container is at least, for its header to be read. */
export const headerWidth = (state: StateNode, options: LayoutOptions) => leafSize(state, options).width + 48;

/** The place a transition's label takes; none for an empty one. */
export function labelSize({ label }: Transition): Size {
  return label === '' ? { width: 0, height: 0 } : { width: Math.round(label.length * 6.2 + 14), height: 18 };
}
