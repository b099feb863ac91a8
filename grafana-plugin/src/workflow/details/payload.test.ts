import { mostCharacters, prettyText, showPayload } from './payload';

test.each([
  [{ a: [1] }, '{\n  "a": [\n    1\n  ]\n}'],
  ['{"a":1}', '{\n  "a": 1\n}'],
  ['{not json', '{not json'],
  ['plain', 'plain'],
  [0, '0'],
  [false, 'false'],
])('%j is shown as %j', (value, text) => expect(prettyText(value)).toBe(text));

test('a long payload is cut, and it is said how much', () => {
  const { text, omitted } = showPayload('x'.repeat(mostCharacters + 7));
  expect([text.length, omitted]).toEqual([mostCharacters, 7]);
});

test('a cause in a payload is shown unfolded, and copied as it was', () => {
  const caught = { Error: 'Boom', Cause: '{"errorMessage":"no face"}' };
  expect(showPayload(caught).text).toContain('"errorMessage": "no face"');
  expect(JSON.parse(prettyText(caught))).toEqual(caught);
});
