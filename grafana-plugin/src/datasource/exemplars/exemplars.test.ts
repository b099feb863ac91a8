import { DataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { SteptraceQuery } from '../query';
import { results } from '../testing/backend';
import { tableOf } from '../testing/frames';
import { dataSource, request } from '../testing/source';

const query: Partial<SteptraceQuery> = {
  queryType: 'executions',
  format: 'time_series',
  metric: 'p95',
  stateMachines: ['orders'],
  exemplars: true,
};

const minute = 60_000;

/** Asks with exemplars and answers with these executions: end (minutes), duration, state machine. */
async function mark(...executions: Array<[number | null, number, string]>) {
  const { source, backend } = dataSource();
  const answer = lastValueFrom(source.query(request([query])));
  const asked = backend.last.data.queries as SteptraceQuery[];
  backend.last.answer({
    results: {
      ...results({ A: 1 }).results,
      ...tableOf('A exemplars', {
        'end time': executions.map(([end]) => (end === null ? null : end * minute)),
        'duration_ms number': executions.map(([, duration]) => duration),
        state_machine: executions.map(([, , machine]) => machine),
        status: executions.map(() => 'SUCCEEDED'),
        name: executions.map((_, i) => `e${i}`),
        execution_arn: executions.map((_, i) => `arn:e${i}`),
        trace_id: executions.map((_, i) => `trace${i}`),
      }).results,
    },
  });
  const { data } = await answer;
  return { asked, data: data as DataFrame[] };
}

it('asks for the executions behind the durations', async () => {
  const { asked } = await mark();
  const [, executions] = JSON.parse(JSON.stringify(asked));
  expect(executions).toMatchObject({ refId: 'A exemplars', format: 'table', stateMachines: ['orders'], limit: 1000 });
  expect(executions).not.toHaveProperty('metric');
});

it('marks the longest of each step and state machine, by end', async () => {
  const { data } = await mark(
    [9, 10, 'orders'],
    [5, 30, 'orders'],
    [5.5, 70, 'orders'],
    [5.2, 20, 'image'],
    [null, 999, 'orders']
  );
  const [series, exemplars] = data;
  expect(series.refId).toBe('A');
  const { name, refId, meta, fields } = exemplars;
  expect([name, refId, meta?.dataTopic]).toEqual(['exemplar', 'A', 'annotations']);
  expect(Object.fromEntries(fields.map((f) => [f.name, f.values]))).toEqual({
    Time: [5.2 * minute, 5.5 * minute, 9 * minute],
    Value: [20, 70, 10],
    state_machine: ['image', 'orders', 'orders'],
    status: ['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED'],
    name: ['e3', 'e2', 'e0'],
    execution_arn: ['arn:e3', 'arn:e2', 'arn:e0'],
    trace_id: ['trace3', 'trace2', 'trace0'],
  });
  expect(fields[6].config.links![0].internal!.query).toMatchObject({ queryType: 'trace', execution: '${__value.raw}' });
});

it.each<[string, Partial<SteptraceQuery>]>([
  ['counts', { ...query, metric: 'count' }],
  ['tables', { ...query, format: 'table' }],
  ['queries that do not ask for them', { ...query, exemplars: undefined }],
])('has none of %s', (_, other) => {
  const { source, backend } = dataSource();
  source.query(request([other])).subscribe();
  expect(backend.last.data.queries).toHaveLength(1);
});

it('tells an error of the executions as one of the query', async () => {
  const { source, backend } = dataSource();
  const answer = lastValueFrom(source.query(request([query])));
  backend.last.answer({ results: { ...results({ A: 1, 'A exemplars': 'too slow' }).results } });
  expect((await answer).errors).toMatchObject([{ refId: 'A', message: 'too slow' }]);
});

it('is asked again with its live query', async () => {
  jest.useFakeTimers();
  const { source, backend, live } = dataSource();
  const subscription = source.query(request([{ ...query, live: true }])).subscribe();
  await jest.advanceTimersByTimeAsync(0);
  backend.last.answer(results({ A: 1 }));
  live.change('changes/all');
  await jest.advanceTimersByTimeAsync(300);
  expect(backend.asked.map((a) => a.data.queries.length)).toEqual([2, 2]);
  subscription.unsubscribe();
  jest.useRealTimers();
});
