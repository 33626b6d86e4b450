import { ceilDivide } from '../../base/bits.ts';
import type { BoardFamily } from '../../ir/board.ts';

/** LUTs of a `ways`:1 multiplexer a bit; the wide multiplexers behind the LUTs are free. */
export function selectLuts(ways: number): number {
  return ways <= 1 ? 0 : ceilDivide(ways, 4);
}

/** LUTs of a distributed memory with one write port and `readPorts` asynchronous read ports. */
export function lutMemory(
  family: BoardFamily,
  width: number,
  depth: number,
  readPorts = 1,
): number {
  // RAM32M16, RAM64M8 (eight LUTs, one of them for the write address); RAM32M, RAM64M
  const luts = family === 'series7' ? 4 : 8;
  const bits = (luts - 1) * (depth <= 32 ? 2 : 1);
  const banks = ceilDivide(depth, 64);
  const data = ceilDivide(width, bits) * luts * banks;
  return readPorts * (data + width * selectLuts(banks)) + (banks > 1 ? banks : 0);
}

/** LUTs of constant words read through logic. */
export function lutRom(width: number, depth: number): number {
  return width * ceilDivide(depth, 64);
}

/** Block memories of 36 Kb for one write and one read port; a half is one of 18 Kb. */
export function blockMemories(width: number, depth: number): number {
  const shapes = [
    [72, 512],
    [36, 1024],
    [18, 2048],
    [9, 4096],
  ] as const;
  const options = shapes.map(([bits, words]) => {
    const deep = ceilDivide(depth, words);
    const halves = ceilDivide(width, bits / 2);
    // an odd rest of at most half the width takes half a block
    return (deep * halves) / 2;
  });
  return Math.min(...options);
}
