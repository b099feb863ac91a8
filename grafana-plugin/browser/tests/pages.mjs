import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { control, execution, figure, open, picture } from './rig.mjs';

const app = '/a/steptrace-app';
const page_ = (name, parameters) => `${app}/${name}?${new URLSearchParams(parameters)}`;

describe('pages', () => {
  test('a failed state and its cause are two clicks away', async (t) => {
    const began = Date.now();
    const page = await open(t, `${app}/executions`);
    const row = page.getByRole('row').filter({ hasText: 'InvalidImageFormatException' });
    await row.waitFor();
    await picture(page, 'executions-light');
    await row.getByRole('link').first().click();
    await page.getByText('State Lambda-Rekognition failed: InvalidImageFormatException').waitFor();
    await page.locator('button[data-state="Lambda-Rekognition"]').click();
    await page.getByText('Rekognition DetectFaces').nth(1).waitFor();
    figure('grafana.cause', Date.now() - began, 'ms');
    await picture(page, 'execution-state-light');
  });

  test('an upload appears among the executions by itself, and ends', async (t) => {
    const page = await open(t, `${app}/executions`, { theme: 'dark' });
    await page.getByRole('row').nth(5).waitFor();
    const running = page.getByRole('row').filter({ hasText: 'image-workflow' }).filter({ hasText: 'Running' });
    assert.equal(await running.count(), 0);
    await control('upload/portrait.jpeg');
    await running.waitFor();
    await picture(page, 'executions-dark');
    await running.waitFor({ state: 'detached' });
  });

  for (const theme of ['light', 'dark']) {
    test(`an execution has its workflow, trace and events, ${theme}`, async (t) => {
      const page = await open(t, page_('execution', { execution: execution('failed') }), { theme });
      await page.getByRole('heading', { name: 'Workflow' }).waitFor();
      await page.getByRole('heading', { name: 'Waterfall' }).waitFor();
      await page.getByRole('heading', { name: 'Events' }).waitFor();
      await page.getByText('ExecutionFailed').first().waitFor();
      await picture(page, `execution-${theme}`);
    });
  }

  test('two executions are compared', async (t) => {
    const path = page_('compare', { a: execution('failed'), b: execution('succeeded') });
    const page = await open(t, path, { theme: 'dark', height: 1400 });
    await page.getByText('They part at Lambda-Rekognition: Failed in A, Succeeded in B.').waitFor();
    await page.getByText('"key": "not-an-image.jpg"').waitFor();
    await picture(page, 'compare-dark');
  });

  test('state machines are listed', async (t) => {
    const page = await open(t, `${app}/machines`);
    for (const name of ['image-workflow', 'order-fulfilment', 'catalogue']) {
      await page.getByRole('link', { name, exact: true }).waitFor();
    }
    await picture(page, 'machines-light');
  });
});
