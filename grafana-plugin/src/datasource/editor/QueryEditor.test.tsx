import { CoreApp } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryType, SteptraceQuery } from '../query';
import { axe } from '../testing/axe';
import { choose, edit, named, open } from '../testing/editor';
import { QueryEditor } from './QueryEditor';

// Monaco does not run in jsdom: a text box stands for it.
jest.mock('@grafana/ui', () => ({
  ...jest.requireActual('@grafana/ui'),
  CodeEditor: jest.requireActual('../testing/codeEditor').CodeEditor,
}));

describe('the form', () => {
  it.each<[QueryType, Partial<SteptraceQuery>, string]>([
    [
      'executions',
      {},
      'Live, State machines, Statuses, Errors, Name, Payload, Failed state, Took at least, Took at most, Map Run, Limit, Format',
    ],
    ['trace', {}, 'Live, Execution'],
    ['workflow', {}, 'Live, Draw, Execution'],
    ['workflow', { aggregate: true }, 'Live, Draw, State machine'],
    ['states', {}, 'State machines, States, Limit, Format'],
    ['states', { format: 'numeric' }, 'State machines, States, Limit, Format, Metric'],
    ['events', {}, 'Live, Execution, State, Event types, Limit'],
    ['failures', {}, 'Live, State machines, States, Errors, Failures of, Caught too, Limit, Format'],
    ['calls', {}, 'State machines, Services, Operations, Callers, Resource, Failed only, Slowest calls, Limit, Format'],
    [
      'calls',
      { format: 'time_series' },
      'State machines, Services, Operations, Callers, Resource, Failed only, Limit, Format, Metric, Step',
    ],
    ['functions', {}, 'State machines, Limit'],
    ['map_runs', {}, 'State machines, Map Run, Limit, Format'],
    ['cost', {}, 'State machines, By, Architecture, Limit, Format'],
    ['machines', {}, 'State machines, Limit'],
    ['sql', {}, 'Statement, Limit, Format'],
  ])('of %s %j has its fields, with names', async (queryType, query, want) => {
    const { container } = await edit(QueryEditor, { queryType, ...query });
    expect(named(container)).toBe(`Query, ${want}`);
    expect(await axe(container)).toEqual([]);
  });
});

it('offers the values of the store, of the machines that are chosen, and variables', async () => {
  const { values, query, onRunQuery } = await edit(QueryEditor, { queryType: 'states', stateMachines: ['$machine'] });
  await choose('States', 'image');
  expect(values).toHaveBeenLastCalledWith({
    of: 'states',
    machines: ['orders'],
    range: expect.objectContaining({ raw: { from: 'now-1h', to: 'now' } }),
  });
  expect(query()).toEqual({ refId: 'A', queryType: 'states', stateMachines: ['$machine'], states: ['image'] });
  expect(onRunQuery).toHaveBeenCalledTimes(1);
  await choose('States', '$machine');
  expect(query().states).toEqual(['image', '$machine']);
});

it('takes values that are written', async () => {
  const { query, user } = await edit(QueryEditor, { queryType: 'events', execution: 'latest' });
  await user.type(screen.getByRole('combobox', { name: 'Event types' }), 'TaskFailed{Enter}');
  expect(query().eventTypes).toEqual(['TaskFailed']);
});

it('says why values cannot be loaded', async () => {
  const { values } = await edit(QueryEditor, { queryType: 'states' });
  values.mockRejectedValue(new Error('values: the store does not answer'));
  await open('States');
  expect(await screen.findByText('values: the store does not answer')).toBeVisible();
});

it('searches executions and takes an ARN', async () => {
  const { executions, query, user } = await edit(QueryEditor, { queryType: 'trace' });
  expect(screen.getByText(/Name an execution/)).toBeVisible();
  await choose('Execution', 'e1');
  expect(query().execution).toBe('arn:e1');
  expect(screen.queryByText(/Name an execution/)).toBeNull();
  executions.mockResolvedValue([]);
  await user.type(screen.getByRole('combobox', { name: 'Execution' }), 'arn:aws:states:x');
  await waitFor(() =>
    expect(executions).toHaveBeenLastCalledWith({ name: 'arn:aws:states:x', limit: 50 }, expect.anything())
  );
  await user.keyboard('{Enter}');
  await waitFor(() => expect(query().execution).toBe('arn:aws:states:x'));
});

it('says why executions cannot be searched', async () => {
  const { executions, user } = await edit(QueryEditor, { queryType: 'trace' });
  executions.mockRejectedValue(new Error('no such table'));
  await user.type(screen.getByRole('combobox', { name: 'Execution' }), 'x');
  expect(await screen.findByText('no such table')).toBeVisible();
});

it('asks for a text when it is left', async () => {
  const { query, onRunQuery, user } = await edit(QueryEditor, { queryType: 'executions' });
  await user.type(screen.getByLabelText('Name'), 'order-4711');
  expect(query().name).toBe('order-4711');
  expect(onRunQuery).not.toHaveBeenCalled();
  await user.tab();
  expect(onRunQuery).toHaveBeenCalledTimes(1);
});

it('refuses what is no duration', async () => {
  const { query, user } = await edit(QueryEditor, { queryType: 'executions' });
  await user.type(screen.getByLabelText('Took at least'), '90 seconds');
  expect(screen.getByText('Write it like 250ms, 90s or 1h30m')).toBeVisible();
  expect(screen.getByText(/“90 seconds” is not a duration/)).toBeVisible();
  await user.clear(screen.getByLabelText('Took at least'));
  await user.type(screen.getByLabelText('Took at least'), '1h30m');
  expect(screen.queryByText(/not a duration/)).toBeNull();
  expect(query().minDuration).toBe('1h30m');
});

it('keeps the limit within what the type allows', async () => {
  const { query, user } = await edit(QueryEditor, { queryType: 'executions' });
  await user.type(screen.getByLabelText('Limit'), '5000');
  expect(query().limit).toBe(1000);
  await user.clear(screen.getByLabelText('Limit'));
  expect(query().limit).toBeUndefined();
});

it('has the metrics of the format', async () => {
  const { query } = await edit(QueryEditor, { queryType: 'failures', live: true });
  await userClick('Numeric');
  expect(query()).toMatchObject({ format: 'numeric', metric: 'count' });
  await choose('Metric', 'Each failure, with its execution');
  expect(query()).toMatchObject({ format: 'numeric', metric: 'each' });
  await userClick('Time series');
  expect(query()).toMatchObject({ format: 'time_series', metric: 'count' });
});

it('keeps what the next type has too', async () => {
  const { query, onRunQuery } = await edit(QueryEditor, { queryType: 'failures', stateMachines: ['a'], kind: 'state' });
  await choose('Query', 'Executions');
  expect(query()).toEqual({ refId: 'A', queryType: 'executions', format: 'table', stateMachines: ['a'] });
  expect(onRunQuery).toHaveBeenCalledTimes(1);
});

it('switches', async () => {
  const { query, user } = await edit(QueryEditor, { queryType: 'failures' });
  await user.click(screen.getByLabelText('Live'));
  await user.click(screen.getByLabelText('Caught too'));
  await userClick('Executions');
  expect(query()).toMatchObject({ live: true, caught: true, kind: 'execution' });
  await user.click(screen.getByLabelText('Live'));
  expect(query().live).toBeUndefined();
});

it('draws one execution or all of a machine', async () => {
  const { query } = await edit(QueryEditor, { queryType: 'workflow', execution: 'latest' });
  await userClick('All of the range');
  expect(query().aggregate).toBe(true);
  expect(screen.getByText(/Choose the one state machine/)).toBeVisible();
  await choose('State machine', 'orders');
  expect(query().stateMachines).toEqual(['orders']);
  expect(screen.queryByText(/Choose the one/)).toBeNull();
});

it('asks for a statement when it is left', async () => {
  const { query, onRunQuery, user } = await edit(QueryEditor, { queryType: 'sql' });
  expect(screen.getByText('Write a statement.')).toBeVisible();
  await user.type(screen.getByLabelText('Statement'), 'SELECT 1');
  await user.tab();
  expect(query().rawSql).toBe('SELECT 1');
  expect(onRunQuery).toHaveBeenCalledTimes(1);
});

describe('a query that says nothing yet', () => {
  it.each([
    [CoreApp.Dashboard, { queryType: 'executions', format: 'table', live: true }],
    [CoreApp.Explore, { queryType: 'executions', format: 'table' }],
    [CoreApp.UnifiedAlerting, { queryType: 'failures', format: 'numeric', metric: 'count' }],
  ])('becomes that of %s', async (app, want) => {
    const { query } = await edit(QueryEditor, {}, app);
    expect(query()).toEqual({ refId: 'A', ...want });
  });
});

describe('in an alert rule', () => {
  it('nothing is live, and only what has numbers is offered', async () => {
    const { container } = await edit(
      QueryEditor,
      { queryType: 'failures', format: 'numeric' },
      CoreApp.UnifiedAlerting
    );
    expect(named(container)).not.toContain('Live');
    await open('Query');
    const offered = await screen.findAllByRole('option');
    expect(offered.map((o) => o.textContent)).toEqual([
      expect.stringMatching(/^Executions/),
      expect.stringMatching(/^States/),
      expect.stringMatching(/^Failures/),
      expect.stringMatching(/^AWS calls/),
      expect.stringMatching(/^Map Runs/),
      expect.stringMatching(/^Cost/),
      expect.stringMatching(/^SQL/),
    ]);
  });

  it.each([
    [{ queryType: 'failures', format: 'table' }, 'An alert rule takes numbers: choose the format Numeric.'],
    [{ queryType: 'trace', execution: 'latest' }, 'An alert rule takes numbers, and Trace has none.'],
  ] as const)('%j is advised against', async (query, want) => {
    await edit(QueryEditor, query, CoreApp.UnifiedAlerting);
    expect(screen.getByText(want)).toBeVisible();
  });
});

async function userClick(label: string) {
  await userEvent.click(screen.getByRole('radio', { name: label }));
}
