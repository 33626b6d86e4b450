import { createHash } from 'node:crypto';
import { ceilDivide, nextPowerOfTwo } from '../base/bits.ts';
import { invariant, present } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type {
  InputPlan,
  JoinChoice,
  LayerChoice,
  LayerPlan,
  MemoryPlan,
  Plan,
  StreamPlan,
} from '../ir/plan.ts';
import { hasEngines } from '../ir/plan.ts';
import { windowOf } from '../ir/quantized.ts';
import type { QuantizedGraph, QuantizedLayer } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { withBuffers } from './streams/join-buffers.ts';
import { lowerAdd, lowerConcat } from './lower/lower-join.ts';
import { lowerLayer } from './lower/lower-layer.ts';
import type { LayerPlace } from './lower/layer-context.ts';
import { loadBeats } from './memories/load-stream.ts';
import { lowerMaxPool } from './lower/lower-max-pool.ts';
import { hasTailHardware } from './lower/lower-tail.ts';
import { lowerWinners } from './lower/lower-winners.ts';
import { memoryImages } from './memories/memory-images.ts';
import type { MemoryImage } from './memories/memory-images.ts';
import { outputPlan } from './streams/output-plan.ts';
import { structureOf } from './refit/plan-structure.ts';
import { networkStreams } from './streams/stream-classes.ts';
import type { NetworkStreams } from './streams/stream-classes.ts';
import { beatsPerMap, logitStream } from './streams/streams.ts';
import { edgesInto } from './streams/topology.ts';
import type { Reader } from './streams/topology.ts';
import type { WeightRate } from './streams/weight-rate.ts';
import { withWeightStream } from './streams/weight-stream.ts';
import { lowerWired } from './wired/lower-wired.ts';
import type { WiredGraphs } from './wired/wired-graph.ts';

/** What the planner decided: everything in the plan follows from it. */
export interface NetworkChoice {
  readonly copies: number;
  /** Per layer, in order. Readers of one stream state the same width. */
  readonly layers: readonly (LayerChoice | JoinChoice)[];
  /** 32-bit words a beat of the answers. */
  readonly answerWords: number;
}

export interface PlanContext {
  readonly tool: Plan['tool'];
  readonly modelSha256: string;
  readonly board: { readonly name: string; readonly maximumBeatBits: number };
  readonly clockMHz: number;
  readonly variant: VariantName;
  /** Cycles between two inferences of a copy, where they are known: FIFOs are sized for it. */
  readonly interval?: number;
  /** By layer: its weights wired, where that is known. */
  readonly wired?: readonly (WiredGraphs | null)[];
  /** What the memory beside the device gives, where weights of a choice come from there. */
  readonly weightRate?: WeightRate;
}

export interface PlannedNetwork {
  readonly plan: Plan;
  readonly images: readonly MemoryImage[];
  /** Beats of a period of the weight stream, low byte first; not there without one. */
  readonly weightBeats?: Uint8Array;
}

/** The input of a network whose copies take this stream; `small` where LUTs are no memory. */
export function inputPlan(
  graph: QuantizedGraph,
  stream: StreamPlan,
  readers: number,
  maximumBeatBits: number,
  small: boolean,
): InputPlan {
  const partBits = stream.tokensPerBeat * stream.tokenBits;
  const streamBeats = beatsPerMap(stream);
  const wanted = Math.max(1, Math.floor(maximumBeatBits / partBits));
  // a power of two of parts, no wider than a whole inference
  const widest = 2 ** Math.floor(Math.log2(wanted));
  const partsPerBeat = Math.min(widest, nextPowerOfTwo(streamBeats));
  const beatsPerInference = ceilDivide(streamBeats, partsPerBeat);
  // a few LUTs, or else a block memory: two beats are registers
  const mostBeats = small ? 2 : 64;
  return {
    beatBits: partsPerBeat * partBits,
    valuesPerBeat: partsPerBeat * stream.tokensPerBeat,
    beatsPerInference,
    partsPerBeat,
    streamBeats,
    fifoDepth: Math.max(2, Math.min(mostBeats, nextPowerOfTwo(beatsPerInference))),
    stream,
    scale: graph.input.format.scale,
    readers,
  };
}

/** By giver + 1: the stream that leaves it, as wide as its readers say. */
function plannedStreams(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  choice: NetworkChoice,
): readonly StreamPlan[] {
  const { topology } = streams;
  const widthFor = (reader: Reader): number => {
    if (reader.kind === 'answer') return choice.answerWords;
    const { inputTokens } = present(choice.layers[reader.layer], 'a choice for every layer');
    return typeof inputTokens === 'number'
      ? inputTokens
      : present(inputTokens[reader.input], 'a width for every input');
  };
  return Array.from({ length: graph.layers.length + 1 }, (_, at) => {
    const giver = at - 1;
    const widths = new Set(topology.readersOf(giver).map(widthFor));
    const [width] = widths;
    invariant(widths.size === 1 && width !== undefined, `readers of ${giver} differ in width`);
    const layer = graph.layers[giver];
    return layer?.outputFormat === null
      ? logitStream(layer.layer.outputShape, width)
      : streams.stream(giver, width);
  });
}

/** Everything about a layer that is known around it. */
interface Surroundings {
  readonly index: number;
  readonly choice: LayerChoice | JoinChoice;
  readonly packing: Packing | null;
  readonly wired: WiredGraphs | null;
  readonly keepTies: boolean;
  readonly inputs: readonly StreamPlan[];
  readonly output: StreamPlan;
  readonly place: LayerPlace;
  readonly weightRate: WeightRate | undefined;
}

function lower(layer: QuantizedLayer, around: Surroundings): LayerPlan {
  const { index, choice, inputs, output, keepTies, place } = around;
  const input = present(inputs[0], 'a layer has an input');
  if (choice.core === 'join') {
    switch (layer.kind) {
      case 'add':
        return lowerAdd({ index, layer, choice, inputs, output, place });
      case 'concat':
        return lowerConcat({ index, layer, choice, inputs, output, place });
      case 'winners':
        return lowerWinners({ index, layer, choice, inputs, output, keepTies, place });
      default:
        invariant(false, `${layer.name} has engines`);
    }
  }
  if (layer.kind === 'max-pool') {
    return lowerMaxPool({ index, layer, choice, input, output, place });
  }
  invariant(layer.kind === 'window', `${layer.name} has no engines`);
  if (choice.core === 'wired') {
    const graph = around.wired?.get(choice.values);
    const context = { index, layer, choice, input, output, keepTies, place };
    return lowerWired(graph === undefined ? context : { ...context, graph });
  }
  const packing = present(around.packing, `packing of ${layer.name}`);
  const own = { index, layer, packing, choice, input, output, keepTies, place };
  const { weightRate } = around;
  // what other layers add to a period is known when all are lowered
  return lowerLayer(
    weightRate === undefined
      ? own
      : { ...own, weightStream: { ...weightRate, otherBeats: 0, fullBeats: false } },
  );
}

function imagesOf(
  plan: LayerPlan,
  layer: QuantizedLayer,
  packing: Packing | null,
): readonly MemoryImage[] {
  if (plan.kind !== 'window' || layer.kind !== 'window') return [];
  return memoryImages(plan, layer, packing);
}

function memoryPlan(layer: string, image: MemoryImage): MemoryPlan {
  return {
    file: image.file,
    layer,
    purpose: image.purpose,
    widthBits: image.widthBits,
    depth: image.depth,
    instances: image.instances,
    memory: image.memory,
    sha256: createHash('sha256').update(image.text).digest('hex'),
  };
}

/** Where weights are loaded: the number of the image of each memory, or of the first of several. */
function withImageNumbers(
  plan: LayerPlan,
  images: readonly MemoryImage[],
  first: number,
): LayerPlan {
  if (!hasEngines(plan) || plan.parameters['LoadBits'] === undefined) return plan;
  const numbers: Record<string, number> = {};
  for (const [parameter, files] of Object.entries(plan.files)) {
    const at = images.findIndex(({ file }) => file === files[0]);
    if (at < 0) continue;
    const inOrder = files.every((file, index) => images[at + index]?.file === file);
    invariant(inOrder, `images of ${parameter} of ${plan.name} follow each other`);
    numbers[parameter.replace(/Files?$/, 'Image')] = first + at;
  }
  return { ...plan, parameters: { ...plan.parameters, ...numbers } };
}

/** The load stream of a plan whose layers have room for other weights. */
function withLoad(plan: Plan): Plan {
  const widths = new Set(plan.layers.flatMap(({ parameters }) => parameters['LoadBits'] ?? []));
  const [beatBits] = widths;
  if (beatBits === undefined) return plan;
  invariant(widths.size === 1, 'one load stream for all layers');
  const beats = loadBeats(plan.memories, beatBits);
  return { ...plan, load: { beatBits, beats, structure: structureOf(plan) } };
}

/** Every layer lowered, without images; and the streams between them. */
function lowerLayers(
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  choice: NetworkChoice,
  context: PlanContext,
): { readonly streams: NetworkStreams; readonly input: InputPlan; readonly layers: LayerPlan[] } {
  const streams = networkStreams(graph, context.variant);
  const { topology } = streams;
  const planned = plannedStreams(graph, streams, choice);
  const streamOf = (giver: number): StreamPlan => present(planned[giver + 1], 'a stream');
  const readers = (giver: number): number => topology.readersOf(giver).length;
  const layers = graph.layers.map((layer, index) => {
    const inputs = edgesInto(topology, index);
    const plan = lower(layer, {
      index,
      choice: present(choice.layers[index], `choice of layer ${index}`),
      packing: packings[index] ?? null,
      wired: context.wired?.[index] ?? null,
      keepTies: graph.keepTies,
      inputs: inputs.map(({ from }) => streamOf(from)),
      output: streamOf(index),
      place: { inputs, readers: readers(index) },
      weightRate: context.weightRate,
    });
    invariant(
      layer.kind !== 'window' || !hasEngines(plan) || hasTailHardware(layer, plan.tail),
      `${plan.name}: a histogram of few bits`,
    );
    return plan;
  });
  const small = choice.layers.some((layer) => layer.core !== 'join' && layer.oneBank !== undefined);
  const input = inputPlan(graph, streamOf(-1), readers(-1), context.board.maximumBeatBits, small);
  return { streams, input, layers };
}

/** A plan of layers, its FIFOs not sized yet. */
function barePlan(
  graph: QuantizedGraph,
  choice: NetworkChoice,
  context: PlanContext,
  { streams, input, layers }: ReturnType<typeof lowerLayers>,
): Omit<Plan, 'memories'> {
  return {
    planVersion: 2,
    tool: context.tool,
    model: { name: graph.name, sha256: context.modelSha256 },
    board: context.board.name,
    clockMHz: context.clockMHz,
    variant: context.variant,
    copies: choice.copies,
    input,
    output: outputPlan(graph, streams.topology, layers, choice.answerWords),
    layers,
  };
}

/** What `planNetwork` plans, without memories: enough to tell cycles and resources. Deterministic. */
export function planHardware(
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  choice: NetworkChoice,
  context: PlanContext,
): Plan {
  const lowered = lowerLayers(graph, packings, choice, context);
  return withBuffers(
    { ...barePlan(graph, choice, context, lowered), memories: [] },
    context.interval,
  );
}

/** Lowers every layer, sizes the FIFOs and writes all memory images. Deterministic. */
export function planNetwork(
  graph: QuantizedGraph,
  packings: readonly (Packing | null)[],
  choice: NetworkChoice,
  context: PlanContext,
): PlannedNetwork {
  const lowered = lowerLayers(graph, packings, choice, context);
  const images: MemoryImage[] = [];
  const memories: MemoryPlan[] = [];
  const layers = graph.layers.map((layer, index) => {
    const plan = present(lowered.layers[index], 'a layer');
    const own = imagesOf(plan, layer, packings[index] ?? null);
    const numbered = withImageNumbers(plan, own, images.length);
    for (const image of own) {
      images.push(image);
      memories.push(memoryPlan(layer.name, image));
    }
    return numbered;
  });
  const plan: Plan = { ...barePlan(graph, choice, context, { ...lowered, layers }), memories };
  const streamed = withWeightStream(plan, context.weightRate ?? null, (index) => ({
    layer: windowOf(present(graph.layers[index], 'a layer')),
    packing: present(packings[index], 'packing of a streamed layer'),
  }));
  return {
    plan: withLoad(withBuffers(streamed.plan, context.interval)),
    images,
    ...(streamed.beats === null ? {} : { weightBeats: streamed.beats }),
  };
}
