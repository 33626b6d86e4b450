import { invariant } from '../base/invariant.ts';
import type { Plan } from '../ir/plan.ts';
import { packInputBeats, wordsPerBeat } from '../simulate/input-beats.ts';
import type { StoredReference } from '../simulate/reference-store.ts';

/** The beats of every sample in lines of `$readmemh`: {last, data}. */
export function stimulusLines(
  { input }: Plan,
  samples: StoredReference['inputs'],
): readonly (readonly string[])[] {
  const words = wordsPerBeat(input);
  return samples.map((sample) => {
    const packed = packInputBeats(input, sample);
    return Array.from({ length: input.beatsPerInference }, (_, beat) => {
      const data = hexOf(packed.subarray(beat * words, (beat + 1) * words));
      const last = beat === input.beatsPerInference - 1 ? 1n : 0n;
      return ((last << BigInt(input.beatBits)) | data).toString(16);
    });
  });
}

/** What has to come out, beat by beat: {last, care, data}; words past the last channel do not matter. */
export function expectedLines(
  { output }: Plan,
  samples: StoredReference['logits'],
): readonly (readonly string[])[] {
  const { wordsPerBeat: perBeat, beatBits, beatsPerInference, answers } = output;
  const bits = BigInt(beatBits);
  return samples.map((logits) => {
    let at = 0;
    const beats = answers.flatMap(({ channels, height, width, beatsPerSite }) =>
      Array.from({ length: height * width * beatsPerSite }, (_, beat) => {
        const rest = channels - (beat % beatsPerSite) * perBeat;
        const count = Math.max(0, Math.min(perBeat, rest));
        const data = hexOf(Uint32Array.from(logits.subarray(at, at + count)));
        at += count;
        const care = (1n << BigInt(32 * count)) - 1n;
        return (care << bits) | data;
      }),
    );
    invariant(beats.length === beatsPerInference && at === logits.length, 'beats of an inference');
    return beats.map((beat, index) => {
      const last = index === beats.length - 1 ? 1n : 0n;
      return ((last << (2n * bits)) | beat).toString(16);
    });
  });
}

/** Words, least significant first, as one number. */
function hexOf(words: Uint32Array): bigint {
  return words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
}
