import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { control, execution, figure, open, panel, picture } from './rig.mjs';

const of = (name) => panel([{ queryType: 'workflow', execution: execution(name) }]);
const overview = (page) => page.getByRole('img', { name: 'Map of the workflow' });
const state = (page, name) => page.locator(`button[data-state="${name}"]`);

// What an idle machine takes, without a graphics card. The tests fail at ten times that: they run on busy ones, too.
const usual = { firstPaint: 200, fps: 60 };

describe('workflow panel', () => {
  for (const theme of ['light', 'dark']) {
    test(`draws a failed execution, ${theme}`, async (t) => {
      const page = await open(t, of('failed'), { theme });
      const failed = state(page, 'Lambda-Rekognition');
      await failed.waitFor();
      const name = await failed.getAttribute('aria-label');
      assert.match(name, /^Lambda-Rekognition, Task, failed, error InvalidImageFormatException/);
      await failed.getByText('Failed').waitFor();
      assert.ok((await failed.locator('svg').count()) >= 2, 'icons of its type and its status');
      assert.equal(await overview(page).count(), 0, 'all is in sight');
      await picture(page, `panel-failed-${theme}`);
    });
  }

  test('opens a state with its cause, its Lambda and its AWS call', async (t) => {
    const page = await open(t, of('failed'));
    await state(page, 'Lambda-Rekognition').click();
    const drawer = page.locator('[aria-labelledby], [role=dialog], aside').filter({ hasText: 'DetectFaces' }).last();
    await drawer.getByText('Request has invalid image format').first().waitFor();
    await drawer.getByText('image-workflow-rekognition').first().waitFor();
    await drawer.getByText('Rekognition DetectFaces').first().waitFor();
    await picture(page, 'panel-drawer-light');
  });

  test('keeps an opened state in sight, and the view that somebody chose', async (t) => {
    const page = await open(t, of('failed'), { width: 1200 });
    const drawer = page.getByRole('dialog');
    const left = async (locator) => (await locator.boundingBox()).x;
    await state(page, 'Lambda-Rekognition').click();
    await drawer.waitFor();
    const edge = await left(drawer);
    await page.waitForFunction(endsBefore, edge);
    await drawer.getByRole('button', { name: 'Close' }).click();
    await page.mouse.move(300, 100);
    await page.mouse.down();
    await page.mouse.move(280, 110);
    await page.mouse.up();
    const chosen = await left(state(page, 'Parallel'));
    await page.setViewportSize({ width: 1300, height: 900 });
    await page.waitForFunction((width) => document.querySelector('.react-flow').clientWidth === width, 1300);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    assert.equal(await left(state(page, 'Parallel')), chosen);
  });

  test('goes by keyboard', async (t) => {
    const page = await open(t, of('failed'));
    await state(page, 'Parallel').waitFor();
    await state(page, 'Parallel').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-state'));
    assert.equal(await focused(), 'Lambda-Rekognition');
    await page.keyboard.press('Enter');
    await page.getByText('Request has invalid image format').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Request has invalid image format').first().waitFor({ state: 'hidden' });
  });

  test('tells retries and a caught error', async (t) => {
    const page = await open(t, of('refused'), { theme: 'dark' });
    const caught = state(page, 'Check document');
    await caught.waitFor();
    assert.match(await caught.getAttribute('aria-label'), /caught, error NoSuchKey.*2 retries/);
    assert.match(await state(page, 'Refuse').getAttribute('aria-label'), /failed, error OrderRefused/);
    assert.match(await state(page, 'Approve').getAttribute('aria-label'), /not reached/);
    await picture(page, 'panel-refused-dark');
  });

  test('heats the states of many executions', async (t) => {
    const page = await open(t, panel([{ queryType: 'workflow', aggregate: true, stateMachines: ['image-workflow'] }]));
    const name = await state(page, 'Lambda-Rekognition').getAttribute('aria-label');
    assert.match(name, /\d+ visits, \d+% failed, p95 [\d.]+ (ms|s)/);
    const select = page.getByLabel('Colour by');
    assert.ok((await select.boundingBox()).height > 12, 'one can choose what colours go by');
    await select.selectOption('p95');
    await page.getByText('longest', { exact: true }).waitFor();
    await picture(page, 'panel-heat-light');
  });

  test('moves while an execution runs', async (t) => {
    const page = await open(t, panel([{ queryType: 'workflow', execution: execution('waiting'), live: true }]));
    const approve = state(page, 'Approve');
    await approve.waitFor();
    assert.match(await approve.getAttribute('aria-label'), /running/);
    await picture(page, 'panel-running-light');
    const began = Date.now();
    await control('approve');
    await page.locator('button[data-state="Approve"][aria-label*="succeeded"]').waitFor();
    figure('grafana.live', Date.now() - began, 'ms');
    await page.locator('button[data-state="Done"][aria-label*="succeeded"]').waitFor();
    assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation').length), 1);
  });

  test('is there at once', async (t) => {
    const took = [];
    for (let n = 0; n < 3; n++) {
      const page = await open(t, of('failed'));
      await state(page, 'Lambda-Rekognition').waitFor();
      took.push(await page.evaluate(firstPaint));
    }
    const median = took.sort((a, b) => a - b)[1];
    figure('grafana.first_paint', Math.round(median), 'ms');
    assert.ok(median < 10 * usual.firstPaint, `${median} ms`);
  });

  test('pans 500 states smoothly', async (t) => {
    const page = await open(t, of('catalogue'), { theme: 'dark' });
    await state(page, 'Page 1.1.1').waitFor();
    await overview(page).waitFor();
    await picture(page, 'panel-500-dark');
    await page.evaluate(countFrames);
    await page.mouse.move(1250, 500);
    await page.mouse.down();
    for (let n = 1; n <= 90; n++) {
      await page.mouse.move(1250 - 2 * n, 500 - 4 * n);
    }
    await page.mouse.up();
    const fps = await page.evaluate(() => window.framesPerSecond());
    figure('grafana.pan_500', Math.round(fps), 'fps');
    assert.ok(fps > usual.fps / 10, `${fps} frames per second`);
  });
});

/** From when the panel's module was asked for until a state was drawn, as the page itself saw it. */
function firstPaint() {
  const [module] = performance
    .getEntriesByType('resource')
    .filter(({ name }) => name.includes('workflow-panel/module.js'));
  const mark = performance.getEntriesByName('drawn')[0];
  return mark.startTime - module.startTime;
}

/** Whether the state is left of an edge. */
const endsBefore = (edge) =>
  document.querySelector('button[data-state="Lambda-Rekognition"]')?.getBoundingClientRect().right < edge;

function countFrames() {
  let frames = 0;
  const began = performance.now();
  const count = () => {
    frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  window.framesPerSecond = () => (1000 * frames) / (performance.now() - began);
}
