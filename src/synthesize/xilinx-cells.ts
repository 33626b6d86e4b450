import type { Resources } from '../ir/board.ts';

/** LUTs a distributed memory primitive takes. */
const lutsOfMemory: Readonly<Record<string, number>> = {
  RAM16X1S: 1,
  RAM32X1S: 1,
  RAM64X1S: 1,
  RAM16X1D: 2,
  RAM32X1D: 2,
  RAM64X1D: 2,
  RAM128X1S: 2,
  RAM128X1D: 4,
  RAM256X1S: 4,
  RAM256X1D: 8,
  RAM32M: 4,
  RAM64M: 4,
  RAM32M16: 8,
  RAM64M8: 8,
  RAM512X1S: 8,
  SRL16E: 1,
  SRLC32E: 1,
};

/**
 * Resources of cells as `synth_xilinx` names them: LUTs with the LUT memories, flip-flops and
 * latches, block memories (18 Kb ones are half), UltraRAM, multiplier blocks. Carry chains, wide
 * multiplexers and buffers come with the LUTs.
 */
export function countCells(cells: Readonly<Record<string, number>>): Resources {
  let lut = 0;
  let ff = 0;
  let bram36 = 0;
  let uram = 0;
  let dsp = 0;
  for (const [cell, count] of Object.entries(cells)) {
    if (/^LUT[1-6](?:_2)?$/.test(cell)) lut += count;
    else if (/^(?:FD[RSCP]E|LD[CP]E)(?:_1)?$/.test(cell)) ff += count;
    else if (/^RAMB36E[12]$/.test(cell)) bram36 += count;
    else if (/^RAMB18E[12]$/.test(cell)) bram36 += count / 2;
    else if (cell === 'URAM288') uram += count;
    else if (/^DSP48E[12]$/.test(cell)) dsp += count;
    else lut += count * (lutsOfMemory[cell] ?? 0);
  }
  return { lut, ff, bram36, uram, dsp };
}
