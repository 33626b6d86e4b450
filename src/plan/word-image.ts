import { invariant } from '../base/invariant.ts';

/** Writes fixed-width memory words field by field, least significant first, as `.mem` text. */
export class WordImage {
  readonly widthBits: number;
  readonly #lines: string[] = [];
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(widthBits: number) {
    this.widthBits = widthBits;
    this.#bytes = new Uint8Array(Math.ceil(widthBits / 8));
  }

  /** Appends the low `bits` bits (at most 32) of an integer, two's complement if negative. */
  field(value: number, bits: number): void {
    invariant(bits <= 32 && this.#position + bits <= this.widthBits, 'field outside its word');
    let rest = value;
    let left = bits;
    while (left > 0) {
      const offset = this.#position & 7;
      const taken = Math.min(8 - offset, left);
      const index = this.#position >> 3;
      const part = rest & ((1 << taken) - 1);
      this.#bytes[index] = (this.#bytes[index] ?? 0) | (part << offset);
      rest = taken === 32 ? 0 : rest >> taken;
      this.#position += taken;
      left -= taken;
    }
  }

  /** Ends the word; bits not written are 0. */
  endWord(): void {
    const digits = Math.ceil(this.widthBits / 4);
    this.#lines.push(
      Buffer.from(this.#bytes).reverse().toString('hex').slice(-digits).padStart(digits, '0'),
    );
    this.#bytes.fill(0);
    this.#position = 0;
  }

  get depth(): number {
    return this.#lines.length;
  }

  /** The words as `$readmemh` takes them, one a line. */
  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
