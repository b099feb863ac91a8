import { unfoldEvent, unfoldPayload } from './unfold';

const text = (value: unknown) => JSON.stringify(value);

const photo = { photo: 'a.jpg' };

test.each([
  ['input', { input: text(photo), inputDetails: {} }, { input: photo, inputDetails: {} }],
  ['parameters', { parameters: text(photo), resource: 'invoke' }, { parameters: photo, resource: 'invoke' }],
  ['a variable', { assignedVariables: { photo: text(['a.jpg']) } }, { assignedVariables: { photo: ['a.jpg'] } }],
])('of an event, %s is unfolded', (_, details, shown) => {
  expect(JSON.parse(unfoldEvent(text(details)))).toEqual(shown);
});

test('of an event, the cause of a cause is unfolded', () => {
  const cause = { Error: 'Declined', Cause: text({ errorMessage: 'no funds' }), Input: text({ id: 7 }), Output: '' };
  expect(JSON.parse(unfoldEvent(text({ cause: text(cause), error: 'E' })))).toEqual({
    cause: { Error: 'Declined', Cause: { errorMessage: 'no funds' }, Input: { id: 7 }, Output: '' },
    error: 'E',
  });
});

test('the texts of a payload stay what they are', () => {
  const payload = { body: text({ a: 1 }), count: '5', half: '{"a"' };
  expect(JSON.parse(unfoldEvent(text({ input: text(payload) })))).toEqual({ input: payload });
  expect(JSON.parse(unfoldEvent(text({ input: '"plain"', cause: '[Errno 2] no file', output: '5' })))).toEqual({
    input: 'plain',
    cause: '[Errno 2] no file',
    output: '5',
  });
});

test('an error that a payload holds is unfolded', () => {
  const payload = { failed: { Error: 'Declined', Cause: text({ errorMessage: 'no funds' }) }, body: text({ a: 1 }) };
  expect(JSON.parse(unfoldPayload(payload))).toEqual({
    failed: { Error: 'Declined', Cause: { errorMessage: 'no funds' } },
    body: '{"a":1}',
  });
});

test.each([['no JSON'], ['{"input":'], ['['.repeat(200_000) + ']'.repeat(200_000)]])(
  'what cannot be unfolded is shown as it is (%#)',
  (payload) => expect(unfoldEvent(payload)).toBe(payload)
);

test('the largest payloads are unfolded at once', () => {
  const rows = Array.from({ length: 6000 }, (_, id) => ({ id, name: 'a name, "quoted"', ok: true }));
  const payload = text({ input: text({ rows }) });
  expect(payload.length).toBeGreaterThan(256 * 1024);
  const start = performance.now();
  const shown = unfoldEvent(payload);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(JSON.parse(shown)).toEqual({ input: { rows } });
});
