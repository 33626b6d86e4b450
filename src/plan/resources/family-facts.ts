import type { BoardFamily, Resources } from '../../ir/board.ts';

/** A shape of a block memory: words, and bits a word. */
type Shape = readonly [words: number, bits: number];

/** How a family differs from one with look-up tables of six inputs and distributed memory in them. */
export interface FamilyFacts {
  /**
   * What a LUT of six inputs of the model becomes, with what it is connected to: LUTs of four inputs, or parts of
   * an adaptive logic module. Of iCE40 from a few designs in Yosys; of the others an assumption, not yet fitted.
   */
  readonly logicOfLut: number;
  /** Logic cells a register takes of its own, where cells are counted and it does not lie behind a LUT. */
  readonly cellsOfRegister: number;
  /** Memory in LUTs; null: small memories are registers, or block memories read at the falling edge. */
  readonly distributed: Distributed | null;
  /** Shapes of a block memory with one write and one read port. */
  readonly blockShapes: readonly Shape[];
  /** Block memories count as this many. */
  readonly blockCount: number;
  /** Wider and narrower operand of a multiplier with their sign, and how many of them a block has; none where there is none. */
  readonly multipliers: readonly {
    readonly wide: number;
    readonly narrow: number;
    readonly blocks: number;
  }[];
}

/** One kind of distributed memory with a write and a read port, as wide and deep as it is cut. */
interface Distributed {
  readonly words: number;
  readonly bits: number;
  /** LUTs (logic modules) it takes, write port included. */
  readonly luts: number;
}

/** AMD: blocks of 18 kbit, which count as half of one of 36. */
const halfBlocks: readonly Shape[] = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
];

/** Lattice iCE40 (FPGA-DS-02029, sysMEM blocks). */
const smallBlocks: readonly Shape[] = [
  [256, 16],
  [512, 8],
  [1024, 4],
  [2048, 2],
];

const amd = {
  logicOfLut: 1,
  cellsOfRegister: 0,
  blockShapes: halfBlocks,
  blockCount: 0.5,
} as const;
/** Never asked for: the AMD families have rules of their own (`memories.ts`). */
const inLuts: Distributed = { words: 64, bits: 1, luts: 1 };

/** Intel: a memory logic array block is 32 words of 20 bits in ten modules. */
const logicArray: Distributed = { words: 32, bits: 20, luts: 10 };
/** 18 x 19 two a block, or one of 27 x 27 (Cyclone V device handbook, variable precision DSP blocks). */
const variablePrecision = [
  { wide: 19, narrow: 18, blocks: 0.5 },
  { wide: 27, narrow: 27, blocks: 1 },
];

/** A cell is a LUT of four inputs, a bit of carry and a register: what nextpnr packs and the data sheet counts. */
const logicCells = { logicOfLut: 1.5, cellsOfRegister: 0.5 } as const;

const facts: Readonly<Record<BoardFamily, FamilyFacts>> = {
  'ultrascale-plus': {
    ...amd,
    distributed: inLuts,
    multipliers: [{ wide: 27, narrow: 18, blocks: 1 }],
  },
  series7: { ...amd, distributed: inLuts, multipliers: [{ wide: 25, narrow: 18, blocks: 1 }] },
  ice40: {
    ...logicCells,
    distributed: null,
    blockShapes: smallBlocks,
    blockCount: 1,
    multipliers: [],
  },
  'ice40-ultraplus': {
    ...logicCells,
    distributed: null,
    blockShapes: smallBlocks,
    blockCount: 1,
    multipliers: [{ wide: 16, narrow: 16, blocks: 1 }],
  },
  ecp5: {
    logicOfLut: 1.5,
    cellsOfRegister: 0,
    // DPR16X4C takes two slices and the write port of a third
    distributed: { words: 16, bits: 4, luts: 6 },
    // FPGA-DS-02012, sysMEM: 36 bits a word with one write and one read port
    blockShapes: halfBlocks,
    blockCount: 1,
    multipliers: [{ wide: 18, narrow: 18, blocks: 1 }],
  },
  cyclone5: {
    logicOfLut: 0.7,
    cellsOfRegister: 0,
    distributed: logicArray,
    blockShapes: [
      [256, 40],
      [512, 20],
      [1024, 10],
      [2048, 5],
      [4096, 2],
      [8192, 1],
    ],
    blockCount: 1,
    multipliers: variablePrecision,
  },
  stratix10: {
    logicOfLut: 0.7,
    cellsOfRegister: 0,
    distributed: logicArray,
    blockShapes: [
      [512, 40],
      [1024, 20],
      [2048, 10],
    ],
    blockCount: 1,
    multipliers: variablePrecision,
  },
};

export function familyFacts(family: BoardFamily): FamilyFacts {
  return facts[family];
}

/** Whether the rules of AMD parts hold: 18 kbit halves, memory LUTs, words side by side in constant memories. */
export function isAmd(family: BoardFamily): boolean {
  return family === 'ultrascale-plus' || family === 'series7';
}

/** LUTs of the model, which have six inputs, in those of the family. */
export function inFamily(family: BoardFamily, part: Resources): Resources {
  const { logicOfLut, cellsOfRegister } = facts[family];
  if (logicOfLut === 1) return part;
  return { ...part, lut: logicOfLut * part.lut + cellsOfRegister * part.ff };
}
