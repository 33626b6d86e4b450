import { fail } from '../../base/diagnostics.ts';

/** Beginnings of part numbers, the longer of two first, and what Quartus calls their families. */
const families: readonly (readonly [prefix: string, family: string])[] = [
  ['10AX', 'Arria 10'],
  ['10AS', 'Arria 10'],
  ['10AT', 'Arria 10'],
  ['10CX', 'Cyclone 10 GX'],
  ['10CL', 'Cyclone 10 LP'],
  ['10M', 'MAX 10'],
  ['1S', 'Stratix 10'],
  ['5C', 'Cyclone V'],
  ['5AGZ', 'Arria V GZ'],
  ['5A', 'Arria V'],
  ['5S', 'Stratix V'],
  ['AG', 'Agilex 7'],
];

/** The family of a part of Intel (Altera), as Quartus names it. Throws `UserError` for any other part. */
export function deviceFamily(part: string): string {
  const found = families.find(([prefix]) => part.toUpperCase().startsWith(prefix));
  if (found !== undefined) return found[1];
  return fail('synthesize/not-intel', `Quartus has no device ${part}`, {
    place: '--tool',
    remedy:
      'build for a board with an Intel device (nzflow boards), or use --tool vivado or --tool yosys',
  });
}
