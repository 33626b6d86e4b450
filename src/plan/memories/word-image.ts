import { writeBits } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';

const hexDigits = Buffer.from('0123456789abcdef');
const newline = 0x0a;

/** Writes fixed-width memory words field by field, least significant first, as `.mem` text. */
export class WordImage {
  readonly widthBits: number;
  readonly #bytes: Uint8Array;
  /** Characters of a word, with the end of its line. */
  readonly #lineLength: number;
  /** The lines so far, and room for more. */
  #lines: Buffer;
  #depth = 0;
  #position = 0;

  constructor(widthBits: number) {
    this.widthBits = widthBits;
    this.#bytes = new Uint8Array(Math.ceil(widthBits / 8));
    this.#lineLength = Math.ceil(widthBits / 4) + 1;
    this.#lines = Buffer.alloc(16 * this.#lineLength);
  }

  /** Appends the low `bits` bits (at most 32) of an integer, two's complement if negative. */
  field(value: number, bits: number): void {
    invariant(bits <= 32 && this.#position + bits <= this.widthBits, 'field outside its word');
    writeBits(this.#bytes, this.#position, value, bits);
    this.#position += bits;
  }

  /** Ends the word; bits not written are 0. */
  endWord(): void {
    const end = (this.#depth + 1) * this.#lineLength;
    if (end > this.#lines.length) {
      this.#lines = Buffer.concat([this.#lines], 2 * this.#lines.length);
    }
    let at = end - 1;
    this.#lines[at] = newline;
    for (let digit = 0; digit < this.#lineLength - 1; digit += 1) {
      const nibble = ((this.#bytes[digit >> 1] ?? 0) >> (4 * (digit & 1))) & 0xf;
      at -= 1;
      this.#lines[at] = hexDigits[nibble] ?? 0;
    }
    this.#bytes.fill(0);
    this.#depth += 1;
    this.#position = 0;
  }

  get depth(): number {
    return this.#depth;
  }

  /** The words as `$readmemh` takes them, one a line. */
  text(): string {
    return this.#lines.toString('latin1', 0, this.#depth * this.#lineLength);
  }
}
