import { run } from 'axe-core';

/** What axe finds wrong with an element, as `rule: element`. Colours need a real browser. */
export async function axe(element: Element): Promise<string[]> {
  const { violations } = await run(element, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html}`));
}
