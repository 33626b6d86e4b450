import { integerBetween } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';

export function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[integerBetween(random, 0, values.length - 1)];
  if (value === undefined) throw new Error('one of nothing');
  return value;
}

/** Bytes that end, begin or overflow something somewhere. */
const oddBytes = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x08, 0x12, 0x22, 0x27, 0x28, 0x29, 0x2c, 0x0a];

/** A few random changes: bits, bytes, blocks that go, come twice or change places, a cut end. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let result = bytes;
  for (let changes = integerBetween(random, 1, 4); changes > 0; changes -= 1) {
    const at = integerBetween(random, 0, Math.max(0, result.length - 1));
    const length = integerBetween(random, 1, 40);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    switch (integerBetween(random, 0, 6)) {
      case 0:
        result = result.map((byte, index) => (index === at ? byte ^ (1 << (length % 8)) : byte));
        break;
      case 1:
        result = result.map((byte, index) => (index === at ? oneOf(random, oddBytes) : byte));
        break;
      case 2:
        result = Buffer.concat([before, after.subarray(length)]);
        break;
      case 3:
        result = Buffer.concat([before, after.subarray(0, length), after]);
        break;
      case 4:
        result = Buffer.concat([before, Buffer.alloc(length, oneOf(random, oddBytes)), after]);
        break;
      case 5:
        result = before;
        break;
      case 6:
        result = Buffer.concat([after, before]);
        break;
    }
  }
  return Uint8Array.from(result);
}
