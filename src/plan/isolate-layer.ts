import { ceilLog2 } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type {
  AnswerPlan,
  EdgePlan,
  LayerPlan,
  OutputPlan,
  Plan,
  StreamPlan,
  WeightStreamPlan,
} from '../ir/plan.ts';
import { loadBeats } from './memories/load-stream.ts';
import { fileNameParameters } from './memories/memory-files.ts';
import { cyclesOfPeriod, sectionBeats } from './streams/weight-stream.ts';

/**
 * A layer of a plan as a design of its own: the same unit with the same parameters, fed with the
 * beats of its inputs, number 0. Two layers of equal structure differ in name only.
 */
export interface IsolatedLayer {
  /** One copy of one layer. Its input beats hold a beat of every input, or none, see `partBits`. */
  readonly plan: Plan;
  readonly layer: LayerPlan;
  /** Its number in the whole plan. */
  readonly whole: number;
  /** Streams of the inputs, in order; input 0 is least significant in an input beat. */
  readonly inputs: readonly StreamPlan[];
  /** By input: depth of the FIFO in front of the layer. */
  readonly fifoDepths: readonly number[];
  /** Image in the design of its own by the name it has in the whole design. */
  readonly images: ReadonlyMap<string, string>;
  /** Number of the first of them in the load stream of the whole design, where there is one. */
  readonly firstImage: number;
  /** Where its section begins in the streamed weights of the whole design, if it has one. */
  readonly firstWeightByte: number;
}

/** Bits of one input in an input beat: whether it has a beat, last, count and tokens. */
export function partBits(stream: StreamPlan): number {
  return 2 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
}

/** Beats of the FIFO in front of an only input: enough for one beat a cycle. */
const singleFifoDepth = 4;
const fewestJoinBeats = 32;

/** Takes layer `index` out of a plan. `beatsPerInference`: input beats of every inference. */
export function isolateLayer(plan: Plan, index: number, beatsPerInference: number): IsolatedLayer {
  const whole = present(plan.layers[index], `layer ${index}`);
  const inputs = inputStreamsOf(whole);
  const { load, weightStream, ...unloaded } = plan;
  const ownWeights = weightStream === undefined ? null : sectionAlone(weightStream, index);
  const { layer: renamed, images } = renumbered(whole);
  const firstImage = plan.memories.findIndex(({ file }) => images.has(file));
  const numbered = load === undefined ? renamed : withOwnImages(renamed, firstImage);
  const layer = ownWeights === null ? numbered : withOwnPeriod(numbered, ownWeights.stream);
  const memories = plan.memories
    .filter(({ file }) => images.has(file))
    .map((memory) => ({ ...memory, file: present(images.get(memory.file), 'an image') }));
  // inputs of a join are told site by site: a concatenation waits with one for all of the other
  const fifoDepths = inputs.map(({ maximumBeats }) =>
    inputs.length === 1 ? singleFifoDepth : 2 ** ceilLog2(fewestJoinBeats + 2 * maximumBeats),
  );
  const beatBits = inputs.reduce((sum, stream) => sum + partBits(stream), 0);
  return {
    layer,
    whole: index,
    inputs,
    fifoDepths,
    images,
    firstImage: Math.max(0, firstImage),
    firstWeightByte: ownWeights?.firstByte ?? 0,
    plan: {
      ...unloaded,
      copies: 1,
      input: {
        ...plan.input,
        beatBits,
        valuesPerBeat: 0,
        beatsPerInference,
        partsPerBeat: 1,
        streamBeats: beatsPerInference,
        fifoDepth: singleFifoDepth,
        stream: present(inputs[0], 'a layer has an input'),
        readers: 1,
      },
      output: outputOf(plan, whole),
      layers: [layer],
      memories,
      ...(load === undefined || memories.length === 0
        ? {}
        : { load: { ...load, beats: loadBeats(memories, load.beatBits) } }),
      ...(ownWeights === null ? {} : { weightStream: ownWeights.stream }),
    },
  };
}

/** The weight stream of a layer alone, and where its section begins; null where it has none. */
function sectionAlone(
  { beatBits, sections, ...stream }: WeightStreamPlan,
  index: number,
): { readonly stream: WeightStreamPlan; readonly firstByte: number } | null {
  const at = sections.findIndex(({ layer }) => layer === index);
  const own = sections[at];
  if (own === undefined) return null;
  const before = sections.slice(0, at).reduce((sum, section) => sum + sectionBeats(section), 0);
  return {
    stream: { ...stream, beatBits, beats: sectionBeats(own), sections: [{ ...own, layer: 0 }] },
    firstByte: (before * beatBits) / 8,
  };
}

/** The layer where nothing but its own words come. */
function withOwnPeriod(layer: LayerPlan, { beats, rate }: WeightStreamPlan): LayerPlan {
  if (!hasEngines(layer) || layer.streamed === undefined) return layer;
  const { words } = layer.streamed;
  const periodCycles = cyclesOfPeriod(words, beats, rate);
  return { ...layer, streamed: { ...layer.streamed, periodCycles } };
}

const onlyEdge: EdgePlan = { from: 0, port: 0, fifoDepth: 0, blockFifo: false };

/** Sums of an answer leave as they do in the network; else one word 0 ends an inference. */
function outputOf(plan: Plan, layer: LayerPlan): OutputPlan {
  const sums = layer.output.kind === 'logits';
  const { channels, height, width, maximumBeats: beatsPerSite } = layer.output;
  const map = { channels, height, width, beatsPerSite };
  const whole = plan.output.answers.find(({ edge }) => edge.from === layer.index);
  const answer: AnswerPlan = {
    name: '',
    edge: onlyEdge,
    scale: whole?.scale ?? [1],
    ...(sums ? map : { channels: 1, height: 1, width: 1, beatsPerSite: 1 }),
  };
  const wordsPerBeat = sums ? layer.output.tokensPerBeat : 1;
  return {
    beatBits: 32 * wordsPerBeat,
    wordsPerBeat,
    words: answer.channels * answer.height * answer.width,
    beatsPerInference: answer.height * answer.width * answer.beatsPerSite,
    answers: [answer],
  };
}

interface Renumbered {
  readonly layer: LayerPlan;
  readonly images: ReadonlyMap<string, string>;
}

/** The layer with the numbers of its images in a load stream that has no others. */
function withOwnImages(layer: LayerPlan, first: number): LayerPlan {
  const parameters = Object.entries(layer.parameters).map(([name, value]) => {
    return [name, name.endsWith('Image') ? value - first : value] as const;
  });
  return { ...layer, parameters: Object.fromEntries(parameters) };
}

const layerPrefix = /^layer\d+_/;

/** The layer as number 0, its memory images renamed; where it comes from is left out. */
function renumbered(layer: LayerPlan): Renumbered {
  const alone = {
    index: 0,
    origin: [],
    readers: 1,
    inputs: layer.inputs.map((_, port): EdgePlan => ({ ...onlyEdge, from: -1, port })),
  };
  const images = new Map<string, string>();
  if (!hasEngines(layer)) return { layer: { ...layer, ...alone }, images };
  const files = Object.fromEntries(
    Object.entries(layer.files).map(([parameter, names]) => [
      parameter,
      names.map((name) => {
        if (!layerPrefix.test(name)) return name;
        const own = name.replace(layerPrefix, 'layer00_');
        images.set(name, own);
        return own;
      }),
    ]),
  );
  const parameters =
    'ParamFile' in files ? { ...layer.parameters, ...fileNameParameters(files) } : layer.parameters;
  return { layer: { ...layer, ...alone, files, parameters }, images };
}
