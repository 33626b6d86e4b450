import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  icarusLoad,
  sourcesOf,
  templateNames,
  verilatorLint,
  writeDefaultImages,
  yosysLoad,
} from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'nzflow-lint-'));
writeDefaultImages(folder);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(templateNames)('%s with its default parameters', (name) => {
  const sources = sourcesOf(name);

  it('has no warning in Verilator', () => {
    expect(verilatorLint(folder, name, sources)).toBe('');
  });

  it('loads in Icarus and in Yosys', () => {
    expect(icarusLoad(folder, name, sources)).toBe('');
    expect(yosysLoad(folder, name, sources)).toBe('');
  });
});
