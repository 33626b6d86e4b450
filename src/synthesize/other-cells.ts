import type { Resources } from '../ir/board.ts';
import { alone } from './logic-cells.ts';

type Cells = Readonly<Record<string, number>>;

/** What a cell takes; what is not named takes nothing (carries, wide multiplexers, buffers). */
type Rule = readonly [cell: RegExp, takes: Partial<Resources>];

function counter(rules: readonly Rule[]): (cells: Cells) => Resources {
  return (cells) => {
    const total = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };
    for (const [cell, count] of Object.entries(cells)) {
      const takes = rules.find(([pattern]) => pattern.test(cell))?.[1];
      if (takes === undefined) continue;
      total.lut += count * (takes.lut ?? 0);
      total.ff += count * (takes.ff ?? 0);
      total.bram36 += count * (takes.bram36 ?? 0);
      total.dsp += count * (takes.dsp ?? 0);
    }
    return { ...total, lut: Math.ceil(total.lut), dsp: Math.ceil(total.dsp) };
  };
}

/** Cells of `synth_ice40` in logic cells, of which registers and carries may have one of their own (`markAlone`). */
export const countIce40Cells = counter([
  [/^SB_LUT4$/, { lut: 1 }],
  [new RegExp(`^${alone}SB_DFF`), { lut: 1, ff: 1 }],
  [new RegExp(`^${alone}SB_CARRY$`), { lut: 1 }],
  [/^SB_DFF/, { ff: 1 }],
  [/^SB_RAM40_4K/, { bram36: 1 }],
  [/^SB_MAC16$/, { dsp: 1 }],
]);

/** Cells of `synth_ecp5`: a CCU2C is two bits of carry and their LUTs, 16 x 4 bits of memory take three slices. */
export const countEcp5Cells = counter([
  [/^LUT4$/, { lut: 1 }],
  [/^CCU2C$/, { lut: 2 }],
  [/^TRELLIS_DPR16X4$/, { lut: 6 }],
  [/^TRELLIS_FF$/, { ff: 1 }],
  [/^(?:DP16KD|PDPW16KD)$/, { bram36: 1 }],
  [/^(?:MULT18X18D|ALU54B)$/, { dsp: 1 }],
]);

/**
 * Cells of `synth_intel_alm` in adaptive logic modules: one of six inputs takes a whole one, two smaller ones share
 * one, as do two bits of carry and two bits of distributed memory.
 */
export const countIntelCells = counter([
  [/^MISTRAL_ALUT6$/, { lut: 1 }],
  [/^MISTRAL_(?:ALUT[2-5]|ALUT_ARITH|NOT)$/, { lut: 0.5 }],
  [/^MISTRAL_MLAB$/, { lut: 0.5 }],
  [/^MISTRAL_FF$/, { ff: 1 }],
  [/^MISTRAL_M(?:10|20)K$/, { bram36: 1 }],
  [/^MISTRAL_MUL27X27$/, { dsp: 1 }],
  [/^MISTRAL_MUL18X18$/, { dsp: 1 / 2 }],
  [/^MISTRAL_MUL9X9$/, { dsp: 1 / 3 }],
]);
