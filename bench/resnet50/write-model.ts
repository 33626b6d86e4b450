import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { present } from '../../src/base/invariant.ts';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, onnxNode, onnxTensor } from '../../test/support/onnx-builder.ts';
import { imageSize, images } from './images.ts';
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

/** A feature map while the network is written: its name, and what it holds for one image. */
interface Feature {
  readonly name: string;
  readonly map: Tensor;
}

interface ConvShape {
  readonly kernel: number;
  readonly stride: number;
  readonly outputs: number;
  readonly kept: number;
}

/**
 * Writes ResNet-50 (25.5 million weights, batch norm folded as exporters do) with random weights
 * pruned by magnitude. One image goes through the network while it is written: every convolution
 * is scaled and shifted as a batch norm would do it, to a mean of -0.25 and a deviation of 1 a
 * channel (both a little different for each), so that 60 % of the activations are 0 after ReLU.
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

  async write(image: Float32Array): Promise<Uint8Array> {
    const map = new Tensor('float32', image, [1, 3, imageSize, imageSize]);
    const first = { kernel: 7, stride: 2, outputs: 64, kept: keptShare.first };
    const conv1 = await this.#conv('conv1', { name: 'image', map }, first);
    let feature = await this.#maxPool(this.#relu('conv1', conv1));
    for (const [index, { blocks, channels }] of stages.entries()) {
      for (let block = 0; block < blocks; block += 1) {
        const name = `layer${index + 1}.${block}`;
        const stride = index > 0 && block === 0 ? 2 : 1;
        feature = await this.#block(name, feature, { channels, stride, project: block === 0 });
      }
    }
    await this.#classifier(feature);
    return encodeModel({
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: { image: ['batch', 3, imageSize, imageSize] },
      outputs: ['logits'],
      opset: 13,
    });
  }

  async #block(
    name: string,
    input: Feature,
    shape: { readonly channels: number; readonly stride: number; readonly project: boolean },
  ): Promise<Feature> {
    const { channels, stride, project } = shape;
    const outputs = channels * expansion;
    const pointwise = { kernel: 1, stride: 1, kept: keptShare.pointwise };
    const spatial = { kernel: 3, stride, outputs: channels, kept: keptShare.spatial };
    const first = `${name}.conv1`;
    const second = `${name}.conv2`;
    const one = await this.#conv(first, input, { ...pointwise, outputs: channels });
    const two = await this.#conv(second, this.#relu(first, one), spatial);
    const relu = this.#relu(second, two);
    const wide = await this.#conv(`${name}.conv3`, relu, { ...pointwise, outputs });
    const skip = project
      ? await this.#conv(`${name}.downsample`, input, { ...pointwise, stride, outputs })
      : input;
    return this.#relu(name, this.#add(`${name}.add`, wide, skip));
  }

  async #conv(name: string, input: Feature, shape: ConvShape): Promise<Feature> {
    const { kernel, stride, outputs, kept } = shape;
    const channels = present(input.map.dims[1], 'a map has channels');
    const size = channels * kernel * kernel;
    const weights = this.#pruned(outputs * size, kept);
    const pad = Math.floor(kernel / 2);
    const output = `${name}.output`;
    const node = onnxNode(
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
    );
    const dims = [outputs, channels, kernel, kernel];
    const tensors = (bias: Float32Array): readonly TensorProto[] => [
      onnxTensor(`${name}.weight`, dims, weights),
      onnxTensor(`${name}.bias`, [outputs], bias),
    ];
    const raw = await runNode(node, input, tensors(new Float32Array(outputs)));
    const bias = this.#normalise(weights, raw.data as Float32Array, outputs);
    this.#nodes.push(node);
    this.#initializers.push(...tensors(bias));
    return { name: output, map: raw };
  }

  /** Random weights, the `kept` largest of them; the others 0. */
  #pruned(count: number, kept: number): Float32Array {
    const weights = Float32Array.from({ length: count }, () => this.#random.normal());
    const magnitudes = weights.map(Math.abs).sort();
    const threshold = magnitudes[Math.floor((1 - kept) * count)] ?? Infinity;
    for (let index = 0; index < count; index += 1) {
      if (Math.abs(weights[index] ?? 0) < threshold) weights[index] = 0;
      else this.nonZeros += 1;
    }
    this.weights += count;
    return weights;
  }

  /** Scales weights and their outputs [channel][site] in place; the biases that go with them. */
  #normalise(weights: Float32Array, outputs: Float32Array, channels: number): Float32Array {
    const sites = outputs.length / channels;
    const size = weights.length / channels;
    const bias = new Float32Array(channels);
    for (let channel = 0; channel < channels; channel += 1) {
      const map = outputs.subarray(channel * sites, (channel + 1) * sites);
      const mean = map.reduce((sum, value) => sum + value, 0) / sites;
      const variance = map.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sites;
      const gain = Math.abs(1 + 0.25 * this.#random.normal()) / Math.sqrt(variance + 1e-3);
      const shift = -0.25 + 0.3 * this.#random.normal() - gain * mean;
      const kernel = weights.subarray(channel * size, (channel + 1) * size);
      for (let index = 0; index < size; index += 1) kernel[index] = (kernel[index] ?? 0) * gain;
      for (let site = 0; site < sites; site += 1) map[site] = (map[site] ?? 0) * gain + shift;
      bias[channel] = shift;
    }
    return bias;
  }

  #relu(name: string, input: Feature): Feature {
    const output = `${name}.relu`;
    this.#nodes.push(onnxNode('Relu', [input.name], [output], {}, { name: `/${name}/Relu` }));
    return { name: output, map: mapped(input, (value) => Math.max(0, value)) };
  }

  async #maxPool(input: Feature): Promise<Feature> {
    const node = onnxNode(
      'MaxPool',
      [input.name],
      ['maxpool.output'],
      { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2], ceil_mode: 0n },
      { name: '/maxpool/MaxPool' },
    );
    this.#nodes.push(node);
    return { name: 'maxpool.output', map: await runNode(node, input, []) };
  }

  #add(name: string, left: Feature, right: Feature): Feature {
    const output = `${name}.output`;
    this.#nodes.push(
      onnxNode('Add', [left.name, right.name], [output], {}, { name: `/${name}/Add` }),
    );
    const other = right.map.data as Float32Array;
    return { name: output, map: mapped(left, (value, at) => value + (other[at] ?? 0)) };
  }

  async #classifier(input: Feature): Promise<void> {
    const pool = onnxNode('GlobalAveragePool', [input.name], ['pooled'], {}, { name: '/avgpool' });
    const pooled = await runNode(pool, input, []);
    const channels = pooled.data.length;
    const weights = this.#pruned(classes * channels, keptShare.classifier);
    const values = pooled.data as Float32Array;
    const scale = 1 / Math.sqrt(channels * keptShare.classifier);
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / channels);
    const scaled = weights.map((weight) => (weight * scale) / spread);
    const bias = Float32Array.from({ length: classes }, () => 0.1 * this.#random.normal());
    this.#nodes.push(
      pool,
      onnxNode('Flatten', ['pooled'], ['flat'], { axis: 1n }, { name: '/Flatten' }),
      onnxNode(
        'Gemm',
        ['flat', 'fc.weight', 'fc.bias'],
        ['logits'],
        { transB: 1n },
        { name: '/fc/Gemm' },
      ),
    );
    this.#initializers.push(
      onnxTensor('fc.weight', [classes, channels], scaled),
      onnxTensor('fc.bias', [classes], bias),
    );
  }
}

function mapped(input: Feature, change: (value: number, at: number) => number): Tensor {
  return new Tensor('float32', (input.map.data as Float32Array).map(change), input.map.dims);
}

/** What a node with one input makes of a map. */
async function runNode(
  node: NodeProto,
  input: Feature,
  initializers: readonly TensorProto[],
): Promise<Tensor> {
  const [output = ''] = node.output;
  const model = encodeModel({
    nodes: [node],
    initializers,
    inputs: { [input.name]: input.map.dims },
    outputs: [output],
    opset: 13,
  });
  const session = await InferenceSession.create(model);
  const results = await session.run({ [input.name]: input.map });
  await session.release();
  return present(results[output], 'a node has a result');
}

/** Writes model.onnx, inputs.npy (1 image) and calibrate.npy (4 images) into `folder`. */
export async function writeResnet50(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const writer = new ResnetWriter(50);
  const calibration = images(4, 2);
  const bytes = await writer.write(calibration.slice(0, 3 * imageSize * imageSize));
  writeFileSync(join(folder, 'model.onnx'), bytes);
  const shape = (count: number): readonly number[] => [count, 3, imageSize, imageSize];
  writeFileSync(join(folder, 'inputs.npy'), npyFloat32(shape(1), images(1, 1)));
  writeFileSync(join(folder, 'calibrate.npy'), npyFloat32(shape(4), calibration));
  const zero = 1 - writer.nonZeros / writer.weights;
  console.log(
    `${folder}/model.onnx: ${(bytes.length / 1e6).toFixed(1)} MB, ` +
      `${(writer.weights / 1e6).toFixed(1)} million weights, ${(100 * zero).toFixed(1)} % zero`,
  );
}
