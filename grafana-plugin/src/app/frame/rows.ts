import { DataFrame } from '@grafana/data';

// Frames as rows with types. A field that is missing, or null, is what its reader makes of null: frames of an older or
// newer backend, and states that never ran, must not break a page.

type Reader<T> = (value: unknown) => T;
type Readers = Record<string, Reader<unknown>>;
export type Row<R extends Readers> = { [K in keyof R]: ReturnType<R[K]> };

/** Text, empty for null; a number or an object as JSON has it. */
export const text: Reader<string> = (value) =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

/** A number, or null. */
export const number: Reader<number | null> = (value) => {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') {
    return null;
  }
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
};

/** A count, 0 for null. */
export const count: Reader<number> = (value) => number(value) ?? 0;

/** A time in Unix milliseconds, or null; Go's zero time is null, too. */
export const time: Reader<number | null> = (value) => {
  const read = typeof value === 'string' ? number(Date.parse(value)) : number(value);
  return read !== null && read > 0 ? read : null;
};

/** What JSON text says, undefined where it is none; a value that is no text is as it is. */
export const json: Reader<unknown> = (value) => {
  if (typeof value !== 'string') {
    return value ?? undefined;
  }
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

export function readRows<R extends Readers>(frame: DataFrame | undefined, readers: R): Array<Row<R>> {
  if (!frame) {
    return [];
  }
  const columns = Object.entries(readers).map(([name, reader]) => {
    const values = frame.fields.find((field) => field.name === name)?.values;
    return [name, (index: number) => reader(values?.[index])] as const;
  });
  return Array.from({ length: frame.length }, (_, index) => {
    return Object.fromEntries(columns.map(([name, at]) => [name, at(index)])) as Row<R>;
  });
}
