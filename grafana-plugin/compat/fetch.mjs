// Fetches the types of older @grafana packages into compat/VERSION/node_modules, without their dependencies: these are
// found in the plugin's own node_modules, so that React and RxJS are the same on both sides.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = ['data', 'runtime', 'schema', 'ui', 'e2e-selectors'];

for (const version of process.argv.slice(2)) {
  for (const name of packages) {
    fetch(name, version);
  }
}

function fetch(name, version) {
  const home = join(here, version, 'node_modules', '@grafana');
  if (existsSync(join(home, name))) {
    return;
  }
  const unpacked = join(here, version, 'unpacked');
  mkdirSync(home, { recursive: true });
  mkdirSync(unpacked, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', unpacked, `@grafana/${name}@${version}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  );
  execFileSync('tar', ['xzf', join(unpacked, filename), '-C', unpacked]);
  renameSync(join(unpacked, 'package'), join(home, name));
  rmSync(unpacked, { recursive: true });
}
