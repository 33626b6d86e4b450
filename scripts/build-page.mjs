// Bundles the page of `nzflow explore` (src/explore/dashboard/page, with Apache ECharts) into one script
// beside the compiled sources, with the licences of what it is made from before it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { bundledNotices, packagesOf, readLock } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join('src', 'explore', 'dashboard', 'page', 'main.ts');
const target = join(root, 'dist', 'explore', 'dashboard', 'page', 'main.js');

/** Licence files of a package, without what would end a comment or a script. */
function noticeOf({ path, name, entry }) {
  const files = bundledNotices[path];
  const texts = files.map((file) => readFileSync(join(root, path, file), 'utf8').trim());
  const text = [`${name} ${entry.version} (${entry.license})`, ...texts].join('\n\n');
  return text.replaceAll('\r', '').replaceAll('*/', '* /').replaceAll('</', '< /');
}

async function main() {
  const used = packagesOf(readLock(), 'bundled');
  const bundle = await rolldown({
    input: join(root, page),
    platform: 'browser',
    tsconfig: join(root, 'tsconfig.page.json'),
    treeshake: true,
    onwarn(warning) {
      throw new Error(String(warning.message ?? warning));
    },
  });
  const { output } = await bundle.generate({
    format: 'iife',
    minify: true,
    comments: { legal: false },
    postBanner: `/*!\n${used.map(noticeOf).join('\n\n----\n\n')}\n*/`,
  });
  const [{ code, modules }] = output;
  // What a browser takes for the end of the script, or reads as something else than its hash is of.
  if (/<\/script|<!--|\r|\0/i.test(code)) throw new Error('the script would not be read as it is');
  const packages = Object.keys(modules)
    .map((path) => /(node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((path) => path !== undefined);
  const unknown = [...new Set(packages)].filter((path) => !used.some((one) => one.path === path));
  if (unknown.length > 0) throw new Error(`no licence is kept for ${unknown.join(', ')}`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

await main();
