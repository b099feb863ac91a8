import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { SteptraceQuery } from '../../datasource/query';
import { open, search } from '../testing/open';
import { FakeSource, install, table } from '../testing/source';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  ...jest.requireActual('../testing/runtime'),
}));

const arn = (name: string) => `arn:aws:states:eu-central-1:1:execution:images:${name}`;
const address = `/a/steptrace-app/compare?a=${arn('good')}&b=${arn('bad')}`;

const states = (detect: string, took: number) => [
  { state: 'Get', type: 'Pass', status: 'SUCCEEDED', visits: 1, first_start: 1000, duration_ms: 1 },
  { state: 'Detect', type: 'Task', status: detect, visits: 1, attempts: 1, first_start: 1001, duration_ms: took },
];

function workflow({ execution = '' }: SteptraceQuery) {
  const good = execution === arn('good');
  const of = {
    execution_arn: execution,
    name: good ? 'good' : 'bad',
    state_machine: 'images',
    state_machine_arn: 'arn:m',
    status: good ? 'SUCCEEDED' : 'FAILED',
    start: '1970-01-01T00:00:01Z',
  };
  return table(good ? states('SUCCEEDED', 50) : states('FAILED', 1550), {
    definition: null,
    revisionId: good ? 'r1' : 'r2',
    execution: of,
  });
}

const started = ({ execution }: SteptraceQuery) => {
  const input = JSON.stringify({ key: execution === arn('good') ? 'a.jpg' : 'b.jpg' });
  return table([{ event_id: 1, type: 'ExecutionStarted', payload: JSON.stringify({ input }) }]);
};

const source = () =>
  new FakeSource({
    workflow,
    events: started,
    executions: () =>
      table(['good', 'bad'].map((name) => ({ name, status: 'SUCCEEDED', execution_arn: arn(name), start: 1 }))),
  });

it('names where two executions part, and lists their states', async () => {
  install(source());
  await open(address);
  expect(screen.getByText('They part at Detect: Succeeded in A, Failed in B.')).toBeVisible();
  expect(screen.getByText('They ran different revisions of the definition.')).toBeVisible();
  const rows = within(screen.getByRole('region', { name: 'States of both' }))
    .getAllByRole('row')
    .slice(1);
  expect(rows[0]).toHaveTextContent('GetSucceededSucceeded––1 ms1 ms0 ms');
  expect(rows[1]).toHaveTextContent('Detect (they part here)SucceededFailed1150 ms1.55 s+1.5 s');
});

it('shows what their inputs differ in', async () => {
  install(source());
  await open(address);
  const difference = screen.getByLabelText('Difference of the inputs');
  expect(within(difference).getByText(/a\.jpg/).tagName).toBe('DEL');
  expect(within(difference).getByText(/b\.jpg/).tagName).toBe('INS');
});

it('says whose input is not there', async () => {
  const asked = source();
  asked.answers.events = (query) => (query.execution === arn('bad') ? table([]) : started(query));
  install(asked);
  await open(address);
  expect(screen.getByText(/The store has no input of B/)).toBeVisible();
});

it('says which one the store does not know', async () => {
  const asked = source();
  asked.answers.workflow = (query) => (query.execution === arn('bad') ? table([]) : workflow(query));
  install(asked);
  await open(address);
  expect(screen.getByText(`The store does not know ${arn('bad')}.`)).toBeVisible();
  expect(screen.queryByText(/They part/)).not.toBeInTheDocument();
});

it('swaps them', async () => {
  install(source());
  await open(address);
  expect(screen.getByRole('link', { name: 'Swap' })).toHaveAttribute(
    'href',
    `/a/steptrace-app/compare?a=${arn('bad')}&b=${arn('good')}`
  );
});

it('offers executions of the same state machine to compare one with', async () => {
  const asked = source();
  install(asked);
  await open(`/a/steptrace-app/compare?a=${arn('good')}`);
  expect(asked.queries('executions')[0].stateMachines).toEqual(['arn:aws:states:eu-central-1:1:stateMachine:images']);
  const region = screen.getByRole('region', { name: 'Executions' });
  const links = within(region).getAllByRole('link');
  expect(links.map((link) => link.getAttribute('href'))).toEqual([
    `/a/steptrace-app/compare?a=${arn('good')}&b=${arn('bad')}`,
  ]);
});

it('takes an ARN that is typed', async () => {
  install(source());
  await open(`/a/steptrace-app/compare?b=${arn('bad')}`);
  await userEvent.type(screen.getByLabelText('Execution A'), `${arn('good')}{Enter}`);
  expect(search()).toBe(`?b=${arn('bad')}&a=${arn('good')}`);
  expect(screen.getByText(/They part at Detect/)).toBeVisible();
});
