// Places of a text that are filled in after Grafana has replaced its variables: what a value holds is never replaced
// in turn, though it look like a variable.

/** The text that stands for the value of this number; no variable's value has a NUL. */
export const mark = (i: number) => `\u0000${i}\u0000`;

/** The text with its marks filled in. */
export const fill = (text: string, values: string[]) => text.replace(/\0(\d+)\0/g, (_, i: string) => values[Number(i)]);

/** Each way to take one element of every list. */
export const combinations = (lists: string[][]): string[][] =>
  lists.reduce<string[][]>((taken, list) => taken.flatMap((t) => list.map((element) => [...t, element])), [[]]);
