import { missing, validDuration } from './complete';
import { SteptraceQuery } from './query';

it.each<[Partial<SteptraceQuery>, string | undefined]>([
  [{}, 'Choose what to ask for.'],
  [{ queryType: 'executions' }, undefined],
  [{ queryType: 'trace' }, expect.stringMatching(/^Name an execution/)],
  [{ queryType: 'trace', execution: ' ' }, expect.stringMatching(/^Name an execution/)],
  [{ queryType: 'trace', execution: '$execution' }, undefined],
  [{ queryType: 'events' }, expect.stringMatching(/^Name an execution/)],
  [{ queryType: 'workflow' }, expect.stringMatching(/^Name an execution/)],
  [{ queryType: 'workflow', aggregate: true }, expect.stringMatching(/^Choose the one state machine/)],
  [{ queryType: 'workflow', aggregate: true, stateMachines: ['a', 'b'] }, expect.stringMatching(/^Choose the one/)],
  [{ queryType: 'workflow', aggregate: true, stateMachines: ['$machine'] }, undefined],
  [{ queryType: 'sql', rawSql: '\n' }, 'Write a statement.'],
  [{ queryType: 'sql', rawSql: 'SELECT 1' }, undefined],
  [{ queryType: 'executions', minDuration: 'long' }, '“long” is not a duration such as 250ms, 90s or 1h30m.'],
])('%j lacks %j', (query, want) => {
  expect(missing(query)).toEqual(want);
});

it.each([
  ['', true],
  ['90s', true],
  ['1h30m', true],
  ['250ms', true],
  ['1.5h', true],
  ['.5s', true],
  ['0', true],
  ['$duration', true],
  ['90', false],
  ['90 s', false],
  ['-1s', false],
  ['1d', false],
  ['s', false],
])('%j is a duration: %s', (text, want) => {
  expect(validDuration(text)).toBe(want);
});
