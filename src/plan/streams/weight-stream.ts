import { createHash } from 'node:crypto';
import { ceilDivide, writeBits } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import { hasEngines } from '../../ir/plan.ts';
import type {
  BeatRate,
  EngineLayerPlan,
  LayerPlan,
  Plan,
  StreamedWeights,
  WeightSection,
  WeightStreamPlan,
} from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { denseWord } from '../memories/dense-words.ts';
import { weightsByIndex } from '../memories/weight-order.ts';
import type { WeightRate } from './weight-rate.ts';

/** The beats of a period, in `hdl/`: beatBits / 8 bytes each, low byte first. */
export const weightStreamFile = 'weight-stream.bin';

/** Beats read ahead of the words: enough for the pauses of a memory that refreshes and changes rows. */
const fifoDepth = 513;

/** What a layer has to know of the stream its weights come in. */
export interface WeightStreamContext extends WeightRate {
  /** Beats of a period that are words of other layers, at least. */
  readonly otherBeats: number;
  /** Words that waste beats are not looked at. */
  readonly fullBeats: boolean;
}

/** Words of a layer and the beats they take. `wordBits`: weights of a step. */
export function streamedWeights(
  words: number,
  wordBits: number,
  { beatBits, rate, otherBeats }: WeightStreamContext,
): StreamedWeights {
  const beatsPerWord = ceilDivide(wordBits, beatBits);
  const beats = sectionBeats({ words, beatsPerWord }) + otherBeats;
  return { words, beatsPerWord, periodCycles: cyclesOfPeriod(words, beats, rate) };
}

/** Beats of a layer's words. */
export function sectionBeats({
  words,
  beatsPerWord,
}: Pick<WeightSection, 'words' | 'beatsPerWord'>): number {
  return words * beatsPerWord;
}

/** How long a period takes at least: a word a cycle, beats as fast as they come. */
export function cyclesOfPeriod(words: number, beats: number, rate: BeatRate): number {
  return Math.max(words, beats * (rate.cycles / rate.beats));
}

/** The layers of a plan whose weights are streamed. */
export function streamedLayers(layers: readonly LayerPlan[]): readonly EngineLayerPlan[] {
  return layers.filter(
    (layer): layer is EngineLayerPlan => hasEngines(layer) && layer.streamed !== undefined,
  );
}

/** Bits of the longest word, in whole beats: what is led to the layers. */
export function streamWordBits({ beatBits, sections }: WeightStreamPlan): number {
  return beatBits * Math.max(...sections.map(({ beatsPerWord }) => beatsPerWord));
}

/** What a layer's words are made of. */
export interface WeightsOfLayer {
  readonly layer: QuantizedWindow;
  readonly packing: Packing;
}

/**
 * The plan with its weight stream, and the beats of a period: word by word in the order in which
 * `weight_follower` counts (position of the lanes, group of values, fold), each in whole beats, low
 * byte first. The plan as it is where no layer is streamed. `weightsOf`: by layer index.
 */
export function withWeightStream(
  plan: Plan,
  weightRate: WeightRate | null,
  weightsOf: (index: number) => WeightsOfLayer,
): { readonly plan: Plan; readonly beats: Uint8Array | null } {
  const streamed = streamedLayers(plan.layers);
  if (streamed.length === 0) return { plan, beats: null };
  const { beatBits, rate } = present(weightRate, 'a board with memory for streamed weights');
  const sections = streamed.map((layer): WeightSection => {
    const { words, beatsPerWord } = present(layer.streamed, 'a streamed layer');
    return { layer: layer.index, words, beatsPerWord };
  });
  const beats = sections.reduce((sum, section) => sum + sectionBeats(section), 0);
  const parts = streamed.map((layer) => sectionBytes(layer, weightsOf(layer.index), beatBits));
  const bytes = new Uint8Array(Buffer.concat(parts));
  invariant(bytes.length === (beats * beatBits) / 8, 'a period has all its beats');
  const words = sections.reduce((sum, section) => sum + section.words, 0);
  const periodCycles = cyclesOfPeriod(words, beats, rate);
  const layers = plan.layers.map((layer): LayerPlan =>
    hasEngines(layer) && layer.streamed !== undefined
      ? { ...layer, streamed: { ...layer.streamed, periodCycles } }
      : layer,
  );
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const weightStream = { beatBits, beats, rate, fifoDepth, sections, sha256 };
  return { plan: { ...plan, layers, weightStream }, beats: bytes };
}

function sectionBytes(
  plan: EngineLayerPlan,
  { layer, packing }: WeightsOfLayer,
  beatBits: number,
): Uint8Array {
  const { words, beatsPerWord } = present(plan.streamed, 'a streamed layer');
  const weights = weightsByIndex(layer.layer, layer.weights);
  const wordBytes = (beatsPerWord * beatBits) / 8;
  const bytes = new Uint8Array(words * wordBytes);
  const word = denseWord(plan, packing, weights);
  const groups = present(plan.parameters['PositionStride'], 'PositionStride');
  let at = 0;
  for (let local = 0; local < plan.lanePositions; local += 1) {
    for (let group = 0; group < groups; group += 1) {
      for (let fold = 0; fold < plan.folds; fold += 1, at += wordBytes) {
        let bit = 0;
        word({ fold, local, group }, (weight) => {
          writeBits(bytes, 8 * at + bit, weight, plan.weightBits);
          bit += plan.weightBits;
        });
      }
    }
  }
  return bytes;
}
