import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execution, open, panel, picture } from './rig.mjs';

describe('workflow panel', () => {
  test('draws', async (t) => {
    const page = await open(t, panel([{ queryType: 'workflow', execution: execution('failed') }]));
    await page.locator('pre').waitFor();
    await picture(page, 'panel');
    assert.ok(true);
  });
});
