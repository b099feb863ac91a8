import { markElsewhere } from './elsewhere';
import { StateRun } from './states';
import { run } from './testing/runs';

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true };
const map = (states: object, Mode = 'DISTRIBUTED') => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode }, StartAt: Object.keys(states)[0], States: states },
  End: true,
});
const definition = (mode?: string) => ({
  StartAt: 'List',
  States: {
    List: { ...task, End: undefined, Next: 'Each' },
    Each: map({ Read: { ...task, End: undefined, Next: 'Rows' }, Rows: map({ Write: task }) }, mode),
    Never: task,
  },
});

/** All states, of which those that are named ran. */
const reached = (...names: string[]): StateRun[] =>
  ['List', 'Each', 'Read', 'Rows', 'Write', 'Never'].map((name) =>
    names.includes(name) ? run(name, { visits: 1, status: 'FAILED' }) : run(name, { status: 'NOT_REACHED' })
  );

const elsewhere = (runs: StateRun[], mode?: string) =>
  markElsewhere(definition(mode), runs).flatMap(({ state, status }) => (status === 'ELSEWHERE' ? [state] : []));

test.each([
  ['of a Map that ran, all that is inside', ['List', 'Each'], ['Read', 'Rows', 'Write']],
  ['of a Map that did not run, nothing', ['List'], []],
  [
    'of an item, all around its Map, and what is inside a Map of its own',
    ['Read', 'Rows'],
    ['List', 'Each', 'Write', 'Never'],
  ],
  ['of an item that has not come to its own Map, what is around', ['Read'], ['List', 'Each', 'Never']],
  ['of an item of an inner Map, all around that', ['Write'], ['List', 'Each', 'Read', 'Rows', 'Never']],
])('%s', (_, names, expected) => expect(elsewhere(reached(...names))).toEqual(expected));

test('an inline Map runs in the execution itself', () => {
  expect(elsewhere(reached('List', 'Each'), 'INLINE')).toEqual([]);
});

test('states that ran stay as they are, and so do all where the definition is not known', () => {
  const runs = reached('List', 'Each');
  expect(markElsewhere(definition(), runs)[1]).toBe(runs[1]);
  expect(markElsewhere(null, runs)).toEqual(runs);
});
