import { ResourceError, Resources } from './resources';
import { request } from './testing/source';

const { range } = request([]);
const [from, to] = [range.from.valueOf(), range.to.valueOf()];

it.each<[string, (r: Resources) => Promise<unknown>, string, object]>([
  ['machines', (r) => r.machines(range), 'machines', { from, to }],
  ['machines of all time', (r) => r.machines(), 'machines', {}],
  ['values', (r) => r.values({ of: 'states', machines: ['a', 'b'] }), 'values', { of: 'states', machine: ['a', 'b'] }],
  ['revisions', (r) => r.revisions('arn', 2), 'revisions', { machine: 'arn', limit: 2 }],
  ['a state', (r) => r.state('arn', 'Detect'), 'state', { execution: 'arn', state: 'Detect' }],
  ['a history', (r) => r.history({ execution: 'arn', after: 7 }), 'history', { execution: 'arn', after: 7 }],
  ['an execution', (r) => r.execution('latest'), 'execution', { execution: 'latest' }],
])('asks for %s', async (_, ask, path, params) => {
  const get = jest.fn().mockResolvedValue(['answer']);
  expect(await ask(new Resources(get))).toEqual(['answer']);
  expect(get).toHaveBeenCalledTimes(1);
  const [asked, sent, options] = get.mock.calls[0];
  expect([asked, JSON.parse(JSON.stringify(sent)), options]).toEqual([path, params, { showErrorAlert: false }]);
});

it.each([
  [{ status: 404, data: { error: 'there is no execution x' } }, 404, 'execution: there is no execution x'],
  [{ status: 502, data: { message: 'plugin unavailable' } }, 502, 'execution: plugin unavailable'],
  [{ status: 503, statusText: 'Service Unavailable', data: {} }, 503, 'execution: Service Unavailable'],
  [new TypeError('Failed to fetch'), 0, 'execution: Failed to fetch'],
  [undefined, 0, 'execution: no answer'],
])('tells the error %j', async (err, status, message) => {
  const failed = new Resources(() => Promise.reject(err)).execution('x');
  await expect(failed).rejects.toThrow(ResourceError);
  await expect(failed).rejects.toMatchObject({ status, message });
});
