// npm run test:browser, npm run screenshots: builds what the browser tests need and runs them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from './tests/chromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const plugin = dirname(here);

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: plugin, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`${[command, ...args].join(' ')}: ${error?.message ?? `exit status ${status}`}\n`);
    process.exit(1);
  }
}

if (!existsSync(chromium)) {
  const what = `There is no ${chromium}: install Chromium, or name one in CHROMIUM, to test the plugin in a browser`;
  if (process.env.CI) {
    throw new Error(what);
  }
  process.stdout.write(`${what}. Skipped.\n`);
} else {
  run('npx', 'webpack', '--mode', 'production');
  run('npx', 'webpack', '--config', 'browser/webpack.config.js');
  run('make', '--silent', '-C', '..', 'functions');
  run('go', 'build', '-o', join(here, 'dist/server'), './browser/server');
  run(process.execPath, '--test', '--test-reporter=spec', ...process.argv.slice(2), 'browser/tests/all.test.mjs');
}
