import { present } from '../../../src/base/invariant.ts';
import { floats, onnxTensor } from '../onnx-builder.ts';
import {
  biasScales,
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

/** Where the format of an activation comes from. */
export type ActivationFormat = 'static' | 'dynamic';

/**
 * The network with ConvInteger and MatMulInteger: values are quantised before each of them, the
 * int32 sums are cast to float, multiplied by both scales, and get a float bias. `dynamic`
 * takes scale and zero point from each sample (DynamicQuantizeLinear), as ONNX Runtime's
 * dynamic quantisation does; then no format is fixed.
 */
export function integerModel(
  network: QuantisedNetwork,
  format: ActivationFormat = 'static',
): QuantisedModel {
  const writer = modelWriter(network, 13);
  const formats = formatsOf(network);
  const formatOf = (name: string): Quantization =>
    present(formats.get(name), 'every value has a format');
  const watched = new Map<string, { onnxName: string; type: Quantization['type'] }>();
  /** The quantised value, its scale and zero point. */
  const quantize = (name: string): readonly [string, string, string] => {
    const [scale, zeroPoint] = [`${name}_scale`, `${name}_zero_point`];
    const target = `${name}_quantized`;
    if (format === 'dynamic') {
      writer.node('DynamicQuantizeLinear', [name], [target, scale, zeroPoint]);
      return [target, scale, zeroPoint];
    }
    const constants = formatConstants(writer, name, formatOf(name));
    writer.node('QuantizeLinear', [name, ...constants], [target]);
    watched.set(name, { onnxName: target, type: formatOf(name).type });
    return [target, ...constants];
  };

  for (const step of network.steps) {
    const hasRelu = 'relu' in step && step.relu !== 'none';
    const target = hasRelu ? `${step.name}_linear` : step.name;
    switch (step.kind) {
      case 'window': {
        writeWindow(writer, step, quantize(step.input), formatOf(step.input), target);
        break;
      }
      case 'max-pool':
        writer.node('MaxPool', [step.input], [target], poolAttributes);
        break;
      case 'average':
        writer.node('GlobalAveragePool', [step.input], [target]);
        break;
      case 'add':
        writer.node('Add', step.inputs, [target]);
        break;
    }
    if (hasRelu) writer.node('Relu', [target], [step.name]);
  }
  const last = present(network.steps.at(-1), 'the network has steps');
  return { bytes: writer.finish([last.name], watched), watched };
}

function writeWindow(
  writer: ModelWriter,
  step: WindowStep,
  [source, scale, zeroPoint]: readonly [string, string, string],
  input: Quantization,
  target: string,
): void {
  const isConv = step.operator === 'conv';
  const sums = `${step.name}_sums`;
  const [weights, scales] = weightConstants(writer, step, isConv ? 'as-stored' : 'transposed');
  const noZero = onnxTensor(`${step.name}.weight_no_zero_point`, [], Int8Array.of(0));
  const operands = [weights, zeroPoint, writer.constant(noZero)];
  if (isConv) {
    writer.node('ConvInteger', [source, ...operands], [sums], convAttributes);
  } else {
    const flat = `${step.name}_flat`;
    writer.node('Flatten', [source], [flat], { axis: 1n });
    writer.node('MatMulInteger', [flat, ...operands], [sums]);
  }
  writer.node('Cast', [sums], [`${step.name}_float_sums`], { to: 1n });
  // One scale a channel, lined up with [batch, channel, height, width].
  const lined = isConv ? [step.bias.length, 1, 1] : [step.bias.length];
  const perChannel = isConv
    ? writer.constant(floats(`${step.name}.scales`, lined, step.scales))
    : scales;
  writer.node('Mul', [scale, perChannel], [`${step.name}_scales_mul`]);
  const product = [`${step.name}_float_sums`, `${step.name}_scales_mul`];
  writer.node('Mul', product, [`${step.name}_scaled`]);
  const biases = biasScales(step, input).map((each, to) => each * (step.bias[to] ?? 0));
  const bias = writer.constant(floats(`${step.name}.bias`, lined, biases));
  writer.node('Add', [`${step.name}_scaled`, bias], [target]);
}
