import { CoreApp } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { SteptraceQuery } from './query';
import { results } from './testing/backend';
import { dataSource, request } from './testing/source';
import { templates } from './testing/templates';

it('asks for what is complete and not hidden', async () => {
  const { source, backend } = dataSource();
  const answer = lastValueFrom(
    source.query(request([{ queryType: 'trace' }, { hide: true }, { queryType: 'states' }]))
  );
  expect(backend.last.data.queries.map((q: SteptraceQuery) => q.refId)).toEqual(['C']);
  backend.last.answer(results({ C: 3 }));
  expect((await answer).data).toHaveLength(1);
});

it('asks for nothing where a variable has no execution yet', async () => {
  const { source, backend } = dataSource(templates({ execution: { value: '' } }));
  const { data } = await lastValueFrom(source.query(request([{ queryType: 'trace', execution: '$execution' }])));
  expect(data).toEqual([]);
  expect(backend.asked).toEqual([]);
});

it('asks for nothing where a variable has no state machine yet', async () => {
  const { source, backend } = dataSource(templates({ machine: { value: [] } }));
  const query = { queryType: 'workflow' as const, aggregate: true, stateMachines: ['$machine'] };
  const { data } = await lastValueFrom(source.query(request([query])));
  expect(data).toEqual([]);
  expect(backend.asked).toEqual([]);
});

it('replaces variables, those of a repeated panel first', () => {
  const { source, backend } = dataSource(templates({ machine: { value: ['orders', 'image'] } }));
  const asked = request([{ stateMachines: ['$machine'] }]);
  source.query({ ...asked, scopedVars: { machine: { text: 'one', value: 'one' } } }).subscribe();
  expect(backend.last.data.queries[0].stateMachines).toEqual(['one']);
  expect(source.interpolateVariablesInQueries([{ refId: 'A', queryType: 'states', states: ['$machine'] }], {})).toEqual(
    [{ refId: 'A', queryType: 'states', states: ['orders', 'image'] }]
  );
});

it.each<[Partial<SteptraceQuery>, string]>([
  [
    { queryType: 'failures', stateMachines: ['orders'], states: ['Pay'], metric: 'count' },
    'Failures of orders: Pay, count',
  ],
  [{ queryType: 'executions', stateMachines: [], statuses: ['FAILED', 'TIMED_OUT'] }, 'Executions: FAILED, TIMED_OUT'],
  [{ queryType: 'trace', execution: 'latest' }, 'Trace of latest'],
  [{ queryType: 'calls', services: ['S3'], resource: 'photos' }, 'AWS calls: S3, photos'],
  [{ queryType: 'machines' }, 'State machines'],
  [{ queryType: 'sql', rawSql: 'SELECT 1' }, 'SELECT 1'],
])('writes %j in a line', (query, want) => {
  const { source } = dataSource();
  expect(source.getQueryDisplayText({ refId: 'A', ...query } as SteptraceQuery)).toBe(want);
});

it('knows the default of each place', () => {
  const { source } = dataSource();
  expect(source.getDefaultQuery(CoreApp.Explore).queryType).toBe('executions');
  expect(source.getDefaultQuery(CoreApp.UnifiedAlerting)).toEqual({
    queryType: 'failures',
    format: 'numeric',
    metric: 'count',
  });
});
