import { readCause } from './cause';
import { diffTexts } from './diff';
import { formatCost, formatDifference, formatDuration, formatShare, formatTime, plural } from './format';
import { prettyJson } from './json';

it.each([
  [null, '–'],
  [NaN, '–'],
  [0, '0 ms'],
  [-1, '0 ms'],
  [0.1234, '0.123 ms'],
  [12, '12 ms'],
  [999, '999 ms'],
  [1250, '1.25 s'],
  [59_949, '59.9 s'],
  [59_999, '1 m'],
  [125_000, '2 m 5 s'],
  [3_600_000, '1 h'],
  [3_599_999, '1 h'],
  [5_400_000, '1 h 30 m'],
  [273_600_000, '3 d 4 h'],
  [31_536_000_000, '365 d'],
])('%p ms take %p', (ms, written) => expect(formatDuration(ms)).toBe(written));

it.each([
  [null, '–'],
  [0, '0 ms'],
  [1500, '+1.5 s'],
  [-20, '−20 ms'],
])('a difference of %p is %p', (ms, written) => expect(formatDifference(ms)).toBe(written));

it('writes other values', () => {
  expect(formatTime(1700000000123)).toBe('2023-11-14 22:13:20.123');
  expect(formatTime(null)).toBe('–');
  expect(formatShare(0.125)).toBe('12.5 %');
  expect(formatShare(null)).toBe('–');
  expect(formatCost(0.000123456)).toBe('0.0001235 USD');
  expect(formatCost(1234.5, 'EUR')).toBe('1235 EUR');
  expect(plural(1, 'span')).toBe('1 span');
  expect(plural(12345, 'span')).toBe('12,345 spans');
});

describe('cause', () => {
  const python = {
    errorMessage: 'no face',
    errorType: 'InvalidImage',
    stackTrace: ['  File "a.py", line 1', '    detect()'],
  };
  const node = { errorType: 'Error', errorMessage: 'no face', trace: ['Error: no face', '    at handler (a.js:1:2)'] };
  const go = {
    errorMessage: 'no face',
    errorType: 'errorString',
    stackTrace: [{ path: 'a.go', line: 7, label: 'run' }],
  };

  it.each([
    ['plain text', { message: 'plain text' }],
    ['{"not": "json', { message: '{"not": "json' }],
    ['', { message: '' }],
    [
      JSON.stringify(python),
      { message: 'no face', type: 'InvalidImage', stack: '  File "a.py", line 1\n    detect()' },
    ],
    [JSON.stringify(node), { message: 'no face', type: 'Error', stack: 'Error: no face\n    at handler (a.js:1:2)' }],
    [JSON.stringify(go), { message: 'no face', type: 'errorString', stack: 'run (a.go:7)' }],
    ['{"other": 1}', { message: '{"other": 1}' }],
    [JSON.stringify({ Error: 'Outer', Cause: 'deep' }), { message: 'deep', type: 'Outer' }],
    [JSON.stringify({ Error: 'Outer', Cause: JSON.stringify(python) }), { message: 'no face', type: 'InvalidImage' }],
  ])('%s', (cause, expected) => expect(readCause(cause)).toMatchObject(expected));
});

it.each<[unknown, string]>([
  ['{"a":1}', '{\n  "a": 1\n}'],
  ['text', 'text'],
  ['', ''],
  [undefined, ''],
  [null, 'null'],
  [{ a: [] }, '{\n  "a": []\n}'],
])('writes %p as JSON', (value, written) => expect(prettyJson(value)).toBe(written));

describe('difference', () => {
  const signs = { same: ' ', removed: '-', added: '+', skipped: '~' };
  const drawn = (before: string, after: string) =>
    diffTexts(before, after)?.map(({ kind, text }) => signs[kind] + text);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

  it('shows three lines about a change', () => {
    const before = numbers(20);
    const after = before.map((line) => (line === '10' ? 'ten' : line));
    expect(drawn(before.join('\n'), after.join('\n'))).toEqual([
      '~7 lines the same',
      ' 7',
      ' 8',
      ' 9',
      '-10',
      '+ten',
      ' 11',
      ' 12',
      ' 13',
      '~6 lines the same',
    ]);
  });

  it.each([
    ['', '', []],
    ['a', 'a\n', [' a']],
    ['a\nb', 'a', [' a', '-b']],
    ['', 'a', ['+a']],
  ])('of %p and %p', (before, after, expected) => expect(drawn(before, after)).toEqual(expected));

  it('gives up on texts that differ in everything', () => {
    const other = numbers(5000).map((line) => `x${line}`);
    expect(diffTexts(numbers(5000).join('\n'), other.join('\n'))).toBeNull();
  });
});
