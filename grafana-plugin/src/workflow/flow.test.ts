import { parseDefinition } from './asl/parse';
import { inferFlow } from './flow';
import { eachMachine } from './graph';
import { indexWorkflow } from './indexWorkflow';
import { run } from './testing/runs';
import { byName, StateRun } from './states';
import { takenOf } from './view/emphasis';

const definition = {
  StartAt: 'Poll',
  States: {
    Poll: { Type: 'Task', Resource: 'r', Next: 'Done', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Bad' }] },
    Done: { Type: 'Choice', Choices: [{ Variable: '$.s', StringEquals: 'ok', Next: 'Good' }], Default: 'Wait' },
    Wait: { Type: 'Wait', Seconds: 5, Next: 'Poll' },
    Good: { Type: 'Succeed' },
    Bad: { Type: 'Fail' },
  },
};

/** How often each transition was taken, by the names of its ends; `?` where that cannot be told. */
function flow(of: object, runs: StateRun[]): Record<string, number | '?'> {
  const workflow = parseDefinition(of);
  const found: Record<string, number | '?'> = {};
  const inferred = inferFlow(workflow, byName(runs));
  eachMachine(workflow.machine, ({ transitions }) => {
    for (const { id, source, target } of transitions) {
      found[`${source}→${target}`.replaceAll('/', '')] = inferred.get(id) ?? '?';
    }
  });
  return found;
}

test('of a loop, by what goes in and out', () => {
  const runs = [
    run('Poll', { visits: 3, succeeded: 3 }),
    run('Done', { visits: 3, succeeded: 3 }),
    run('Wait', { visits: 2, succeeded: 2 }),
    run('Good', { visits: 1, succeeded: 1 }),
  ];
  expect(flow(definition, runs)).toEqual({
    '#start→Poll': 1,
    'Poll→Done': 3,
    'Poll→Bad': 0,
    'Done→Good': 1,
    'Done→Wait': 2,
    'Wait→Poll': 2,
    'Good→#end': 1,
  });
});

test('of a caught error that went to where Next goes, too', () => {
  const both = {
    StartAt: 'A',
    States: {
      A: { Type: 'Task', Resource: 'r', Next: 'B', Catch: [{ ErrorEquals: ['X'], Next: 'B' }] },
      B: { Type: 'Succeed' },
    },
  };
  const workflow = parseDefinition(both);
  const runs = byName([run('A', { status: 'CAUGHT', visits: 1, caught: 1 }), run('B', { visits: 1, succeeded: 1 })]);
  const taken = takenOf(inferFlow(workflow, runs), indexWorkflow(workflow), runs);
  const kinds = workflow.machine.transitions.filter(({ id }) => taken.has(id)).map(({ kind }) => kind);
  expect(kinds).toEqual(['start', 'catch', 'end']);
});

test('what cannot be told is shown as taken if both ends were reached', () => {
  const diamond = {
    StartAt: 'A',
    States: {
      A: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.a', IsNull: true, Next: 'X' },
          { Variable: '$.b', IsNull: true, Next: 'X' },
        ],
      },
      X: { Type: 'Succeed' },
    },
  };
  const runs = [run('A', { visits: 1, succeeded: 1 }), run('X', { visits: 1, succeeded: 1 })];
  expect(Object.values(flow(diamond, runs))).toContain('?');
  const workflow = parseDefinition(diamond);
  const taken = takenOf(inferFlow(workflow, byName(runs)), indexWorkflow(workflow), byName(runs));
  expect(taken.size).toBe(4);
});

test('of nothing that ran is nothing taken', () => {
  expect(new Set(Object.values(flow(definition, [])))).toEqual(new Set([0]));
});
