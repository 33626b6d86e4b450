/**
 * Mean of every output channel over its positions, of a map [channel][position]: what bias
 * correction compares.
 */
export function channelMeans(map: Int32Array | Float64Array, channels: number): Float64Array {
  const positions = map.length / channels;
  const means = new Float64Array(channels);
  for (let at = 0, channel = 0; channel < channels; channel += 1) {
    let sum = 0;
    for (let position = 0; position < positions; position += 1, at += 1) sum += map[at] ?? 0;
    means[channel] = sum / positions;
  }
  return means;
}

/**
 * What to add to the bias of every channel so that its mean over the samples is again that
 * of the float network (bias correction, Nagel et al. 2019, arXiv 1906.04721): rounded
 * weights, clipped inputs and ties among winners shift it systematically.
 *
 * `wanted` and `actual` hold one row of channel means per sample, in real units. A shift
 * that the samples do not agree on is mostly chance, so it is shrunk by its own standard
 * error (positive-part James-Stein); with fewer than two samples there is no correction.
 */
export function biasCorrection(
  wanted: readonly Float64Array[],
  actual: readonly Float64Array[],
): Float64Array {
  const samples = wanted.length;
  const channels = wanted[0]?.length ?? 0;
  const correction = new Float64Array(channels);
  if (samples < 2) return correction;
  for (let channel = 0; channel < channels; channel += 1) {
    const differences = wanted.map((row, sample) => {
      return (row[channel] ?? 0) - (actual[sample]?.[channel] ?? 0);
    });
    const mean = differences.reduce((sum, value) => sum + value, 0) / samples;
    if (mean === 0) continue;
    const spread = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const squaredStandardError = spread / (samples - 1) / samples;
    correction[channel] = mean * Math.max(0, 1 - squaredStandardError / mean ** 2);
  }
  return correction;
}
