import type { TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import { noise, onnxTensor } from '../onnx-builder.ts';
import { evaluateReal, type Shape } from './reference.ts';

/** real = (q - zeroPoint) * scale, q in the range of the type. */
export interface Quantization {
  readonly type: 'uint8' | 'int8';
  readonly scale: number;
  readonly zeroPoint: number;
}

/** How a ReLU is there: as a node, only as the clamp of the output format, or not at all. */
export type Relu = 'node' | 'clamp' | 'none';

interface StepBase {
  readonly name: string;
  readonly output: Quantization;
}

/** Conv (3x3, pads 1, stride 1) or Gemm of the flattened input, with per-channel int8 weights. */
export interface WindowStep extends StepBase {
  readonly kind: 'window';
  readonly operator: 'conv' | 'gemm';
  readonly input: string;
  /** [output][input][3][3], or [output][length]. */
  readonly weights: Int8Array;
  /** One per output channel; zero points are 0. */
  readonly scales: Float32Array;
  /** At scale input x weight, zero point 0. */
  readonly bias: Int32Array;
  readonly relu: Relu;
}

/** 2x2, strides 2; the format of its input. */
export interface MaxPoolStep extends StepBase {
  readonly kind: 'max-pool';
  readonly input: string;
}

export interface AverageStep extends StepBase {
  readonly kind: 'average';
  readonly input: string;
}

export interface AddStep extends StepBase {
  readonly kind: 'add';
  readonly inputs: readonly [string, string];
  readonly relu: Relu;
}

export type Step = WindowStep | MaxPoolStep | AverageStep | AddStep;

/** A quantised network apart from how ONNX writes it down; the last step gives the logits. */
export interface QuantisedNetwork {
  readonly input: { readonly name: string; readonly shape: Shape; readonly output: Quantization };
  readonly steps: readonly Step[];
}

/**
 * A step whose output format is still to be chosen; `lift` moves its zero point up although
 * no value needs it.
 */
type Draft =
  | (Omit<WindowStep, 'output' | 'weights' | 'scales' | 'bias'> & {
      readonly outputs: number;
      readonly seed: number;
      readonly lift: number;
    })
  | Omit<MaxPoolStep, 'output'>
  | (Omit<AverageStep, 'output'> & { readonly lift: number })
  | (Omit<AddStep, 'output'> & { readonly lift: number });

/**
 * conv, ReLU, max-pool, conv, ReLU, gemm. The first ReLU is only the clamp of its format, as
 * ONNX Runtime leaves it; the second one is a node before a zero point above the smallest.
 */
export function cnnNetwork(type: Quantization['type'] = 'uint8'): QuantisedNetwork {
  return calibrated(
    type,
    [2, 8, 8],
    [
      {
        kind: 'window',
        operator: 'conv',
        name: 'c1',
        input: 'x',
        outputs: 4,
        seed: 11,
        relu: 'clamp',
        lift: 0,
      },
      { kind: 'max-pool', name: 'p1', input: 'c1' },
      {
        kind: 'window',
        operator: 'conv',
        name: 'c2',
        input: 'p1',
        outputs: 6,
        seed: 12,
        relu: 'node',
        lift: 6,
      },
      {
        kind: 'window',
        operator: 'gemm',
        name: 'logits',
        input: 'c2',
        outputs: 5,
        seed: 13,
        relu: 'none',
        lift: 0,
      },
    ],
  );
}

/**
 * The network with 7-bit weights, as `reduce_range` makes them. ONNX Runtime's kernels for uint8
 * times int8 add two products in 16 bits on processors without VNNI, and saturate beyond.
 */
export function withReducedRange(network: QuantisedNetwork): QuantisedNetwork {
  const steps = network.steps.map((step) =>
    step.kind === 'window'
      ? { ...step, weights: step.weights.map((weight) => Math.trunc(weight / 2)) }
      : step,
  );
  return { ...network, steps };
}

/** The network without biases in its fully connected layers. */
export function withoutLinearBias(network: QuantisedNetwork): QuantisedNetwork {
  const steps = network.steps.map((step) =>
    step.kind === 'window' && step.operator === 'gemm'
      ? { ...step, bias: new Int32Array(step.bias.length) }
      : step,
  );
  return { ...network, steps };
}

/** A residual block, global average pooling, gemm. */
export function residualNetwork(type: Quantization['type'] = 'uint8'): QuantisedNetwork {
  return calibrated(
    type,
    [3, 6, 6],
    [
      {
        kind: 'window',
        operator: 'conv',
        name: 'stem',
        input: 'x',
        outputs: 4,
        seed: 21,
        relu: 'clamp',
        lift: 0,
      },
      {
        kind: 'window',
        operator: 'conv',
        name: 'b1',
        input: 'stem',
        outputs: 4,
        seed: 22,
        relu: 'node',
        lift: 0,
      },
      {
        kind: 'window',
        operator: 'conv',
        name: 'b2',
        input: 'b1',
        outputs: 4,
        seed: 23,
        relu: 'none',
        lift: 0,
      },
      { kind: 'add', name: 'sum', inputs: ['b2', 'stem'], relu: 'node', lift: 0 },
      { kind: 'average', name: 'mean', input: 'sum', lift: 9 },
      {
        kind: 'window',
        operator: 'gemm',
        name: 'logits',
        input: 'mean',
        outputs: 5,
        seed: 24,
        relu: 'none',
        lift: 0,
      },
    ],
  );
}

/** Samples like those the formats were chosen on, and a little wider. */
export function samplesOf(network: QuantisedNetwork, count: number): readonly Float32Array[] {
  const size = network.input.shape.reduce((total, length) => total * length, 1);
  return Array.from({ length: count }, (_, index) => noise(size, 100 + index).map(skewed));
}

/** Not symmetric, so that the zero point is not in the middle. */
function skewed(value: number): number {
  return value * 1.5 + 0.4;
}

/** Chooses weights, and formats from the ranges that real values have on a few samples. */
function calibrated(
  type: Quantization['type'],
  shape: Shape,
  drafts: readonly Draft[],
): QuantisedNetwork {
  const input = { name: 'x', shape, output: formatOf(type, -1, 1.8, 0) };
  let network: QuantisedNetwork = { input, steps: [] };
  const samples = samplesOf(network, 4);
  const channelsOf = new Map<string, { readonly shape: Shape; readonly output: Quantization }>([
    ['x', input],
  ]);
  for (const draft of drafts) {
    const from = channelsOf.get(draft.kind === 'add' ? draft.inputs[0] : draft.input);
    if (from === undefined) throw new Error(`${draft.name} reads what is not there`);
    const provisional: Quantization =
      draft.kind === 'max-pool' ? from.output : { type, scale: 1, zeroPoint: 0 };
    const step = withOutput(draft, provisional, from);
    const tried: QuantisedNetwork = { ...network, steps: [...network.steps, step] };
    const real = samples.map((sample) => evaluateReal(tried, sample));
    const all = real.flatMap(({ values }) => [...values]);
    const output =
      draft.kind === 'max-pool'
        ? from.output
        : formatOf(type, isClamped(draft) ? 0 : Math.min(...all), Math.max(...all), draft.lift);
    network = { ...network, steps: [...network.steps, { ...step, output }] };
    const [first] = real;
    if (first === undefined) throw new Error('there are samples');
    channelsOf.set(draft.name, { shape: first.shape, output });
  }
  return network;
}

function withOutput(
  draft: Draft,
  output: Quantization,
  from: { readonly shape: Shape; readonly output: Quantization },
): Step {
  if (draft.kind !== 'window') return { ...draft, output };
  const [channels = 1, height = 1, width = 1] = from.shape;
  const each = draft.operator === 'conv' ? channels * 9 : channels * height * width;
  const scales = Float32Array.from(
    noise(draft.outputs, draft.seed),
    (value) => (0.006 * (1.5 + value)) / Math.sqrt(each),
  );
  // Half of the weights are 0, as in a pruned network.
  const weights = Int8Array.from(noise(draft.outputs * each, draft.seed + 50), (value) =>
    Math.abs(value) < 0.5 ? 0 : Math.round(value * 127),
  );
  const bias = Int32Array.from(noise(draft.outputs, draft.seed + 70), (value) =>
    Math.round(value * 4000),
  );
  return { ...draft, output, weights, scales, bias };
}

function isClamped(draft: Draft): boolean {
  return 'relu' in draft && draft.relu === 'clamp';
}

/** Zero is always a value of the format. */
function formatOf(
  type: Quantization['type'],
  smallest: number,
  largest: number,
  lift: number,
): Quantization {
  const low = Math.min(0, smallest);
  const scale = Math.fround((Math.max(0, largest) - low) / (255 - lift));
  const zeroPoint = Math.round(-low / scale) + lift;
  return { type, scale, zeroPoint: type === 'uint8' ? zeroPoint : zeroPoint - 128 };
}

/** A scalar zero point of the format. */
export function zeroPointTensor(name: string, { type, zeroPoint }: Quantization): TensorProto {
  return onnxTensor(
    name,
    [],
    type === 'uint8' ? Uint8Array.of(zeroPoint) : Int8Array.of(zeroPoint),
  );
}
