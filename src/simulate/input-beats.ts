import { invariant } from '../base/invariant.ts';
import type { InputPlan } from '../ir/plan.ts';

/** 32-bit words of an input beat in a stimulus file. */
export function wordsPerBeat(input: InputPlan): number {
  return Math.ceil(input.beatBits / 32);
}

/**
 * Input beats of one sample as `nzflow_top` takes them: rows of sites, channels innermost, sites
 * and channels padded with 0 to what the first layer's stream has; value 0 in the low bits.
 *
 * `values`: integers in the input format, [channel][row][column]. Result:
 * [beat][wordsPerBeat], least significant word first.
 */
export function packInputBeats(input: InputPlan, values: Int16Array): Uint32Array {
  const { stream, valuesPerBeat, beatsPerInference } = input;
  const { channels, height, width, sitesPerBeat, valuesPerSite, valueBits } = stream;
  invariant(values.length === channels * height * width, `${values.length} input values`);
  const sitesPerRow = Math.ceil(width / sitesPerBeat) * sitesPerBeat;
  invariant(
    height * sitesPerRow * valuesPerSite <= beatsPerInference * valuesPerBeat,
    'the input does not fit its beats',
  );
  const words = wordsPerBeat(input);
  const packed = new Uint32Array(beatsPerInference * words);
  const mask = 2 ** valueBits - 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const value = (values[(channel * height + y) * width + x] ?? 0) & mask;
        const index = (y * sitesPerRow + x) * valuesPerSite + channel;
        const beat = Math.floor(index / valuesPerBeat);
        const bit = (index % valuesPerBeat) * valueBits;
        const word = beat * words + (bit >>> 5);
        const shift = bit & 31;
        packed[word] = (packed[word] ?? 0) | (value << shift);
        if (shift + valueBits > 32) {
          packed[word + 1] = (packed[word + 1] ?? 0) | (value >>> (32 - shift));
        }
      }
    }
  }
  return packed;
}
