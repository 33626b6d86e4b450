import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cacheFolder,
  contentKey,
  findSimulator,
  storeSimulator,
} from '../../src/simulate/simulator-cache.ts';

let folder = '';
let built = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-cache-'));
  built = join(folder, 'built');
  writeFileSync(built, 'program');
});
afterEach(() => rmSync(folder, { recursive: true }));

const cache = (): string => join(folder, 'cache');

describe('simulator cache', () => {
  it('finds what was stored, executable, and nothing else', async () => {
    expect(await findSimulator(cache(), 'key')).toBeNull();
    const stored = await storeSimulator(cache(), 'key', built);
    expect(await findSimulator(cache(), 'key')).toBe(stored);
    expect(statSync(stored).mode & 0o111).not.toBe(0);
    expect(await findSimulator(cache(), 'other')).toBeNull();
  });

  it.each([
    ['truncated', (program: string) => truncateSync(program, 3)],
    ['changed', (program: string) => writeFileSync(program, 'programm')],
    ['without its hash', (program: string) => rmSync(join(program, '..', 'sha256'))],
    ['without the program', (program: string) => rmSync(program)],
  ])('does not take an entry that is %s, and replaces it', async (_name, damage) => {
    damage(await storeSimulator(cache(), 'key', built));
    expect(await findSimulator(cache(), 'key')).toBeNull();
    const again = await storeSimulator(cache(), 'key', built);
    expect(await findSimulator(cache(), 'key')).toBe(again);
    expect(readFileSync(again, 'utf8')).toBe('program');
  });

  it('replaces a file that sits where the entry should be', async () => {
    mkdirSync(join(cache(), 'simulators'), { recursive: true });
    writeFileSync(join(cache(), 'simulators', 'key'), '');
    expect(await storeSimulator(cache(), 'key', built)).toContain('key');
    expect(await findSimulator(cache(), 'key')).not.toBeNull();
  });

  it('survives being filled by several at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => storeSimulator(cache(), 'key', built)));
    expect(await findSimulator(cache(), 'key')).not.toBeNull();
    expect(readdirSync(join(cache(), 'simulators'))).toEqual(['key']);
  });

  it('drops the entries used longest ago', async () => {
    for (let index = 0; index < 122; index += 1) {
      await storeSimulator(cache(), `key${String(index)}`, built);
    }
    expect(readdirSync(join(cache(), 'simulators')).length).toBe(120);
    expect(await findSimulator(cache(), 'key121')).not.toBeNull();
  });
});

describe('cacheFolder', () => {
  it('takes NZFLOW_CACHE, XDG_CACHE_HOME, then ~/.cache', () => {
    expect(cacheFolder({ NZFLOW_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ NZFLOW_CACHE: '', XDG_CACHE_HOME: '/b' })).toBe('/b/nzflow');
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache', 'nzflow'));
    expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'nzflow'));
  });
});

describe('contentKey', () => {
  it('depends on every label and content, and on where one ends', () => {
    const keys = [
      contentKey([['a', 'bc']]),
      contentKey([['ab', 'c']]),
      contentKey([
        ['a', 'b'],
        ['c', ''],
      ]),
      contentKey([['a', 'bd']]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(contentKey([['a', 'bc']])).toBe(keys[0]);
  });
});
