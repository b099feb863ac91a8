import React from 'react';
import {
  createDataFrame,
  dateTime,
  DataFrame,
  EventBusSrv,
  FieldType,
  getDefaultTimeRange,
  LoadingState,
  PanelData,
  PanelProps,
} from '@grafana/data';
import { locationService, setDataSourceSrv } from '@grafana/runtime';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { giveSize } from '../workflow/testing/size';
import { defaultOptions, WorkflowOptions } from './options';
import { linksOf } from './links';
import { variablesFor } from './variables';
import { WorkflowPanel } from './WorkflowPanel';

const definition = (state: string) =>
  JSON.stringify({ StartAt: state, States: { [state]: { Type: 'Pass', End: true } } });

const frameOf = (state: string, refId: string, more: object = {}): DataFrame =>
  createDataFrame({
    name: 'workflow',
    refId,
    fields: [
      { name: 'state', type: FieldType.string, values: [state] },
      { name: 'status', type: FieldType.string, values: ['FAILED'] },
      { name: 'visits', type: FieldType.number, values: [1] },
    ],
    meta: {
      custom: {
        mode: 'execution',
        definition: definition(state),
        execution: { execution_arn: 'arn:e', trace_id: 'abc' },
        ...more,
      },
    },
  });

const steptrace = { type: 'steptrace-datasource', uid: 'st' };

const dataOf = (series: DataFrame[], state = LoadingState.Done) =>
  ({
    series,
    state,
    timeRange: getDefaultTimeRange(),
    request: { targets: [{ refId: 'A', datasource: steptrace }] },
  }) as unknown as PanelData;

const panel = (data: PanelData, options: Partial<WorkflowOptions> = {}) => (
  <WorkflowPanel
    {...({
      data,
      width: 800,
      height: 600,
      timeZone: 'utc',
      eventBus: new EventBusSrv(),
    } as unknown as PanelProps<WorkflowOptions>)}
    options={{ ...defaultOptions, ...options }}
  />
);

function many(stateMachines: string[]) {
  const target = { refId: 'A', datasource: steptrace, queryType: 'workflow', aggregate: true, stateMachines };
  return { targets: [target] } as unknown as PanelData['request'];
}

const box = (name: string) => document.querySelector<HTMLElement>(`button[data-state="${name}"]`)!;

beforeEach(() => giveSize(800, 600));

test.each([
  [[], LoadingState.Done, /^No data/],
  [[], LoadingState.Loading, /^Reading/],
  [
    [createDataFrame({ name: 'states', fields: [{ name: 'x', values: [1] }] })],
    LoadingState.Done,
    /query type Workflow/,
  ],
])('without a workflow it says why (%#)', (series, state, text) => {
  render(panel(dataOf(series, state)));
  expect(screen.getByText(text)).toBeInTheDocument();
});

test.each<[Partial<PanelData>, string]>([
  [{ request: many([]) }, 'Choose the one state machine whose executions are drawn together.'],
  [{ request: many(['$machine']) }, 'Choose the one state machine whose executions are drawn together.'],
  [
    { state: LoadingState.Error, error: { status: 404, message: 'state machine "orders": not found' } },
    'Nothing is stored of it yet: state machine "orders": not found.',
  ],
  [
    { state: LoadingState.Error, errors: [{ message: 'the store is away' }] },
    'It could not be read: the store is away.',
  ],
])('where there is no workflow it says what to do (%#)', (more, text) => {
  render(panel({ ...dataOf([]), ...more }));
  expect(screen.getByText(text)).toBeInTheDocument();
});

test('a click shows the state, from the data source of the query, and sets variables', async () => {
  const getResource = jest.fn(async () => ({ state: 'Detect', visits: [{ span_id: '1', error: 'Boom' }] }));
  setDataSourceSrv({ get: async () => ({ getResource }) } as unknown as Parameters<typeof setDataSourceSrv>[0]);
  const partial = jest.spyOn(locationService, 'partial').mockImplementation(() => {});
  render(panel(dataOf([frameOf('Detect', 'A')]), { stateVariable: '$state', executionVariable: 'execution' }));
  fireEvent.click(box('Detect'));
  expect(await screen.findByText('Boom')).toBeInTheDocument();
  expect(getResource).toHaveBeenCalledWith('state', { execution: 'arn:e', state: 'Detect' }, { showErrorAlert: false });
  expect(partial).toHaveBeenLastCalledWith({ 'var-state': 'Detect', 'var-execution': 'arn:e' }, true);
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(partial).toHaveBeenLastCalledWith({ 'var-state': '' }, true);
  expect(box('Detect')).toHaveFocus();
  partial.mockRestore();
});

test('new data keeps what is selected', () => {
  const { rerender } = render(panel({ ...dataOf([frameOf('Detect', 'A')]), request: undefined }));
  fireEvent.click(box('Detect'));
  rerender(panel({ ...dataOf([frameOf('Detect', 'A')]), request: undefined }));
  expect(screen.getByRole('dialog', { name: 'State Detect' })).toBeInTheDocument();
});

test('of several workflows one chooses', () => {
  render(
    panel(dataOf([frameOf('Detect', 'A'), frameOf('Store', 'B', { stateMachineArn: 'arn:x:stateMachine:other' })]))
  );
  expect([box('Detect'), box('Store')].map(Boolean)).toEqual([true, false]);
  const choice = screen.getByRole('combobox', { name: 'Workflow' });
  expect(choice).toHaveTextContent('B · other');
  act(() => void fireEvent.change(choice, { target: { value: '1' } }));
  expect([box('Detect'), box('Store')].map(Boolean)).toEqual([false, true]);
});

test('what is truncated or approximate is said', () => {
  render(panel(dataOf([frameOf('Detect', 'A', { truncated: true, approximate: true })])));
  expect(screen.getByRole('note')).toHaveTextContent(/Not everything is shown.*Approximate: over more than 25 hours/);
});

test('links lead to the execution and its trace', () => {
  const range = { ...getDefaultTimeRange(), from: dateTime(1000), to: dateTime(2000) };
  const execution = { arn: 'arn:e', name: 'e', traceId: 'abc', status: 'FAILED' };
  const [page, trace] = linksOf(execution, 'A & B', 'st', range);
  expect(page.href).toBe('/a/steptrace-app/execution?execution=arn:e&state=A%20%26%20B');
  const panes = JSON.parse(new URL(trace.href, 'http://x').searchParams.get('panes')!);
  expect(panes.trace).toEqual({
    datasource: 'st',
    queries: [{ refId: 'A', datasource: steptrace, queryType: 'trace', execution: 'abc' }],
    range: { from: '1000', to: '2000' },
  });
  expect(linksOf(execution, 'A', undefined, range)).toHaveLength(1);
  expect(linksOf({ ...execution, arn: '' }, 'A', 'st', range)).toEqual([]);
});

test.each([
  ['', '', undefined],
  ['state', '', { 'var-state': 'A' }],
  ['${state}', '$exec', { 'var-state': 'A', 'var-exec': 'arn:e' }],
])('variables %j and %j', (stateVariable, executionVariable, query) => {
  expect(variablesFor({ stateVariable, executionVariable }, 'A', 'arn:e')).toEqual(query);
});
