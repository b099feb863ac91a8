import { createDataFrame, DataFrame, FieldType } from '@grafana/data';
import { readEvents } from './events';
import { readExecutions } from './executions';
import { currencyOf, readCosts, readMachines } from './machines';
import { childrenOf, executionSpan, readTrace } from './trace';
import { readWorkflow } from './workflow';

const frame = (columns: Record<string, unknown[]>, custom?: unknown): DataFrame =>
  createDataFrame({
    fields: Object.entries(columns).map(([name, values]) => ({ name, type: FieldType.other, values })),
    meta: { custom: custom as Record<string, unknown> },
  });

describe('executions', () => {
  it('are rows, whatever is null, missing or unknown', () => {
    const rows = readExecutions(
      frame({
        start: [1000, null, '2026-11-26T08:00:00Z'],
        status: ['FAILED', null, 'SLEEPING'],
        duration_ms: [12.5, null, 'long'],
        end: [2000, 0, '0001-01-01T00:00:00Z'],
        execution_arn: ['arn:1', 'arn:2', 'arn:3'],
        more: [1, 2, 3],
      })
    );
    expect(rows.map(({ start, status, duration_ms, end, name }) => [start, status, duration_ms, end, name])).toEqual([
      [1000, 'FAILED', 12.5, 2000, ''],
      [null, '', null, null, ''],
      [1795680000000, 'SLEEPING', null, null, ''],
    ]);
  });

  it('without an ARN are none', () => {
    expect(readExecutions(frame({ execution_arn: [null, ''], name: ['a', 'b'] }))).toEqual([]);
    expect(readExecutions(undefined)).toEqual([]);
  });
});

it('reads a workflow and its execution', () => {
  const read = readWorkflow(
    frame(
      { state: ['A', ''], status: ['FAILED', 'X'], attempts: [3, null], first_start: [5, null] },
      {
        mode: 'execution',
        definition: { StartAt: 'A' },
        revisionId: 'r1',
        execution: { execution_arn: 'arn:1', status: 'RUNNING', start: '2026-11-26T08:00:00Z', redrive_count: 2 },
      }
    )
  );
  expect(read.states).toMatchObject([{ state: 'A', status: 'FAILED', attempts: 3, visits: 0, first_start: 5 }]);
  expect(read.execution).toMatchObject({ arn: 'arn:1', start: 1795680000000, end: null, redrives: 2, cause: '' });
  expect([read.definition, read.revisionId, read.truncated]).toEqual([{ StartAt: 'A' }, 'r1', false]);
});

it.each([[undefined], [frame({})], [frame({ state: ['A'] }, { execution: null })], [frame({}, { execution: 'x' })]])(
  'reads a workflow of nothing',
  (of) => expect(readWorkflow(of).execution).toBeNull()
);

it('reads a trace, its tags as they come', () => {
  const arn = 'aws.step_functions.execution.arn';
  const tags = [
    [
      { key: 'steptrace.kind', value: 'execution' },
      { key: arn, value: 'arn:1' },
    ],
    JSON.stringify([
      { key: 'steptrace.kind', value: 'attempt' },
      { key: 'aws.step_functions.attempt.retry_count', value: 2 },
    ]),
    'not {',
    null,
  ];
  const spans = readTrace(
    frame({
      spanID: ['r', 'a', 'b', 'c'],
      parentSpanID: ['', 'r', 'r', null],
      startTime: [0, 20, 10, 0],
      statusCode: [2, 0, null, 1],
      tags,
    })
  );
  expect(spans.map(({ failed }) => failed)).toEqual([true, false, false, false]);
  expect(spans[1].tags['aws.step_functions.attempt.retry_count']).toBe('2');
  expect([spans[2].tags, spans[3].tags]).toEqual([{}, {}]);
  expect(executionSpan(spans, 'arn:1')?.id).toBe('r');
  expect(executionSpan(spans, 'arn:2')).toBeUndefined();
  expect(childrenOf(spans).get('r')).toMatchObject([{ id: 'b' }, { id: 'a' }]);
});

it('reads events', () => {
  const events = readEvents(
    frame({
      event_id: [1, 2, 3],
      type: ['ExecutionStarted', 'LambdaFunctionFailed', 'TaskRetried'],
      severity: ['info', 'error', null],
      labels: [{ redrive_count: '1' }, '{"redrive_count":2}', 'not {'],
      payload: ['{"input":"{}"}', null, ''],
    })
  );
  expect(events.map(({ redrive, payload, severity }) => [redrive, payload, severity])).toEqual([
    [1, '{"input":"{}"}', 'info'],
    [2, '', 'error'],
    [0, '', ''],
  ]);
});

it('reads machines and costs', () => {
  expect(readMachines(frame({ name: ['m'], arn: ['arn:m'], error_rate: [null], failed: [3] }))).toMatchObject([
    { name: 'm', error_rate: null, failed: 3, running: 0 },
  ]);
  const costs = createDataFrame({
    fields: [{ name: 'total_cost', type: FieldType.number, values: [0.5], config: { unit: 'currencyEUR' } }],
  });
  expect(readCosts(costs)).toMatchObject([{ total_cost: 0.5, lambda_cost: null }]);
  expect([currencyOf(costs), currencyOf(frame({ total_cost: [1] })), currencyOf()]).toEqual([
    'EUR',
    undefined,
    undefined,
  ]);
});
