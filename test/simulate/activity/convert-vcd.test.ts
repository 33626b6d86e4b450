import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertVcd, type ConvertOptions } from '../../../src/simulate/activity/convert-vcd.ts';
import { ToggleCounter } from '../../../src/simulate/activity/toggle-counter.ts';
import { diagnosticsOfPromise } from '../../support/user-error.ts';

/** Two steps of time a cycle; the second half of the last cycle ends at 10. */
const vcd = `$version by hand $end
$timescale 1ns $end
 $scope module TOP $end
  $var wire 1 ! clk_i $end
  $scope module top $end
   $var wire 1 ! clk_i $end
   $var wire 32 & Copies [31:0] $end
   $var wire 4 # data_i [3:0] $end
   $scope module gen_copy[1] $end
    $var wire 1 $ busy $end
    $scope module u_copy $end
     $var wire 2 % up [0:1] $end
    $upscope $end
   $upscope $end
  $upscope $end
 $upscope $end
$enddefinitions $end
#0
0!
b0000 #
x$
bzz %
#1
1!
#2
0!
b101 #
1$
b01 %
#3
1!
#4
0!
b1010 #
0$
#6
1$
#8
b0 #
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-vcd-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function convert(text: string, window: Partial<ConvertOptions> = {}) {
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('from.vcd'), text);
  await convertVcd({
    from: file('from.vcd'),
    vcd: file('to.vcd'),
    saif: file('to.saif'),
    top: 'top',
    stepPicoseconds: 500,
    start: 0,
    end: 10,
    program: 'nzflow',
    ...window,
  });
  return { saif: readFileSync(file('to.saif'), 'utf8'), vcd: readFileSync(file('to.vcd'), 'utf8') };
}

/** The entry of a bit. */
function entryOf(saif: string, name: string): string {
  const line = saif.split('\n').find((text) => text.trim().startsWith(`(${name} `));
  return line?.trim() ?? '';
}

describe('SAIF of a VCD file', () => {
  it('has an entry a bit: time at 0 and 1, changes of both edges', async () => {
    const { saif } = await convert(vcd);
    expect(saif).toContain('(SAIFVERSION "2.0")\n(DIRECTION "backward")\n(DESIGN "top")');
    expect(saif).toContain('(TIMESCALE 1 ps)\n(DURATION 5000)\n(INSTANCE top\n');
    expect(entryOf(saif, 'clk_i')).toBe('(clk_i (T0 4000) (T1 1000) (TZ 0) (TX 0) (TB 0) (TC 4))');
    // 0000, 0101 from 2, 1010 from 4, 0000 from 8
    expect(entryOf(saif, 'data_i\\[0\\]')).toBe(
      '(data_i\\[0\\] (T0 4000) (T1 1000) (TZ 0) (TX 0) (TB 0) (TC 2))',
    );
    expect(entryOf(saif, 'data_i\\[3\\]')).toBe(
      '(data_i\\[3\\] (T0 3000) (T1 2000) (TZ 0) (TX 0) (TB 0) (TC 2))',
    );
    // what was not known or not driven did not change
    expect(entryOf(saif, 'gen_copy\\[1\\].busy')).toBe(
      '(gen_copy\\[1\\].busy (T0 1000) (T1 3000) (TZ 0) (TX 1000) (TB 0) (TC 2))',
    );
  });

  it('names bits as they are declared, and instances in generate blocks as netlists do', async () => {
    const { saif } = await convert(vcd);
    expect(saif).toContain('(INSTANCE gen_copy\\[1\\].u_copy\n');
    // [0:1]: the last one is least significant
    expect(entryOf(saif, 'up\\[1\\]')).toBe(
      '(up\\[1\\] (T0 0) (T1 4000) (TZ 1000) (TX 0) (TB 0) (TC 0))',
    );
    expect(entryOf(saif, 'up\\[0\\]')).toContain('(T0 4000) (T1 0) (TZ 1000)');
    // parameters are no nets
    expect(saif).not.toContain('Copies');
    expect((saif.match(/\(/g) ?? []).length).toBe((saif.match(/\)/g) ?? []).length);
  });

  it('counts in its window only; T0 and T1 of what is known fill it', async () => {
    const { saif } = await convert(vcd, { start: 3, end: 7 });
    expect(saif).toContain('(DURATION 2000)');
    expect(entryOf(saif, 'data_i\\[0\\]')).toContain('(T0 1500) (T1 500)');
    expect(entryOf(saif, 'data_i\\[0\\]')).toContain('(TC 1)');
    expect(entryOf(saif, 'clk_i')).toContain('(T0 1500) (T1 500)');
    // rises at 3, falls at 4
    expect(entryOf(saif, 'clk_i')).toContain('(TC 2)');
    for (const [, at0, at1] of saif.matchAll(/\(T0 (\d+)\) \(T1 (\d+)\) \(TZ 0\) \(TX 0\)/g)) {
      expect(Number(at0) + Number(at1)).toBe(2000);
    }
  });

  it('leaves the VCD file as it was, but for its times', async () => {
    const { vcd: text } = await convert(vcd);
    const expected = vcd
      .replace('1ns', '1ps')
      .replaceAll(/^#(\d)$/gm, (_, step: string) => `#${Number(step) * 500}`);
    expect(text).toBe(expected);
  });

  it('needs the instance to be there', async () => {
    const [first] = await diagnosticsOfPromise(convert(vcd, { top: 'other' }));
    expect(first).toMatchObject({ code: 'simulate/activity' });
  });
});

describe('a counter of toggles', () => {
  it('extends short values as VCD says', () => {
    const counter = new ToggleCounter(0, 100);
    counter.declare('a', 4);
    counter.begin();
    counter.change('a', '1', 0);
    counter.change('a', 'z', 50);
    expect(counter.activityOf('a').map(({ at0, at1, atZ }) => [at0, at1, atZ])).toEqual([
      [0, 50, 50],
      [50, 0, 50],
      [50, 0, 50],
      [50, 0, 50],
    ]);
  });
});
