import React, { useState } from 'react';
import { DataQueryRequest, MetricFindValue } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { lastValueFrom } from 'rxjs';
import { axe } from '../testing/axe';
import { choose } from '../testing/editor';
import { tableOf } from '../testing/frames';
import { dataSource, request } from '../testing/source';
import { templates } from '../testing/templates';
import { SteptraceVariableQuery } from './query';
import { VariableSupport } from './support';
import { VariableEditor } from './VariableEditor';

const variables = templates({
  machine: { value: ['orders', 'image'], multi: true },
  every: { value: ['a', 'b'], all: true },
});

/** What a variable's query answers, as text → value. */
async function valuesOf(query: Partial<SteptraceVariableQuery> | string) {
  const fakes = dataSource(variables);
  const { query: ask } = fakes.source.variables as VariableSupport;
  const asked = { ...request([]), targets: [query] } as unknown as DataQueryRequest<SteptraceVariableQuery>;
  const answer = lastValueFrom(ask(asked)); // as Grafana does: without the object
  return { ...fakes, values: answer.then(({ data: [frame] }) => found(frame.fields)) };
}

const found = ([text, value]: Array<{ name: string; values: string[] }>): MetricFindValue[] =>
  text.values.map((t, i) => ({ [text.name]: t, [value.name]: value.values[i] }) as unknown as MetricFindValue);

it.each<[Partial<SteptraceVariableQuery> | string, object]>([
  ['', { of: 'machines' }],
  [{ refId: 'x', of: 'statuses' }, { of: 'statuses' }],
  [
    { refId: 'x', of: 'states', stateMachines: ['$machine'] },
    { of: 'states', machine: ['orders', 'image'] },
  ],
  [{ refId: 'x', of: 'errors', stateMachines: ['$every'] }, { of: 'errors' }],
])('asks for the values of %j', async (query, params) => {
  const { backend, values } = await valuesOf(query);
  expect(backend.last.url).toMatch(/resources\/values$/);
  const { from, to, machine, ...rest } = backend.last.params!;
  expect({ ...rest, ...(machine.length > 0 && { machine }) }).toEqual(params);
  expect(to - from).toBe(3_600_000);
  backend.last.answer([{ text: 'Detect', value: 'd' }]);
  expect(await values).toEqual([{ text: 'Detect', value: 'd' }]);
});

it('has the newest executions', async () => {
  const { backend, values } = await valuesOf({ refId: 'x', of: 'executions', stateMachines: ['$machine'] });
  const [query] = backend.last.data.queries;
  expect(query).toMatchObject({ queryType: 'executions', stateMachines: ['orders', 'image'], limit: 100 });
  backend.last.answer(
    tableOf('search', {
      'start time': [Date.UTC(2026, 10, 26, 12)],
      status: ['FAILED'],
      name: ['e1'],
      state_machine: ['orders'],
      execution_arn: ['arn:e1'],
    })
  );
  expect(await values).toEqual([{ text: 'e1 · FAILED · 2026-11-26 12:00:00', value: 'arn:e1' }]);
});

it('tells why there are none', async () => {
  const { backend, values } = await valuesOf({ refId: 'x', of: 'states' });
  backend.last.fail({ status: 502, data: { error: 'the store does not answer' } });
  await expect(values).rejects.toThrow('values: the store does not answer');
});

it('tells why executions cannot be read', async () => {
  const { backend, values } = await valuesOf({ refId: 'x', of: 'executions' });
  backend.last.answer({ results: { search: { status: 502, error: 'no such table' } } });
  await expect(values).rejects.toThrow('no such table');
});

describe('the editor', () => {
  function edit(first: unknown) {
    const { source } = dataSource(variables);
    jest.spyOn(source.resources, 'values').mockResolvedValue([{ text: 'orders', value: 'orders' }]);
    const seen: unknown[] = [];
    function Host() {
      const [query, setQuery] = useState(first as SteptraceVariableQuery);
      seen.push(query);
      return <VariableEditor query={query} datasource={source} onChange={setQuery} onRunQuery={jest.fn()} />;
    }
    const { container } = render(<Host />);
    return { container, query: () => seen[seen.length - 1] };
  }

  it('makes a variable that follows another', async () => {
    const { container, query } = edit('');
    expect(screen.queryByRole('combobox', { name: 'State machines' })).toBeNull();
    await choose('Values of', 'States');
    await choose('State machines', '$machine');
    await choose('State machines', 'orders');
    expect(query()).toEqual({ refId: 'steptrace-variable', of: 'states', stateMachines: ['$machine', 'orders'] });
    expect(await axe(container)).toEqual([]);
  });

  it.each([
    ['Lambda functions', true],
    ['AWS services', true],
    ['Statuses of executions', false],
  ])('lets %s be of state machines: %s', async (label, narrowed) => {
    edit('');
    await choose('Values of', label);
    expect(screen.queryByRole('combobox', { name: 'State machines' }) !== null).toBe(narrowed);
  });
});
