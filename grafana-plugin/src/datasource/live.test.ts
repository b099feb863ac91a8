import { DataQueryRequest, DataQueryResponse, LiveChannelConnectionState, LoadingState } from '@grafana/data';
import { setGrafanaLiveSrv } from '@grafana/runtime';
import { Subscription } from 'rxjs';
import { debounceMs } from './live/query';
import { pollingMs } from './live/channel';
import { SteptraceQuery } from './query';
import { results } from './testing/backend';
import { dataSource, request } from './testing/source';
import { templates } from './testing/templates';

const all = 'changes/all';
const arn = 'arn:aws:states:eu-west-1:123456789012:execution:orders:1';
const trace = '0af7651916cd43dd8448eb211c80319c';

const subscriptions = new Subscription();
let unsubscribe: () => void;

/** Asks, and keeps what is answered as `state refId=value … error`. */
function follow(asked: DataQueryRequest<SteptraceQuery>, variables = templates({})) {
  const fakes = dataSource(variables);
  const seen: string[] = [];
  const subscription = fakes.source.query(asked).subscribe({
    next: (r) => seen.push(written(r)),
    complete: () => seen.push('complete'),
  });
  subscriptions.add(subscription);
  unsubscribe = () => subscription.unsubscribe();
  return { ...fakes, seen };
}

function written({ state, data, errors }: DataQueryResponse) {
  const frames = data.map((f) => `${f.refId}=${f.fields[0].values[0]}`);
  return [state, ...frames, ...(errors ?? []).map((e) => `${e.refId}: ${e.message}`)].join(' ');
}

const queries = (data: { queries: SteptraceQuery[] }) => data.queries.map((q) => q.refId).join('');

/** Time passes, and promises are kept. */
const pass = (ms = debounceMs) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-11-26T12:00:00Z') });
});

afterEach(() => {
  unsubscribe();
  // Whatever a query has started ends with it.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('completes when nothing is live', async () => {
  const { backend, live, seen } = follow(request([{}]));
  backend.last.answer(results({ A: 1 }));
  expect(seen).toEqual([`${LoadingState.Done} A=1`, 'complete']);
  await pass(pollingMs * 2);
  expect(backend.asked).toHaveLength(1);
  expect(live.addresses).toEqual([]);
});

it('asks its live queries again when the channel tells of a change, and keeps the others', async () => {
  const { backend, live, seen } = follow(request([{ live: true }, { queryType: 'states', live: true }]));
  await pass(0);
  expect(live.open).toEqual([all]);
  backend.last.answer(results({ A: 1, B: 10 }));
  live.change(all);
  live.change(all);
  expect(backend.asked).toHaveLength(1);
  await pass();
  expect(backend.asked.map((a) => queries(a.data))).toEqual(['AB', 'A']);
  backend.last.answer(results({ A: 2 }));
  expect(seen).toEqual(['Streaming A=1 B=10', 'Streaming A=2 B=10']);
  await pass(pollingMs * 3);
  expect(backend.asked).toHaveLength(2);
});

it('asks for the range that a relative one has become', async () => {
  const { backend, live } = follow(request([{ live: true }]));
  await pass(0);
  live.status(all, LiveChannelConnectionState.Connecting);
  backend.last.answer(results({ A: 1 }));
  const before = backend.last.data;
  await pass(60_000 - debounceMs);
  live.change(all);
  await pass();
  // Polling has asked and waits for its answer; the change is asked after when it has come.
  backend.last.answer(results({ A: 1 }));
  expect(Number(backend.last.data.to) - Number(before.to)).toBe(60_000);
  expect(Number(backend.last.data.from) - Number(before.from)).toBe(60_000);
});

it('leaves an absolute range as it is', async () => {
  const asked = request([{ live: true }]);
  asked.range.raw = { from: asked.range.from, to: asked.range.to };
  const { backend, live } = follow(asked);
  await pass(0);
  backend.last.answer(results({ A: 1 }));
  const before = backend.last.data;
  live.change(all);
  await pass();
  expect(backend.asked).toHaveLength(2);
  expect([backend.last.data.from, backend.last.data.to]).toEqual([before.from, before.to]);
});

it('has one question under way, and one more for the changes meanwhile', async () => {
  const { backend, live, seen } = follow(request([{ live: true }]));
  await pass(0);
  for (let i = 0; i < 5; i++) {
    live.change(all);
    await pass(1000);
  }
  expect(backend.asked).toHaveLength(1);
  backend.last.answer(results({ A: 1 }));
  expect(backend.asked).toHaveLength(2);
  backend.last.answer(results({ A: 2 }));
  await pass();
  expect(backend.asked).toHaveLength(2);
  expect(seen).toEqual(['Streaming A=1', 'Streaming A=2']);
});

it('tells an error beside what was known, and goes on', async () => {
  const { backend, live, seen } = follow(request([{ live: true }, {}]));
  await pass(0);
  backend.last.answer(results({ A: 1, B: 10 }));
  live.change(all);
  await pass();
  backend.last.answer(results({ A: 'the store is gone' }));
  live.change(all);
  await pass();
  backend.last.answer(results({ A: 3 }));
  expect(seen).toEqual(['Streaming A=1 B=10', 'Error A=1 B=10 A: the store is gone', 'Streaming A=3 B=10']);
});

it('goes on after an answer that never came', async () => {
  const { backend, live, seen } = follow(request([{ live: true }]));
  await pass(0);
  backend.last.answer(results({ A: 1 }));
  live.change(all);
  await pass();
  backend.last.fail({ status: 502, statusText: 'Bad Gateway', data: { message: 'gone' } });
  live.change(all);
  await pass();
  backend.last.answer(results({ A: 2 }));
  expect(seen).toEqual(['Streaming A=1', expect.stringMatching(/^Error A=1.*gone/), 'Streaming A=2']);
});

describe('the channel', () => {
  it.each<[string, Partial<SteptraceQuery>, string]>([
    ['of an execution', { queryType: 'trace', execution: trace }, `changes/${trace}`],
    ['of the latest', { queryType: 'workflow', execution: 'latest' }, all],
    ['of all of a machine', { queryType: 'workflow', aggregate: true, stateMachines: ['orders'] }, all],
    ['of executions', { queryType: 'executions', execution: trace }, all],
    ['of failures', { queryType: 'failures' }, all],
    ['of a variable', { queryType: 'events', execution: '$trace' }, `changes/${trace}`],
  ])('%s', async (_, query, path) => {
    const { live, source } = follow(request([{ ...query, live: true }]), templates({ trace: { value: trace } }));
    await pass(0);
    expect(live.addresses).toEqual([{ scope: 'ds', namespace: source.uid, stream: source.uid, path }]);
  });

  it('of an ARN is that of the trace which the backend names', async () => {
    const { backend, live } = follow(request([{ queryType: 'workflow', execution: arn, live: true }]));
    const resource = backend.asked.find((a) => a.method === 'GET')!;
    expect(resource.url).toBe('/api/datasources/uid/uid/resources/execution');
    expect(resource.params).toEqual({ execution: arn });
    resource.answer({ trace_id: trace });
    await pass(0);
    expect(live.open).toEqual([`changes/${trace}`]);
  });

  it('is that of all while the store does not know the ARN', async () => {
    const { backend, live } = follow(request([{ queryType: 'workflow', execution: arn, live: true }]));
    backend.asked.find((a) => a.method === 'GET')!.fail({ status: 404, data: { error: 'no such execution' } });
    await pass(0);
    expect(live.open).toEqual([all]);
  });

  it('is one for queries of one trace', async () => {
    const { live } = follow(
      request([
        { queryType: 'trace', execution: trace, live: true },
        { queryType: 'events', execution: trace, live: true },
      ])
    );
    await pass(0);
    expect(live.addresses).toHaveLength(1);
  });
});

describe('without the channel', () => {
  it.each<[string, (live: ReturnType<typeof follow>['live']) => void]>([
    ['not yet there', () => undefined],
    ['connecting', (live) => live.status(all, LiveChannelConnectionState.Connecting)],
    ['disconnected', (live) => live.status(all, LiveChannelConnectionState.Disconnected)],
    ['refused', (live) => live.status(all, LiveChannelConnectionState.Invalid)],
    ['shut down', (live) => live.status(all, LiveChannelConnectionState.Shutdown)],
    ['failed', (live) => live.fail(all)],
    ['ended', (live) => live.end(all)],
  ])('(%s) it asks every five seconds', async (_, happen) => {
    const { backend, live } = follow(request([{ live: true }]));
    await pass(0);
    backend.last.answer(results({ A: 1 }));
    happen(live);
    await pass(pollingMs + debounceMs);
    expect(backend.asked).toHaveLength(2);
    backend.last.answer(results({ A: 2 }));
    await pass(pollingMs);
    expect(backend.asked).toHaveLength(3);
  });

  it('polls where Grafana has no Live at all', async () => {
    const { backend, source } = dataSource();
    setGrafanaLiveSrv(undefined as never);
    const subscription = source.query(request([{ live: true }])).subscribe();
    unsubscribe = () => subscription.unsubscribe();
    await pass(0);
    backend.last.answer(results({ A: 1 }));
    await pass(pollingMs + debounceMs);
    expect(backend.asked).toHaveLength(2);
  });

  it('asks once when it is back, for what changed meanwhile, and polls no longer', async () => {
    const { backend, live } = follow(request([{ live: true }]));
    await pass(0);
    backend.last.answer(results({ A: 1 }));
    live.status(all, LiveChannelConnectionState.Disconnected);
    await pass(1000);
    live.status(all, LiveChannelConnectionState.Connected);
    await pass();
    expect(backend.asked).toHaveLength(2);
    backend.last.answer(results({ A: 2 }));
    await pass(pollingMs * 3);
    expect(backend.asked).toHaveLength(2);
  });
});

it('lets go of the channel and of its question when nobody looks', async () => {
  const { backend, live, seen } = follow(request([{ live: true }]));
  await pass(0);
  expect(live.open).toEqual([all]);
  unsubscribe();
  expect(live.open).toEqual([]);
  expect(backend.last.cancelled).toBe(true);
  expect(seen).toEqual([]);
});

it('subscribes to nothing when it was let go before the trace was known', async () => {
  const { backend, live } = follow(request([{ queryType: 'trace', execution: arn, live: true }]));
  unsubscribe();
  backend.asked.find((a) => a.method === 'GET')!.answer({ trace_id: trace });
  await pass(0);
  expect(live.addresses).toEqual([]);
});
