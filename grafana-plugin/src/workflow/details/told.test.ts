import { tells, textOf, toldOf } from './told';

const boom = { error: 'Boom', message: 'it broke' };

test('an error is told in full where it arose, and not around it', () => {
  const call = { span_id: '5', error: 'Boom', message: 'Boom: HTTP 400' };
  const invocation = { span_id: '4', ...boom, calls: [call] };
  const attempt = { span_id: '3', error: 'Boom', message: 'Boom: it broke', invocations: [invocation] };
  const visit = { span_id: '2', ...boom, attempts: [attempt] };
  const told = toldOf(visit);
  expect([visit, attempt, invocation, call].map((each) => told.get(each))).toEqual([
    'elsewhere',
    'elsewhere',
    'whole',
    'whole',
  ]);
});

test('of attempts that failed the same way the first tells how', () => {
  const attempts = [
    { span_id: '3', ...boom },
    { span_id: '4', ...boom },
    { span_id: '5', error: 'Other' },
    { span_id: '6' },
  ];
  const told = toldOf({ span_id: '2', ...boom, attempts });
  expect(attempts.map((each) => told.get(each))).toEqual(['whole', 'name', 'whole', undefined]);
});

test('the bare error around one with a message says no more', () => {
  const visit = { span_id: '2', error: 'Boom', attempts: [{ span_id: '3', ...boom }] };
  expect(toldOf(visit).get(visit)).toBe('elsewhere');
  expect(tells(visit, boom)).toBe(true);
  expect(tells(visit, { error: 'Boom', message: 'another' })).toBe(false);
});

test('what arose in the state itself is told there', () => {
  const visit = { span_id: '2', error: 'States.Timeout', attempts: [{ span_id: '3', ...boom }] };
  expect(toldOf(visit).get(visit)).toBe('whole');
});

test.each([
  [{}, ''],
  [{ error: 'Boom' }, 'Boom'],
  [{ message: 'it broke' }, 'it broke'],
  [boom, 'Boom: it broke'],
  [{ error: 'Boom', message: 'Boom: it broke' }, 'Boom: it broke'],
])('%j is %j', (failure, text) => expect(textOf(failure)).toBe(text));
