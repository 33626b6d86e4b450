// Packages of package-lock.json with their licences.
//
//   npm run docs:licences            writes docs/licences.md
//   node scripts/licences.mjs --check   exit 1 where that file is not what it would write, or a
//                                       package has a licence that is not among those accepted

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs', 'licences.md');

/** Those that ask for nothing but their own text: no condition on what nzflow or its designs are. */
const accepted = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
]);
/** Weak copyleft, of tools that are never part of the package. */
const acceptedOfTools = new Set([...accepted, 'MPL-2.0', 'CC-BY-4.0']);

export function readLock() {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
}

/**
 * Packages whose code is part of the page of `nzflow explore`, with the files that hold what their
 * licences want to be kept (scripts/build-page.mjs).
 */
export const bundledNotices = {
  'node_modules/echarts': ['LICENSE', 'NOTICE', 'licenses/LICENSE-d3'],
  'node_modules/echarts/node_modules/tslib': ['LICENSE.txt'],
  'node_modules/zrender': ['LICENSE'],
  'node_modules/zrender/node_modules/tslib': ['LICENSE.txt'],
};

/** Packages that are needed at `run time`, `bundled` into the page, or only for `development`. */
export function packagesOf(lock, when) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && useOf(path, entry) === when)
    .map(([path, entry]) => ({ path, entry, name: path.split('node_modules/').at(-1) }));
}

function useOf(path, entry) {
  if (entry.dev !== true) return 'run time';
  return Object.hasOwn(bundledNotices, path) ? 'bundled' : 'development';
}

/** Packages that a user may add for more (optional peers), with all that comes with them. */
export function optionalPackages(lock) {
  const found = new Map();
  const open = Object.keys(lock.packages[''].peerDependencies ?? {}).map((name) => [name, '']);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [name, from] = next;
    const path = installedPath(lock, name, from);
    if (path === null || found.has(path)) continue;
    const entry = lock.packages[path];
    found.set(path, { path, entry, name });
    const needs = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies });
    for (const one of needs) open.push([one, path]);
  }
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Where a package that `from` asks for is: within it, or further up. */
function installedPath(lock, name, from) {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
  ) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (folder === '') return null;
  }
}

/** The licences an expression like `(MIT OR Apache-2.0)` names, all of which have to be accepted. */
function licencesIn(expression) {
  return expression.split(/\s+(?:AND|OR|WITH)\s+|[()]/).filter((name) => name.trim() !== '');
}

/** Packages whose licence is none of those accepted. */
export function refusedPackages(lock) {
  const refused = (packages, known) =>
    packages.filter(({ entry }) => {
      const names = licencesIn(entry.license ?? '');
      return names.length === 0 || names.some((name) => !known.has(name));
    });
  return [
    ...refused(packagesOf(lock, 'run time'), accepted),
    ...refused(optionalPackages(lock), accepted),
    ...refused(packagesOf(lock, 'bundled'), accepted),
    ...refused(packagesOf(lock, 'development'), acceptedOfTools),
  ].map(({ name, entry }) => `${name} ${entry.version}: ${entry.license ?? 'no licence'}`);
}

/** The text of docs/licences.md. */
export function licencePage(lock) {
  const row = ({ name, entry }) => `| ${name} | ${entry.version} | ${entry.license ?? '?'} |`;
  const rowsOf = (when) => packagesOf(lock, when).map(row);
  const counts = new Map();
  for (const { entry } of packagesOf(lock, 'development')) {
    const licence = entry.license ?? '?';
    counts.set(licence, (counts.get(licence) ?? 0) + 1);
  }
  const sums = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    '# Licences of dependencies',
    '',
    '`npm run docs:licences` writes this page from package-lock.json; a test compares them.',
    '',
    '## Installed with nzflow',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...rowsOf('run time'),
    '',
    'None of them runs a script when it is installed (`npm run check:package`).',
    '',
    '## Optional',
    '',
    'Searches over several machines need `bullmq` and `ioredis`, which users add themselves; with them come:',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...optionalPackages(lock).map(row),
    '',
    'None of their scripts needs to run (`npm install --ignore-scripts`).',
    '',
    '## Part of the page of `nzflow explore`',
    '',
    'Bundled into `dist` when nzflow is built, and with it into every page; their licences and notices stand',
    'before the script of the page.',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...rowsOf('bundled'),
    '',
    '## Development only',
    '',
    'Never part of the package:',
    '',
    '| Licence | Packages |',
    '| --- | ---: |',
    ...sums.map(([licence, count]) => `| ${licence} | ${String(count)} |`),
    '',
  ].join('\n');
}

async function formatted(text) {
  const prettier = await import('prettier');
  const options = (await prettier.resolveConfig(page)) ?? {};
  return prettier.format(text, { ...options, parser: 'markdown' });
}

async function main() {
  const lock = readLock();
  const refused = refusedPackages(lock);
  for (const line of refused) console.error(`licence not accepted: ${line}`);
  if (refused.length > 0) process.exitCode = 1;
  const text = await formatted(licencePage(lock));
  if (!process.argv.includes('--check')) {
    writeFileSync(page, text);
  } else if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/licences.md is not up to date: npm run docs:licences');
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
