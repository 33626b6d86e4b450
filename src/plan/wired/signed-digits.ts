/** A digit of a number: 2^shift, or -2^shift. */
export interface SignedDigit {
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * Canonical signed digits of an integer, least significant first: the fewest digits +1 and -1 it
 * can be written with, no two of them next to each other (Reitwiesner 1960).
 */
export function signedDigits(value: number): readonly SignedDigit[] {
  const digits: SignedDigit[] = [];
  let left = value;
  for (let shift = 0; left !== 0; shift += 1) {
    if (left % 2 !== 0) {
      // 1 or -1, so that what is left is a multiple of 4
      const digit = ((left % 4) + 4) % 4 === 1 ? 1 : -1;
      digits.push({ shift, negative: digit < 0 });
      left -= digit;
    }
    left /= 2;
  }
  return digits;
}
