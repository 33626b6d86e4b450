import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { comparisons, errorsOf, storedResults } from '../../bench/resources/comparison.ts';
import { resourceTable, signedPercent } from '../../bench/resources/resource-table.ts';
import { verilogHash } from '../../bench/resources/verilog-hash.ts';

describe('the table of resources', () => {
  it('is what model and results say', async () => {
    const path = 'docs/resources.md';
    const options = await resolveConfig(path);
    const text = await format(resourceTable(storedResults()), { ...options, parser: 'markdown' });
    expect(readFileSync(path, 'utf8'), 'node bench/resources/run.mjs writes it').toBe(text);
  });

  it('tells a unit that the model is off by more than the tolerance', () => {
    const stored = storedResults();
    const [first, ...others] = stored.results;
    const cells = { ...first?.cells, LUT6: 10_000 };
    const changed = [{ name: first?.name ?? '', seconds: 0, cells }, ...others];
    const all = comparisons({ ...stored, results: changed });
    expect(all.map(({ right }) => right).indexOf(false)).toBe(0);
    expect(errorsOf(all, 'lutError').most).toBeGreaterThan(0.5);
    expect(errorsOf(all, 'ffError')).toEqual(errorsOf(comparisons(stored), 'ffError'));
  });

  it('has the sign of an error', () => {
    expect([0.0123, -0.05, 0].map(signedPercent)).toEqual(['+1.2 %', '−5.0 %', '0.0 %']);
  });
});

describe('what a unit was measured as', () => {
  it('changes with its files and with the templates below them, not with others or comments', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nzflow-hash-'));
    try {
      const template = (name: string, content: string): void => {
        writeFileSync(join(folder, `${name}.v`), content);
      };
      const unit = [{ name: 'unit.v', content: 'module unit; outer u_outer (); endmodule' }];
      template('outer', 'module outer; inner u_inner (); endmodule');
      template('inner', 'module inner; endmodule');
      template('other', 'module other; endmodule');
      const before = verilogHash(unit, folder);
      template('other', 'module other; wire more; endmodule');
      template('outer', '// what it does\nmodule outer;\n  inner u_inner ();\nendmodule\n');
      expect(verilogHash(unit, folder)).toBe(before);
      template('inner', 'module inner; wire more; endmodule');
      expect(verilogHash(unit, folder)).not.toBe(before);
      template('inner', 'module inner; endmodule');
      expect(verilogHash([...unit, { name: 'words.mem', content: '1' }], folder)).not.toBe(before);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
