import type { OnnxNode } from '../../ir/onnx.ts';
import { intAttribute, tensorAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  numbersOf,
  refuse,
  type OperatorRule,
} from '../operator-rule.ts';
import { constant, type Value } from '../value.ts';
import { checkedSize, constantTensor, picked } from './constant-tensor.ts';

/** ONNX Constant. */
export const constantNode: OperatorRule = {
  attributes: {
    value: 'numbers',
    value_float: 'any',
    value_floats: 'any',
    value_int: 'any',
    value_ints: 'any',
  },
  accepted: 'Constant with numbers',
  translate: ({ node }) => {
    const tensor = tensorAttribute(node, 'value');
    if (tensor !== null) return { kind: 'constant', tensor };
    return constantOfAttribute(node) ?? refuse('it has no value');
  },
};

function constantOfAttribute(node: OnnxNode): Value | null {
  for (const attribute of node.attributes.values()) {
    switch (attribute.kind) {
      case 'int':
        return constant([], BigInt64Array.of(BigInt(attribute.value)), 'int64');
      case 'ints': {
        const { value } = attribute;
        return constant([value.length], BigInt64Array.from(value, BigInt), 'int64');
      }
      case 'float':
        return constant([], Float32Array.of(attribute.value), 'float32');
      case 'floats':
        return constant([attribute.value.length], Float32Array.from(attribute.value), 'float32');
    }
  }
  return null;
}

/** The shape of anything as a constant (ONNX Shape): how exporters write `x.view(x.size(0), -1)`. */
export const shapeNode: OperatorRule = {
  attributes: { end: 'any', start: 'any' },
  accepted: 'Shape of a value whose shape is known',
  translate: (context) => {
    const dims = dimsOf(knownInput(context, 0));
    const start = intAttribute(context.node, 'start', 0);
    const end = intAttribute(context.node, 'end', dims.length);
    const part = dims.slice(start, end);
    return constant([part.length], BigInt64Array.from(part, BigInt), 'int64');
  },
};

function dimsOf(value: Value): readonly number[] {
  switch (value.kind) {
    case 'constant':
      return value.tensor.shape;
    case 'feature':
    case 'winner-mask':
    case 'threshold':
      return value.view.dims;
    case 'largest':
    case 'largest-indices':
      return value.feature.view.dims.with(value.axis, value.k);
    default:
      return refuse('its input has no known shape');
  }
}

/** A constant of one value in a constant shape (ONNX ConstantOfShape): zeros_like and ones_like. */
export const constantOfShape: OperatorRule = {
  attributes: { value: 'one number' },
  accepted: 'ConstantOfShape of a known shape',
  translate: (context) => {
    const shape = numbersOf(constantInput(context, 0, 'the shape'));
    const value = tensorAttribute(context.node, 'value');
    const size = checkedSize(shape);
    const tensor = value ?? constantTensor([1], Float32Array.of(0), 'float32');
    return { kind: 'constant', tensor: picked(tensor, shape, new Uint32Array(size)) };
  },
};
