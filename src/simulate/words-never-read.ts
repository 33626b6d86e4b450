import { present } from '../base/invariant.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';

/**
 * Weight words of one copy that never met a non-zero activation: a wrong weight in one of them
 * would change nothing in these samples, so they do not count as verified. `inputs` and `values`
 * (per sample, per layer: its output map) are channels first. Padding words are left out.
 */
export function wordsNeverRead(
  plan: Plan,
  inputs: readonly Int16Array[],
  values: readonly (readonly Int16Array[])[],
): number {
  return plan.layers.reduce((sum, layer, index) => {
    const maps = inputs.map((input, sample) =>
      index === 0 ? input : present(values[sample]?.[index - 1], 'every inner layer has values'),
    );
    return sum + neverRead(layer, maps);
  }, 0);
}

function neverRead(layer: LayerPlan, maps: readonly Int16Array[]): number {
  const met = indicesMet(layer, maps);
  if (layer.choice.queues > 0) {
    return layer.queueWords.reduce(
      (sum, words) =>
        words.reduce((never, count, index) => never + (met[index] === 0 ? count : 0), sum),
      0,
    );
  }
  if (layer.choice.core === 'sparse') {
    return met.reduce((never, seen) => never + (seen === 0 ? layer.words : 0), 0);
  }
  // One word feeds all lanes: it is read for nothing only where all its inputs are always 0.
  const { values } = layer.choice;
  const { channels } = layer.input;
  const steps = Math.ceil(channels / values);
  const read = new Uint8Array(layer.lanePositions * steps);
  met.forEach((seen, index) => {
    const position = Math.floor(index / channels) % layer.lanePositions;
    const step = Math.floor((index % channels) / values);
    if (seen !== 0) read[position * steps + step] = 1;
  });
  return layer.folds * read.reduce((never, seen) => never + (1 - seen), 0);
}

/** Per input index (kernel position x channels + channel): 1 where an activation there was not 0. */
function indicesMet(layer: LayerPlan, maps: readonly Int16Array[]): Uint8Array {
  const { input, kernel, stride, padTop, padLeft, pool, output } = layer.window;
  const { channels, height, width } = input;
  const met = new Uint8Array(kernel.height * kernel.width * channels);
  const rows = output.height * pool.height;
  const columns = output.width * pool.width;
  const seen = new Uint8Array(channels * height * width);
  for (const map of maps) {
    for (let at = 0; at < map.length; at += 1) if (map[at] !== 0) seen[at] = 1;
  }
  for (let row = 0; row < kernel.height; row += 1) {
    for (let column = 0; column < kernel.width; column += 1) {
      const first = (row * kernel.width + column) * channels;
      for (let windowY = 0; windowY < rows; windowY += 1) {
        const y = windowY * stride.height + row - padTop;
        if (y < 0 || y >= height) continue;
        for (let windowX = 0; windowX < columns; windowX += 1) {
          const x = windowX * stride.width + column - padLeft;
          if (x < 0 || x >= width) continue;
          for (let channel = 0; channel < channels; channel += 1) {
            if (seen[(channel * height + y) * width + x] === 1) met[first + channel] = 1;
          }
        }
      }
    }
  }
  return met;
}
