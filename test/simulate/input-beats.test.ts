import { describe, expect, it } from 'vitest';
import type { InputPlan } from '../../src/ir/plan.ts';
import { denseStream } from '../../src/plan/streams/streams.ts';
import { packInputBeats } from '../../src/simulate/input-beats.ts';
import { integerBetween, seededRandom } from '../evaluate/random-graph.ts';
import { inputBeats } from '../support/icarus.ts';

function inputPlan(
  shape: { channels: number; height: number; width: number },
  bits: number,
  valuesPerBeat: number,
  parts: number,
): InputPlan {
  const format = { bits, signed: false, scale: 1 };
  const stream = denseStream(shape, format, valuesPerBeat);
  const rowBeats = Math.ceil(shape.width / stream.sitesPerBeat) * stream.maximumBeats;
  const streamBeats = shape.height * rowBeats;
  return {
    beatBits: valuesPerBeat * parts * bits,
    valuesPerBeat: valuesPerBeat * parts,
    beatsPerInference: Math.ceil(streamBeats / parts),
    partsPerBeat: parts,
    streamBeats,
    fifoDepth: 2,
    stream,
    scale: 1,
    readers: 1,
  };
}

describe('packInputBeats', () => {
  it('puts channels innermost, value 0 lowest, and pads sites with 0', () => {
    const input = inputPlan({ channels: 3, height: 1, width: 2 }, 8, 4, 1);
    const beats = packInputBeats(input, Int16Array.from([1, 2, 3, 4, 5, 6]));
    expect(Array.from(beats, (word) => word.toString(16))).toEqual(['50301', '60402']);
  });

  it('agrees with the packing by big integers, for odd widths too', () => {
    const random = seededRandom(5);
    for (let run = 0; run < 200; run += 1) {
      const shape = {
        channels: integerBetween(random, 1, 5),
        height: integerBetween(random, 1, 4),
        width: integerBetween(random, 1, 5),
      };
      const bits = integerBetween(random, 2, 9);
      const values = 2 ** integerBetween(random, 0, 4);
      const input = inputPlan(shape, bits, values, integerBetween(random, 1, 4));
      const sample = Int16Array.from({ length: shape.channels * shape.height * shape.width }, () =>
        integerBetween(random, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
      );
      const words = packInputBeats(input, sample);
      const perBeat = words.length / input.beatsPerInference;
      const beats = Array.from({ length: input.beatsPerInference }, (_, beat) => {
        let value = 0n;
        for (let word = perBeat - 1; word >= 0; word -= 1) {
          value = (value << 32n) | BigInt(words[beat * perBeat + word] ?? 0);
        }
        return value;
      });
      // the other packing leaves beats of nothing away
      const expected = inputBeats({ input } as Parameters<typeof inputBeats>[0], sample);
      expect(beats).toEqual([...expected, ...beats.slice(expected.length).map(() => 0n)]);
    }
  });
});
