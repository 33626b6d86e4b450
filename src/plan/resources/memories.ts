import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { MemoryKind } from '../../ir/plan.ts';
import { amount } from './amount.ts';
import { familyFacts, isAmd } from './family-facts.ts';

/** LUTs a bit of a `ways`:1 multiplexer, whole or not: part of the selection may be shared. */
export function selectLuts(ways: number): number {
  if (ways <= 1) return 0;
  return ways <= 4 ? 1 : 0.37 * ways;
}

/**
 * LUTs of a memory with a write port and so many read ports in a family of its own kind of distributed memory, as LUTs
 * of the model; of registers where it has none (their number is in no LUT: `ff`).
 */
function otherMemory(family: BoardFamily, width: number, depth: number, readPorts: number): number {
  const { distributed, logicOfLut } = familyFacts(family);
  if (distributed === null) return (readPorts * width * chooseLuts * depth) / logicOfLut;
  const { words, bits, luts } = distributed;
  const banks = ceilDivide(depth, words);
  const data = ceilDivide(width, bits) * luts * banks;
  return readPorts * (data / logicOfLut + width * selectLuts(banks));
}

/** LUTs of four inputs a word that a multiplexer of registers takes. */
const chooseLuts = 0.67;

/**
 * LUTs of a distributed memory whose read ports are all addressed apart from the write port.
 * A memory LUT keeps 2 bits of up to 32 words or 1 bit of 64; one LUT of each group of eight
 * (four in the 7 series) brings the write address.
 */
export function lutMemory(
  family: BoardFamily,
  width: number,
  depth: number,
  readPorts = 1,
): number {
  if (!isAmd(family)) return otherMemory(family, width, depth, readPorts);
  const luts = family === 'series7' ? 4 : 8;
  const bits = (luts - 1) * (depth <= 32 ? 2 : 1);
  const banks = ceilDivide(depth, 64);
  const data = ceilDivide(width, bits) * luts * banks;
  return readPorts * (data + width * selectLuts(banks)) + (banks > 1 ? banks : 0);
}

/** LUTs of a distributed memory with a port that reads and writes and one that only reads. */
export function dualPortMemory(family: BoardFamily, width: number, depth: number): number {
  if (!isAmd(family)) return otherMemory(family, width, depth, 2);
  const luts = family === 'series7' ? 4 : 8;
  if (depth <= 32) return ceilDivide(width, luts) * luts;
  // 64, 128 or 256 words by one bit, then multiplexers
  const words = Math.min(256, 2 ** Math.ceil(Math.log2(depth)));
  const banks = ceilDivide(depth, words);
  return width * (2 * (words / 64) * banks + 2 * selectLuts(banks)) + (banks > 1 ? banks : 0);
}

/** A memory of registers with one read port: an enable a word, a multiplexer. */
export function registerFile(family: BoardFamily, width: number, depth: number): Resources {
  const { logicOfLut } = familyFacts(family);
  return amount({ lut: (depth * (chooseLuts * width + 1)) / logicOfLut, ff: width * depth });
}

/** A memory of fewer bits than this is registers where LUTs are no memory. */
const leastBlockBits = 128;

/** A small memory: in LUTs, or where these are none in block memory or registers. */
export function smallMemory(family: BoardFamily, width: number, depth: number): Resources {
  if (familyFacts(family).distributed !== null)
    return amount({ lut: lutMemory(family, width, depth) });
  if (width * depth < leastBlockBits) return registerFile(family, width, depth);
  return amount({ bram36: blockMemories(family, width, depth) });
}

/** LUTs of a distributed memory that reads and writes at one address. */
export function singlePortMemory(family: BoardFamily, width: number, depth: number): number {
  if (!isAmd(family)) return otherMemory(family, width, depth, 1);
  const luts = family === 'series7' ? 4 : 8;
  if (depth <= 32) return ceilDivide(width, 2 * luts) * luts;
  const words = Math.min(512, 2 ** Math.ceil(Math.log2(depth)));
  const banks = ceilDivide(depth, words);
  return width * ((words / 64) * banks + selectLuts(banks)) + (banks > 1 ? banks : 0);
}

/** LUTs of constant words read through logic; beyond 64 words the address logic is in it again. */
export function lutRom(width: number, depth: number): number {
  return depth <= 64 ? width : 2 * width * ceilDivide(depth, 64);
}

/**
 * LUTs of constant words in logic that is kept apart in synthesis, so that the address is not worked
 * into them: 64 words a LUT, up to eight of which have multiplexers of their own behind them.
 */
export function constantMemory(width: number, depth: number): number {
  const tables = ceilDivide(depth, 64);
  return width * (tables + selectLuts(ceilDivide(tables, 8)));
}

/** Block memories of the family for one write and one read port; AMD: of 36 Kb, a half is one of 18 Kb. */
export function blockMemories(family: BoardFamily, width: number, depth: number): number {
  const { blockShapes, blockCount } = familyFacts(family);
  const blocks = blockShapes.map(
    ([words, bits]) => ceilDivide(depth, words) * ceilDivide(width, bits),
  );
  return Math.min(...blocks) * blockCount;
}

/** Of a block memory: blocks that hold different words. */
export function blockWays(family: BoardFamily, width: number, depth: number): number {
  const { blockShapes, blockCount } = familyFacts(family);
  const fewest = blockMemories(family, width, depth) / blockCount;
  const ways = blockShapes
    .map(([words, bits]) => ({ ways: ceilDivide(depth, words), wide: ceilDivide(width, bits) }))
    .filter((shape) => shape.ways * shape.wide === fewest)
    .map((shape) => shape.ways);
  return Math.min(...ways);
}

/** Words of an UltraRAM block, and bits a word (AMD UG573: 4096 by 72, no other shapes). */
const ultraWords = 4096;
const ultraBits = 72;

/**
 * A memory with one write and one read port in UltraRAM: blocks that hold different addresses have
 * a multiplexer behind them, whose selection is registered.
 */
export function ultraMemory(width: number, depth: number): Resources {
  const ways = ceilDivide(depth, ultraWords);
  return amount({
    uram: ways * ceilDivide(width, ultraBits),
    // 5 to 8 ways: two LUTs of four and one between them
    lut: ways === 1 ? 0 : width * (ways > 4 && ways <= 8 ? 3 : selectLuts(ways)) + ways,
    ff: ceilLog2(ways),
  });
}

/** A memory with one write and one read port. */
export function simpleMemory(
  family: BoardFamily,
  kind: MemoryKind,
  { width, depth }: { readonly width: number; readonly depth: number },
): Resources {
  switch (kind) {
    case 'ultra':
      return ultraMemory(width, depth);
    case 'block':
      return amount({ bram36: blockMemories(family, width, depth) });
    case 'logic':
      return amount({ lut: lutMemory(family, width, depth), ff: width });
  }
}

export interface BlockRom {
  readonly bram36: number;
  /** Blocks that hold different addresses: a multiplexer of so many ways behind them. */
  readonly ways: number;
}

/** Shapes of a whole block of 36 Kb. */
const wholeBlockShapes = [
  [512, 72],
  [1024, 36],
  [2048, 18],
  [4096, 9],
  [8192, 4],
  [16384, 2],
  [32768, 1],
] as const;

/** What Yosys weighs (`memory_libmap`): a block of 18 Kb, one of 36 Kb, a choice of two bits. */
const romCosts = { half: 129, whole: 257, choice: 0.5 } as const;

/**
 * Block memories of constant words: words of several addresses may lie side by side in a row, and are
 * chosen from. The shape is the one that Yosys takes.
 */
export function blockRom(family: BoardFamily, width: number, depth: number): BlockRom {
  if (!isAmd(family)) {
    return {
      bram36: blockMemories(family, width, depth),
      ways: blockWays(family, width, depth),
    };
  }
  const option = (words: number, bits: number, size: 'half' | 'whole') => {
    const ways = ceilDivide(depth, words);
    const blocks = ceilDivide(ways * width, bits);
    const choices = (2 ** ceilLog2(ways) - 1) * width;
    return {
      bram36: size === 'half' ? blocks / 2 : blocks,
      ways,
      cost: blocks * romCosts[size] + choices * romCosts.choice,
    };
  };
  const options = [
    ...familyFacts(family).blockShapes.map(([words, bits]) => option(words, bits, 'half')),
    ...wholeBlockShapes.map(([words, bits]) => option(words, bits, 'whole')),
  ];
  const { bram36, ways } = options.reduce((best, other) => (other.cost < best.cost ? other : best));
  return { bram36, ways };
}

/** LUTs a bit of the choice from so many ways of a block memory. */
export function blockChoice(ways: number): number {
  return ways <= 4 ? selectLuts(ways) : ways <= 8 ? 3 : 0.8 * ways;
}
