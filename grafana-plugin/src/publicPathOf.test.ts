import { publicPathOf } from './publicPathOf';

test.each([
  ['http://x/public/plugins/steptrace-app/module.js', 'http://x/public/plugins/steptrace-app/'],
  ['/grafana/public/plugins/steptrace-workflow-panel/module.js?_cache=1', '/grafana/public/plugins/steptrace-app/'],
  ['public/plugins/steptrace-datasource/module.js', 'public/plugins/steptrace-app/'],
  ['https://cdn/steptrace-app/1.0.0/dist/panel/module.js', 'https://cdn/steptrace-app/1.0.0/dist/'],
  ['http://localhost/dist/module.js#x', 'http://localhost/dist/'],
])('of %s is %s', (uri, path) => expect(publicPathOf(uri)).toBe(path));

test('of no address there is none', () => expect(publicPathOf(undefined)).toBeUndefined());
