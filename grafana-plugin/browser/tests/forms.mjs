import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { open, picture } from './rig.mjs';

const explore = (query) => `/explore?${new URLSearchParams({ query: JSON.stringify({ refId: 'A', ...query }) })}`;
const asked = async (page) => JSON.parse(await page.getByLabel('query', { exact: true }).innerText());

describe('forms', () => {
  test('a query is made of a form, and answered', async (t) => {
    const page = await open(t, explore({ queryType: 'executions' }));
    await page.getByLabel('Name', { exact: true }).fill('refused');
    await page.getByLabel('Name', { exact: true }).blur();
    await page.getByRole('cell', { name: 'refused', exact: true }).waitFor();
    assert.equal((await asked(page)).name, 'refused');
    await picture(page, 'editor-executions-light');
  });

  test('every type has its form', async (t) => {
    for (const queryType of [
      'trace',
      'workflow',
      'states',
      'events',
      'failures',
      'calls',
      'cost',
      'machines',
      'map_runs',
    ]) {
      const page = await open(t, explore({ queryType, execution: 'latest' }));
      await page.getByText('Query', { exact: true }).first().waitFor();
      assert.equal((await asked(page)).queryType, queryType);
      await picture(page, `editor-${queryType}-light`);
    }
  });

  test('the connection has a form', async (t) => {
    const page = await open(t, '/connections');
    await page.getByLabel('URL', { exact: false }).first().fill('http://clickhouse:8123');
    assert.match(await page.getByLabel('settings').innerText(), /http:\/\/clickhouse:8123/);
    await picture(page, 'connection-light');
  });
});
