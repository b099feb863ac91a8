import { describe, test } from 'node:test';
import { execution, illustrate, open, panel } from './rig.mjs';

// The pictures of the documentation. The waterfall is the command line's: Grafana's own is not on this page.
describe('pictures of the documentation', { skip: !process.env.PICTURES && 'npm run screenshots makes them' }, () => {
  test('a workflow with a failed state', async (t) => {
    const of = panel([{ queryType: 'workflow', execution: execution('failed') }]);
    const page = await open(t, of, { width: 1100, height: 640 });
    await page.locator('[data-state="Lambda-Rekognition"]').click();
    await page.getByText('joined by').first().waitFor();
    await illustrate(page, 'workflow-failed');
  });

  test('the page of an execution', async (t) => {
    const of = `/a/steptrace-app/execution?${new URLSearchParams({ execution: execution('failed') })}`;
    const page = await open(t, of, { width: 1200, height: 1160 });
    await page.locator('[data-state="Lambda-Rekognition"]').waitFor();
    await page.getByText('Rekognition DetectFaces').first().waitFor();
    await illustrate(page, 'execution-page');
  });

  test('the executions', async (t) => {
    const page = await open(t, '/a/steptrace-app/executions', { width: 1400, height: 720 });
    await page.getByText('InvalidImageFormatException').first().waitFor();
    await illustrate(page, 'executions');
  });

  test('the waterfall', async (t) => {
    const page = await open(t, '/control/waterfall/failed', { width: 1080, height: 560 });
    await page.locator('pre').waitFor();
    await illustrate(page, 'waterfall');
  });
});
