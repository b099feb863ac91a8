import { describe, test } from 'node:test';
import { execution, illustrate, open, panel } from './rig.mjs';

// The pictures of the documentation. The waterfall is the command line's: Grafana's own is not on this page.
describe('pictures of the documentation', { skip: !process.env.PICTURES && 'npm run screenshots makes them' }, () => {
  test('a workflow with a failed state', async (t) => {
    const of = panel([{ queryType: 'workflow', execution: execution('failed') }]);
    const page = await open(t, of, { width: 1600, height: 720 });
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
    const page = await open(t, '/a/steptrace-app/executions', { width: 1400, height: 620 });
    await page.getByText('InvalidImageFormatException').first().waitFor();
    await illustrate(page, 'executions');
  });

  test('the waterfall', async (t) => {
    const page = await open(t, '/control/waterfall/failed', { width: 1120, height: 480 });
    const printed = await page.locator('pre').innerText();
    await page.setContent(`<pre style="font: 13px/1.25 monospace; margin: 12px">${toHtml(printed)}</pre>`);
    await illustrate(page, 'waterfall');
  });
});

const colours = { 2: '#666', 31: '#b3123f', 32: '#0b6b45', 33: '#8a5a00', 34: '#1f55b5' };

/** A terminal's colours as HTML. */
function toHtml(text) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const parts = escaped.split(/\x1b\[(\d*)m/);
  return parts
    .map((part, n) => (n % 2 === 0 ? `<span style="color: ${colours[parts[n - 1]]}">${part}</span>` : ''))
    .join('');
}
