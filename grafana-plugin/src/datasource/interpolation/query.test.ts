import { SteptraceQuery } from '../query';
import { templates } from '../testing/templates';
import { interpolate } from './query';

const known = templates({
  machine: { value: ['orders', 'image'], multi: true, includeAll: true },
  one: { value: ['orders'], multi: true },
  every: { value: ['orders', 'image', 'audit'], multi: true, includeAll: true, all: true },
  state: { value: 'Detect' },
  nothing: { value: '' },
  none: { value: [], multi: true },
  hostile: { value: ["a'; DROP TABLE x --", 'b\\'], multi: true },
  dollar: { value: ['$state', '$&'], multi: true },
  execution: { value: 'latest' },
  long: { value: '90s' },
});

const asked = (fields: Partial<SteptraceQuery>, scoped = {}) =>
  interpolate(known, { refId: 'A', queryType: 'executions', ...fields }, scoped);

describe('a list', () => {
  it.each<[string, string[], string[] | undefined]>([
    ['without variables stays', ['a', 'b'], ['a', 'b']],
    ['has an element for each value', ['$machine'], ['orders', 'image']],
    ['takes the brace form', ['${machine}', 'x'], ['orders', 'image', 'x']],
    ['takes the old form', ['[[machine]]'], ['orders', 'image']],
    ['has one element for one value', ['$one'], ['orders']],
    ['names a value once', ['$machine', '$one', 'orders'], ['orders', 'image']],
    [
      'has every combination',
      ['$machine-$state', '$one/$machine'],
      ['orders-Detect', 'image-Detect', 'orders/orders', 'orders/image'],
    ],
    ['drops All', ['$every'], undefined],
    ['drops All beside others', ['$every', 'x'], ['x']],
    ['drops an empty value', ['$nothing', ' '], undefined],
    ['drops a variable without values', ['$none', 'x'], ['x']],
    ['keeps an unknown variable', ['$unknown'], ['$unknown']],
    ['keeps a format that is asked for', ['${machine:csv}'], ['orders,image']],
    ['keeps what is no SQL', ['$hostile'], ["a'; DROP TABLE x --", 'b\\']],
  ])('%s', (_, stateMachines, want) => {
    expect(asked({ stateMachines }).stateMachines).toEqual(want);
  });

  it('takes the value of a repeated panel, All though it is elsewhere', () => {
    const scoped = { every: { text: 'image', value: 'image' } };
    expect(asked({ stateMachines: ['$every'] }, scoped).stateMachines).toEqual(['image']);
  });

  it.each([
    'stateMachines',
    'states',
    'statuses',
    'errors',
    'eventTypes',
    'services',
    'operations',
    'callers',
  ] as const)('is %s', (field) => expect(asked({ [field]: ['$machine'] })[field]).toEqual(['orders', 'image']));
});

describe('a text', () => {
  it.each([
    ['is replaced', '$execution', 'latest'],
    ['is replaced within', 'x $state y', 'x Detect y'],
    ['is dropped for All', '$every', undefined],
    ['is dropped for an empty value', '$nothing', undefined],
    ['tells several values by commas', '$machine', 'orders,image'],
  ])('%s', (_, execution, want) => {
    expect(asked({ execution }).execution).toBe(want);
  });

  it.each([
    'format',
    'metric',
    'execution',
    'name',
    'text',
    'failedState',
    'minDuration',
    'maxDuration',
    'mapRun',
    'kind',
    'state',
    'resource',
    'by',
    'architecture',
    'step',
  ] as const)('is %s', (field) => expect(asked({ [field]: '$long' })[field]).toBe('90s'));
});

it('sends no field that the backend does not know, and none that is empty', () => {
  const query = {
    refId: 'A',
    queryType: 'calls',
    expr: '',
    supportingQueryType: 'x',
    states: [],
    failedOnly: false,
    limit: 5,
  };
  expect(interpolate(known, query as SteptraceQuery, {})).toEqual({
    refId: 'A',
    queryType: 'calls',
    failedOnly: false,
    limit: 5,
  });
});

describe('SQL', () => {
  it.each([
    ['quotes what can be several', 'x IN ($machine)', "x IN ('orders','image')"],
    ['leaves the quotes to the statement of a single value', "x = '$state'", "x = 'Detect'"],
    ['escapes quotes and backslashes', 'x IN ($hostile)', "x IN ('a''; DROP TABLE x --','b\\\\')"],
    ['has JSON of several values', '$__in(x, ${machine:json})', '$__in(x, ["orders","image"])'],
    ['has a JSON list of a single value', '$__in(x, ${state:json})', '$__in(x, ["Detect"])'],
    ['has an empty list for All', '$__in(x, ${every:json})', '$__in(x, [])'],
    ['replaces nothing in values', 'x IN (${dollar:json}) $state', 'x IN (["$state","$&"]) Detect'],
    ['leaves other formats to Grafana', 'x IN (${machine:csv})', 'x IN (orders,image)'],
    [
      'leaves macros and unknown variables',
      '$__timeFilter(t) $__interval_s ${nope:json}',
      '$__timeFilter(t) $__interval_s ${nope:json}',
    ],
  ])('%s', (_, rawSql, want) => {
    expect(asked({ queryType: 'sql', rawSql }).rawSql).toBe(want);
  });
});
