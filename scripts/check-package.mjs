// What npm would publish, tried as a user gets it: packed, installed into an empty project with the
// versions of our lock file and without scripts, run on an example, and used from a TypeScript project.
//
//   npm run check:package
//
// Packages come from npm's cache or the registry; without either, those of node_modules are taken
// and it is said so. The cache of simulators is empty: the design is built as on a new machine.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesOf, readLock } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const largestMegabytes = 20;
const maximumOutput = 1 << 26;

/** A demand that does not hold; the message says which. */
class PackageError extends Error {}

function demand(holds, message) {
  if (!holds) throw new PackageError(message);
}

function run(command, parameters, cwd, environment = {}) {
  return execFileSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    maxBuffer: maximumOutput,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', npm_config_update_notifier: 'false', ...environment },
  });
}

/** Packs the project: path of the archive and what npm says of it. */
function pack(folder) {
  const told = run('npm', ['pack', '--json', '--pack-destination', folder], root);
  const [packed] = JSON.parse(told);
  return { archive: packed.filename, files: packed.files.map(({ path }) => path), packed };
}

/** Nothing of an older build, nothing but what `files` of package.json means. */
function checkFiles(files) {
  const stale = files.filter((file) => {
    const source = /^dist\/(.+?)\.(?:d\.ts|js|js\.map)$/.exec(file)?.[1];
    return source !== undefined && !existsSync(join(root, 'src', `${source}.ts`));
  });
  demand(
    stale.length === 0,
    `${stale[0]} has no source any more (remove dist/ and run \`npm run build\`)`,
  );
  const odd = files.filter((file) => /(?:^|\/)(?:\.|test\/|node_modules\/|build\/)/.test(file));
  demand(odd.length === 0, `${odd[0]} is not meant for users`);
  for (const wanted of ['README.md', 'LICENSE', 'dist/cli/main.js', 'dist/index.d.ts']) {
    demand(files.includes(wanted), `${wanted} is missing`);
  }
}

/** An empty project whose lock file asks for the archive and for the versions that we test with. */
function writeProject(folder, { archive, packed }) {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = `file:${archive}`;
  const project = { name: 'consumer', version: '1.0.0', private: true, type: 'module' };
  const needs = { dependencies: { nzflow: file } };
  const { version, bin, engines, license, dependencies } = own;
  const { peerDependencies, peerDependenciesMeta } = own;
  const nzflow = { version, resolved: file, integrity: packed.integrity };
  const locked = {
    ...{ name: project.name, version: project.version, lockfileVersion: 3, requires: true },
    packages: {
      '': { ...project, ...needs },
      'node_modules/nzflow': {
        ...{ ...nzflow, license, dependencies, bin, engines },
        ...{ peerDependencies, peerDependenciesMeta },
      },
      ...Object.fromEntries(
        packagesOf(readLock(), 'run time').map(({ path, entry }) => [path, entry]),
      ),
    },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...project, ...needs }, null, 2));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(locked, null, 2));
}

/** `npm ci` without scripts; says where the packages came from. */
function install(folder, { archive }) {
  const parameters = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  try {
    run('npm', parameters, folder);
    return 'npm ci';
  } catch (error) {
    const text = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    const offline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|E40[345]|network/.test(
      text,
    );
    demand(offline, `npm ci failed:\n${text}`);
    return copyInstalled(folder, archive);
  }
}

/** What `npm ci` would do, without a registry: the archive unpacked beside our own packages. */
function copyInstalled(folder, archive) {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'nzflow'), { recursive: true });
  const unpack = ['-xzf', join(folder, archive), '-C', join(modules, 'nzflow')];
  run('tar', [...unpack, '--strip-components=1'], folder);
  for (const { path } of packagesOf(readLock(), 'run time')) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(modules, '.bin'));
  run('ln', ['-s', '../nzflow/dist/cli/main.js', 'nzflow'], join(modules, '.bin'));
  run('chmod', ['+x', 'node_modules/nzflow/dist/cli/main.js'], folder);
  return 'copied from node_modules: neither the registry nor the cache of npm has the packages';
}

function bytesIn(path) {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** Scripts that a package would run when it is installed. */
function installScripts(folder) {
  const paths = [
    'node_modules/nzflow',
    ...packagesOf(readLock(), 'run time').map(({ path }) => path),
  ];
  return paths.flatMap((path) => {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'));
    return ['preinstall', 'install', 'postinstall']
      .filter((name) => scripts[name] !== undefined)
      .map((name) => `${path}: ${name}`);
  });
}

/** `npx nzflow run` on the example of the package. */
function runExample(folder) {
  const example = join('node_modules', 'nzflow', 'examples', 'tiny-cnn');
  const data = ['inputs', 'labels', 'calibrate'].flatMap((name) => [
    `--${name}`,
    join(example, `${name}.npy`),
  ]);
  const size = ['--board', 'pynq-z2', '--variants', 'sparse-sparse', '--samples', '8'];
  const target = ['--target-throughput', '20000', '--out', 'out', '--json'];
  const command = ['--no-install', 'nzflow', 'run', join(example, 'model.onnx')];
  const environment = { NZFLOW_CACHE: join(folder, 'cache') };
  const report = JSON.parse(
    run('npx', [...command, ...data, ...size, ...target], folder, environment),
  );
  const { verification } = report.variants['sparse-sparse'];
  demand(verification?.mismatches === 0, 'the example is not verified');
  for (const name of ['report.html', 'report.json', 'sparse-sparse/hdl/nzflow_top.v']) {
    demand(existsSync(join(folder, 'out', name)), `nzflow run wrote no ${name}`);
  }
}

/** What is not installed with the package is asked for by name, and needed by nothing else. */
function wantOptional(folder) {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(peerDependencies))
    demand(
      !existsSync(join(folder, 'node_modules', name)),
      `${name} is installed, though optional`,
    );
  const command = ['--no-install', 'nzflow', 'worker', 'redis://127.0.0.1'];
  const told = spawnSync('npx', command, { cwd: folder, encoding: 'utf8' });
  demand(
    told.status === 3 && told.stderr.includes('npm install bullmq'),
    `without its packages a worker says: ${told.stderr}`,
  );
}

/** A program in TypeScript against the types of the package, and the program run. */
function useLibrary(folder) {
  const types = join(folder, 'node_modules', '@types', 'node');
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  cpSync(join(root, 'node_modules', '@types', 'node'), types, { recursive: true });
  cpSync(join(root, 'node_modules', 'undici-types'), join(folder, 'node_modules', 'undici-types'), {
    recursive: true,
  });
  cpSync(join(root, 'scripts', 'package', 'consumer.ts'), join(folder, 'consumer.ts'));
  const compilerOptions = {
    ...{ target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', types: ['node'] },
    ...{ strict: true, skipLibCheck: false, noUncheckedIndexedAccess: true },
    exactOptionalPropertyTypes: true,
  };
  const config = { compilerOptions, files: ['consumer.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc')], folder);
  const example = join('node_modules', 'nzflow', 'examples', 'tiny-cnn');
  const data = [join(example, 'model.onnx'), join(example, 'inputs.npy')];
  const said = run(process.execPath, ['consumer.js', ...data], folder).trim();
  demand(/^true [1-9]\d* object$/.test(said), `the library says ${said}`);
}

function main() {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-package-'));
  try {
    run(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build'], root);
    const packed = pack(folder);
    checkFiles(packed.files);
    writeProject(folder, packed);
    const from = install(folder, packed);
    const scripts = installScripts(folder);
    demand(scripts.length === 0, `needs an install script: ${scripts[0]}`);
    const megabytes = bytesIn(join(folder, 'node_modules')) / 1e6;
    const size = `${megabytes.toFixed(1)} MB installed`;
    demand(megabytes < largestMegabytes, `${size}, more than ${String(largestMegabytes)}`);
    wantOptional(folder);
    runExample(folder);
    useLibrary(folder);
    console.log(
      `package: ${String(packed.files.length)} files, ${size} (${from}), no install scripts; ` +
        'the example is verified, the library type-checks and runs',
    );
  } catch (error) {
    console.error(`package: ${error.message}`);
    // what a program said that failed
    const text = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    if (text !== '') console.error(text);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
