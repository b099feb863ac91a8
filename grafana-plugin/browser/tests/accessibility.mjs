import axe from 'axe-core';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execution, open, panel } from './rig.mjs';

const parameters = (values) => new URLSearchParams(values);

// Each with something that is there when it is drawn.
const views = {
  panel: () => [panel([{ queryType: 'workflow', execution: execution('failed') }]), '[data-state="Parallel"]'],
  drawer: () => [
    `/a/steptrace-app/execution?${parameters({ execution: execution('failed'), state: 'Lambda-Rekognition' })}`,
    '[role="dialog"] details',
  ],
  executions: () => ['/a/steptrace-app/executions', 'td'],
  execution: () => [`/a/steptrace-app/execution?${parameters({ execution: execution('failed') })}`, '[data-state]'],
  machines: () => ['/a/steptrace-app/machines', 'td'],
  compare: () => [
    `/a/steptrace-app/compare?${parameters({ a: execution('failed'), b: execution('succeeded') })}`,
    '[data-state]',
  ],
  editor: () => [`/explore?${parameters({ query: '{"refId":"A","queryType":"executions"}' })}`, 'input'],
};

describe('accessibility', () => {
  for (const [name, view] of Object.entries(views)) {
    for (const theme of ['light', 'dark']) {
      test(`${name}, ${theme}`, async (t) => {
        const [path, drawn] = view();
        const page = await open(t, path, { theme });
        await page.locator(drawn).first().waitFor();
        await page.evaluate(`(() => { let define; ${axe.source} })()`); // not a module of Grafana's loader
        const { violations, passes } = await page.evaluate(() =>
          window.axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'],
            rules: { 'heading-order': { enabled: true } },
          })
        );
        assert.ok(passes.length > 5, 'rules were applied');
        const serious = violations.filter(
          ({ id, impact }) => impact !== 'minor' && (impact !== 'moderate' || id === 'heading-order')
        );
        assert.deepEqual(
          serious.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)
          ),
          []
        );
      });
    }
  }
});
