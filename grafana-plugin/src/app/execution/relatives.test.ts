import { TraceSpan } from '../frame/trace';
import { relatives } from './relatives';

const sfn = 'aws.step_functions';
const arn = (name: string) => `arn:aws:states:eu-central-1:1:execution:m:${name}`;

const span = (id: string, parent: string, kind: string, tags: Record<string, string> = {}): TraceSpan => ({
  id,
  parent,
  name: id,
  service: '',
  failed: false,
  message: '',
  start: 0,
  duration: 1,
  tags: { 'steptrace.kind': kind, ...tags },
});

const execution = (name: string, parent: string, tags: Record<string, string> = {}) =>
  span(name, parent, 'execution', { [`${sfn}.execution.arn`]: arn(name), ...tags });

const starts = (id: string, parent: string, child: string, state: string) =>
  span(id, parent, 'attempt', { [`${sfn}.child_execution.arn`]: arn(child), [`${sfn}.state.name`]: state });

const trace = [
  span('trigger', '', 'trigger'),
  execution('parent', 'trigger'),
  span('P', 'parent', 'state'),
  starts('p', 'P', 'own', 'P'),
  execution('own', 'p', { [`${sfn}.execution.status`]: 'FAILED' }),
  span('S', 'own', 'state'),
  starts('s1', 'S', 'child', 'S'),
  starts('s2', 'S', 'elsewhere', 'S'),
  starts('s3', 'S', 'child', 'S'),
  execution('child', 's1', { [`${sfn}.execution.status`]: 'SUCCEEDED' }),
  span('C', 'child', 'state'),
  starts('c', 'C', 'grandchild', 'C'),
  span('run', 'S', 'map_run', { [`${sfn}.map_run.arn`]: 'arn:run', [`${sfn}.state.name`]: 'Each' }),
];

it('finds the parent, and children but not grandchildren', () => {
  expect(relatives(trace, arn('own'))).toEqual({
    parent: arn('parent'),
    children: [
      { arn: arn('child'), name: 'child', state: 'S', status: 'SUCCEEDED' },
      { arn: arn('elsewhere'), name: 'elsewhere', state: 'S', status: '' },
    ],
    mapRuns: [{ arn: 'arn:run', state: 'Each' }],
  });
});

it.each([
  ['says its input', [execution('own', '', { [`${sfn}.parent_execution.arn`]: arn('parent') })], arn('parent')],
  ['has none', [execution('own', 'trigger'), span('trigger', '', 'trigger')], undefined],
  ['is its own', [execution('own', 'a'), span('a', 'own', 'attempt')], undefined],
  ['is in another trace', [execution('own', 'missing')], undefined],
])('a parent %s', (_, spans, parent) => expect(relatives(spans, arn('own')).parent).toBe(parent));

it('finds none in a trace without the execution', () => {
  expect(relatives([], arn('own'))).toEqual({ parent: undefined, children: [], mapRuns: [] });
});
