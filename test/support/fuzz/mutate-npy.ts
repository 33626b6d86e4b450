import { integerBetween } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { mutateBytes, oneOf } from './mutate-bytes.ts';
import { oddIntegers } from './odd-values.ts';

const types = [
  '<f4',
  '>f4',
  '<f8',
  '<f2',
  '|i1',
  '|u1',
  '|b1',
  '<i2',
  '<u2',
  '<i4',
  '<i8',
  '|O',
  'V8',
];
/** What the reader wants of a sample. */
const wantedShape = ['2', '2', '1'];
const orders = ['False', 'True', 'true', '0'];

/** A file with a header of its own, right or wrong, and about as much data as it says. */
export function makeNpy(random: Random): Uint8Array {
  const dims =
    random() < 0.5
      ? [String(integerBetween(random, 1, 3)), ...wantedShape]
      : Array.from({ length: integerBetween(random, 0, 5) }, () =>
          random() < 0.85
            ? String(integerBetween(random, 0, 4))
            : String(oneOf(random, oddIntegers)),
        );
  const type = oneOf(random, types);
  const tuple = dims.length === 1 ? `(${dims.join()},)` : `(${dims.join(', ')})`;
  const fields = [
    `'descr': ${random() < 0.95 ? `'${type}'` : "[('a', '<f4')]"}`,
    `'fortran_order': ${oneOf(random, orders)}`,
    `'shape': ${random() < 0.95 ? tuple : '()[0]'}`,
  ].filter(() => random() < 0.97);
  const header = Buffer.from(
    `{${fields.join(', ')}, }${' '.repeat(integerBetween(random, 0, 70))}\n`,
  );
  const version = random() < 0.9 ? 1 : integerBetween(random, 0, 4);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  const said = random() < 0.9 ? header.length : integerBetween(random, 0, 65_535);
  if (version === 1) length.writeUInt16LE(said);
  else length.writeUInt32LE(random() < 0.9 ? said : 0xffff_fff0);
  const wanted = dims.reduce((product, text) => product * Number(text), Number(type.at(-1)));
  const bytes = random() < 0.8 && wanted < 10_000 ? wanted : integerBetween(random, 0, 64);
  const data = Buffer.from(Uint8Array.from({ length: Math.max(0, bytes) }, () => random() * 256));
  const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const file = Buffer.concat([magic, length, header, data]);
  return random() < 0.3 ? mutateBytes(random, file) : Uint8Array.from(file);
}
