import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError, exitCodes, fail } from '../base/diagnostics.ts';
import type { LoadPlan, Plan } from '../ir/plan.ts';
import { hexadecimalBeats, imagesInStream, loadStream } from '../plan/memories/load-stream.ts';
import type { PlannedNetwork } from '../plan/plan-network.ts';

/** Files of the weights of a loadable design, beside its plan.json (docs/weights.md). */
export const weightsFile = 'weights.bin';
const hexadecimalFile = 'weights.hex';

const magic = 'NZFLOWW1';
/** Magic, structure, hash of the beats, bits of a beat, beats. */
const headerBytes = 8 + 32 + 32 + 4 + 4;

/** Writes `weights.bin` and `weights.hex` of a planned network into the folder of its variant. */
export async function writeWeights(folder: string, network: PlannedNetwork): Promise<void> {
  const { load, memories } = network.plan;
  if (load === undefined) return;
  const texts = network.images.map(({ text }) => text);
  const stream = loadStream(load, memories, texts);
  await writeFile(join(folder, weightsFile), Buffer.concat([header(load, stream), stream]));
  await writeFile(join(folder, hexadecimalFile), hexadecimalBeats(load, stream));
}

function header(load: LoadPlan, stream: Uint8Array): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write(magic, 'latin1');
  bytes.write(load.structure, 8, 'hex');
  createHash('sha256').update(stream).digest().copy(bytes, 40);
  bytes.writeUInt32LE(load.beatBits, 72);
  bytes.writeUInt32LE(load.beats, 76);
  return bytes;
}

/**
 * The beats in `weights.bin` of a folder, for the design of `plan`. Throws `UserError`: exit code 2
 * for a file that is none, or made for another structure; with `hashCheck` exit code 1 naming every
 * image that is not what the plan beside it says.
 */
export async function readWeights(
  folder: string,
  plan: Plan,
  load: LoadPlan,
  { hashCheck }: { readonly hashCheck: boolean },
): Promise<Uint8Array> {
  const place = join(folder, weightsFile);
  const bytes = await readFile(place).catch((cause: unknown) =>
    fail('weights/unreadable', 'the weights cannot be read', { place, remedy: again, cause }),
  );
  if (bytes.length < headerBytes || bytes.toString('latin1', 0, 8) !== magic) {
    fail('weights/format', 'this is not a file of weights', { place, remedy: again });
  }
  if (bytes.toString('hex', 8, 40) !== load.structure) otherStructure(place);
  const stream = Uint8Array.from(bytes.subarray(headerBytes));
  const sizes = bytes.readUInt32LE(72) === load.beatBits && bytes.readUInt32LE(76) === load.beats;
  if (!sizes || stream.length !== (load.beats * load.beatBits) / 8) {
    fail('weights/size', `the file does not hold the ${load.beats} beats of the design`, {
      place,
      remedy: again,
      exitCode: hashCheck ? exitCodes.mismatch : exitCodes.badInput,
    });
  }
  if (hashCheck) checkHashes(place, plan, load, bytes, stream);
  return stream;
}

/** Refuses weights for other hardware. */
export function otherStructure(place: string): never {
  fail('weights/other-structure', 'the weights were made for a design of another structure', {
    place,
    remedy: 'write them for this build with `nzflow weights <build-dir> <model.onnx>`',
  });
}

const again = 'write it again with `nzflow weights` or `nzflow compile --weights loadable`';

function checkHashes(
  place: string,
  plan: Plan,
  load: LoadPlan,
  file: Buffer,
  stream: Uint8Array,
): void {
  const images = imagesInStream(load, plan.memories, stream);
  const diagnostics = plan.memories.flatMap((memory, index): Diagnostic[] => {
    const hash = createHash('sha256').update(images[index] ?? '');
    if (hash.digest('hex') === memory.sha256) return [];
    return [
      {
        code: 'build/memory-image',
        message: `hash check: ${memory.purpose} image ${memory.file} of layer ${memory.layer} is not what the plan says (its hash differs)`,
        place,
        remedy: `${again}, or look at what it does with --no-hash-check`,
      },
    ];
  });
  const whole = createHash('sha256').update(stream).digest('hex');
  if (diagnostics.length === 0 && whole !== file.toString('hex', 40, 72)) {
    diagnostics.push({
      code: 'build/memory-image',
      message: 'hash check: header or check sum of the beats differs from their hash in the file',
      place,
      remedy: again,
    });
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics, exitCodes.mismatch);
}
