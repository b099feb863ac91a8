import { dateTime } from '@grafana/data';
import { consoleUrl, parseExecutionArn } from './arn';
import { ExecutionsSearch, executionsQuery, isDuration, isFiltered, readSearch, writeSearch } from './executionsSearch';
import { explorePath } from './explore';
import { comparePath, executionPath, machinePath, pageOf, pagePath } from './paths';
import { fromTimeRange, moved, readRange, toTimeRange, zoomedOut } from './timeRange';

const usual: ExecutionsSearch = {
  machines: [],
  statuses: [],
  errors: [],
  failedState: '',
  text: '',
  name: '',
  minDuration: '',
  maxDuration: '',
  mapRun: '',
  limit: 50,
  from: 'now-24h',
  to: 'now',
};

describe('pages', () => {
  it.each([
    ['/a/steptrace-app', 'executions'],
    ['/a/steptrace-app/', 'executions'],
    ['/a/steptrace-app/executions', 'executions'],
    ['/a/steptrace-app/execution', 'execution'],
    ['/grafana/a/steptrace-app/machines/', 'machines'],
    ['/a/steptrace-app/machine', 'machine'],
    ['/a/steptrace-app/compare', 'compare'],
    ['/a/steptrace-app/elsewhere', undefined],
    ['/a/steptrace-app/constructor', undefined],
  ])('%s is %s', (path, page) => expect(pageOf(path)).toBe(page));

  it.each([
    [pagePath('executions'), '/a/steptrace-app/executions'],
    [executionPath('arn:1', 'Wait 10s & go'), '/a/steptrace-app/execution?execution=arn:1&state=Wait%2010s%20%26%20go'],
    [executionPath('arn:1'), '/a/steptrace-app/execution?execution=arn:1'],
    [machinePath('arn:m', { from: 'now-1h', to: 'now' }), '/a/steptrace-app/machine?machine=arn:m&from=now-1h&to=now'],
    [comparePath('a', undefined), '/a/steptrace-app/compare?a=a'],
    [pagePath('executions', { machine: ['x', 'y'], status: [] }), '/a/steptrace-app/executions?machine=x&machine=y'],
  ])('writes %s', (path, expected) => expect(path).toBe(expected));
});

describe('search of executions', () => {
  it.each<[string, Partial<ExecutionsSearch>]>([
    ['', {}],
    ['machine=a&machine=arn%3Aaws%3Ab', { machines: ['a', 'arn:aws:b'] }],
    ['status=FAILED&status=TIMED_OUT', { statuses: ['FAILED', 'TIMED_OUT'] }],
    ['error=States.TaskFailed', { errors: ['States.TaskFailed'] }],
    ['failedState=Wait+10s+%26+go', { failedState: 'Wait 10s & go' }],
    ['text=%22a%22+or+%27b%27%3B--', { text: `"a" or 'b';--` }],
    ['name=%C3%9Cbung%2B1', { name: 'Übung+1' }],
    ['minDuration=90s&maxDuration=1h30m', { minDuration: '90s', maxDuration: '1h30m' }],
    ['mapRun=arn%3Aaws%3Astates', { mapRun: 'arn:aws:states' }],
    ['limit=200', { limit: 200 }],
    ['from=now-7d%2Fd&to=now', { from: 'now-7d/d' }],
    ['from=1700000000000&to=1700003600000', { from: '1700000000000', to: '1700003600000' }],
  ])('goes from the address %p and back', (address, search) => {
    const read = readSearch(new URLSearchParams(address));
    expect(read).toEqual({ ...usual, ...search });
    expect(readSearch(writeSearch(read))).toEqual(read);
    expect(writeSearch(read).toString()).toBe(new URLSearchParams(address).toString());
  });

  it.each<[string, Partial<ExecutionsSearch>]>([
    ['status=failed&status=PENDING&status=FAILED', { statuses: ['FAILED'] }],
    ['machine=&machine=a&machine=a', { machines: ['a'] }],
    ['limit=1e9', { limit: 1000 }],
    ['limit=-1', {}],
    ['limit=abc', {}],
    ['from=yesterday&to=now', {}],
    ['from=now-1h', { from: 'now-1h' }],
    ['to=now-1h', {}],
    ['text=++', {}],
  ])('takes of %p what can be', (address, search) => {
    expect(readSearch(new URLSearchParams(address))).toEqual({ ...usual, ...search });
  });

  it('keeps what is not its own', () => {
    const before = new URLSearchParams('orgId=2&status=FAILED&kiosk=tv');
    expect(writeSearch({ ...usual, text: 'x' }, before).toString()).toBe('orgId=2&kiosk=tv&text=x');
  });

  it('asks for what it says', () => {
    const search = { ...usual, machines: ['m'], failedState: 'Detect', minDuration: '1s', maxDuration: 'long' };
    expect(JSON.parse(JSON.stringify(executionsQuery(search)))).toEqual({
      refId: 'executions',
      queryType: 'executions',
      format: 'table',
      stateMachines: ['m'],
      statuses: [],
      errors: [],
      failedState: 'Detect',
      minDuration: '1s',
      limit: 50,
      live: true,
    });
  });

  it.each([
    [usual, false],
    [{ ...usual, from: 'now-1h', limit: 100 }, false],
    [{ ...usual, statuses: ['FAILED'] }, true],
    [{ ...usual, text: 'x' }, true],
  ])('knows whether it filters', (search, expected) => expect(isFiltered(search)).toBe(expected));

  it.each([
    ['', true],
    ['90s', true],
    ['1h30m', true],
    ['250ms', true],
    ['1.5s', true],
    ['90', false],
    ['1d', false],
    ['-1s', false],
    ['s', false],
  ])('%p is a duration: %p', (text, expected) => expect(isDuration(text)).toBe(expected));
});

describe('time range', () => {
  it.each([
    ['from=now-1h&to=now', { from: 'now-1h', to: 'now' }],
    ['from=1700000000000&to=1700000060000', { from: '1700000000000', to: '1700000060000' }],
  ])('goes from %s to a range and back', (address, range) => {
    expect(fromTimeRange(toTimeRange(readRange(new URLSearchParams(address))))).toEqual(range);
  });

  const hour = toTimeRange({ from: '1700000000000', to: '1700003600000' });

  it('is of the times that it says', () => {
    expect([hour.from.valueOf(), hour.to.valueOf()]).toEqual([1700000000000, 1700003600000]);
    expect(dateTime().diff(toTimeRange({ from: 'now-1h', to: 'now' }).from, 'minutes')).toBe(60);
  });

  it('moves by half and widens to twice', () => {
    expect(moved(hour, -1)).toEqual({ from: '1699998200000', to: '1700001800000' });
    expect(moved(hour, 1)).toEqual({ from: '1700001800000', to: '1700005400000' });
    expect(zoomedOut(hour)).toEqual({ from: '1699998200000', to: '1700005400000' });
  });
});

describe('ARNs', () => {
  const standard = 'arn:aws:states:eu-central-1:123456789012:execution:image-workflow:0a1b';
  const express = 'arn:aws-cn:states:cn-north-1:123456789012:express:orders:run:0a1b-2c';
  const item = 'arn:aws-us-gov:states:us-gov-west-1:123456789012:execution:many/Each:0a1b';

  it.each([
    [standard, 'image-workflow', '0a1b', 'arn:aws:states:eu-central-1:123456789012:stateMachine:image-workflow', false],
    [express, 'orders', 'run', 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:orders', true],
    [item, 'many', '0a1b', 'arn:aws-us-gov:states:us-gov-west-1:123456789012:stateMachine:many', false],
  ])('reads %s', (arn, machine, name, machineArn, isExpress) => {
    expect(parseExecutionArn(arn)).toMatchObject({ machine, name, machineArn, express: isExpress });
  });

  it.each([['latest'], ['5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c'], [''], ['arn:aws:states:r:1:stateMachine:m']])(
    '%p is none of an execution',
    (text) => expect(parseExecutionArn(text)).toBeUndefined()
  );

  it.each([
    [
      standard,
      undefined,
      `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${standard}`,
    ],
    [
      express,
      1700000000000,
      `https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/express-executions/details/${express}?startDate=1700000000000`,
    ],
    [
      item,
      undefined,
      `https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/${item}`,
    ],
    [express, undefined, undefined],
    ['arn:elsewhere:states:r:1:execution:m:n', undefined, undefined],
    ['latest', undefined, undefined],
  ])('%s is in the console', (arn, start, url) => expect(consoleUrl(arn, start)).toBe(url));
});

it('opens a query in Explore', () => {
  const path = explorePath('uid 1', { queryType: 'trace', execution: 'arn:1' }, { from: '1', to: 'now' });
  const [page, search] = path.split('?');
  const params = new URLSearchParams(search);
  expect(page).toBe('/explore');
  expect(params.get('schemaVersion')).toBe('1');
  expect(JSON.parse(params.get('panes') ?? '')).toEqual({
    steptrace: {
      datasource: 'uid 1',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'steptrace-datasource', uid: 'uid 1' },
          queryType: 'trace',
          execution: 'arn:1',
        },
      ],
      range: { from: '1', to: 'now' },
    },
  });
});
