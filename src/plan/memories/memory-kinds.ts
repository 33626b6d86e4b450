import { present } from '../../base/invariant.ts';
import type { MemoryKind } from '../../ir/plan.ts';

/** Value of the parameters `BlockMemory`, `BlockWeights`, `BlockStore` of the templates. */
const kinds: readonly MemoryKind[] = ['logic', 'block', 'ultra'];

export function memoryKind(parameter: number): MemoryKind {
  return present(kinds[parameter], `kind ${parameter} of a memory`);
}

/** The parameter of a memory that is large enough for a block or not, and then may be UltraRAM. */
export function blockKind(block: boolean, ultra: boolean): number {
  return kinds.indexOf(block ? (ultra ? 'ultra' : 'block') : 'logic');
}
