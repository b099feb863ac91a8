import { DataFrame, DataLink, FieldType, toDataFrame } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { tableOf } from '../testing/frames';
import { dataSource, request } from '../testing/source';
import { withLinks } from './links';

const source = { uid: 'uid', name: 'Steptrace', type: 'steptrace-datasource', appSubUrl: '/grafana' };

const kind = (value: string) => ({ key: 'steptrace.kind', value });
const execution = (value: string) => ({ key: 'aws.step_functions.execution.arn', value });
const state = (value: string) => ({ key: 'aws.step_functions.state.name', value });

// id, parent, service, tags
type Row = [string, string | null, string, Array<{ key: string; value: string }>];

const rows: Row[] = [
  ['call', 'invocation', 'S3', [kind('call')]],
  ['trigger', null, 'S3', [kind('trigger')]],
  ['root', 'trigger', 'orders', [kind('execution'), execution('arn:root')]],
  ['pay', 'root', 'orders', [kind('state'), state('Pay')]],
  ['attempt', 'pay', 'orders', [kind('attempt')]],
  ['invocation', 'attempt', 'pay-function', [kind('invocation')]],
  ['child', 'attempt', 'refund', [kind('execution'), execution('arn:child')]],
  ['check', 'child', 'refund', [kind('state'), state('Check "all" & more')]],
];

const hour = 3600_000;

function trace(of: Row[]): DataFrame {
  const column = (name: string, values: unknown[], type = FieldType.string) => ({ name, type, config: {}, values });
  return toDataFrame({
    meta: { preferredVisualisationType: 'trace' },
    fields: [
      column(
        'spanID',
        of.map((r) => r[0])
      ),
      column(
        'parentSpanID',
        of.map((r) => r[1])
      ),
      column(
        'serviceName',
        of.map((r) => r[2])
      ),
      column(
        'tags',
        of.map((r) => r[3]),
        FieldType.other
      ),
      column(
        'startTime',
        of.map((_, i) => 100 * hour + i),
        FieldType.number
      ),
      column(
        'duration',
        of.map(() => 500),
        FieldType.number
      ),
    ],
  });
}

const valuesOf = (frame: DataFrame, name: string) => frame.fields.find((f) => f.name === name)!.values;

it('finds execution and state of every span', () => {
  const frame = withLinks(trace(rows), source);
  const explored = valuesOf(frame, 'metricsUrl').map((url: string) => {
    const { queries } = JSON.parse(new URL(url, 'http://x').searchParams.get('left')!);
    return [queries[0].stateMachines, queries[0].states].flat().join('/');
  });
  const spans = rows.map(([id], i) => `${id}: ${valuesOf(frame, 'execution')[i]} ${explored[i]}`);
  expect(spans).toEqual([
    'call: arn:root orders/Pay',
    'trigger:  ',
    'root: arn:root orders',
    'pay: arn:root orders/Pay',
    'attempt: arn:root orders/Pay',
    'invocation: arn:root orders/Pay',
    'child: arn:child refund',
    'check: arn:child refund/Check "all" & more',
  ]);
});

it('links to the metrics of half a day around', () => {
  const frame = withLinks(trace(rows), source);
  const [url] = valuesOf(frame, 'metricsUrl');
  expect(url).toMatch(/^\/grafana\/explore\?left=/);
  const left = JSON.parse(new URL(url, 'http://x').searchParams.get('left')!);
  expect(left).toEqual({
    datasource: 'uid',
    queries: [
      {
        refId: 'A',
        queryType: 'states',
        format: 'time_series',
        metric: 'p95',
        stateMachines: ['orders'],
        states: ['Pay'],
        datasource: { type: 'steptrace-datasource', uid: 'uid' },
      },
    ],
    range: { from: String(88 * hour), to: String(112 * hour + 507) },
  });
});

it('links to the events of the execution', () => {
  const links = withLinks(trace(rows), source).fields[0].config.links as DataLink[];
  expect(links.map((l) => l.title)).toEqual(['Events of this execution', 'Metrics of this state']);
  expect(links[0].internal).toEqual({
    datasourceUid: 'uid',
    datasourceName: 'Steptrace',
    query: {
      refId: 'A',
      queryType: 'events',
      execution: '${__data.fields.execution}',
      datasource: { type: 'steptrace-datasource', uid: 'uid' },
    },
  });
  expect(links[1].url).toBe('${__data.fields.metricsUrl:raw}');
});

it('does not hang where spans are each other’s parents', () => {
  const loop: Row[] = [
    ['a', 'b', 'orders', []],
    ['b', 'a', 'orders', [state('Pay')]],
  ];
  expect(valuesOf(withLinks(trace(loop), source), 'execution')).toEqual(['', '']);
});

it('leaves other frames as they are', () => {
  const frame = toDataFrame({ fields: [{ name: 'spanID', type: FieldType.string, values: ['a'] }] });
  expect(withLinks(frame, source)).toBe(frame);
});

it('is there in the answers of the data source', async () => {
  const { backend, source: asked } = dataSource();
  const answer = lastValueFrom(asked.query(request([{ queryType: 'trace', execution: 'latest' }])));
  const table = tableOf('A', { spanID: ['s'], 'tags other': [[]], 'startTime number': [1], 'duration number': [1] });
  Object.assign(table.results.A.frames[0].schema, { meta: { preferredVisualisationType: 'trace' } });
  backend.last.answer(table);
  const [frame] = (await answer).data;
  expect(frame.fields.map((f: { name: string }) => f.name)).toEqual([
    'spanID',
    'tags',
    'startTime',
    'duration',
    'execution',
    'metricsUrl',
  ]);
});
