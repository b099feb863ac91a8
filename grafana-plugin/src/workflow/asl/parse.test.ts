import { eachMachine, eachState, StateNode, Workflow } from '../graph';
import { nested } from '../layout/testing/machines';
import { condition } from './condition';
import { mostLevels, mostStates, parseDefinition } from './parse';

const one = (state: object) =>
  statesOf(parseDefinition({ StartAt: 'S', States: { S: state } })).find(({ name }) => name === 'S')!;

function statesOf(workflow: Workflow): StateNode[] {
  const states: StateNode[] = [];
  eachState(workflow.machine, (state) => states.push(state));
  return states;
}

/** Transitions by the names of their ends: `A -catch-> B: States.ALL`. */
function ways(workflow: Workflow): string[] {
  const found: string[] = [];
  eachMachine(workflow.machine, ({ states, transitions }) => {
    const nameOf = (id: string) => states.find((state) => state.id === id)!.name;
    for (const { source, target, kind, label } of transitions) {
      found.push(`${nameOf(source)} -${kind}-> ${nameOf(target)}${label && `: ${label}`}`);
    }
  });
  return found;
}

describe('transitions', () => {
  test('of Next, End, Choice, Default and Catch', () => {
    const workflow = parseDefinition({
      StartAt: 'A',
      States: {
        A: { Type: 'Task', Resource: 'r', Next: 'B', Catch: [{ ErrorEquals: ['X', 'Y'], Next: 'D' }] },
        B: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 3, Next: 'A' }], Default: 'C' },
        C: { Type: 'Succeed' },
        D: { Type: 'Fail' },
      },
    });
    expect(workflow.messages).toEqual([]);
    expect(ways(workflow)).toEqual([
      'Start -start-> A',
      'A -next-> B',
      'A -catch-> D: X, Y',
      'B -choice-> A: $.n < 3',
      'B -default-> C: otherwise',
      'C -end-> End',
    ]);
  });

  test('inside of Parallel and Map stay there, and names may repeat', () => {
    const branch = { StartAt: 'X', States: { X: { Type: 'Pass', Next: 'Y' }, Y: { Type: 'Pass', End: true } } };
    const workflow = parseDefinition({
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [branch, branch], Next: 'M' },
        M: { Type: 'Map', Iterator: branch, End: true },
      },
    });
    expect(workflow.messages).toEqual([]);
    expect(ways(workflow)).toEqual([
      'Start -start-> P',
      'P -next-> M',
      'M -end-> End',
      ...Array(3).fill('X -next-> Y'),
    ]);
    const ids = statesOf(workflow).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('states', () => {
  test.each([
    [
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
      { FunctionName: 'arn:aws:lambda:e:1:function:f:live' },
      'lambda:invoke.waitForTaskToken f',
    ],
    ['arn:aws:states:::aws-sdk:s3:getObject', {}, 's3:getObject'],
    ['arn:aws:lambda:eu-west-1:1:function:resize', {}, 'resize'],
    ['arn:aws:states:eu-west-1:1:activity:approve', {}, 'activity approve'],
    ['arn:aws-cn:states:::sqs:sendMessage', {}, 'sqs:sendMessage'],
    ['${FunctionArn}', {}, '${FunctionArn}'],
  ])('a Task of %s', (Resource, Parameters, resource) => {
    expect(one({ Type: 'Task', Resource, Parameters, End: true }).resource).toBe(resource);
  });

  test('that start another state machine say which', () => {
    const start = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', End: true };
    const arn = 'arn:aws:states:eu-west-1:1:stateMachine:child';
    expect(one({ ...start, Parameters: { StateMachineArn: arn } }).starts).toBe('child');
    expect(one({ ...start, Arguments: { StateMachineArn: arn } }).starts).toBe('child');
    expect(one({ ...start, Parameters: { 'StateMachineArn.$': '$.arn' } }).starts).toBe('?');
    expect(one({ Type: 'Pass', End: true }).starts).toBe('');
  });

  test('tell rules of Retry, and a distributed Map', () => {
    expect(
      one({ Type: 'Pass', End: true, Retry: [{ ErrorEquals: ['A'], MaxAttempts: 5 }, { ErrorEquals: ['B'] }] }).retry
    ).toEqual(['A ×5', 'B ×3']);
    const inner = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } };
    const map = (Mode: string) =>
      one({ Type: 'Map', End: true, ItemProcessor: { ProcessorConfig: { Mode }, ...inner } });
    expect([map('DISTRIBUTED').distributed, map('INLINE').distributed]).toEqual([true, false]);
  });
});

test.each([
  [{ Variable: '$.a', StringEquals: 'x' }, '$.a = "x"'],
  [{ Variable: '$.a', NumericGreaterThanEqualsPath: '$.b' }, '$.a ≥ $.b'],
  [{ Variable: '$.a', IsPresent: false }, '$.a is absent'],
  [
    {
      And: [
        { Variable: '$.a', IsNull: true },
        { Or: [{ Variable: '$.b', BooleanEquals: true }, { Not: { Variable: '$.c', StringMatches: 'x*' } }] },
      ],
    },
    '$.a is null and ($.b = true or not $.c ~ "x*")',
  ],
  [{ Condition: '{% $states.input.n > 3 %}' }, '$states.input.n > 3'],
  [{ Condition: true }, 'true'],
  [{ Variable: 7, Unheard: {} }, ''],
  [null, ''],
])('the condition of %j', (rule, text) => expect(condition(rule)).toBe(text));

describe('hostile definitions are drawn as far as possible, with a message', () => {
  test.each([
    [undefined, 'The definition is not a JSON object.'],
    ['{"StartAt":', /^The definition is not JSON: /],
    ['[]', 'The definition is not a JSON object.'],
    [7, 'The definition is not a JSON object.'],
    [{}, 'The definition has no states.'],
    [{ StartAt: 'A', States: [] }, 'The definition has no states.'],
    [{ StartAt: 'A', States: { A: null } }, 'A is not an object.'],
    [{ StartAt: 'A', States: { A: { Type: 'Dream', End: true } } }, 'A has a type that is not known: Dream.'],
    [{ StartAt: 'A', States: { A: { Type: 'Pass' } } }, 'A has neither Next nor End.'],
    [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: { no: 1 } } } }, 'A names no state to go to.'],
    [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }, 'A goes to B, which is not defined beside it.'],
    [{ States: { A: { Type: 'Pass', End: true } } }, 'StartAt names no state to go to.'],
    [
      { StartAt: 'A', States: { A: { Type: 'Parallel', Branches: [7], End: true } } },
      /^A machine in .* has no states\.$/,
    ],
  ])('%j', (definition, message) => {
    const { messages } = parseDefinition(definition);
    expect(messages).toContainEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('a target that is missing is drawn, once', () => {
    const workflow = parseDefinition({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Next: 'Gone' }, B: { Type: 'Pass', Next: 'Gone' } },
    });
    expect(
      statesOf(workflow)
        .filter(({ type }) => type === 'Missing')
        .map(({ name }) => name)
    ).toEqual(['Gone']);
  });

  test('names that objects have by themselves, and ones with every separator', () => {
    const text =
      '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","Next":"constructor"},"constructor":{"Type":"Pass","Next":"a/b~1#[0]"},"a/b~1#[0]":{"Type":"Pass","End":true}}}';
    const workflow = parseDefinition(text);
    expect(workflow.messages).toEqual([]);
    expect(statesOf(workflow).map(({ name }) => name)).toEqual([
      'Start',
      '__proto__',
      'constructor',
      'a/b~1#[0]',
      'End',
    ]);
  });

  test('too many states, and too many levels', () => {
    const many = Object.fromEntries(Array.from({ length: mostStates + 5 }, (_, at) => [`S${at}`, { Type: 'Succeed' }]));
    const large = parseDefinition({ StartAt: 'S0', States: many });
    expect([large.states, large.messages]).toEqual([mostStates, [`Only the first ${mostStates} states are drawn.`]]);
    const deep = parseDefinition(nested(mostLevels + 20));
    expect(deep.messages).toEqual([`What is inside of more than ${mostLevels} states is not drawn.`]);
    expect(parseDefinition(nested(50)).messages).toEqual([]);
  });

  test('hundreds of mistakes do not fill the panel', () => {
    const states = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`S${at}`, { Type: 'Pass' }]));
    const { messages } = parseDefinition({ StartAt: 'S0', States: states });
    expect([messages.length, messages[20]]).toEqual([21, 'and 280 more']);
  });
});
