import { ceilDivide } from '../../base/bits.ts';
import { crc32 } from '../../base/crc32.ts';
import { invariant } from '../../base/invariant.ts';
import type { LoadPlan, MemoryPlan } from '../../ir/plan.ts';

/** What the load stream has to know of a memory. */
export type LoadedMemory = Pick<MemoryPlan, 'widthBits' | 'depth'>;

/** Beats before and behind the words: structure and check sum. */
const framingBeats = 2;

/** Beats of one word. */
export function partsOf(memory: LoadedMemory, beatBits: number): number {
  return ceilDivide(memory.widthBits, beatBits);
}

/** Beats that fill all memories. */
export function loadBeats(memories: readonly LoadedMemory[], beatBits: number): number {
  return memories.reduce(
    (sum, memory) => sum + memory.depth * partsOf(memory, beatBits),
    framingBeats,
  );
}

/** Low 32 bits of the header beat. */
export function structureId(load: LoadPlan): number {
  return Number.parseInt(load.structure.slice(0, 8), 16);
}

/**
 * The beats that fill all memories (hdl-templates/weight_loader.v), `beatBits / 8` bytes each, low
 * byte first: header, every word of every image, trailer. `images`: `.mem` text of each memory.
 */
export function loadStream(
  load: LoadPlan,
  memories: readonly LoadedMemory[],
  images: readonly string[],
): Uint8Array {
  const beatBytes = load.beatBits / 8;
  const bytes = new Uint8Array((load.beats - framingBeats) * beatBytes);
  let at = 0;
  memories.forEach((memory, index) => {
    const words = linesOf(images[index] ?? '');
    invariant(words.length === memory.depth, `image ${index} has ${words.length} words`);
    const wordBytes = partsOf(memory, load.beatBits) * beatBytes;
    for (const word of words) {
      writeHexadecimal(bytes, at, word);
      at += wordBytes;
    }
  });
  invariant(at === bytes.length, 'the images fill the load stream');
  return framed(load, bytes);
}

/**
 * The load stream `own` of some images that follow each other in another one, from number `first` on.
 */
export function partOfStream(
  whole: { readonly load: LoadPlan; readonly memories: readonly LoadedMemory[] },
  stream: Uint8Array,
  own: { readonly load: LoadPlan; readonly memories: readonly LoadedMemory[] },
  first: number,
): Uint8Array {
  const beatBytes = whole.load.beatBits / 8;
  // what stands before: the header and the images before, less the trailer
  const skipped = loadBeats(whole.memories.slice(0, first), whole.load.beatBits) - 1;
  const words = stream.subarray(
    skipped * beatBytes,
    (skipped + own.load.beats - framingBeats) * beatBytes,
  );
  return framed(own.load, words);
}

/** Header and trailer around the words of all images. */
function framed(load: LoadPlan, words: Uint8Array): Uint8Array {
  const beatBytes = load.beatBits / 8;
  const bytes = new Uint8Array(load.beats * beatBytes);
  invariant(bytes.length === words.length + framingBeats * beatBytes, 'the images fill the stream');
  const view = new DataView(bytes.buffer);
  view.setUint32(0, structureId(load), true);
  bytes.set(words, beatBytes);
  view.setUint32(bytes.length - beatBytes, crc32(words), true);
  return bytes;
}

/** The `.mem` texts in a load stream of the right length, whatever its header and trailer say. */
export function imagesInStream(
  load: LoadPlan,
  memories: readonly LoadedMemory[],
  stream: Uint8Array,
): readonly string[] {
  invariant(stream.length === (load.beats * load.beatBits) / 8, 'a load stream has all its beats');
  const beatBytes = load.beatBits / 8;
  let at = beatBytes;
  return memories.map((memory) => {
    const digits = ceilDivide(memory.widthBits, 4);
    const wordBytes = partsOf(memory, load.beatBits) * beatBytes;
    const lines: string[] = [];
    for (let word = 0; word < memory.depth; word += 1, at += wordBytes) {
      lines.push(hexadecimal(stream.subarray(at, at + ceilDivide(digits, 2))).slice(-digits));
    }
    return `${lines.join('\n')}\n`;
  });
}

/** A beat a line, as `$readmemh` takes it. */
export function hexadecimalBeats(load: LoadPlan, stream: Uint8Array): string {
  const beatBytes = load.beatBits / 8;
  const lines: string[] = [];
  for (let at = 0; at < stream.length; at += beatBytes) {
    lines.push(hexadecimal(stream.subarray(at, at + beatBytes)));
  }
  return `${lines.join('\n')}\n`;
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}

/** Most significant digit first in text, low byte first in memory. */
function writeHexadecimal(bytes: Uint8Array, at: number, digits: string): void {
  for (let end = digits.length, byte = at; end > 0; end -= 2, byte += 1) {
    bytes[byte] = Number.parseInt(digits.slice(Math.max(0, end - 2), end), 16);
  }
}

function hexadecimal(bytes: Uint8Array): string {
  return Buffer.from(bytes).reverse().toString('hex');
}
