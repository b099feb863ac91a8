import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execution, open, panel } from './rig.mjs';

// Grafana runs plugins on React 19 since 13.2. What is here works there as well; REACT=react-19 runs all tests on it.
const on19 = { react: 'react-19' };
const version = (page) => page.evaluate(() => window.reactModules.react.version);
const state = (page) => page.locator('button[data-state="Lambda-Rekognition"]');

const otherPackages = process.env.GRAFANA_MODULES && 'the packages of GRAFANA_MODULES have a React of their own';

describe('React 19', { skip: otherPackages }, () => {
  test('draws a workflow and opens a state', async (t) => {
    const page = await open(t, panel([{ queryType: 'workflow', execution: execution('failed') }]), on19);
    assert.match(await version(page), /^19\./);
    await state(page).click();
    await page.getByText('Rekognition DetectFaces').first().waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('goes from the executions to a state', async (t) => {
    const page = await open(t, '/a/steptrace-app/executions', on19);
    const row = page.getByRole('row').filter({ hasText: 'InvalidImageFormatException' });
    await row.getByRole('link').first().click();
    await page.getByText('State Lambda-Rekognition failed: InvalidImageFormatException').waitFor();
    await state(page).click();
    await page.getByText('Rekognition DetectFaces').nth(1).waitFor();
  });

  test('makes a query of a form', async (t) => {
    const query = JSON.stringify({ refId: 'A', queryType: 'executions' });
    const page = await open(t, `/explore?${new URLSearchParams({ query })}`, on19);
    await page.getByLabel('Name', { exact: true }).fill('refused');
    await page.getByLabel('Name', { exact: true }).blur();
    await page.getByRole('cell', { name: 'refused', exact: true }).waitFor();
  });
});
