import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import readline from 'node:readline';
import { chromium as playwright } from 'playwright-core';
import { chromium } from './chromium.mjs';

// One server and one browser for all tests. The browser keeps a profile while they run, and with it what it compiled of
// the page, which is most of the time that a page takes.

const root = join(import.meta.dirname, '../..');
// How long a page may take, on a machine that does much else.
const patience = 60_000;

const usualReact = process.env.REACT || 'react';

let server;
let browser;
let world;

export async function start() {
  server = spawn(join(root, 'browser/dist/server'), { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((_, reject) => {
    server.once('exit', (status) => reject(new Error(`the server ended with status ${status}`)));
  });
  const line = new Promise((resolve) => readline.createInterface({ input: server.stdout }).once('line', resolve));
  [world, browser] = await Promise.all([Promise.race([line.then(JSON.parse), ended]), launch()]);
}

async function launch() {
  const context = await playwright.launchPersistentContext('', {
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu'],
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  await context.addInitScript(markDrawn);
  context.setDefaultTimeout(patience);
  return context;
}

export async function stop() {
  await browser?.close();
  if (server) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.stdin.end();
    await ended;
  }
}

export const execution = (name) => world.executions[name];

/** Does what only the server can: see browser/server/handler.go. */
export async function control(path) {
  const { ok, status } = await fetch(`${world.url}/control/${path}`, { method: 'POST' });
  assert.ok(ok, `${path}: ${status}`);
}

/**
 * The page at a path, in a window of its own; the test fails if it logs an error or a request of its fails. React is the
 * file of that name which browser/webpack.config.js makes.
 */
export async function open(t, path, { theme = 'light', width = 1400, height = 800, react = usualReact } = {}) {
  const page = await browser.newPage();
  await page.addInitScript((file) => (window.reactFile = file), react);
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme });
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on(
    'console',
    (message) => message.type() === 'error' && problems.push(`${message.text()} ${message.location().url}`)
  );
  t.after(async () => {
    await page.close();
    assert.deepEqual(problems, []);
  });
  await page.goto(new URL(path, world.url).href);
  return page;
}

const datasource = { uid: 'steptrace', type: 'steptrace-datasource' };

// Marks the moment at which the first state has been drawn.
function markDrawn() {
  const watch = new MutationObserver(() => {
    if (document.querySelector('[data-state]')) {
      watch.disconnect();
      requestAnimationFrame(() => performance.mark('drawn'));
    }
  });
  watch.observe(document, { childList: true, subtree: true });
}

/** A dashboard with the workflow panel of these queries. */
export function panel(queries, options = {}, more = {}) {
  const targets = queries.map((query, n) => ({ refId: String.fromCharCode(65 + n), datasource, ...query }));
  const parameters = { targets: JSON.stringify(targets), options: JSON.stringify(options), from: 'now-6h', to: 'now' };
  return `/d/workflow?${new URLSearchParams({ ...parameters, ...more })}`;
}

const folder = process.env.SCREENSHOTS;

/** Keeps a picture, if SCREENSHOTS names a folder for them. */
export async function picture(page, name) {
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

const pictures = process.env.PICTURES;

/** Makes a picture of the documentation, if PICTURES names the folder that has them. */
export async function illustrate(page, name, clip) {
  if (pictures) {
    await page.waitForTimeout(500); // icons and the map come last
    const image = await page.screenshot({ path: join(root, pictures, `${name}.png`), clip });
    assert.ok(image.length < 150_000, `${name} has ${image.length} bytes`);
  }
}

/** Prints a measured figure, as the benchmarks of the Go parts do. */
export function figure(name, value, unit) {
  process.stdout.write(`figure ${name} ${value} ${unit}\n`);
}
