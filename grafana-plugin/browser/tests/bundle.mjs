import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { figure } from './rig.mjs';

const dist = join(import.meta.dirname, '../../dist');
const kB = (file) => Math.round(gzipSync(readFileSync(join(dist, file))).length / 100) / 10;

// What a browser fetches before it shows anything of the plugin.
const entries = { app: 'module.js', datasource: 'datasource/module.js', panel: 'panel/module.js' };

test('the bundles are small', () => {
  const scripts = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js'));
  for (const file of scripts) {
    assert.ok(kB(file) < 300, `${file} has ${kB(file)} kB gzipped`);
  }
  for (const [name, file] of Object.entries(entries)) {
    figure(`grafana.bundle_${name}`, kB(file), 'kB');
  }
  const chunks = scripts.filter((file) => !Object.values(entries).includes(file));
  figure('grafana.bundle_largest_chunk', Math.max(...chunks.map(kB)), 'kB');
});
