// Brings a fresh machine to the point where nzflow runs: npm packages, Verilator with g++ and make,
// and an up-to-date dist/. Everything that is already there is skipped. Node built-ins only.
//
//   node scripts/setup.mjs            for `npm run demo`
//   node scripts/setup.mjs --test     and what the tests want: iverilog, yosys, z3, nextpnr-ice40, icepack, redis-server
//   node scripts/setup.mjs --build    only bring dist/ up to date
//   node scripts/setup.mjs --check    only say what is missing (exit 3 if anything is)

import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingLines, packageManagers, tools } from './tools.mjs';

const toolFailed = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
const forTests = process.argv.includes('--test');
const buildOnly = process.argv.includes('--build');
const checkOnly = process.argv.includes('--check');

/** A failure whose message is all the user needs. */
class SetupError extends Error {}

async function main() {
  checkNode();
  if (checkOnly) {
    const missing = await missingTools();
    const lines = missing.length === 0 ? [] : missingLines(missing);
    if (!packagesInstalled()) lines.unshift('npm packages are missing: run `npm ci`');
    for (const line of lines) console.log(line);
    if (lines.length > 0) process.exitCode = toolFailed;
    return;
  }
  if (!buildOnly) {
    await installPackages();
    await installTools();
  }
  await build();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `nzflow needs Node 20.19 or newer, this is ${process.versions.node}: see https://nodejs.org`,
  );
}

/** npm packages: `npm ci` unless node_modules holds exactly what package-lock.json asks for. */
async function installPackages() {
  if (packagesInstalled()) return;
  // onnxruntime-node (a development dependency) would otherwise try a download of its own.
  const environment = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  await step('npm packages', 'npm', ['ci', '--loglevel=error', '--no-progress'], environment);
}

function packagesInstalled() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return false;
  const wanted = readJson('package-lock.json')?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || entry.optional === true || installed[path]?.version === entry.version,
  );
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Verilator, g++ and make (and the tools of the tests), through apt where that is possible. */
async function installTools() {
  const missing = await missingTools();
  if (missing.length === 0) return;
  const prefix = await aptPrefix();
  if (prefix === null) throw new SetupError(missingLines(missing).join('\n'));

  const packages = [...new Set(missing.flatMap((tool) => tool.packages.apt.split(' ')))];
  const [command, ...before] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  const quiet = [...before, '-qq', '-o', 'DPkg::Lock::Timeout=300'];
  try {
    await step('package lists', command, [...quiet, 'update']);
  } catch (error) {
    // Lists that are there already may be good enough; if not, the next step says so.
    console.error(`setup: ${error.message}`);
  }
  try {
    const install = [...quiet, 'install', '-y', '--no-install-recommends', ...packages];
    await step(packages.join(' '), command, install);
  } catch (error) {
    throw new SetupError(`${error.message}\n${missingLines(missing).join('\n')}`);
  }
  const still = await missingTools();
  if (still.length > 0) throw new SetupError(missingLines(still).join('\n'));
}

async function missingTools() {
  const missing = [];
  for (const tool of tools) {
    if (tool.onlyForTests && !forTests) continue;
    if (!(await isUsable(tool))) missing.push(tool);
  }
  return missing;
}

async function isUsable(tool) {
  const { commands, instead } = tool;
  if (commands !== undefined && !commands.every(onPath) && !instead?.every(onPath)) return false;
  if (tool.header !== undefined && !existsSync(tool.header) && process.platform === 'linux')
    return false;
  if (tool.minimumMajor === undefined) return true;
  const { output } = await capture(tool.commands[0], ['--version']);
  return Number(/\d+/.exec(output)?.[0] ?? 0) >= tool.minimumMajor;
}

function onPath(command) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What goes before `apt-get`: nothing for root, sudo where it asks no password, null without apt. */
async function aptPrefix() {
  if (!onPath(packageManagers.apt.command)) return null;
  if (process.getuid?.() === 0) return [];
  if (!onPath('sudo')) return null;
  const { status } = await capture('sudo', ['-n', 'true']);
  return status === 0 ? ['sudo', '-n'] : null;
}

/** dist/ from src/, when any source or option is newer than the last good build. */
async function build() {
  const stamp = join(root, 'dist', '.built');
  const built = modified(stamp);
  const inputs = [
    'package.json',
    'package-lock.json',
    'scripts/build-page.mjs',
    'tsconfig.build.json',
    'tsconfig.json',
    'tsconfig.page.json',
  ];
  const newest = Math.max(
    newestIn(join(root, 'src')),
    ...inputs.map((file) => modified(join(root, file))),
  );
  if (built > newest && existsSync(join(root, 'dist', 'cli', 'main.js'))) return;
  const begun = new Date();
  await step('compiling nzflow', process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.build.json',
  ]);
  await step('bundling the page', process.execPath, ['scripts/build-page.mjs']);
  writeFileSync(stamp, '');
  // What changed while the compiler ran is newer than this.
  utimesSync(stamp, begun, begun);
}

function newestIn(folder) {
  let newest = modified(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : modified(path));
  }
  return newest;
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Runs a command with a start and an end line; its output is kept and shown only if it fails. */
async function step(title, command, parameters, environment = process.env) {
  const begun = Date.now();
  console.error(`setup: ${title} ...`);
  const { status, output } = await capture(command, parameters, environment);
  if (status !== 0) {
    const log = join(root, 'build', 'setup.log');
    mkdirSync(join(root, 'build'), { recursive: true });
    writeFileSync(log, `${[command, ...parameters].join(' ')}\n${output}`);
    const tail = output.trimEnd().split('\n').slice(-15).join('\n');
    throw new SetupError(
      `${title} failed (exit ${String(status)}), whole output in build/setup.log:\n${tail}`,
    );
  }
  console.error(`setup: ${title}, done in ${String(Math.ceil((Date.now() - begun) / 1000))} s`);
}

function capture(command, parameters, environment = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ status: -1, output: `${output}${error.message}` }));
    child.on('close', (code, signal) => resolve({ status: code ?? signal, output }));
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = toolFailed;
}
