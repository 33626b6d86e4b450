import { ceilDivide, ceilLog2, indexBits, nextPowerOfTwo } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';
import type { FeatureShape } from '../../ir/graph.ts';
import type { StreamPlan } from '../../ir/plan.ts';
import type { ActivationFormat } from '../../ir/quantized.ts';

/** Stream of non-zero tokens; `maximumTokens` of the channels can be non-zero at a site. */
export function tokenStream(
  shape: FeatureShape,
  format: ActivationFormat,
  tokensPerBeat: number,
  maximumTokens: number,
): StreamPlan {
  const channelBits = indexBits(shape.channels);
  return {
    kind: 'tokens',
    ...shape,
    tokensPerBeat,
    sitesPerBeat: 1,
    valuesPerSite: 0,
    maximumTokens,
    maximumBeats: Math.max(1, ceilDivide(maximumTokens, tokensPerBeat)),
    channelBits,
    valueBits: format.bits,
    valueSigned: format.signed,
    tokenBits: channelBits + format.bits,
    countBits: ceilLog2(tokensPerBeat + 1),
  };
}

/**
 * Stream of all values. With more values a beat than channels (padded to a power of two) a beat
 * holds several sites of one row, else a site takes several beats, the last one zero-filled.
 */
export function denseStream(
  shape: FeatureShape,
  format: ActivationFormat,
  valuesPerBeat: number,
): StreamPlan {
  invariant(2 ** ceilLog2(valuesPerBeat) === valuesPerBeat, `${valuesPerBeat} values a beat`);
  const padded = nextPowerOfTwo(shape.channels);
  const shared = valuesPerBeat > padded;
  const beats = shared ? 1 : ceilDivide(shape.channels, valuesPerBeat);
  return {
    kind: 'dense',
    ...shape,
    tokensPerBeat: valuesPerBeat,
    sitesPerBeat: shared ? valuesPerBeat / padded : 1,
    valuesPerSite: shared ? padded : beats * valuesPerBeat,
    maximumTokens: shape.channels,
    maximumBeats: beats,
    channelBits: indexBits(shape.channels),
    valueBits: format.bits,
    valueSigned: format.signed,
    tokenBits: format.bits,
    countBits: ceilLog2(valuesPerBeat + 1),
  };
}

/** Sums that are an answer of the network: 32-bit words, the channels of a site in order. */
export function logitStream(shape: FeatureShape, wordsPerBeat: number): StreamPlan {
  const { channels } = shape;
  return {
    kind: 'logits',
    ...shape,
    tokensPerBeat: wordsPerBeat,
    sitesPerBeat: 1,
    valuesPerSite: channels,
    maximumTokens: channels,
    maximumBeats: ceilDivide(channels, wordsPerBeat),
    channelBits: indexBits(channels),
    valueBits: 32,
    valueSigned: true,
    tokenBits: 32,
    countBits: ceilLog2(wordsPerBeat + 1),
  };
}

/** Beats of a whole feature map on a stream, when every site is as long as it can be. */
export function beatsPerMap(stream: StreamPlan): number {
  const beatsPerRow = ceilDivide(stream.width, stream.sitesPerBeat) * stream.maximumBeats;
  return stream.height * beatsPerRow;
}
