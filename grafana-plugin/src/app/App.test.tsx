import { screen } from '@testing-library/react';
import { open } from './testing/open';
import { FakeSource, install } from './testing/source';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  ...jest.requireActual('./testing/runtime'),
}));

it('says what to do without a data source', async () => {
  install();
  await open('/a/steptrace-app/executions');
  expect(screen.getByText('Steptrace has no data source yet')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Add a data source' })).toHaveAttribute(
    'href',
    '/connections/datasources/new'
  );
});

it('does not ask another data source than the one it is set to', async () => {
  const other = new FakeSource({}, 'other');
  install(other);
  await open('/a/steptrace-app/executions', { datasourceUid: 'gone' });
  expect(screen.getByText('The data source that is configured is gone')).toBeVisible();
  expect(other.asked).toEqual([]);
});

it('asks the data source that it is set to', async () => {
  const [first, second] = [new FakeSource({}, 'first'), new FakeSource({}, 'second')];
  install(first, second);
  await open('/a/steptrace-app/machines', { datasourceUid: 'second' });
  expect([first.asked.length, second.asked.length]).toEqual([0, 1]);
});

it('says that a data source cannot be loaded', async () => {
  const source = new FakeSource({}, 'first');
  install(source);
  Object.defineProperty(source, 'uid', { value: 'renamed' });
  await open('/a/steptrace-app/machines');
  expect(screen.getByText('no data source first')).toBeVisible();
});

it.each([
  ['/a/steptrace-app/execution', 'Which execution?'],
  ['/a/steptrace-app/machine', 'Which state machine?'],
  ['/a/steptrace-app/compare', 'Choose the first execution'],
  ['/a/steptrace-app/nowhere', 'There is no such page'],
])('%s says %s', async (address, text) => {
  install(new FakeSource({}));
  await open(address);
  expect(screen.getByText(text)).toBeVisible();
});
