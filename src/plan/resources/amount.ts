import type { Resources } from '../../ir/board.ts';

/** Resources of a part of the hardware; what is not named is 0. */
export function amount(part: Partial<Resources>): Resources {
  const { lut = 0, ff = 0, bram36 = 0, uram = 0, dsp = 0 } = part;
  return { lut, ff, bram36, uram, dsp };
}

export function sum(parts: readonly Resources[]): Resources {
  return parts.reduce(
    (total, part) => ({
      lut: total.lut + part.lut,
      ff: total.ff + part.ff,
      bram36: total.bram36 + part.bram36,
      uram: total.uram + part.uram,
      dsp: total.dsp + part.dsp,
    }),
    amount({}),
  );
}

export function times(count: number, part: Resources): Resources {
  return {
    lut: count * part.lut,
    ff: count * part.ff,
    bram36: count * part.bram36,
    uram: count * part.uram,
    dsp: count * part.dsp,
  };
}

/** Whole LUTs and flip-flops; block memories keep their halves. */
export function rounded(part: Resources): Resources {
  return { ...part, lut: Math.round(part.lut), ff: Math.round(part.ff) };
}
