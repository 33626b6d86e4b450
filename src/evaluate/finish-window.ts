import { present } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type { QuantizedWindow, Requantization } from '../ir/quantized.ts';
import { requantizeSpan, type ScalingPair } from './integer.ts';
import { keepWinners, type WinnerCounts } from './k-winners.ts';
import { maxPoolInto } from './max-pool.ts';

/** What a window layer makes of its sums. */
export interface FinishedWindow {
  /** What leaves the layer, CHW of `outputShape`; empty where it does not requantise. */
  readonly values: Int16Array;
  /** Pooled accumulators plus bias where they are the answer, else empty. */
  readonly answer: Int32Array;
  readonly winners: WinnerCounts;
}

/**
 * Everything after the window sum, from accumulators [O][H][W] of `windowShape` without
 * bias: max-pool, bias, requantise and clamp, k-WTA (`keepTies` as in `keepWinners`).
 */
export function finishWindow(
  quantized: QuantizedWindow,
  accumulators: Int32Array,
  keepTies: boolean,
): FinishedWindow {
  const { layer, bias } = quantized;
  let pooled = accumulators;
  if (layer.pooling !== null) {
    pooled = new Int32Array(shapeSize(layer.outputShape));
    maxPoolInto(accumulators, layer.windowShape, layer.pooling, pooled, layer.outputShape);
  }
  const noContest = { vectors: 0, tiedVectors: 0 };
  if (quantized.requantization === null) {
    return { values: new Int16Array(0), answer: biasedCopy(pooled, bias), winners: noContest };
  }
  const values = requantizeMap(quantized, quantized.requantization, pooled);
  const winners =
    layer.kWinners === null
      ? noContest
      : keepWinners(values, layer.outputShape, layer.kWinners, keepTies);
  return { values, answer: new Int32Array(0), winners };
}

function biasedCopy(sums: Int32Array, bias: Int32Array): Int32Array {
  const sites = sums.length / bias.length;
  const result = sums.slice();
  for (let at = 0, channel = 0; channel < bias.length; channel += 1) {
    const channelBias = bias[channel] ?? 0;
    for (let site = 0; site < sites; site += 1, at += 1) {
      result[at] = (result[at] ?? 0) + channelBias;
    }
  }
  return result;
}

function requantizeMap(
  quantized: QuantizedWindow,
  requantization: Requantization,
  sums: Int32Array,
): Int16Array {
  const range = present(quantized.outputRange, 'a layer that requantises has a range');
  const negative = quantized.negativeRequantization ?? requantization;
  const sites = sums.length / quantized.bias.length;
  const result = new Int16Array(sums.length);
  quantized.bias.forEach((bias, channel) => {
    const span = { start: channel * sites, end: (channel + 1) * sites };
    const pair = pairOf(requantization, channel);
    requantizeSpan(sums, span, bias, pair, pairOf(negative, channel), range, result);
  });
  return result;
}

function pairOf({ multiplier, shift }: Requantization, channel: number): ScalingPair {
  return { multiplier: multiplier[channel] ?? 0, shift: shift[channel] ?? 0 };
}
