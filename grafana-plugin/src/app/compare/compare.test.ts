import { StateRow, Workflow } from '../frame/workflow';
import { inputIn } from './input';
import { sentence } from './sentence';
import { compareStates, firstDivergence, largestDifference } from './states';

const types: Record<string, string> = { Choose: 'Choice', Both: 'Parallel', Each: 'Map' };

// A workflow in text: `name:status@first start,duration` and, optionally, `x` with the number of attempts or visits.
function workflow(text: string, status = 'SUCCEEDED', start = 0): Workflow {
  const states = text
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const [, state, ended, at, took, attempts = '1', visits = '1'] =
        /^(\w+):(\w+)(?:@(\d+),(\d+))?(?:x(\d+))?(?:v(\d+))?$/.exec(one) ?? [];
      return {
        state,
        status: ended,
        type: types[state] ?? 'Task',
        first_start: at === undefined ? null : start + Number(at),
        duration_ms: took === undefined ? null : Number(took),
        attempts: Number(attempts),
        visits: Number(visits),
      } as StateRow;
    });
  return {
    states,
    execution: { status, start } as Workflow['execution'],
    definition: null,
    revisionId: '',
    truncated: false,
  };
}

const said = (a: Workflow, b: Workflow) => {
  const rows = compareStates(a, b);
  return sentence(firstDivergence(rows, a, b), largestDifference(rows));
};

const usual = 'Get:SUCCEEDED@0,10 Choose:SUCCEEDED@10,1 Detect:SUCCEEDED@11,50 Store:SUCCEEDED@61,5';

describe('two executions', () => {
  it.each<[string, Workflow, Workflow, string]>([
    ['the same', workflow(usual), workflow(usual, 'SUCCEEDED', 5000), 'Both went the same way.'],
    [
      'slower',
      workflow(usual),
      workflow(usual.replace('@11,50', '@11,1550')),
      'Both went the same way. The largest difference of time is in Detect: +1.5 s in B.',
    ],
    [
      'another outcome',
      workflow(usual),
      workflow('Get:SUCCEEDED@0,10 Choose:SUCCEEDED@10,1 Detect:FAILED@11,9 Store:NOT_REACHED', 'FAILED', 700),
      'They part at Detect: Succeeded in A, Failed in B.',
    ],
    [
      'another choice',
      workflow(usual),
      workflow('Get:SUCCEEDED@0,10 Choose:SUCCEEDED@10,1 Skip:SUCCEEDED@12,1 Store:SUCCEEDED@14,5'),
      'They part at Detect, which A reached and B did not: the choice Choose led elsewhere.',
    ],
    [
      'another outcome within a Parallel and Map',
      workflow(
        'Both:SUCCEEDED@0,100 Each:SUCCEEDED@1,90 Wait:SUCCEEDED@2,50 Work:SUCCEEDED@52,10 Then:SUCCEEDED@101,1'
      ),
      workflow('Both:FAILED@0,60 Each:FAILED@1,59 Wait:SUCCEEDED@2,50 Work:FAILED@52,8', 'FAILED'),
      'They part at Work: Succeeded in A, Failed in B.',
    ],
    [
      'another outcome of a Map in which nothing ended otherwise',
      workflow('Each:SUCCEEDED@0,100 Work:CAUGHT@1,10 Then:SUCCEEDED@101,1'),
      workflow('Each:FAILED@0,100 Work:CAUGHT@1,10', 'FAILED'),
      'They part at Each: Succeeded in A, Failed in B.',
    ],
    [
      'more steps',
      workflow('Get:SUCCEEDED@0,10'),
      workflow('Get:SUCCEEDED@0,10 Then:SUCCEEDED@10,1'),
      'They part at Then, which B reached and A did not: after Get.',
    ],
    [
      'of nothing in common',
      workflow('A:SUCCEEDED@0,10'),
      workflow('B:SUCCEEDED@5,10'),
      'They part at A, which A reached and B did not.',
    ],
    [
      'retries',
      workflow(usual),
      workflow(usual.replace('@11,50', '@11,50x3')),
      'Both went the same way, but Detect took 1 attempt in A and 3 attempts in B.',
    ],
    [
      'loops',
      workflow('Loop:SUCCEEDED@0,1x4v4'),
      workflow('Loop:SUCCEEDED@0,1x1v1'),
      'Both went the same way, but Loop was visited 4 times in A and 1 time in B.',
    ],
    [
      'an outcome that retries came before',
      workflow(usual),
      workflow(usual.replace('@0,10', '@0,10x2').replace('Store:SUCCEEDED', 'Store:CAUGHT')),
      'They part at Store: Succeeded in A, Caught in B.',
    ],
    [
      'running, and not there yet',
      workflow(usual),
      workflow('Get:SUCCEEDED@0,10 Choose:SUCCEEDED@10,1 Detect:RUNNING@11,4', 'RUNNING'),
      'Both went the same way.',
    ],
    [
      'running, and already elsewhere',
      workflow('Get:SUCCEEDED@0,10', 'SUCCEEDED'),
      workflow('Get:SUCCEEDED@0,10 More:RUNNING@10,4', 'RUNNING'),
      'They part at More, which B reached and A did not: after Get.',
    ],
    ['both empty', workflow(''), workflow(''), 'Both went the same way.'],
  ])('%s', (_, a, b, expected) => expect(said(a, b)).toBe(expected));
});

it('lists states as they were entered, with both durations', () => {
  const a = workflow('B:SUCCEEDED@20,10 A:SUCCEEDED@0,15 Never:NOT_REACHED', 'SUCCEEDED', 1000);
  const b = workflow('A:SUCCEEDED@0,5 C:FAILED@5,1', 'FAILED', 9000);
  const rows = compareStates(a, b).map(({ state, difference, offset }) => [state, difference, offset]);
  expect(rows).toEqual([
    ['A', -10, 0],
    ['C', null, 5],
    ['B', null, 20],
  ]);
});

it.each([
  ['{"input":"{\\"key\\":\\"a.jpg\\"}","roleArn":"r"}', '{\n  "key": "a.jpg"\n}'],
  ['{"roleArn":"r"}', undefined],
  ['', undefined],
  ['cut {', 'cut {'],
  ['null', undefined],
])('the input in %p is %p', (payload, input) => expect(inputIn(payload)).toBe(input));
