import { diffLines } from 'diff';

export interface DiffLine {
  kind: 'same' | 'removed' | 'added' | 'skipped';
  text: string;
}

// Texts that differ in more than this many lines, or take longer than this to compare, are not compared.
const bounds = { maxEditLength: 4000, timeout: 1000 };

const context = 3;

/** Lines of two texts, unchanged ones beyond three around a change left out; null where they differ in too much. */
export function diffTexts(before: string, after: string): DiffLine[] | null {
  const changes = diffLines(ended(before), ended(after), bounds);
  if (!changes) {
    return null;
  }
  return changes.flatMap(({ added, removed, value }, index): DiffLine[] => {
    const lines = value.split('\n').slice(0, -1);
    if (added || removed) {
      return lines.map((text) => ({ kind: added ? 'added' : 'removed', text }));
    }
    return folded(lines, index > 0 ? context : 0, index < changes.length - 1 ? context : 0);
  });
}

const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

function folded(lines: string[], first: number, last: number): DiffLine[] {
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  const hidden = lines.length - first - last;
  if (hidden <= 1) {
    return lines.map(same);
  }
  const skipped: DiffLine = { kind: 'skipped', text: `${hidden} lines the same` };
  return [...lines.slice(0, first).map(same), skipped, ...lines.slice(lines.length - last).map(same)];
}
