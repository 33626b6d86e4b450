import type { LogicPath } from './logic-depth.ts';

/** A path in one line: `4.8 LUT levels (3 LUTs, 19 carry bits in 1 chain), from a to b`. */
export function describePath({ levels, luts, carryBits, chains, muxes, nets }: LogicPath): string {
  const parts = [
    counted(luts, 'LUT'),
    carryBits === 0 ? null : `${counted(carryBits, 'carry bit')} in ${counted(chains, 'chain')}`,
    muxes === 0 ? null : counted(muxes, 'wide multiplexer'),
  ].filter((part) => part !== null);
  const way = nets.length === 0 ? '' : `, from ${nets[0] ?? ''} to ${nets.at(-1) ?? ''}`;
  return `${levels.toFixed(1)} LUT levels (${parts.join(', ')})${way}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
