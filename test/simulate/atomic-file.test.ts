import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic, writeFolderAtomic } from '../../src/base/atomic-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeFileAtomic', () => {
  it('writes into a folder that is not there yet, and over what was there', async () => {
    const path = join(folder, 'a', 'b.txt');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(folder, 'a'))).toEqual(['b.txt']);
  });

  it('leaves nothing behind when it fails', async () => {
    const path = join(folder, 'taken');
    mkdirSync(join(path, 'by-a-folder'), { recursive: true });
    await expect(writeFileAtomic(path, 'text')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('writeFolderAtomic', () => {
  const path = (): string => join(folder, 'result');

  it('replaces a folder as a whole', async () => {
    for (const name of ['old', 'new']) {
      await writeFolderAtomic(path(), (fresh) => {
        writeFileSync(join(fresh, name), name);
        return Promise.resolve();
      });
    }
    expect(readdirSync(path())).toEqual(['new']);
    expect(readdirSync(folder)).toEqual(['result']);
  });

  it('keeps the old folder when the new one fails half way', async () => {
    mkdirSync(path());
    writeFileSync(join(path(), 'old'), '');
    const failing = writeFolderAtomic(path(), (fresh) => {
      writeFileSync(join(fresh, 'half'), '');
      return Promise.reject(new Error('no more'));
    });
    await expect(failing).rejects.toThrow('no more');
    expect(readdirSync(folder)).toEqual(['result']);
    expect(readdirSync(path())).toEqual(['old']);
  });
});
