import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { present } from '../../../src/base/invariant.ts';
import { seededRandom } from '../../../src/pack/seeded-random.ts';
import { hasEngines } from '../../../src/ir/plan.ts';
import type { EngineLayerPlan, MemoryPlan } from '../../../src/ir/plan.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { writeDesign } from '../../../test/support/icarus.ts';
import { buildSimulator } from '../../../src/simulate/build-simulator.ts';
import { writeReference } from '../../../src/simulate/reference-files.ts';
import { siteBySite } from '../../../src/simulate/reference-store.ts';
import { runSimulator } from '../../../src/simulate/run-simulator.ts';
import { indicesMet, indicesOfWord, mapsInto } from './data-reads.ts';
import { textOf, wordsOf } from './image-fields.ts';
import { changesOf, drawMutant } from './mutate-image.ts';
import type { Draw, ImageMutant } from './mutate-image.ts';
import { isOfSilentChannels, saysTheSame } from './same-answers.ts';
import { ofSameWeights } from './same-sums.ts';
import { imageCase } from './image-case.ts';
import type { ImageCase } from './image-case.ts';

/** What became of a change of an image. */
export interface ImageVerdict {
  readonly network: string;
  readonly purpose: MemoryPlan['purpose'];
  readonly core: string;
  readonly file: string;
  readonly change: string;
  /**
   * `never read`: all that differs is read for activations or values only that are always 0, or never. `same`:
   * not noticed, but the reference gives the same for every sample with what was changed, so that no
   * comparison of values can tell.
   */
  readonly kind: 'killed' | 'survived' | 'same' | 'never read';
  /** The first check that noticed, or what is left to say. */
  readonly how: string;
}

export interface ImageTask {
  /** A seed of a random network, or a folding of an example. */
  readonly network: string;
  readonly mutants: number;
  readonly seed: number;
}

export interface ImageAnswer {
  /** What the network says of itself. */
  readonly kind: string;
  readonly verdicts: readonly ImageVerdict[];
  /** The check finds nothing when nothing is changed; else what it finds. */
  readonly unchanged: string | null;
}

/** Builds the simulator of a network once and runs it on its images, changed one at a time. */
export async function checkImages(task: ImageTask): Promise<ImageAnswer> {
  const found = await imageCase(task.network);
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-images-'));
  const hdlFolder = writeDesign(found.network);
  try {
    const differs = await prepare(found, folder, hdlFolder);
    const unchanged = tellsNothing(found) ?? (await differs());
    if (unchanged !== null) return { kind: found.kind, verdicts: [], unchanged };
    const random = seededRandom(task.seed);
    const verdicts: ImageVerdict[] = [];
    for (const { image, layer, mutant } of drawMutants(found, task.mutants, random)) {
      const path = join(hdlFolder, image.file);
      writeFileSync(path, textOf(mutant.words, image.widthBits));
      const noticed = await differs();
      writeFileSync(path, image.text);
      verdicts.push({
        network: task.network,
        purpose: image.purpose,
        core: layer.choice.core,
        file: image.file,
        change: mutant.change,
        ...judged(found, image, layer, mutant, noticed),
      });
    }
    return { kind: found.kind, verdicts, unchanged: null };
  } finally {
    for (const path of [folder, hdlFolder]) rmSync(path, { recursive: true, force: true });
  }
}

/** Whether samples do not differ in a layer: then they tell nothing of what it reads. */
function tellsNothing({ network, evaluations }: ImageCase): string | null {
  const dull = network.plan.layers.filter(hasEngines).find(({ index }) => {
    const sums = evaluations.map(({ layers }) => layers[index]?.accumulators.join(' '));
    return new Set(sums).size < Math.min(leastDifferent, evaluations.length);
  });
  return dull === undefined ? null : `samples do not differ in ${dull.name}`;
}

/** Of the samples so many at least have sums of their own in every layer. */
const leastDifferent = 10;

/** The comparison that `nzflow simulate --no-hash-check` makes: what differs first, or null. */
async function prepare(
  found: ImageCase,
  folder: string,
  hdlFolder: string,
): Promise<() => Promise<string | null>> {
  const { network, samples, evaluations, prediction } = found;
  const { plan } = network;
  const simulator = await buildSimulator({ hdlFolder, simFolder: folder, waves: null });
  const reference = await writeReference(
    join(folder, 'reference'),
    plan.layers.length,
    evaluations.map((evaluation) => ({
      ...evaluation,
      logits: siteBySite(plan.output.answers, evaluation.logits),
    })),
  );
  return async () => {
    const result = await runSimulator({
      ...{ simulator, plan, hdlFolder, simFolder: join(folder, 'run'), reference, samples },
      ...{ streamInferences: samples.length, isolatedSamples: [], pipelineInferences: 0 },
      ...{ gapSeed: null, waves: null, timeoutMilliseconds: 300_000 },
    });
    const [mismatch] = result.mismatches;
    if (mismatch !== undefined) return `${mismatch.check} check`;
    if (result.ending !== 'complete') return 'it hangs';
    const start = result.startCycles[0] ?? 0;
    const ends = result.completionCycles.map((cycle) => cycle - start);
    return ends.join(' ') === Array.from(prediction.completions).join(' ') ? null : 'cycles';
  };
}

interface Drawn {
  readonly image: MemoryImage;
  readonly layer: EngineLayerPlan;
  readonly mutant: ImageMutant;
}

/** So many changes, every purpose and every change of it as often as the others. */
function* drawMutants(
  found: ImageCase,
  count: number,
  draw: Draw,
): Generator<Drawn, void, undefined> {
  const { network } = found;
  const layers = new Map(
    network.plan.layers.filter(hasEngines).map((layer) => [layer.name, layer]),
  );
  const { memories } = network.plan;
  const known = new Set<string>();
  const purposes = [...new Set(network.images.map(({ purpose }) => purpose))];
  for (let left = count, attempt = 0; left > 0 && attempt < 20 * count; attempt += 1) {
    const purpose = present(purposes[attempt % purposes.length], 'a purpose');
    const own = network.images.filter((image) => image.purpose === purpose);
    const image = present(own[draw(own.length)], 'an image');
    const names = changesOf(purpose);
    const change = present(names[Math.floor(attempt / purposes.length) % names.length], 'a change');
    const memory = memories.find(({ file }) => file === image.file);
    const layer = present(layers.get(memory?.layer ?? ''), 'the layer of an image');
    const mutant = drawMutant(image, layer, change, draw, known);
    if (mutant === null || isAnotherOrder(found, image, layer, mutant)) continue;
    known.add(textOf(mutant.words, image.widthBits));
    left -= 1;
    yield { image, layer, mutant };
  }
}

/** Words of an index may have any order; a change of it is none. */
function isAnotherOrder(
  found: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  mutant: ImageMutant,
): boolean {
  const isQueued = image.purpose === 'weights' && layer.choice.queues > 0;
  return isQueued && ofSameWeights(found, image, layer, mutant) !== null;
}

function judged(
  found: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  mutant: ImageMutant,
  noticed: string | null,
): Pick<ImageVerdict, 'kind' | 'how'> {
  if (noticed !== null) return { kind: 'killed', how: noticed };
  const isSilent = isOfSilentChannels(found, image, layer, mutant);
  if (isSilent || isNeverRead(found, image, layer, mutant)) return { kind: 'never read', how: '' };
  const same = saysTheSame(found, image, layer, mutant);
  if (same !== null) return { kind: 'same', how: same };
  const before = wordsOf(image.text);
  const at = mutant.words.findIndex((word, index) => word !== before[index]);
  const how = `word ${at}: ${before[at]?.toString(16) ?? ''} -> ${mutant.words[at]?.toString(16) ?? ''}`;
  return { kind: 'survived', how };
}

/**
 * From the values of the samples alone: whether no activation meets any word that differs. Or what
 * no module looks at: histograms take channels from their order, not from what comes with values.
 */
function isNeverRead(
  { network, samples, evaluations }: ImageCase,
  image: MemoryImage,
  layer: EngineLayerPlan,
  { words, place }: ImageMutant,
): boolean {
  if (image.purpose === 'requantise') {
    return layer.tail.kind === 'histogram' && place?.field.kind === 'channel';
  }
  if (image.purpose === 'permutation') return false;
  const { images } = network;
  const values = evaluations.map(({ layers }) => layers.map((one) => one.values));
  const met = indicesMet(layer, mapsInto(layer, samples, values));
  const slot = place === null ? null : place.field.slot;
  return wordsOf(image.text).every((word, at) => {
    if (word === words[at]) return true;
    const indices = indicesOfWord(images, image, layer, at, slot);
    return indices.every((index) => met[index] !== true);
  });
}
