import React, { StrictMode } from 'react';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { run } from '../testing/runs';
import { LoadState, StateDetails } from './stateDetails';
import { StateDrawer } from './StateDrawer';

const details: StateDetails = {
  state: 'Detect',
  type: 'Task',
  visits: [
    { span_id: '1', status: 'SUCCEEDED', duration_ms: 5, attempts: null },
    {
      span_id: '2',
      status: 'FAILED',
      start: '2026-01-02T03:04:05.678Z',
      duration_ms: 1234,
      error: 'States.TaskFailed',
      message: 'It broke',
      input: { photo: 'a.jpg' },
      output: null,
      attempts: [
        {
          span_id: '3',
          retry: 0,
          status: 'FAILED',
          resource: 'invoke',
          resource_type: 'lambda',
          queue_s: 0.25,
          error: 'Other',
          invocations: [
            {
              span_id: '4',
              function: 'rekognition',
              status: 'ERROR',
              duration_ms: 11,
              cold_start: true,
              join: { method: 'time', confidence: 0.7 },
              calls: [
                {
                  span_id: '5',
                  service: 'Rekognition',
                  operation: 'DetectFaces',
                  status: 'ERROR',
                  http_status: 400,
                  retries: 2,
                  error: 'Throttled',
                },
              ],
            },
          ],
        },
        {
          span_id: '6',
          retry: 1,
          status: 'FAILED',
          backoff_s: 2,
          error: 'States.TaskFailed',
          message: 'It broke',
          resource_type: 'lambda',
          resource: 'arn:aws:lambda:eu-west-1:1:function:detect:live',
        },
      ],
    },
  ],
};

const failed = run('Detect', {
  status: 'FAILED',
  visits: 2,
  attempts: 3,
  durationMs: 1239,
  error: 'States.TaskFailed',
});

const drawer = (more: Partial<React.ComponentProps<typeof StateDrawer>> = {}) => (
  <StrictMode>
    <StateDrawer
      state="Detect"
      run={failed}
      mode="execution"
      execution="arn:e"
      load={async () => details}
      links={[{ title: 'Execution', href: '/a/x', icon: 'external-link-alt' }]}
      timeZone="utc"
      onClose={() => {}}
      {...more}
    />
  </StrictMode>
);

test('shows visits, attempts, invocations and calls, the latest visit first and open', async () => {
  render(drawer());
  const visits = (await screen.findAllByText(/^Visit \d$/)).map((each) => each.closest('details')!);
  expect(visits.map((each) => [each.querySelector('strong')!.textContent, each.open])).toEqual([
    ['Visit 2', true],
    ['Visit 1', false],
  ]);
  const text = visits[0].textContent;
  for (const said of [
    '1.23 s · 03:04:05.678 · 2 attempts',
    'States.TaskFailed: It broke',
    'lambda:invoke · queued 0.25 s',
    'Retry 1',
    'lambda:detect',
    'waited 2 s',
    'λ rekognition',
    '11 ms · cold start · joined by time, 70% certain',
    'Rekognition DetectFaces',
    'HTTP 400 · 2 retries',
    'Throttled',
    '"photo": "a.jpg"',
  ]) {
    expect(text).toContain(said);
  }
  expect(text!.split('It broke')).toHaveLength(2);
  expect(screen.queryByText('Output')).toBeNull();
  expect(screen.getByRole('link', { name: 'Execution' })).toHaveAttribute('href', '/a/x');
});

test('tells an error once: at the state until the visits are there, then where it arose', async () => {
  const refused = { error: 'Refused', message: 'no face in a.jpg' };
  const invocations = [{ span_id: '3', function: 'rekognition', ...refused }];
  const visit = { span_id: '1', ...refused, attempts: [{ span_id: '2', ...refused, invocations }] };
  const run_ = { ...failed, ...refused, visits: 1 };
  const { unmount } = render(drawer({ run: run_, load: undefined }));
  expect(screen.getAllByText(/no face in a.jpg/)).toHaveLength(1);
  unmount();
  render(drawer({ run: run_, load: async () => ({ state: 'Detect', visits: [visit] }) }));
  expect(screen.queryByText(/no face in a.jpg/)).toBeNull();
  const text = await screen.findByText(/no face in a.jpg/);
  expect(text.closest('li')).toHaveTextContent(/^λ rekognition/);
  expect(screen.getAllByText(/no face in a.jpg/)).toHaveLength(1);
});

test('an error that no visit tells stays at the state', async () => {
  render(drawer({ run: { ...failed, error: 'Early' }, load: async () => details }));
  await screen.findByText('Visit 2');
  expect(screen.getByText('Early')).toBeInTheDocument();
});

test('has the focus, and Escape and its button close it', async () => {
  const user = userEvent.setup();
  const onClose = jest.fn();
  render(drawer({ onClose, load: undefined }));
  expect(screen.getByRole('dialog', { name: 'State Detect' })).toHaveFocus();
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  expect(onClose).toHaveBeenCalledTimes(2);
  expect(screen.getByText(/known only to a query of the Steptrace data source/)).toBeInTheDocument();
});

test('of a state that runs in other executions it says where to look', () => {
  const load = jest.fn(async () => details);
  render(drawer({ run: run('Detect', { status: 'ELSEWHERE' }), load }));
  expect(screen.getByText('Status').nextSibling).toHaveTextContent('In other executions');
  expect(screen.getByTitle('In other executions')).toBeInTheDocument();
  expect(screen.getByText(/items of a distributed Map are executions of their own/)).toBeInTheDocument();
  expect(load).not.toHaveBeenCalled();
});

test('says what the data source said when it could not answer', async () => {
  render(drawer({ load: () => Promise.reject({ status: 502, data: { error: 'the store is away' } }) }));
  expect(await screen.findByRole('alert')).toHaveTextContent('The visits could not be read: the store is away');
});

test('an answer that comes too late is dropped', async () => {
  const answers = new Map<string, (details: StateDetails) => void>();
  const load: LoadState = (_, state) => new Promise((resolve) => answers.set(state, resolve));
  const visit = (span_id: string, error: string) => ({ visits: [{ span_id, error }] });
  const { rerender } = render(drawer({ load }));
  rerender(drawer({ load, state: 'Store', run: { ...failed, state: 'Store' } }));
  await act(async () => answers.get('Store')!({ state: 'Store', ...visit('1', 'of Store') }));
  await act(async () => answers.get('Detect')!({ state: 'Detect', ...visit('2', 'of Detect') }));
  expect(screen.getByText('of Store')).toBeInTheDocument();
  expect(screen.queryByText('of Detect')).toBeNull();
});

test('asks again when the state went on, and keeps what is there until then', async () => {
  const load = jest.fn(async () => details);
  const { rerender } = render(drawer({ load }));
  await screen.findByText('Visit 2');
  const before = load.mock.calls.length;
  rerender(drawer({ load, run: { ...failed, durationMs: 2000 } }));
  expect(load).toHaveBeenCalledTimes(before);
  rerender(drawer({ load, run: { ...failed, attempts: 4 } }));
  expect(screen.getByText('Visit 2')).toBeInTheDocument();
  expect(load.mock.calls.length).toBeGreaterThan(before);
  await act(async () => {});
});

test('many visits are shown when one wants them', async () => {
  const visits = Array.from({ length: 25 }, (_, at) => ({ span_id: String(at), status: 'SUCCEEDED' }));
  const user = userEvent.setup();
  render(drawer({ load: async () => ({ state: 'Detect', visits }) }));
  expect(await screen.findAllByText(/^Visit /)).toHaveLength(20);
  await user.click(screen.getByRole('button', { name: 'Show all 25 visits' }));
  expect(screen.getAllByText(/^Visit /)).toHaveLength(25);
});

test('of the aggregate, shares and errors', () => {
  const load = jest.fn(async () => details);
  const all = run('Detect', {
    visits: 10,
    succeeded: 6,
    caught: 1,
    failed: 3,
    p50Ms: 5,
    p95Ms: 1500,
    waitS: 2,
    errors: { Few: 1, Many: 3 },
  });
  render(drawer({ mode: 'aggregate', run: all, execution: '', load }));
  expect(screen.getByText('Failed').nextSibling).toHaveTextContent('40%');
  expect(screen.getByText('p95').nextSibling).toHaveTextContent('1.5 s');
  expect(screen.getAllByRole('row').map((row) => row.textContent)).toEqual(['ErrorVisits', 'Many3', 'Few1']);
  expect(load).not.toHaveBeenCalled();
});
