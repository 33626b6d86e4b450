import { emitLayer } from '../../src/emit/emit-layer.ts';
import { emitWired } from '../../src/emit/emit-wired.ts';
import { ceilDivide } from '../../src/base/bits.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../src/ir/plan.ts';
import type { ActivationFormat, QuantizedWindow } from '../../src/ir/quantized.ts';
import { packLayerForQueues } from '../../src/plan/lower/packing-of-layer.ts';
import type { MemoryImage } from '../../src/plan/memories/memory-images.ts';
import { lowerWired } from '../../src/plan/wired/lower-wired.ts';
import { lowerLayer } from '../../src/plan/lower/lower-layer.ts';
import { memoryImages } from '../../src/plan/memories/memory-images.ts';
import { denseStream, logitStream, tokenStream } from '../../src/plan/streams/streams.ts';
import type { SweepCase } from './cases.ts';
import { syntheticLayer } from './synthetic-layer.ts';

export interface PlannedCase {
  readonly plan: EngineLayerPlan;
  readonly images: readonly MemoryImage[];
  readonly verilog: { readonly name: string; readonly content: string };
}

function outputStream(entry: SweepCase, shape: SweepCase['shape'], plan: LayerOutput): StreamPlan {
  if (shape.logits) return logitStream(plan.shape, entry.outputTokens);
  return entry.variant === 'sparse-sparse'
    ? tokenStream(plan.shape, plan.format, entry.outputTokens, shape.winners ?? shape.outputs)
    : denseStream(plan.shape, plan.format, entry.outputTokens);
}

interface LayerOutput {
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number };
  readonly format: ActivationFormat;
}

/** For choices with streamed weights; what comes how fast changes nothing of a layer. */
const weightStream = {
  beatBits: 128,
  rate: { beats: 1, cycles: 1 },
  otherBeats: 0,
  fullBeats: false,
};

function queuePacking(
  layer: QuantizedWindow,
  { setsParallel: sets, queues, lanes, channelLanes }: LayerChoice,
): Packing {
  const { kernel } = layer.layer;
  const lanePositions = channelLanes ? null : ceilDivide(kernel.height * kernel.width, lanes);
  return packLayerForQueues(layer, { sets, queues, lanes, lanePositions });
}

/** The plan of a case's layer alone, its memories and its Verilog. */
export function planCase(entry: SweepCase): PlannedCase {
  const { shape, choice } = entry;
  const { layer, packing } = syntheticLayer(shape, 1);
  const input =
    entry.inputWinners === null
      ? denseStream(shape.input, layer.inputFormat, choice.inputTokens)
      : tokenStream(shape.input, layer.inputFormat, choice.inputTokens, entry.inputWinners);
  const output = outputStream(entry, shape, {
    shape: layer.layer.outputShape,
    format: layer.outputFormat ?? layer.inputFormat,
  });
  if (choice.core === 'wired') {
    const plan = lowerWired({ index: 0, layer, choice, input, output });
    return { plan, images: memoryImages(plan, layer, null), verilog: emitWired(plan, []) };
  }
  const used = choice.queues > 0 ? queuePacking(layer, choice) : packing;
  const plan = lowerLayer({ index: 0, layer, packing: used, choice, input, output, weightStream });
  return { plan, images: memoryImages(plan, layer, used), verilog: emitLayer(plan, []) };
}
