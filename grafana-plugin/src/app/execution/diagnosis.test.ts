import { TraceSpan } from '../frame/trace';
import { Execution, StateRow } from '../frame/workflow';
import { diagnose } from './diagnosis';
import { headline } from './headline';

const arn = 'arn:aws:states:eu-central-1:1:execution:image-workflow:run';
const sfn = 'aws.step_functions';

const execution = (status: string, error = '', cause = '') =>
  ({ arn, status, error, cause, name: 'run', start: 0, end: 100 }) as Execution;

type Said = Partial<Omit<TraceSpan, 'tags'>> & { kind: string; tags?: Record<string, string> };

const span = (id: string, parent: string, { kind, tags, ...said }: Said): TraceSpan => ({
  id,
  parent,
  name: id,
  service: '',
  failed: true,
  message: '',
  start: 0,
  duration: 10,
  ...said,
  tags: { 'steptrace.kind': kind, ...tags },
});

const root = (said: Partial<Said> = {}) =>
  span('root', '', { kind: 'execution', tags: { [`${sfn}.execution.arn`]: arn }, ...said });

const state = (id: string, parent: string, said: Partial<Said> = {}) =>
  span(id, parent, { kind: 'state', ...said, tags: { [`${sfn}.state.name`]: id, ...said.tags } });

const attempt = (id: string, parent: string, retry: number, said: Partial<Said> = {}) =>
  span(id, parent, {
    kind: 'attempt',
    name: 'lambda invoke rekognition',
    start: retry * 20,
    ...said,
    tags: { [`${sfn}.attempt.retry_count`]: String(retry), ...said.tags },
  });

const row = (name: string, status: string, said: Partial<StateRow> = {}) =>
  ({ state: name, status, type: 'Task', error: '', message: '', last_end: 1, ...said }) as StateRow;

const failed = { error: 'States.TaskFailed', message: 'of the state' };

describe('what went wrong', () => {
  it.each(['SUCCEEDED', 'RUNNING', 'PENDING_REDRIVE', ''])('is nothing in one that is %p', (status) => {
    expect(diagnose(execution(status), [row('A', 'CAUGHT')], [root()])).toBeUndefined();
  });

  it('names state, attempt, Lambda and AWS call, through Parallel and branch', () => {
    const spans = [
      root(),
      state('Both', 'root', { tags: { [`${sfn}.state.type`]: 'Parallel' } }),
      span('branch 0', 'Both', { kind: 'branch', failed: false }),
      state('Metadata', 'branch 0', { failed: false }),
      span('branch 1', 'Both', { kind: 'branch' }),
      state('Detect', 'branch 1', { tags: { [`${sfn}.state.type`]: 'Task' } }),
      attempt('first', 'Detect', 0),
      attempt('second', 'Detect', 1, { tags: { [`${sfn}.error`]: 'InvalidImage', [`${sfn}.cause`]: 'no face' } }),
      span('invocation', 'second', {
        kind: 'invocation',
        service: 'rekognition',
        tags: { 'faas.name': 'rekognition', 'faas.invocation_id': 'r-1' },
      }),
      span('get', 'invocation', { kind: 'call', failed: false }),
      span('detect', 'invocation', {
        kind: 'call',
        tags: {
          'rpc.service': 'Rekognition',
          'rpc.method': 'DetectFaces',
          'aws.s3.bucket': 'images',
          'http.response.status_code': '400',
        },
      }),
    ];
    const found = diagnose(execution('FAILED', 'States.TaskFailed', 'outer'), [], spans);
    expect(found).toEqual({
      status: 'FAILED',
      state: 'Detect',
      stateType: 'Task',
      attempt: { number: 2, of: 2, called: 'lambda invoke rekognition' },
      invocation: { function: 'rekognition', requestId: 'r-1', timedOut: false },
      call: { service: 'Rekognition', operation: 'DetectFaces', resource: 'images', httpStatus: '400' },
      error: 'InvalidImage',
      message: 'no face',
      within: undefined,
      interrupted: [],
    });
    expect(headline(found!)).toBe('State Detect failed: InvalidImage');
  });

  it('counts the attempts of the last run of a redriven execution', () => {
    const rerun = { [`${sfn}.execution.redrive_count`]: '1' };
    const spans = [
      root(),
      state('Store', 'root'),
      attempt('a', 'Store', 0),
      attempt('b', 'Store', 1),
      attempt('c', 'Store', 0, { start: 90, tags: rerun }),
    ];
    expect(diagnose(execution('FAILED'), [], spans)?.attempt).toMatchObject({ number: 1, of: 1 });
  });

  it('follows the failure into a child execution', () => {
    const child = 'arn:aws:states:eu-central-1:1:execution:child:run';
    const spans = [
      root(),
      state('Start', 'root'),
      attempt('start', 'Start', 0),
      span('child', 'start', { kind: 'execution', tags: { [`${sfn}.execution.arn`]: child } }),
      state('Pay', 'child', { message: 'declined', tags: { [`${sfn}.error`]: 'Declined' } }),
    ];
    expect(diagnose(execution('FAILED', 'States.TaskFailed'), [], spans)).toMatchObject({
      state: 'Pay',
      within: child,
      error: 'Declined',
      message: 'declined',
    });
  });

  const child = 'arn:aws:states:eu-central-1:1:execution:child:run';
  const started = [
    root(),
    state('Start', 'root'),
    attempt('start', 'Start', 0, {
      name: 'states startExecution',
      tags: { [`${sfn}.error`]: 'States.TaskFailed', [`${sfn}.child_execution.arn`]: child },
    }),
    span('trigger', 'start', { kind: 'trigger', failed: false }),
  ];
  const kid = (said: Partial<Said> = {}) =>
    span('kid', 'trigger', { kind: 'execution', tags: { [`${sfn}.execution.arn`]: child }, ...said });

  it('passes through what started a child execution down to the AWS call in it', () => {
    const spans = [
      ...started,
      kid(),
      state('Check', 'kid', { failed: false }),
      state('Charge', 'kid'),
      attempt('charge', 'Charge', 0, { tags: { [`${sfn}.error`]: 'Declined', [`${sfn}.cause`]: 'no funds' } }),
      span('pay', 'charge', { kind: 'invocation', tags: { 'faas.name': 'pay' } }),
      span('put', 'pay', { kind: 'call', tags: { 'rpc.service': 'DynamoDB', 'rpc.method': 'PutItem' } }),
    ];
    expect(diagnose(execution('FAILED', 'States.TaskFailed'), [], spans)).toMatchObject({
      state: 'Charge',
      within: child,
      child: undefined,
      attempt: { number: 1, of: 1, called: 'lambda invoke rekognition' },
      invocation: { function: 'pay' },
      call: { service: 'DynamoDB', operation: 'PutItem' },
      error: 'Declined',
      message: 'no funds',
    });
  });

  it.each<[string, TraceSpan[]]>([
    ['none of whose states failed', [kid(), state('Slow', 'kid', { failed: false })]],
    ['that is not in the trace', []],
  ])('names a child execution %s beside the state that started it', (_, more) => {
    expect(diagnose(execution('FAILED', 'States.TaskFailed'), [], [...started, ...more])).toMatchObject({
      state: 'Start',
      within: undefined,
      child,
    });
  });

  it('goes by the last run of a child execution that was redriven', () => {
    const again = (said: Partial<Said>) => ({ ...kid({ start: 50, ...said }), id: 'again' });
    const spans = [...started, kid(), state('First', 'kid'), again({}), state('Second', 'again')];
    expect(diagnose(execution('FAILED'), [], spans)?.state).toBe('Second');
    const mended = [...started, kid(), state('First', 'kid'), again({ failed: false })];
    expect(diagnose(execution('FAILED'), [], mended)).toMatchObject({ state: 'Start', within: undefined });
  });

  it('takes of the items of a Map Run the first that failed, whether they have a trigger or not', () => {
    const item = (id: string, parent: string, duration: number) =>
      span(id, parent, { kind: 'execution', duration, tags: { [`${sfn}.execution.arn`]: `${arn}:${id}` } });
    const spans = [
      root(),
      state('Each', 'root'),
      span('run', 'Each', { kind: 'map_run' }),
      item('late', 'run', 50),
      state('Late', 'late'),
      span('upload', 'run', { kind: 'trigger', failed: false }),
      item('early', 'upload', 20),
      state('Early', 'early'),
    ];
    expect(diagnose(execution('FAILED'), [], spans)).toMatchObject({ state: 'Early', within: `${arn}:early` });
  });

  it('does not blame an execution that a function started and did not wait for', () => {
    const spans = [
      root(),
      state('Work', 'root'),
      attempt('work', 'Work', 0),
      span('fn', 'work', { kind: 'invocation', tags: { 'faas.name': 'fn' } }),
      span('put', 'fn', { kind: 'call', failed: false }),
      span('trigger', 'put', { kind: 'trigger', failed: false }),
      kid(),
      state('Late', 'kid'),
    ];
    expect(diagnose(execution('FAILED'), [], spans)).toMatchObject({ state: 'Work', within: undefined });
  });

  it('takes of iterations the first that failed', () => {
    const iteration = (id: string, duration: number) => span(id, 'Each', { kind: 'iteration', duration });
    const spans = [
      root(),
      state('Each', 'root'),
      iteration('late', 50),
      iteration('early', 20),
      state('Late', 'late'),
      state('Early', 'early'),
    ];
    expect(diagnose(execution('FAILED'), [], spans)?.state).toBe('Early');
  });

  it('says that a function ran out of time', () => {
    const spans = [
      root(),
      state('A', 'root'),
      attempt('a', 'A', 0),
      span('i', 'a', { kind: 'invocation', service: 'slow', tags: { 'steptrace.timed_out': 'true' } }),
    ];
    expect(diagnose(execution('FAILED'), [], spans)?.invocation).toEqual({
      function: 'slow',
      requestId: undefined,
      timedOut: true,
    });
  });

  it('ends on spans that are their own parents', () => {
    const spans = [root(), state('A', 'root'), span('x', 'A', { kind: 'branch' }), state('A', 'x')];
    expect(diagnose(execution('FAILED'), [], spans)?.state).toBe('A');
  });

  it.each<[string, Execution, StateRow[], string, string]>([
    [
      'without a trace, the task and not what is around it',
      execution('FAILED', 'E', 'c'),
      [row('Both', 'FAILED', { type: 'Parallel', ...failed }), row('Detect', 'FAILED', { ...failed, last_end: 3 })],
      'State Detect failed: States.TaskFailed',
      'of the state',
    ],
    [
      'a Map alone, if nothing in it failed',
      execution('FAILED', 'States.ExceedToleratedFailureThreshold', 'too many'),
      [row('Each', 'FAILED', { type: 'Map' }), row('Work', 'CAUGHT')],
      'State Each failed: States.ExceedToleratedFailureThreshold',
      'too many',
    ],
    [
      'nothing of the states known',
      execution('FAILED', 'States.Runtime', 'c'),
      [],
      'The execution failed: States.Runtime',
      'c',
    ],
    ['nothing known at all', execution('FAILED'), [], 'The execution failed', ''],
    [
      'what was going on when time ran out',
      execution('TIMED_OUT', 'States.Timeout'),
      [row('A', 'SUCCEEDED'), row('Wait 10s', 'ABORTED'), row('B', 'NOT_REACHED')],
      'The execution timed out during Wait 10s',
      '',
    ],
    [
      'what was going on when it was stopped',
      execution('ABORTED', 'Mine', 'because'),
      [row('A', 'ABORTED'), row('B', 'RUNNING')],
      'The execution was stopped during A, B',
      'because',
    ],
  ])('%s', (_, of, states, expected, message) => {
    const found = diagnose(of, states, []);
    expect(headline(found!)).toBe(expected);
    expect(found?.message).toBe(message);
  });

  it('names what was going on though the trace has the execution as failed', () => {
    const found = diagnose(
      execution('TIMED_OUT'),
      [row('A', 'ABORTED')],
      [root(), state('A', 'root', { failed: false })]
    );
    expect(found?.interrupted).toEqual(['A']);
    expect(found?.state).toBeUndefined();
  });
});
