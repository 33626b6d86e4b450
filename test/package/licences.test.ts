import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { licencePage, packagesOf, readLock, refusedPackages } from '../../scripts/licences.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

const lockOf = (packages: Readonly<Record<string, object>>): object => ({ packages });

describe('licences of dependencies', () => {
  it('are those that are accepted, and docs/licences.md has all of them', () => {
    execFileSync(process.execPath, [join(root, 'scripts', 'licences.mjs'), '--check'], {
      cwd: root,
    });
    const page = readFileSync(join(root, 'docs', 'licences.md'), 'utf8');
    for (const { name, entry } of packagesOf(readLock(), 'run time')) {
      expect(page).toMatch(new RegExp(`\\| ${name} +\\| ${entry.version} `));
    }
  });

  it.each([
    ['GPL-3.0-only', false, ['odd 1.0.0: GPL-3.0-only']],
    ['(MIT AND GPL-2.0)', false, ['odd 1.0.0: (MIT AND GPL-2.0)']],
    [undefined, false, ['odd 1.0.0: no licence']],
    ['MPL-2.0', false, ['odd 1.0.0: MPL-2.0']],
    ['MPL-2.0', true, []],
    ['(MIT OR Apache-2.0)', false, []],
  ])('%s, development only %s', (license, dev, refused) => {
    const lock = lockOf({ '': {}, 'node_modules/odd': { version: '1.0.0', license, dev } });
    expect(refusedPackages(lock)).toEqual(refused);
    expect(licencePage(lock).includes('| odd |')).toBe(!dev);
  });
});
