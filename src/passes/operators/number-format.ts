import { signedBits } from '../../base/bits.ts';
import type { GivenFormat } from '../../ir/graph.ts';
import type { OnnxElementType, OnnxTensor } from '../../ir/onnx.ts';
import { numbersOf, refuse } from '../operator-rule.ts';
import type { Encoding } from '../value.ts';

/** Smallest and largest integers of a type. */
interface TypeRange {
  readonly least: number;
  readonly most: number;
}

const typeRanges: ReadonlyMap<OnnxElementType, TypeRange> = new Map([
  ['uint8', { least: 0, most: 255 }],
  ['int8', { least: -128, most: 127 }],
  ['uint4', { least: 0, most: 15 }],
  ['int4', { least: -8, most: 7 }],
  ['uint16', { least: 0, most: 65_535 }],
  ['int16', { least: -32_768, most: 32_767 }],
  ['int32', { least: -(2 ** 31), most: 2 ** 31 - 1 }],
]);

export function typeRange(type: OnnxElementType): TypeRange {
  return (
    typeRanges.get(type) ?? refuse(`its integers are of type ${type}`, 'int8, uint8, int4, uint4')
  );
}

/** One value for the whole tensor: scale and zero point of an activation. */
export function uniform(tensor: OnnxTensor, what: string): number {
  const values = numbersOf(tensor);
  const [value] = values;
  if (value === undefined || values.some((other) => other !== value)) {
    return refuse(
      `${what} is not one number for the whole value`,
      'one scale and zero point a value',
    );
  }
  return value;
}

/** Values of more than these bits fit no edge: 8, and one for the zero point. */
const mostValues = 2 ** 9;

/** Integers of a value with the given scale and zero point, the zero point removed. */
export function formatOf({ scale, zeroPoint }: Encoding, { least, most }: TypeRange): GivenFormat {
  if (!(scale > 0) || !Number.isFinite(scale)) refuse(`its scale is ${scale}`, 'a scale above 0');
  if (!Number.isInteger(zeroPoint)) refuse(`its zero point is ${zeroPoint}`, 'an integer');
  const minimum = least - zeroPoint;
  const maximum = most - zeroPoint;
  if (most - least >= mostValues) {
    refuse(`it quantises to ${most - least + 1} values`, 'activations of at most 8 bits');
  }
  if (minimum > 0 || maximum < 0) refuse(`its zero point ${zeroPoint} is outside of its type`);
  return { scale, minimum, maximum };
}

/** Rounds to the nearest integer, halves to the even one (ONNX QuantizeLinear). */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Two's complement width of all integers from `least` to `most`. */
export function widthOf({ least, most }: TypeRange): number {
  return signedBits(least, most);
}
