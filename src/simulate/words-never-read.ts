import { present } from '../base/invariant.ts';
import type { EngineLayerPlan, Plan } from '../ir/plan.ts';
import { groupStep } from '../plan/lower/engine-geometry.ts';

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
  return plan.layers.reduce((sum, layer) => {
    if (layer.kind !== 'window') return sum;
    const { from } = present(layer.inputs[0], 'a layer has an input');
    const maps = inputs.map((input, sample) =>
      from === -1 ? input : present(values[sample]?.[from], 'every inner layer has values'),
    );
    return sum + neverRead(layer, maps);
  }, 0);
}

function neverRead(layer: EngineLayerPlan, maps: readonly Int16Array[]): number {
  const met = indicesMet(layer, maps);
  if (layer.choice.queues > 0) {
    return layer.queueWords.reduce(
      (sum, words) =>
        words.reduce((never, count, index) => never + (met[index] === 0 ? count : 0), sum),
      0,
    );
  }
  if (layer.choice.core !== 'dense') {
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
function indicesMet(layer: EngineLayerPlan, maps: readonly Int16Array[]): Uint8Array {
  const { input, kernel, dilation, padTop, padLeft } = layer.window;
  const { channels, height, width } = input;
  const met = new Uint8Array(kernel.height * kernel.width * channels);
  const tops = windowCorners(layer, 'height');
  const lefts = windowCorners(layer, 'width');
  const seen = new Uint8Array(channels * height * width);
  for (const map of maps) {
    for (let at = 0; at < map.length; at += 1) if (map[at] !== 0) seen[at] = 1;
  }
  for (let row = 0; row < kernel.height; row += 1) {
    for (let column = 0; column < kernel.width; column += 1) {
      const first = (row * kernel.width + column) * channels;
      for (const top of tops) {
        const y = top + row * dilation.height - padTop;
        if (y < 0 || y >= height) continue;
        for (const left of lefts) {
          const x = left + column * dilation.width - padLeft;
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

/** First rows (columns) of all windows that are used, padding not taken off. */
function windowCorners(layer: EngineLayerPlan, side: 'height' | 'width'): ReadonlySet<number> {
  const { output, pool, stride } = layer.window;
  const step = groupStep(layer.window)[side];
  const corners = new Set<number>();
  for (let group = 0; group < output[side]; group += 1) {
    for (let window = 0; window < pool[side]; window += 1) {
      corners.add(group * step + window * stride[side]);
    }
  }
  return corners;
}
