// make test-browser, npm run test:browser, npm run screenshots: builds what the browser tests need and runs them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from './tests/chromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const go = process.env.GO || 'go';

// What a make that called this told its own jobs is not for another make.
const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env;

async function run(command, ...args) {
  const [status] = await once(spawn(command, args, { cwd: dirname(here), stdio: 'inherit', env }), 'exit');
  if (status !== 0) {
    throw new Error(`${[command, ...args].join(' ')}: exit status ${status}`);
  }
}

async function buildPages() {
  await run('npm', 'ci', '--silent', '--prefix', 'compat/react-19');
  await run('npx', 'webpack', '--mode', 'production');
  await run('npx', 'webpack', '--config', 'browser/webpack.config.js');
}

/** With the flags of `make build`, so that what is compiled there is not compiled again. */
async function buildServer() {
  await run('make', '--silent', '-C', '..', 'functions');
  const flags = ['-trimpath', '-ldflags', '-s -w'];
  await run('env', 'CGO_ENABLED=0', go, 'build', ...flags, '-o', join(here, 'dist/server'), './browser/server');
}

async function test() {
  await Promise.all([buildPages(), buildServer()]);
  await run(process.execPath, '--test', '--test-reporter=spec', ...process.argv.slice(2), 'browser/tests/all.test.mjs');
}

if (chromium) {
  await test().catch(({ message }) => {
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  });
} else if (process.env.CI) {
  process.stderr.write('There is no Chromium, and CI asks for all tests: install it, or name one in CHROMIUM.\n');
  process.exitCode = 1;
} else {
  process.stdout.write(
    'Browser tests of the Grafana plugin: SKIPPED. There is no Chromium: install it, or name one in CHROMIUM.\n'
  );
}
