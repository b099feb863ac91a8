import { AnnotationEventFieldSource, AnnotationQuery, DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { lastValueFrom, Observable } from 'rxjs';
import { SteptraceQuery } from '../query';
import { annotationSupport } from './support';

const annotation = (target?: Partial<SteptraceQuery>, rest = {}) =>
  ({ name: 'x', enable: true, iconColor: 'red', target, ...rest }) as AnnotationQuery<SteptraceQuery>;

const events = (anno: AnnotationQuery<SteptraceQuery>, ...frames: DataFrame[]) =>
  lastValueFrom(annotationSupport.processEvents!(anno, frames) as Observable<unknown>);

const table = (columns: Record<string, unknown[]>) =>
  toDataFrame({
    fields: Object.entries(columns).map(([name, values]) => ({
      name,
      values,
      type: typeof values[0] === 'number' ? FieldType.time : FieldType.string,
    })),
  });

describe('the query', () => {
  it.each<[string, Partial<SteptraceQuery> | undefined, unknown]>([
    [
      'is failures at first',
      undefined,
      { refId: 'Anno', queryType: 'failures', limit: 200, format: 'table', live: false },
    ],
    [
      'is a table that ends, whatever its user has left in it',
      { refId: 'B', queryType: 'executions', format: 'numeric', metric: 'count', live: true, statuses: ['FAILED'] },
      { refId: 'B', queryType: 'executions', format: 'table', live: false, statuses: ['FAILED'] },
    ],
    ['is none while it is not complete', { refId: 'B', queryType: 'events' }, undefined],
  ])('%s', (_, target, want) => {
    const query = annotationSupport.prepareQuery!(annotation(target));
    expect(query && JSON.parse(JSON.stringify(query))).toEqual(want);
  });
});

const failures = table({
  time: [1000, 2000],
  kind: ['state', 'execution'],
  state_machine: ['orders', 'orders'],
  state: ['Detect', ''],
  error: ['States.Timeout', 'States.Timeout'],
  message: ['too slow', 'Detect was too slow'],
});

it('marks failures', async () => {
  expect(await events(annotation(), failures)).toEqual([
    {
      time: 1000,
      isRegion: false,
      title: 'Detect failed: States.Timeout',
      text: 'too slow',
      tags: ['state', 'orders', 'Detect', 'States.Timeout'],
    },
    {
      time: 2000,
      isRegion: false,
      title: 'Execution failed: States.Timeout',
      text: 'Detect was too slow',
      tags: ['execution', 'orders', 'States.Timeout'],
    },
  ]);
});

it('marks executions as regions, and those that run as moments', async () => {
  const executions = table({
    start: [1000, 5000],
    end: [3000, null],
    status: ['FAILED', 'RUNNING'],
    state_machine: ['orders', 'orders'],
    name: ['e1', 'e2'],
    error: ['Refused', ''],
    cause: ['no stock', null],
  });
  expect(await events(annotation({ queryType: 'executions' }), executions)).toEqual([
    {
      time: 1000,
      timeEnd: 3000,
      isRegion: true,
      title: 'orders FAILED: Refused',
      text: 'e1: no stock',
      tags: ['orders', 'FAILED', 'Refused'],
    },
    {
      time: 5000,
      timeEnd: undefined,
      isRegion: false,
      title: 'orders RUNNING',
      text: 'e2',
      tags: ['orders', 'RUNNING'],
    },
  ]);
});

it('marks what SQL answers by the names of its columns', async () => {
  const answer = table({ time: [1000], timeEnd: [2000], title: ['Deployed'], text: ['v2'], tags: ['a,b'] });
  expect(await events(annotation({ queryType: 'sql', rawSql: 'SELECT 1' }), answer)).toEqual([
    { time: 1000, timeEnd: 2000, isRegion: true, title: 'Deployed', text: 'v2', tags: ['a', 'b'] },
  ]);
});

it('leaves out what has no time', async () => {
  expect(await events(annotation({ queryType: 'sql', rawSql: 'SELECT 1' }), table({ text: ['x'] }))).toEqual([]);
});

it('goes by the mapping of its user', async () => {
  const mappings = {
    title: { source: AnnotationEventFieldSource.Text, value: 'Trouble' },
    text: { source: AnnotationEventFieldSource.Field, value: 'error' },
    tags: { source: AnnotationEventFieldSource.Field, value: 'state' },
    timeEnd: { source: AnnotationEventFieldSource.Skip },
    id: {},
  };
  const [first] = (await events(annotation(undefined, { mappings }), failures)) as unknown[];
  expect(first).toEqual({
    time: 1000,
    timeEnd: undefined,
    isRegion: false,
    title: 'Trouble',
    text: 'States.Timeout',
    tags: ['Detect'],
  });
});
