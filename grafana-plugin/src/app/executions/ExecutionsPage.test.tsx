import { locationService } from '@grafana/runtime';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { open, search } from '../testing/open';
import { FakeSource, frame, install, table } from '../testing/source';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  ...jest.requireActual('../testing/runtime'),
}));

const arn = (name: string) => `arn:aws:states:eu-central-1:1:execution:images:${name}`;
const images = 'arn:aws:states:eu-central-1:1:stateMachine:images';

const row = (name: string, status: string, more: object = {}) => ({
  name,
  status,
  execution_arn: arn(name),
  state_machine: 'images',
  state_machine_arn: images,
  start: 1700000000000,
  duration_ms: 1250,
  ...more,
});

const executions = table([
  row('third', 'RUNNING'),
  row('second', 'FAILED', {
    error: 'InvalidImage',
    cause: '{"errorMessage":"no face in a.jpg"}',
    failed_state: 'Detect',
  }),
  row('first', 'SUCCEEDED'),
]);

const source = () => new FakeSource({ executions: () => executions });
const bodyRows = () => within(screen.getByRole('table')).getAllByRole('row').slice(1);

it('shows in the row which state failed and why, and leads to it', async () => {
  install(source());
  await open('/a/steptrace-app/executions');
  const [, failed] = bodyRows();
  expect(failed).toHaveTextContent(
    /^Failed\s*secondimagesDetectInvalidImageno face in a.jpg2023-11-14 22:13:201.25 s$/
  );
  const link = (name: string) => within(failed).getByRole('link', { name }).getAttribute('href');
  expect(link('second')).toBe(`/a/steptrace-app/execution?execution=${arn('second')}`);
  expect(link('Detect')).toBe(`/a/steptrace-app/execution?execution=${arn('second')}&state=Detect`);
  expect(link('images')).toBe(`/a/steptrace-app/machine?machine=${images}`);
  expect(screen.getByRole('status')).toHaveTextContent('3 executions: 1 failed, 1 running.');
});

it('asks for what the address says', async () => {
  const asked = source();
  install(asked);
  await open('/a/steptrace-app?machine=images&status=FAILED&failedState=Detect&text=a.jpg&from=now-7d&to=now');
  expect(asked.queries('executions')).toMatchObject([
    { stateMachines: ['images'], statuses: ['FAILED'], failedState: 'Detect', text: 'a.jpg', limit: 50, live: true },
  ]);
  expect(asked.asked).toHaveLength(1);
  const [{ request }] = asked.asked;
  expect(request.range.raw).toEqual({ from: 'now-7d', to: 'now' });
  expect(request.targets[0].datasource).toEqual({ type: 'steptrace-datasource', uid: 'steptrace' });
});

it('moves by itself', async () => {
  const asked = source();
  install(asked);
  await open('/a/steptrace-app/executions');
  asked.change({ executions: () => table([row('fourth', 'RUNNING'), row('third', 'SUCCEEDED')]) });
  expect(bodyRows().map((r) => within(r).getAllByRole('link')[0].textContent)).toEqual(['fourth', 'third']);
  expect(screen.getByRole('status')).toHaveTextContent('2 executions: 0 failed, 1 running.');
});

it('takes words with Enter, keeps the rest of the address, and cancels what was asked before', async () => {
  const asked = source();
  install(asked);
  await open('/a/steptrace-app/executions?orgId=1&status=FAILED');
  await userEvent.type(screen.getByLabelText('Words in payloads'), 'a.jpg{Enter}');
  expect(search()).toBe('?orgId=1&status=FAILED&text=a.jpg');
  expect(asked.queries('executions')).toMatchObject([{ text: 'a.jpg', statuses: ['FAILED'] }]);
  expect(asked.cancelled).toBe(1);
});

it('goes back with the browser', async () => {
  const asked = source();
  install(asked);
  await open('/a/steptrace-app/executions');
  await userEvent.type(screen.getByLabelText('Name or ARN'), 'first{Enter}');
  act(() => locationService.getHistory().goBack());
  expect(screen.getByLabelText('Name or ARN')).toHaveValue('');
  expect(asked.queries('executions')[0].name).toBeUndefined();
});

it('chooses a status by keyboard', async () => {
  install(source());
  await open('/a/steptrace-app/executions');
  await userEvent.type(screen.getByLabelText('Status'), 'Timed{Enter}');
  expect(search()).toBe('?status=TIMED_OUT');
});

it('does not ask for a duration that is none', async () => {
  const asked = source();
  install(asked);
  await open('/a/steptrace-app/executions');
  await userEvent.type(screen.getByLabelText('Duration at least'), '90{Enter}');
  expect(screen.getByRole('alert')).toHaveTextContent('A duration is written 90s');
  expect(search()).toBe('');
  await userEvent.type(screen.getByLabelText('Duration at least'), 's{Enter}');
  expect(search()).toBe('?minDuration=90s');
});

it('shows more when asked', async () => {
  const asked = new FakeSource({
    executions: ({ limit = 0 }) => table(Array.from({ length: limit }, (_, i) => row(`n${i}`, 'SUCCEEDED'))),
  });
  install(asked);
  await open('/a/steptrace-app/executions?limit=2');
  expect(screen.getByRole('status')).toHaveTextContent('The newest 2 executions');
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  expect(search()).toBe('?limit=4');
  expect(bodyRows()).toHaveLength(4);
});

it('says what failed, keeps what is known, and asks again', async () => {
  const asked = new FakeSource({ executions: () => new Error('clickhouse: connection refused') });
  install(asked);
  await open('/a/steptrace-app/executions');
  expect(screen.getByText('clickhouse: connection refused')).toBeVisible();
  expect(screen.queryByText('Reading the executions…')).not.toBeInTheDocument();
  asked.answers = { executions: () => executions };
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.queryByText('clickhouse: connection refused')).not.toBeInTheDocument();
  expect(bodyRows()).toHaveLength(3);
});

it('says that it is reading until there is an answer', async () => {
  const asked = new FakeSource({});
  install(asked);
  jest.spyOn(asked, 'query').mockReturnValue(new (jest.requireActual('rxjs').Observable)(() => undefined));
  await open('/a/steptrace-app/executions');
  expect(screen.getByText('Reading the executions…')).toBeVisible();
  expect(screen.queryByText(/No execution/)).not.toBeInTheDocument();
});

it.each([
  ['', 'No execution started in this time'],
  ['?status=FAILED', 'No execution of this time is like that'],
])('says that there are none of %p', async (address, title) => {
  install(new FakeSource({ executions: () => table([]) }));
  await open(`/a/steptrace-app/executions${address}`);
  expect(screen.getByText(title)).toBeVisible();
});

it('clears filters, not the range', async () => {
  install(new FakeSource({ executions: () => table([]) }));
  await open('/a/steptrace-app/executions?status=FAILED&from=now-7d&to=now');
  await userEvent.click(screen.getAllByRole('button', { name: 'Clear filters' })[0]);
  expect(search()).toBe('?from=now-7d&to=now');
});

it('survives rows of which little is known', async () => {
  const bare = frame({ execution_arn: ['arn:1', 'arn:2'], status: [null, 'SLEEPING'], cause: [null, 'x'.repeat(1e6)] });
  install(new FakeSource({ executions: () => bare }));
  await open('/a/steptrace-app/executions');
  expect(bodyRows()[0]).toHaveTextContent('Unknown');
  expect(bodyRows()[1]).toHaveTextContent('SLEEPING');
});
