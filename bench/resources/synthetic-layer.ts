import { signedBits } from '../../src/base/bits.ts';
import { reluActivation } from '../../src/ir/graph.ts';
import type { FeatureShape, Size2d, WindowLayer } from '../../src/ir/graph.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { QuantizedWindow } from '../../src/ir/quantized.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';

/** What a layer looks like, without its weights. */
export interface LayerShape {
  readonly input: FeatureShape;
  readonly inputSigned: boolean;
  readonly kernel: Size2d;
  readonly pool: number;
  readonly outputs: number;
  /** Kernels a complementary set; 1 for a dense layer. */
  readonly setSize: number;
  readonly weightBits: number;
  /** Winners of a k-WTA, null for ReLU. */
  readonly winners: number | null;
  /** Equal ranges of channels with as many winners each; 1 unless given. */
  readonly winnerGroups?: number;
  /** The layer ends the network: its sums are the logits. */
  readonly logits: boolean;
  /** Weights anywhere, as many as the sets have; else one of each set at every index. */
  readonly unstructured?: boolean;
  /** Values the shift of the requantiser takes over the channels. */
  readonly shifts: number;
}

/** Kernels dealt to sets in turn, as a trained complementary packing has them. */
function packingOf(shape: LayerShape): Packing {
  const sets = Math.ceil(shape.outputs / shape.setSize);
  return {
    layer: 'layer',
    sets: Array.from({ length: sets }, (_, set) => ({
      channels: Array.from({ length: shape.setSize }, (_, kid) => set * shape.setSize + kid).filter(
        (channel) => channel < shape.outputs,
      ),
    })),
    setSize: shape.setSize,
    depth: 1,
    efficiency: 1,
    complementary: true,
  };
}

/**
 * A quantised layer with random weights: at every input index each set has one kernel that is
 * not zero, so that no memory is emptier than that of a trained network.
 */
export function syntheticLayer(
  shape: LayerShape,
  seed: number,
): { readonly layer: QuantizedWindow; readonly packing: Packing } {
  const random = seededRandom(seed);
  const { input, kernel, outputs } = shape;
  const packing = packingOf(shape);
  const indices = input.channels * kernel.height * kernel.width;
  const weights = new Int16Array(outputs * indices);
  const bound = 2 ** (shape.weightBits - 1) - 1;
  for (const { channels } of packing.sets) {
    for (let index = 0; index < indices; index += 1) {
      const chosen =
        shape.unstructured === true
          ? channels.filter(() => random(channels.length) === 0)
          : [channels[random(channels.length)] ?? 0];
      for (const output of chosen) {
        const magnitude = 1 + random(bound);
        weights[output * indices + index] = random(2) === 0 ? magnitude : -magnitude;
      }
    }
  }
  let largest = 0;
  for (let output = 0; output < outputs; output += 1) {
    const row = weights.subarray(output * indices, (output + 1) * indices);
    largest = Math.max(
      largest,
      row.reduce((total, weight) => total + Math.abs(weight), 0),
    );
  }
  const reach = largest * (shape.inputSigned ? 128 : 255);
  const bias = Int32Array.from({ length: outputs }, () => random(4096) - 2048);
  const windowShape = {
    channels: outputs,
    height: input.height - kernel.height + 1,
    width: input.width - kernel.width + 1,
  };
  const outputShape = {
    channels: outputs,
    height: Math.floor(windowShape.height / shape.pool),
    width: Math.floor(windowShape.width / shape.pool),
  };
  const vector = outputShape.height === 1 && outputShape.width === 1;
  const pool = { height: shape.pool, width: shape.pool };
  const description: WindowLayer = {
    kind: 'window',
    name: 'layer',
    operator: vector ? 'linear' : 'conv',
    origin: ['layer'],
    input: 'input',
    inputShape: input,
    groups: 1,
    windowShape,
    outputShape,
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
    kernel,
    dilation: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: shape.pool > 1 ? { kernel: pool, stride: pool } : null,
    activation: reluActivation,
    kWinners:
      shape.winners === null
        ? null
        : {
            k: shape.winners,
            scope: vector ? 'layer' : 'site',
            groups: shape.winnerGroups ?? 1,
            tiesInModel: false,
          },
  };
  const layer: QuantizedWindow = {
    kind: 'window',
    name: 'layer',
    layer: description,
    inputFormat: { bits: 8, signed: shape.inputSigned, scale: 1 },
    weights,
    weightBits: shape.weightBits,
    weightScale: new Float64Array(outputs).fill(1),
    bias,
    accumulatorBits: signedBits(-reach - 2048, reach + 2048),
    requantization: shape.logits
      ? null
      : {
          multiplier: Uint16Array.from({ length: outputs }, () => 32768 + random(32768)),
          shift: Uint8Array.from({ length: outputs }, () => 22 + random(shape.shifts)),
        },
    negativeRequantization: null,
    outputFormat: shape.logits ? null : { bits: 8, signed: false, scale: 1 },
    outputRange: shape.logits ? null : { minimum: 0, maximum: 255 },
  };
  return { layer, packing };
}
