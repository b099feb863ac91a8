import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { address, execution, open, panel } from './rig.mjs';

// Where Grafana has the plugin's files: below a path of its own, or on a CDN, which is another origin. Of 500 states the
// layout is made by a worker, whose script is a file as well.

const views = {
  panel: () => panel([{ queryType: 'workflow', execution: execution('catalogue') }]),
  page: () => `/a/steptrace-app/execution?${new URLSearchParams({ execution: execution('catalogue') })}`,
};

/** What a page has loaded of the plugin from elsewhere than a place. */
async function elsewhere(page, place) {
  await page.locator('[data-state="Page 1.1.1"]').waitFor();
  assert.equal(page.workers().length, 1, 'the worker runs, so it is not the page that made the layout');
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const scripts = names.filter((name) => name.includes('/plugins/') && new URL(name).pathname.endsWith('.js'));
  assert.ok(scripts.length > 1, 'of the data source and of what draws');
  return scripts.filter((script) => !script.startsWith(place));
}

describe('files of the plugin', () => {
  for (const [name, path] of Object.entries(views)) {
    test(`${name} below a path`, async (t) => {
      const page = await open(t, `/grafana${path()}`);
      assert.deepEqual(await elsewhere(page, `${address().pages}/grafana/public/plugins/`), []);
    });

    test(`${name} on a CDN`, async (t) => {
      const { cdn } = address();
      const page = await open(t, path(), { cdn });
      assert.deepEqual(await elsewhere(page, `${cdn}/steptrace-app/`), []);
    });
  }
});
