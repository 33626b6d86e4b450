import { describe, expect, it } from 'vitest';
import { indicesMet, indicesOfWord, mapsInto } from '../../bench/mutants/images/data-reads.ts';
import {
  fieldOf,
  imageFields,
  textOf,
  withField,
  wordsOf,
} from '../../bench/mutants/images/image-fields.ts';
import { changesOf, drawMutant } from '../../bench/mutants/images/mutate-image.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { EngineLayerPlan } from '../../src/ir/plan.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import type { MemoryImage } from '../../src/plan/memories/memory-images.ts';
import { wordsNeverRead } from '../../src/simulate/words-never-read.ts';
import { randomCase, randomPointwiseCase } from '../support/random-case.ts';
import type { RandomCase } from '../support/random-case.ts';

const cases = [1, 2, 3].flatMap((seed) => [
  ...variantNames.map((variant) => randomCase(seed, variant, 2)),
  randomPointwiseCase(seed, 'sparse-sparse', 2),
]);

function layerOf({ network }: RandomCase, { file }: MemoryImage): EngineLayerPlan {
  const name = network.plan.memories.find((memory) => memory.file === file)?.layer;
  const layer = network.plan.layers.find((one) => one.name === name);
  if (layer === undefined || !hasEngines(layer)) throw new Error('an image has a layer');
  return layer;
}

describe('fields of memory images', () => {
  it('fill the words of every kind of image', () => {
    for (const found of cases) {
      for (const image of found.network.images) {
        const fields = imageFields(layerOf(found, image), image.purpose);
        const bits = fields.reduce((sum, field) => sum + field.bits, 0);
        expect(bits, `${image.purpose} ${image.file}`).toBe(image.widthBits);
        expect(textOf(wordsOf(image.text), image.widthBits)).toBe(image.text);
      }
    }
  });

  it('are changed alone, and cut to their bits', () => {
    const field = { kind: 'kid', slot: 0, low: 4, bits: 3 } as const;
    expect(withField(0xfffn, field, 9n)).toBe(0xf9fn);
    expect(fieldOf(0xf9fn, field)).toBe(1n);
  });
});

describe('changes of memory images', () => {
  it('are there for every kind of image, and give a text of the same size', () => {
    const made = new Set<string>();
    const draw = seededRandom(1);
    for (const found of cases) {
      for (const image of found.network.images) {
        for (const change of changesOf(image.purpose)) {
          const layer = layerOf(found, image);
          const mutant = drawMutant(image, layer, change, draw, new Set());
          if (mutant === null) continue;
          made.add(`${image.purpose}: ${change}`);
          const text = textOf(mutant.words, image.widthBits);
          expect(text).not.toBe(image.text);
          expect(text).toHaveLength(image.text.length);
        }
      }
    }
    const purposes = ['weights', 'pointers', 'turns', 'requantise'] as const;
    for (const purpose of purposes) {
      for (const change of changesOf(purpose)) expect(made).toContain(`${purpose}: ${change}`);
    }
  });
});

describe('words that no activation meets', () => {
  it('are as many as the simulator says', () => {
    for (const found of cases) {
      const { graph, network, samples } = found;
      const evaluate = prepareEvaluator(graph);
      // one value that is not 0: much is never read
      const inputs = samples.map((sample) => new Int16Array(sample.length).fill(3, 0, 1));
      const values = inputs.map((input) => evaluate(input).layers.map((layer) => layer.values));
      let never = 0;
      for (const image of network.images.filter(({ purpose }) => purpose === 'weights')) {
        const layer = layerOf(found, image);
        const met = indicesMet(layer, mapsInto(layer, inputs, values));
        wordsOf(image.text).forEach((_, word) => {
          const indices = indicesOfWord(network.images, image, layer, word, null);
          // words that only fill up the memory are of no index
          const own = indices.filter((index) => index >= 0 && index < met.length);
          if (own.length > 0 && !own.some((index) => met[index])) never += 1;
        });
      }
      expect(never).toBe(wordsNeverRead(network.plan, inputs, values));
    }
  });
});
