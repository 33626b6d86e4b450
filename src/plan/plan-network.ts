import { createHash } from 'node:crypto';
import { ceilDivide, nextPowerOfTwo } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type { FeatureShape } from '../ir/graph.ts';
import type { Packing } from '../ir/packing.ts';
import type {
  InputPlan,
  LayerChoice,
  LayerPlan,
  MemoryPlan,
  OutputPlan,
  Plan,
  StreamPlan,
} from '../ir/plan.ts';
import { windowOf } from '../ir/quantized.ts';
import type { QuantizedGraph, QuantizedWindow } from '../ir/quantized.ts';
import type { VariantName } from '../ir/variant.ts';
import { lowerLayer } from './lower-layer.ts';
import { memoryImages } from './memory-images.ts';
import type { MemoryImage } from './memory-images.ts';
import { beatsPerMap, denseStream, logitStream, tokenStream } from './streams.ts';

/** What the planner decided: everything in the plan follows from it. */
export interface NetworkChoice {
  readonly copies: number;
  /** Per layer, in order. */
  readonly layers: readonly LayerChoice[];
}

export interface PlanContext {
  readonly tool: Plan['tool'];
  readonly modelSha256: string;
  readonly board: { readonly name: string; readonly maximumBeatBits: number };
  readonly clockMHz: number;
  readonly variant: VariantName;
}

export interface PlannedNetwork {
  readonly plan: Plan;
  readonly images: readonly MemoryImage[];
}

/** Most non-zero values a site of a layer's output can have. */
export function maximumTokens(layer: QuantizedWindow): number {
  return layer.layer.kWinners?.k ?? layer.layer.outputShape.channels;
}

function inputPlan(graph: QuantizedGraph, stream: StreamPlan, maximumBeatBits: number): InputPlan {
  const partBits = stream.tokensPerBeat * stream.tokenBits;
  const streamBeats = beatsPerMap(stream);
  const wanted = Math.max(1, Math.floor(maximumBeatBits / partBits));
  // a power of two of parts, no wider than a whole inference
  const widest = 2 ** Math.floor(Math.log2(wanted));
  const partsPerBeat = Math.min(widest, nextPowerOfTwo(streamBeats));
  const beatsPerInference = ceilDivide(streamBeats, partsPerBeat);
  return {
    beatBits: partsPerBeat * partBits,
    valuesPerBeat: partsPerBeat * stream.tokensPerBeat,
    beatsPerInference,
    partsPerBeat,
    streamBeats,
    fifoDepth: Math.max(2, Math.min(64, nextPowerOfTwo(beatsPerInference))),
    stream,
    scale: graph.input.format.scale,
  };
}

/** The stream between two layers, as the reading layer wants it. */
function edgeStream(
  variant: VariantName,
  layer: QuantizedWindow,
  tokensPerBeat: number,
): StreamPlan {
  const format = present(layer.outputFormat, 'only the last layer has no output format');
  const shape: FeatureShape = layer.layer.outputShape;
  return variant === 'sparse-sparse'
    ? tokenStream(shape, format, tokensPerBeat, maximumTokens(layer))
    : denseStream(shape, format, tokensPerBeat);
}

/** Lowers every layer and writes all memory images. Deterministic. */
export function planNetwork(
  graph: QuantizedGraph,
  packings: readonly Packing[],
  choice: NetworkChoice,
  context: PlanContext,
): PlannedNetwork {
  const layers: LayerPlan[] = [];
  const images: MemoryImage[] = [];
  const memories: MemoryPlan[] = [];
  const firstChoice = present(choice.layers[0], 'a network has a layer');
  let stream = denseStream(graph.input.shape, graph.input.format, firstChoice.inputTokens);
  const input = inputPlan(graph, stream, context.board.maximumBeatBits);
  graph.layers.map(windowOf).forEach((layer, index) => {
    const layerChoice = present(choice.layers[index], `choice of layer ${index}`);
    const packing = present(packings[index], `packing of layer ${index}`);
    const next = choice.layers[index + 1];
    const output =
      next === undefined
        ? logitStream(shapeSize(layer.layer.outputShape), layerChoice.tailTokens)
        : edgeStream(context.variant, layer, next.inputTokens);
    const plan = lowerLayer({ index, layer, packing, choice: layerChoice, input: stream, output });
    layers.push(plan);
    for (const image of memoryImages(plan, layer, packing)) {
      images.push(image);
      memories.push({
        file: image.file,
        layer: layer.name,
        purpose: image.purpose,
        widthBits: image.widthBits,
        depth: image.depth,
        instances: image.instances,
        block: image.block,
        sha256: createHash('sha256').update(image.text).digest('hex'),
      });
    }
    stream = output;
  });
  const output: OutputPlan = {
    beatBits: stream.tokensPerBeat * stream.tokenBits,
    wordsPerBeat: stream.tokensPerBeat,
    words: stream.channels,
    beatsPerInference: stream.maximumBeats,
  };
  const plan: Plan = {
    planVersion: 1,
    tool: context.tool,
    model: { name: graph.name, sha256: context.modelSha256 },
    board: context.board.name,
    clockMHz: context.clockMHz,
    variant: context.variant,
    copies: choice.copies,
    input,
    output,
    layers,
    memories,
  };
  return { plan, images };
}
