import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, onnxNode, onnxTensor } from '../../test/support/onnx-builder.ts';
import { npyFloat32 } from './npy.ts';
import { RandomNumbers } from './random-numbers.ts';

/** Share of weights kept, by the shape of the layer: 85 % of all weights are zero. */
const keptShare = { first: 0.6, pointwise: 0.18, spatial: 0.11, classifier: 0.15 };

/** Blocks and inner channels of the four stages of ResNet-50. */
const stages = [
  { blocks: 3, channels: 64 },
  { blocks: 4, channels: 128 },
  { blocks: 6, channels: 256 },
  { blocks: 3, channels: 512 },
] as const;
const expansion = 4;
const classes = 1000;
const imageSize = 224;

/** A feature map while the network is written: its name, width, and how its values are spread. */
interface Feature {
  readonly name: string;
  readonly channels: number;
  /** Values drawn from its distribution; their moments scale the weights behind it. */
  readonly values: Float64Array;
}

interface ConvShape {
  readonly kernel: number;
  readonly stride: number;
  readonly outputs: number;
  readonly kept: number;
}

const poolSize = 4096;

/**
 * Writes ResNet-50 (25.5 million weights, batch norm folded as exporters do) with random weights
 * pruned by magnitude. Weights and biases are scaled so that every channel leaves its convolution
 * with the spread a batch norm would give it: about 60 % of the activations are zero after ReLU.
 */
class ResnetWriter {
  readonly #random: RandomNumbers;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  weights = 0;
  nonZeros = 0;

  constructor(seed: number) {
    this.#random = new RandomNumbers(seed);
  }

  write(): Uint8Array {
    const image: Feature = {
      name: 'image',
      channels: 3,
      values: this.#draw(() => this.#random.normal()),
    };
    let feature = this.#relu(
      'conv1',
      this.#conv('conv1', image, { kernel: 7, stride: 2, outputs: 64, kept: keptShare.first }),
    );
    feature = this.#maxPool(feature);
    for (const [index, { blocks, channels }] of stages.entries()) {
      for (let block = 0; block < blocks; block += 1) {
        const name = `layer${index + 1}.${block}`;
        const stride = index > 0 && block === 0 ? 2 : 1;
        feature = this.#block(name, feature, { channels, stride, project: block === 0 });
      }
    }
    this.#classifier(feature);
    return encodeModel({
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: { image: ['batch', 3, imageSize, imageSize] },
      outputs: ['logits'],
      opset: 13,
    });
  }

  #block(
    name: string,
    input: Feature,
    shape: { readonly channels: number; readonly stride: number; readonly project: boolean },
  ): Feature {
    const { channels, stride, project } = shape;
    const outputs = channels * expansion;
    const pointwise = { kernel: 1, stride: 1, kept: keptShare.pointwise };
    const narrow = this.#relu(
      `${name}.conv1`,
      this.#conv(`${name}.conv1`, input, { ...pointwise, outputs: channels }),
    );
    const spatial = this.#relu(
      `${name}.conv2`,
      this.#conv(`${name}.conv2`, narrow, {
        kernel: 3,
        stride,
        outputs: channels,
        kept: keptShare.spatial,
      }),
    );
    const wide = this.#conv(`${name}.conv3`, spatial, { ...pointwise, outputs });
    const skip = project
      ? this.#conv(`${name}.downsample`, input, { ...pointwise, stride, outputs })
      : input;
    return this.#relu(name, this.#add(`${name}.add`, wide, skip));
  }

  /** A convolution with bias; its output has mean -0.25 and deviation 1, a little different each. */
  #conv(name: string, input: Feature, shape: ConvShape): Feature {
    const { kernel, stride, outputs, kept } = shape;
    const size = input.channels * kernel * kernel;
    const { weights, shift, gains } = this.#kernels(input, outputs, size, kept);
    const pad = Math.floor(kernel / 2);
    this.#initializers.push(
      onnxTensor(`${name}.weight`, [outputs, input.channels, kernel, kernel], weights),
      onnxTensor(`${name}.bias`, [outputs], shift.bias),
    );
    const output = `${name}.output`;
    this.#nodes.push(
      onnxNode(
        'Conv',
        [input.name, `${name}.weight`, `${name}.bias`],
        [output],
        {
          dilations: [1, 1],
          group: 1n,
          kernel_shape: [kernel, kernel],
          pads: [pad, pad, pad, pad],
          strides: [stride, stride],
        },
        { name: `/${name}/Conv` },
      ),
    );
    const values = this.#draw((at) => {
      const channel = at % outputs;
      return this.#random.normal() * (gains[channel] ?? 1) + (shift.means[channel] ?? 0);
    });
    return { name: output, channels: outputs, values };
  }

  #kernels(
    input: Feature,
    outputs: number,
    size: number,
    kept: number,
  ): {
    readonly weights: Float32Array;
    readonly gains: Float64Array;
    readonly shift: { readonly bias: Float32Array; readonly means: Float64Array };
  } {
    const mean = average(input.values);
    const variance = average(input.values.map((value) => (value - mean) ** 2));
    const weights = Float32Array.from({ length: outputs * size }, () => this.#random.normal());
    const threshold = magnitudeAt(weights, 1 - kept);
    const gains = Float64Array.from({ length: outputs }, () =>
      Math.abs(1 + 0.25 * this.#random.normal()),
    );
    const means = Float64Array.from({ length: outputs }, () => -0.25 + 0.3 * this.#random.normal());
    const bias = new Float32Array(outputs);
    for (let output = 0; output < outputs; output += 1) {
      const kernel = weights.subarray(output * size, (output + 1) * size);
      let sum = 0;
      let squares = 0;
      for (let index = 0; index < size; index += 1) {
        const weight = kernel[index] ?? 0;
        if (Math.abs(weight) < threshold) {
          kernel[index] = 0;
        } else {
          this.nonZeros += 1;
          sum += weight;
          squares += weight * weight;
        }
      }
      const scale = (gains[output] ?? 1) / Math.sqrt(Math.max(squares * variance, 1e-9));
      for (let index = 0; index < size; index += 1) kernel[index] = (kernel[index] ?? 0) * scale;
      bias[output] = (means[output] ?? 0) - sum * scale * mean;
    }
    this.weights += weights.length;
    return { weights, gains, shift: { bias, means } };
  }

  #relu(name: string, input: Feature): Feature {
    const output = `${name}.relu`;
    this.#nodes.push(onnxNode('Relu', [input.name], [output], {}, { name: `/${name}/Relu` }));
    return { ...input, name: output, values: input.values.map((value) => Math.max(0, value)) };
  }

  #maxPool(input: Feature): Feature {
    this.#nodes.push(
      onnxNode(
        'MaxPool',
        [input.name],
        ['maxpool.output'],
        { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], ceil_mode: 0n },
        { name: '/maxpool/MaxPool' },
      ),
    );
    const values = this.#draw((at) => {
      let largest = 0;
      for (let tap = 0; tap < 9; tap += 1) {
        largest = Math.max(largest, input.values[(at + tap * 401) % poolSize] ?? 0);
      }
      return largest;
    });
    return { name: 'maxpool.output', channels: input.channels, values };
  }

  #add(name: string, left: Feature, right: Feature): Feature {
    const output = `${name}.output`;
    this.#nodes.push(
      onnxNode('Add', [left.name, right.name], [output], {}, { name: `/${name}/Add` }),
    );
    const values = left.values.map((value, at) => value + (right.values[(at * 7) % poolSize] ?? 0));
    return { name: output, channels: left.channels, values };
  }

  #classifier(input: Feature): void {
    this.#nodes.push(
      onnxNode('GlobalAveragePool', [input.name], ['pooled'], {}, { name: '/avgpool/Pool' }),
      onnxNode('Flatten', ['pooled'], ['flat'], { axis: 1n }, { name: '/Flatten' }),
      onnxNode(
        'Gemm',
        ['flat', 'fc.weight', 'fc.bias'],
        ['logits'],
        { transB: 1n },
        { name: '/fc/Gemm' },
      ),
    );
    const { weights, shift } = this.#kernels(input, classes, input.channels, keptShare.classifier);
    this.#initializers.push(
      onnxTensor('fc.weight', [classes, input.channels], weights),
      onnxTensor('fc.bias', [classes], shift.bias),
    );
  }

  #draw(value: (at: number) => number): Float64Array {
    return Float64Array.from({ length: poolSize }, (_, at) => value(at));
  }
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The magnitude below which `share` of the weights lie. */
function magnitudeAt(weights: Float32Array, share: number): number {
  const magnitudes = weights.map(Math.abs).sort();
  return magnitudes[Math.floor(share * magnitudes.length)] ?? Infinity;
}

/** Images with the long-range structure of photographs: random waves, mean 0, deviation 1. */
function images(count: number, seed: number): Float32Array {
  const random = new RandomNumbers(seed);
  const plane = imageSize * imageSize;
  const data = new Float32Array(count * 3 * plane);
  for (let image = 0; image < count * 3; image += 1) {
    const waves = Array.from({ length: 24 }, (_, at) => ({
      height: (random.uniform() - 0.5) * 0.08 * (at + 1),
      width: (random.uniform() - 0.5) * 0.08 * (at + 1),
      phase: random.uniform() * 2 * Math.PI,
      size: 1 / (at + 1),
    }));
    const values = data.subarray(image * plane, (image + 1) * plane);
    for (let at = 0; at < plane; at += 1) {
      const [y, x] = [Math.floor(at / imageSize), at % imageSize];
      let value = 0.05 * random.normal();
      for (const { height, width, phase, size } of waves) {
        value += size * Math.sin(height * y + width * x + phase);
      }
      values[at] = value;
    }
    const mean = average(Float64Array.from(values));
    const deviation = Math.sqrt(average(Float64Array.from(values, (one) => (one - mean) ** 2)));
    values.forEach((value, at) => {
      values[at] = (value - mean) / deviation;
    });
  }
  return data;
}

/** Writes model.onnx, inputs.npy (1 image) and calibrate.npy (4 images) into `folder`. */
export function writeResnet50(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const writer = new ResnetWriter(50);
  const bytes = writer.write();
  writeFileSync(join(folder, 'model.onnx'), bytes);
  const shape = (count: number): readonly number[] => [count, 3, imageSize, imageSize];
  writeFileSync(join(folder, 'inputs.npy'), npyFloat32(shape(1), images(1, 1)));
  writeFileSync(join(folder, 'calibrate.npy'), npyFloat32(shape(4), images(4, 2)));
  const zero = 1 - writer.nonZeros / writer.weights;
  console.log(
    `${folder}/model.onnx: ${(bytes.length / 1e6).toFixed(1)} MB, ` +
      `${(writer.weights / 1e6).toFixed(1)} million weights, ${(100 * zero).toFixed(1)} % zero`,
  );
}
