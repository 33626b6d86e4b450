import { present } from '../../../src/base/invariant.ts';
import { floats, onnxTensor } from '../onnx-builder.ts';
import {
  biasConstant,
  biasScales,
  convAttributes,
  formatConstants,
  formatsOf,
  modelWriter,
  poolAttributes,
  weightConstants,
  type QuantisedModel,
  type Watched,
} from './model-writer.ts';
import type { Quantization, QuantisedNetwork, Step, WindowStep } from './network.ts';

/**
 * The network with QuantizeLinear and DequantizeLinear around float operators, as ONNX
 * Runtime's static quantisation writes it: every value that an operator gives is quantised and
 * dequantised at once, weights and biases are dequantised constants.
 */
export function qdqModel(network: QuantisedNetwork, opset = 13): QuantisedModel {
  const writer = modelWriter(network, opset);
  const formats = formatsOf(network);
  const watched = new Map<string, { onnxName: string; type: Quantization['type'] }>();

  const constantDequantized = (step: WindowStep): readonly [weight: string, bias: string] => {
    const weight = `${step.name}.weight`;
    const bias = `${step.name}.bias`;
    const outputs = step.bias.length;
    writer.node('DequantizeLinear', weightConstants(writer, step), [weight], { axis: 0n });
    const input = present(formats.get(step.input), 'the input has a format');
    const scales = floats(`${bias}_quantized_scale`, [outputs], biasScales(step, input));
    const zeros = onnxTensor(`${bias}_quantized_zero_point`, [outputs], new Int32Array(outputs));
    writer.node(
      'DequantizeLinear',
      [biasConstant(writer, step), writer.constant(scales), writer.constant(zeros)],
      [bias],
      { axis: 0n },
    );
    return [weight, bias];
  };

  /** Quantises and dequantises the float value `name`. */
  const requantized = (name: string, output: Quantization, formatName = name): void => {
    const format = formatConstants(writer, formatName, output);
    writer.node('QuantizeLinear', [name, ...format], [`${name}_QuantizeLinear_Output`]);
    writer.node(
      'DequantizeLinear',
      [`${name}_QuantizeLinear_Output`, ...format],
      [`${name}_DequantizeLinear_Output`],
    );
    watched.set(name, { onnxName: `${name}_QuantizeLinear_Output`, type: output.type });
  };
  const read = (name: string): string => `${name}_DequantizeLinear_Output`;
  /** Where an operator writes: before the ReLU, if there is a node of it. */
  const before = (step: Step): string =>
    'relu' in step && step.relu === 'node' ? `${step.name}_linear` : step.name;

  requantized(network.input.name, network.input.output);
  const flattened = new Set<string>();
  for (const step of network.steps) {
    switch (step.kind) {
      case 'window': {
        const [weight, bias] = constantDequantized(step);
        if (step.operator === 'conv') {
          const inputs = [read(step.input), weight, bias];
          writer.node('Conv', inputs, [before(step)], convAttributes);
          break;
        }
        const flat = `${step.input}_flat`;
        if (!flattened.has(flat)) {
          flattened.add(flat);
          writer.node('Flatten', [read(step.input)], [flat], { axis: 1n });
          const format = present(formats.get(step.input), 'the input has a format');
          requantized(flat, format, step.input);
          watched.delete(flat);
        }
        writer.node('Gemm', [read(flat), weight, bias], [before(step)], { transB: 1n });
        break;
      }
      case 'max-pool':
        writer.node('MaxPool', [read(step.input)], [step.name], poolAttributes);
        break;
      case 'average':
        writer.node('GlobalAveragePool', [read(step.input)], [step.name]);
        break;
      case 'add':
        writer.node('Add', step.inputs.map(read), [before(step)]);
        break;
    }
    if (before(step) !== step.name) writer.node('Relu', [before(step)], [step.name]);
    requantized(step.name, step.output);
  }
  const last = present(network.steps.at(-1), 'the network has steps');
  const result: Watched = watched;
  return { bytes: writer.finish([read(last.name)], result), watched: result };
}
