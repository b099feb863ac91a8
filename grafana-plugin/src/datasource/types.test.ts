import { readFileSync } from 'fs';
import { join } from 'path';
import { QueryType, SteptraceQuery } from './query';
import { formatsOf, types, withFormat, withType } from './types';

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');

// metrics.go says `States: { TimeSeries: {"visits", …}, Numeric: {…} },`.
function metricsOfBackend() {
  const names = Object.fromEntries(
    Array.from(read('backend/query/query.go').matchAll(/^\t(\w+) +Type = "(\w+)"/gm), (m) => [m[1], m[2]])
  );
  const [, table] = read('backend/query/metrics.go').split('map[Type]map[Format][]string{');
  const entries = table.split('\n}\n')[0].matchAll(/(\w+):\s*\{((?:\s*(?:TimeSeries|Numeric):\s*\{[^}]*\},?)+)\s*\}/g);
  return Object.fromEntries(
    Array.from(entries, ([, type, formats]) => [
      names[type],
      Object.fromEntries(
        Array.from(formats.matchAll(/(TimeSeries|Numeric):\s*\{([^}]*)\}/g), ([, format, metrics]) => [
          format === 'Numeric' ? 'numeric' : 'time_series',
          Array.from(metrics.matchAll(/"(\w*)"/g), (m) => m[1]),
        ])
      ),
    ])
  );
}

it('has the metrics of the backend', () => {
  const own = Object.entries(types).filter(([, { metrics }]) => Object.keys(metrics).length > 0);
  expect(own).toHaveLength(7);
  expect(Object.fromEntries(own.map(([type, { metrics }]) => [type, metrics]))).toEqual(metricsOfBackend());
});

it('has the fields of each type that the contract has', () => {
  const contract = read('../docs/grafana-data.md').split('## Query')[1].split('## Frames')[0];
  const all = Object.keys(types) as QueryType[];
  for (const [, names, of] of contract.matchAll(/^\| (`.+`) \| [^|]+ \| ([^|]+) \|/gm)) {
    const wanted = of.startsWith('all but')
      ? all.filter((t) => !of.split(/\W+/).includes(t))
      : all.filter((t) => of.split(/\W+/).includes(t));
    for (const [, name] of names.matchAll(/`(\w+)`/g)) {
      if (['queryType', 'format', 'metric', 'step'].includes(name)) {
        continue;
      }
      const own = all.filter((t) => (types[t].fields as string[]).includes(name));
      expect([name, ...own]).toEqual([name, ...wanted]);
    }
  }
});

describe('another type', () => {
  const query: SteptraceQuery = {
    refId: 'B',
    queryType: 'failures',
    format: 'numeric',
    metric: 'each',
    stateMachines: ['orders'],
    kind: 'state',
    live: true,
  };

  it.each<[QueryType, Partial<SteptraceQuery>]>([
    ['executions', { format: 'numeric', metric: 'count', stateMachines: ['orders'], live: true }],
    ['map_runs', { format: 'numeric', metric: 'failed_share', stateMachines: ['orders'] }],
    ['sql', { format: 'numeric' }],
    ['trace', { format: 'table', live: true }],
  ])('%s keeps what it has too', (queryType, want) => {
    expect(JSON.parse(JSON.stringify(withType(query, queryType)))).toEqual({ refId: 'B', queryType, ...want });
  });

  it('keeps the metric where a format has it', () => {
    expect(withFormat(query, 'time_series').metric).toBe('count');
    expect(withFormat({ ...query, metric: 'executions' }, 'time_series').metric).toBe('executions');
    expect(withFormat(query, 'table').metric).toBeUndefined();
  });
});

it('has table first', () => {
  expect(formatsOf('map_runs')).toEqual(['table', 'numeric']);
  expect(formatsOf('trace')).toEqual(['table']);
});
