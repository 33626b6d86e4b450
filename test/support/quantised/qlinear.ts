import { invariant, present } from '../../../src/base/invariant.ts';
import {
  biasConstant,
  convAttributes,
  formatConstants,
  formatsOf,
  modelWriter,
  poolAttributes,
  weightConstants,
  type ModelWriter,
  type QuantisedModel,
} from './model-writer.ts';
import type { Quantization, QuantisedNetwork, WindowStep } from './network.ts';

const microsoft = 'com.microsoft';

/** How a fully connected layer is written. */
export type LinearForm = 'QGemm' | 'QLinearMatMul';

/**
 * The network with operators on integers, as ONNX Runtime's static quantisation writes it in
 * `QOperator` format; `QLinearMatMul` wants a network without biases there. A ReLU that is a
 * node stays a float operator between DequantizeLinear and QuantizeLinear.
 */
export function qlinearModel(
  network: QuantisedNetwork,
  linearForm: LinearForm = 'QGemm',
): QuantisedModel {
  const writer = modelWriter(network, 13);
  const formats = formatsOf(network);
  const formatOf = (name: string): Quantization =>
    present(formats.get(name), 'every value has a format');
  const constants = (name: string): readonly [string, string] =>
    formatConstants(writer, name, formatOf(name));
  const quantized = (name: string): string => `${name}_quantized`;

  const { input } = network;
  writer.node('QuantizeLinear', [input.name, ...constants(input.name)], [quantized(input.name)]);
  for (const step of network.steps) {
    const target = 'relu' in step && step.relu === 'node' ? `${step.name}_linear` : step.name;
    const output = constants(step.name);
    switch (step.kind) {
      case 'window': {
        const source = [quantized(step.input), ...constants(step.input)];
        if (step.operator === 'conv') {
          writer.node(
            'QLinearConv',
            [...source, ...weightConstants(writer, step), ...output, biasConstant(writer, step)],
            [quantized(target)],
            convAttributes,
          );
          break;
        }
        const flat = `${step.input}_flat`;
        writer.node('Flatten', [quantized(step.input)], [quantized(flat)], { axis: 1n });
        const [, ...format] = source;
        writeLinear(
          writer,
          step,
          [quantized(flat), ...format],
          output,
          quantized(target),
          linearForm,
        );
        break;
      }
      case 'max-pool':
        writer.node('MaxPool', [quantized(step.input)], [quantized(target)], poolAttributes);
        break;
      case 'average':
        writer.node(
          'QLinearGlobalAveragePool',
          [quantized(step.input), ...constants(step.input), ...output],
          [quantized(target)],
          { channels_last: 0n },
          microsoft,
        );
        break;
      case 'add': {
        const inputs = step.inputs.flatMap((name) => [quantized(name), ...constants(name)]);
        writer.node('QLinearAdd', [...inputs, ...output], [quantized(target)], {}, microsoft);
        break;
      }
    }
    if (target !== step.name) writeRelu(writer, step.name, target, output);
  }
  const last = present(network.steps.at(-1), 'the network has steps');
  writer.node('DequantizeLinear', [quantized(last.name), ...constants(last.name)], ['y']);
  const watched = new Map(
    [network.input, ...network.steps].map(({ name, output }) => [
      name,
      { onnxName: quantized(name), type: output.type },
    ]),
  );
  return { bytes: writer.finish(['y'], watched), watched };
}

/** ReLU between dequantising and quantising, in the format it has. */
function writeRelu(
  writer: ModelWriter,
  name: string,
  target: string,
  format: readonly [string, string],
): void {
  writer.node('DequantizeLinear', [`${target}_quantized`, ...format], [target]);
  writer.node('Relu', [target], [name]);
  writer.node('QuantizeLinear', [name, ...format], [`${name}_quantized`]);
}

function writeLinear(
  writer: ModelWriter,
  step: WindowStep,
  source: readonly string[],
  output: readonly [string, string],
  target: string,
  form: LinearForm,
): void {
  if (form === 'QGemm') {
    const weights = weightConstants(writer, step);
    const inputs = [...source, ...weights, biasConstant(writer, step), ...output];
    writer.node('QGemm', inputs, [target], { transB: 1n }, microsoft);
    return;
  }
  invariant(
    step.bias.every((bias) => bias === 0),
    'QLinearMatMul has no bias',
  );
  const weights = weightConstants(writer, step, 'transposed');
  writer.node('QLinearMatMul', [...source, ...weights, ...output], [target]);
}
