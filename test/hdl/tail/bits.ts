/** A field of a word, least significant field first in a list; negative values wrap around. */
export interface Field {
  readonly bits: number;
  readonly value: number | bigint;
}

/** Fields put together to one word. */
export function packFields(fields: readonly Field[]): bigint {
  let word = 0n;
  let position = 0n;
  for (const { bits, value } of fields) {
    word |= BigInt.asUintN(bits, BigInt(value)) << position;
    position += BigInt(bits);
  }
  return word;
}

/** Unsigned field of a word. */
export function fieldOf(word: bigint, position: number, bits: number): number {
  return Number(BigInt.asUintN(bits, word >> BigInt(position)));
}

/** Two's complement field of a word. */
export function signedFieldOf(word: bigint, position: number, bits: number): number {
  return Number(BigInt.asIntN(bits, word >> BigInt(position)));
}

/** Text of a `.mem` file, one hexadecimal word a line. */
export function memoryText(words: readonly bigint[]): string {
  return words.map((word) => word.toString(16)).join('\n') + '\n';
}
