import { act, screen, within } from '@testing-library/react';
import { locationService } from '@grafana/runtime';
import userEvent from '@testing-library/user-event';
import { open, search } from '../testing/open';
import { FakeSource, install, table } from '../testing/source';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  ...jest.requireActual('../testing/runtime'),
}));

// A page is drawn by a chunk of its own.
jest.setTimeout(30_000);

const sfn = 'aws.step_functions';
const arn = 'arn:aws:states:eu-central-1:1:execution:images:run';
const child = 'arn:aws:states:eu-central-1:1:execution:child:kid';
const definition = {
  StartAt: 'Get',
  States: {
    Get: { Type: 'Pass', Next: 'Detect' },
    Detect: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true },
  },
};

const execution = (status: string, more: object = {}) => ({
  execution_arn: arn,
  name: 'run',
  state_machine: 'images',
  state_machine_arn: 'arn:aws:states:eu-central-1:1:stateMachine:images',
  trace_id: 'a'.repeat(32),
  status,
  start: '2026-11-26T08:00:00Z',
  ...more,
});

const failed = {
  end: '2026-11-26T08:00:02.5Z',
  redrive_count: 1,
  error: 'States.TaskFailed',
  cause: '{"errorMessage":"no face"}',
};

const states = (detect: string) => [
  { state: 'Get', type: 'Pass', status: 'SUCCEEDED', visits: 1, first_start: 1, duration_ms: 1 },
  { state: 'Detect', type: 'Task', status: detect, visits: 1, attempts: 2, first_start: 2, error: 'InvalidImage' },
];

const workflow = (status: string, detect: string, more: object = {}) =>
  table(states(detect), { mode: 'execution', definition, execution: execution(status, more) });

const tags = (of: Record<string, unknown>) => Object.entries(of).map(([key, value]) => ({ key, value }));

const trace = table([
  {
    spanID: 'r',
    parentSpanID: '',
    operationName: 'images',
    statusCode: 2,
    startTime: 0,
    duration: 100,
    tags: tags({ 'steptrace.kind': 'execution', [`${sfn}.execution.arn`]: arn }),
  },
  {
    spanID: 's',
    parentSpanID: 'r',
    operationName: 'Detect',
    statusCode: 2,
    startTime: 1,
    duration: 50,
    tags: tags({ 'steptrace.kind': 'state', [`${sfn}.state.name`]: 'Detect', [`${sfn}.error`]: 'InvalidImage' }),
  },
  {
    spanID: 'a',
    parentSpanID: 's',
    operationName: 'lambda invoke rekognition',
    statusCode: 2,
    startTime: 2,
    duration: 20,
    tags: tags({ 'steptrace.kind': 'attempt', [`${sfn}.attempt.retry_count`]: 1 }),
  },
  {
    spanID: 'k',
    parentSpanID: 'r',
    operationName: 'states startExecution',
    statusCode: 0,
    startTime: 60,
    duration: 5,
    tags: tags({ 'steptrace.kind': 'attempt', [`${sfn}.child_execution.arn`]: child, [`${sfn}.state.name`]: 'Start' }),
  },
]);

const event = (id: number, type: string, more: object = {}) => ({
  event_id: id,
  type,
  timestamp: id,
  severity: 'info',
  state: '',
  payload: '',
  ...more,
});

const events = table([
  event(1, 'ExecutionStarted', { payload: '{"input":"{}"}' }),
  event(2, 'LambdaFunctionFailed', { severity: 'error', state: 'Detect', payload: '{"error":"InvalidImage"}' }),
]);

const failure = () =>
  new FakeSource({
    workflow: () => workflow('FAILED', 'FAILED', failed),
    trace: () => trace,
    events: () => events,
  });

const address = `/a/steptrace-app/execution?execution=${arn}`;
const fact = (name: string) => screen.getAllByText(name, { selector: 'dt' })[0].nextSibling as HTMLElement;

it('names what went wrong', async () => {
  install(failure());
  await open(address);
  const box = screen.getByRole('alert', { name: /State Detect failed: InvalidImage/ });
  expect(within(box).getByText('no face')).toBeVisible();
  expect(fact('Attempt')).toHaveTextContent('2 of 2: lambda invoke rekognition');
  expect(within(box).getByRole('link', { name: 'Detect' })).toHaveAttribute(
    'href',
    `/a/steptrace-app/execution?execution=${arn}&state=Detect`
  );
});

it('names the child execution in which it went wrong, with links to its page', async () => {
  const below = (spanID: string, parentSpanID: string, statusCode: number, said: Record<string, unknown>) => ({
    spanID,
    parentSpanID,
    operationName: spanID,
    statusCode,
    startTime: 3,
    duration: 5,
    tags: tags(said),
  });
  const source = failure();
  source.answers.trace = () =>
    table([
      below('r', '', 2, { 'steptrace.kind': 'execution', [`${sfn}.execution.arn`]: arn }),
      below('s', 'r', 2, { 'steptrace.kind': 'state', [`${sfn}.state.name`]: 'Detect' }),
      below('a', 's', 2, { 'steptrace.kind': 'attempt', [`${sfn}.child_execution.arn`]: child }),
      below('t', 'a', 0, { 'steptrace.kind': 'trigger' }),
      below('c', 't', 2, { 'steptrace.kind': 'execution', [`${sfn}.execution.arn`]: child }),
      below('p', 'c', 2, { 'steptrace.kind': 'state', [`${sfn}.state.name`]: 'Pay', [`${sfn}.error`]: 'Declined' }),
    ]);
  install(source);
  await open(address);
  const box = screen.getByRole('alert', { name: /State Pay failed: Declined/ });
  const page = `/a/steptrace-app/execution?execution=${child}`;
  expect(within(box).getByRole('link', { name: 'Pay' })).toHaveAttribute('href', `${page}&state=Pay`);
  expect(within(box).getByRole('link', { name: child })).toHaveAttribute('href', page);
});

it('says what it is, and where else it is to be seen', async () => {
  const source = failure();
  source.resources.execution.mockResolvedValue({
    cost: { total_cost: 0.000125, transitions: 5, invocations: 1 },
  } as never);
  install(source);
  await open(address);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('run');
  expect(fact('Status')).toHaveTextContent('Failed');
  expect(fact('Duration')).toHaveTextContent('2.5 s');
  expect(fact('Redrives')).toHaveTextContent('1');
  expect(fact('Cost')).toHaveTextContent('0.000125 USD (5 transitions, 1 Lambda invocation)');
  expect(fact('Trace id')).toHaveTextContent('a'.repeat(32));
  expect(screen.getByRole('button', { name: 'Copy trace id' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Open in the AWS console' })).toHaveAttribute(
    'href',
    `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${arn}`
  );
  const explore = screen.getByRole('link', { name: 'Open in Explore' }).getAttribute('href') ?? '';
  expect(decodeURIComponent(explore)).toContain(`"queryType":"trace","execution":"${arn}"`);
  expect(screen.getByRole('link', { name: 'Compare with another' })).toHaveAttribute(
    'href',
    `/a/steptrace-app/compare?a=${arn}`
  );
  expect(screen.getByRole('link', { name: 'kid' })).toHaveAttribute(
    'href',
    `/a/steptrace-app/execution?execution=${child}`
  );
});

it('gives the trace to the waterfall of Grafana', async () => {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 800 });
  install(failure());
  await open(address);
  expect(screen.getByTestId('panel')).toHaveTextContent('traces of 4 spans from steptrace');
  Reflect.deleteProperty(HTMLElement.prototype, 'clientWidth');
});

it('draws the workflow, and takes a state that is opened into the address', async () => {
  install(failure());
  await open(address);
  const box = await screen.findByRole('button', { name: /^Detect/ }, { timeout: 20_000 });
  act(() => box.focus());
  await userEvent.keyboard('{Enter}');
  expect(search()).toBe(`?execution=${arn}&state=Detect`);
  const drawer = await screen.findByRole('dialog', { name: 'State Detect' });
  expect(within(drawer).getByRole('heading', { level: 3 })).toHaveTextContent('Detect');
  await userEvent.click(within(drawer).getByRole('button', { name: 'Close' }));
  expect(search()).toBe(`?execution=${arn}`);
});

it('lists the states in words', async () => {
  install(failure());
  await open(address);
  await userEvent.click(screen.getByRole('button', { name: 'List the states' }));
  const rows = within(screen.getByRole('region', { name: 'States' }))
    .getAllByRole('row')
    .slice(1);
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^GetPassSucceeded1.*1 ms$/),
    expect.stringMatching(/^DetectTaskFailed12.*InvalidImage$/),
  ]);
});

it('does not say of the items of a distributed Map that they were not reached', async () => {
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'Get', States: { Get: { Type: 'Pass' } } };
  const source = failure();
  source.answers.workflow = () =>
    table([{ ...states('FAILED')[0], status: 'NOT_REACHED', visits: 0 }, states('FAILED')[1]], {
      mode: 'execution',
      definition: { StartAt: 'Detect', States: { Detect: { Type: 'Map', ItemProcessor: processor, End: true } } },
      execution: execution('FAILED', failed),
    });
  install(source);
  await open(address);
  await userEvent.click(screen.getByRole('button', { name: 'List the states' }));
  expect(within(screen.getByRole('region', { name: 'States' })).getByText('In other executions')).toBeVisible();
});

it('opens the state that the address names, and says when that fails', async () => {
  const source = failure();
  source.resources.state.mockRejectedValue(new Error('state: not found'));
  install(source);
  await open(`${address}&state=Detect`);
  const drawer = await screen.findByRole('dialog', { name: 'State Detect' });
  expect(within(drawer).getByRole('alert')).toHaveTextContent('state: not found');
  expect(source.resources.state).toHaveBeenCalledWith(arn, 'Detect');
});

it('follows an execution that runs', async () => {
  const source = new FakeSource({
    workflow: () => workflow('RUNNING', 'RUNNING'),
    trace: () => trace,
    events: () => events,
  });
  install(source);
  await open(address);
  expect(fact('Status')).toHaveTextContent('Running');
  expect(fact('Running for')).toHaveTextContent(/\d/);
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  expect(source.queries('workflow')).toMatchObject([{ execution: arn, live: true }]);
  source.change({ workflow: () => workflow('FAILED', 'FAILED', failed) });
  expect(fact('Status')).toHaveTextContent('Failed');
  expect(await screen.findByRole('alert', { name: /State Detect failed/ })).toBeVisible();
  expect(source.resources.execution).toHaveBeenCalledTimes(2);
});

it('shows failures among the events, and payloads when opened', async () => {
  install(failure());
  await open(address);
  await userEvent.click(screen.getByRole('radio', { name: 'Failures' }));
  const rows = within(screen.getByRole('region', { name: 'History' }))
    .getAllByRole('row')
    .slice(1);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toHaveTextContent('LambdaFunctionFailed');
  expect(screen.queryByLabelText('payload of event 2')).not.toBeInTheDocument();
  await userEvent.click(within(rows[0]).getByText('{ "error": "InvalidImage" }', { selector: 'summary' }));
  expect(screen.getByLabelText('payload of event 2').textContent).toBe('{\n  "error": "InvalidImage"\n}');
});

it('unfolds JSON in the payload of an event, copies it as it was, and shows none that says nothing', async () => {
  const payload = '{"input":"{\\"photo\\":\\"a.jpg\\",\\"size\\":1.0}","name":"Get"}';
  const source = failure();
  source.answers.events = () =>
    table([event(1, 'PassStateEntered', { payload }), event(2, 'Other', { payload: '{}' })]);
  install(source);
  await open(address);
  const user = userEvent.setup();
  Object.defineProperty(window, 'isSecureContext', { configurable: true, value: true });
  await user.click(screen.getByText('{ "input": { "photo": "a.jpg", "size": 1 }, "name": "Get" }'));
  expect(JSON.parse(screen.getByLabelText('payload of event 1').textContent ?? '')).toEqual({
    input: { photo: 'a.jpg', size: 1 },
    name: 'Get',
  });
  await user.click(screen.getByRole('button', { name: 'Copy payload of event 1' }));
  expect(await navigator.clipboard.readText()).toBe(payload);
  expect(screen.queryByText('{}')).not.toBeInTheDocument();
  Reflect.deleteProperty(window, 'isSecureContext');
});

it('reads later events a page at a time', async () => {
  const source = failure();
  const many = (limit = 0) => table(Array.from({ length: limit }, (_, i) => event(i + 1, 'TaskScheduled')));
  source.answers.events = ({ limit }) => many(limit);
  source.resources.history.mockResolvedValue([
    {
      id: 5001,
      previous_id: 5000,
      type: 'ExecutionFailed',
      time: '',
      span_id: '',
      redrive_count: 0,
      severity: 'ERROR',
    },
  ]);
  install(source);
  await open(address);
  const later = () => screen.queryByRole('button', { name: 'Show later events' });
  for (const limit of [200, 1000, 5000]) {
    expect(source.queries('events')).toMatchObject([{ limit }]);
    await userEvent.click(later()!);
  }
  expect(source.resources.history).toHaveBeenCalledWith({ execution: arn, after: 5000, limit: 500 });
  expect(later()).not.toBeInTheDocument();
  expect(screen.getByText('5,001 events.')).toBeVisible();
});

it('draws of a huge payload a part at first', async () => {
  const source = failure();
  source.answers.events = () =>
    table([event(1, 'ExecutionStarted', { payload: `{"input":"${'x'.repeat(300_000)}"}` })]);
  install(source);
  await open(address);
  await userEvent.click(screen.getByText(/^\{"input":"x+…$/));
  expect(screen.getByLabelText('payload of event 1').textContent).toHaveLength(10_001);
  await userEvent.click(screen.getByRole('button', { name: 'Show all 300,017 characters' }));
  expect(screen.getByLabelText('payload of event 1').textContent).toHaveLength(300_017);
});

it('says that the store does not know it', async () => {
  const unknown = () => Object.assign(new Error('trace …: not found in the store at …'), { status: 404 });
  const source = new FakeSource({ workflow: unknown, trace: unknown });
  install(source);
  await open(address);
  expect(screen.getByText('The store does not know this execution')).toBeVisible();
  expect(screen.queryByText('The execution could not be read')).not.toBeInTheDocument();
  source.change({ workflow: () => workflow('RUNNING', 'RUNNING'), trace: () => trace });
  expect(screen.queryByText('The store does not know this execution')).not.toBeInTheDocument();
});

it('has in its address which events and what list it shows', async () => {
  install(new FakeSource({ workflow: () => workflow('FAILED', 'FAILED', failed), trace: () => trace }));
  await open(address);
  await userEvent.click(screen.getByRole('radio', { name: 'Failures' }));
  await userEvent.click(screen.getByRole('button', { name: 'List the states' }));
  const shown = new URLSearchParams(locationService.getLocation().search);
  expect([shown.get('events'), shown.get('list')]).toEqual(['failures', 'states']);
  act(() => locationService.getHistory().goBack());
  expect(screen.getByRole('button', { name: 'List the states' })).toBeVisible();
  expect(screen.getByRole('radio', { name: 'Failures' })).toBeChecked();
});

it('says what failed instead of that', async () => {
  install(new FakeSource({ workflow: () => new Error('deadline exceeded'), trace: () => trace }));
  await open(address);
  expect(screen.getByText('deadline exceeded')).toBeVisible();
  expect(screen.queryByText('The store does not know this execution')).not.toBeInTheDocument();
});

it('survives an execution of which nothing is known but its ARN', async () => {
  const bare = table([{ state: 'A', status: 'SLEEPING' }, {}], { execution: { execution_arn: arn } });
  install(new FakeSource({ workflow: () => bare, trace: () => table([{}]), events: () => table([{}]) }));
  await open(address);
  expect(fact('Status')).toHaveTextContent('Unknown');
});
