import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { figure } from './rig.mjs';

const dist = join(import.meta.dirname, '../../dist');
const kB = (file) => Math.round(gzipSync(readFileSync(join(dist, file))).length / 100) / 10;

// What a browser fetches before it shows anything of the plugin.
const entries = ['module.js', 'datasource/module.js', 'panel/module.js'];

test('the bundles are small', () => {
  const chunks = readdirSync(dist, { recursive: true }).filter((f) => f.endsWith('.js') && !entries.includes(f));
  const sized = chunks.map((file) => [file, kB(file)]).sort(([, a], [, b]) => b - a);
  for (const [file, size] of [...entries.map((file) => [file, kB(file)]), ...sized.slice(0, 5)]) {
    figure(`panel.bundle.${file}`, size, 'kB');
    assert.ok(size < 300, `${file} has ${size} kB gzipped`);
  }
});
