import { createDataFrame, FieldType } from '@grafana/data';
import { fromFrame, isWorkflowFrame, noticesOf } from './fromFrame';

const frame = createDataFrame({
  name: 'workflow',
  refId: 'B',
  fields: [
    { name: 'state', type: FieldType.string, values: ['Detect', 'Store'] },
    { name: 'type', type: FieldType.string, values: ['Task', ''] },
    { name: 'status', type: FieldType.string, values: ['CAUGHT', 'DREAMING'] },
    { name: 'visits', type: FieldType.number, values: [2, 0] },
    { name: 'caught', type: FieldType.number, values: [1, null] },
    { name: 'duration_ms', type: FieldType.number, values: [12.5, null] },
    { name: 'error', type: FieldType.string, values: ['Boom', ''] },
    { name: 'first_start', type: FieldType.time, values: [1700000000000, null] },
    { name: 'errors', type: FieldType.string, values: ['{"Boom": 2, "odd": "x"}', '{'] },
  ],
  meta: {
    custom: {
      mode: 'execution',
      definition: '{}',
      stateMachineArn: 'arn:m',
      execution: { execution_arn: 'arn:e', name: 'e', trace_id: 'abc', status: 'RUNNING' },
      approximate: true,
      truncated: true,
    },
  },
});

test('marks the states of one execution that run in others, not those of many', () => {
  const item = {
    Type: 'Map',
    End: true,
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'Store' },
  };
  const States = { Detect: { ...item, ItemProcessor: { ...item.ItemProcessor, States: { Store: { Type: 'Pass' } } } } };
  const statusesOf = (mode: string) =>
    fromFrame({ ...frame, meta: { custom: { mode, definition: { StartAt: 'Detect', States } } } }).states.map(
      ({ status }) => status
    );
  expect(statusesOf('execution')).toEqual(['CAUGHT', 'ELSEWHERE']);
  expect(statusesOf('aggregate')).toEqual(['CAUGHT', 'NOT_REACHED']);
});

test('reads what the contract says, and takes what is empty or odd as not known', () => {
  const data = fromFrame(frame);
  expect(data).toMatchObject({
    refId: 'B',
    mode: 'execution',
    definition: '{}',
    stateMachineArn: 'arn:m',
    execution: { arn: 'arn:e', name: 'e', traceId: 'abc', status: 'RUNNING' },
  });
  expect(data.states[0]).toMatchObject({
    state: 'Detect',
    type: 'Task',
    status: 'CAUGHT',
    visits: 2,
    caught: 1,
    failed: 0,
    durationMs: 12.5,
    error: 'Boom',
    firstStart: 1700000000000,
    errors: { Boom: 2 },
  });
  expect(data.states[1]).toMatchObject({ state: 'Store', status: 'NOT_REACHED', caught: 0 });
  expect(
    data.states[1].type ?? data.states[1].durationMs ?? data.states[1].error ?? data.states[1].errors
  ).toBeUndefined();
  expect(noticesOf(data)).toHaveLength(2);
});

test('a frame without anything but states is read', () => {
  const bare = createDataFrame({ name: 'workflow', fields: [{ name: 'state', values: ['A'] }] });
  const data = fromFrame(bare);
  expect([data.mode, data.definition, data.execution.arn, data.states.length]).toEqual(['execution', null, '', 1]);
  expect(noticesOf(data)).toEqual([]);
});

test('only frames of a workflow are taken for one', () => {
  const other = (name: string, field: string) => createDataFrame({ name, fields: [{ name: field, values: ['A'] }] });
  expect(
    [frame, other('workflow', 'state'), other('states', 'state'), other('workflow', 'time')].map(isWorkflowFrame)
  ).toEqual([true, true, false, false]);
});
