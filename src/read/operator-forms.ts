import type { OnnxNode } from '../ir/onnx.ts';

/** First and last operator set in which something exists; null: still there in the last one read. */
type Span = readonly [first: number, last: number | null];

interface Forms {
  /** Attributes that came or went. */
  readonly attributes?: Readonly<Record<string, Span>>;
  /** The operator set from which an input may be given, by position. */
  readonly inputs?: Readonly<Record<number, number>>;
  /** The operator set from which the operator exists. */
  readonly since?: number;
}

const attributeUntil = (name: string, last: number): Forms => ({
  attributes: { [name]: [1, last] },
  inputs: { 1: last + 1 },
});

/** Before operator set 18 the axes of most reductions are an attribute, from there an input. */
const reduction: Forms = {
  attributes: { axes: [1, 17], noop_with_empty_axes: [18, null] },
  inputs: { 1: 18 },
};

/** Where an operator of the ONNX standard changed its form between operator sets 9 and 21. */
const operatorForms: ReadonlyMap<string, Forms> = new Map<string, Forms>([
  ['ArgMax', { attributes: { select_last_index: [12, null] } }],
  ['ArgMin', { attributes: { select_last_index: [12, null] } }],
  ['AveragePool', { attributes: { ceil_mode: [10, null], dilations: [19, null] } }],
  ['BatchNormalization', { attributes: { training_mode: [14, null], spatial: [1, 8] } }],
  ['Cast', { attributes: { saturate: [19, null] } }],
  ['CastLike', { since: 15 }],
  ['Celu', { since: 12 }],
  ['Clip', { attributes: { min: [1, 10], max: [1, 10] }, inputs: { 1: 11, 2: 11 } }],
  [
    'Constant',
    {
      attributes: {
        sparse_value: [11, null],
        value_float: [12, null],
        value_floats: [12, null],
        value_int: [12, null],
        value_ints: [12, null],
      },
    },
  ],
  ['ConvInteger', { since: 10 }],
  ['DepthToSpace', { attributes: { mode: [11, null] } }],
  ['DequantizeLinear', { since: 10, attributes: { axis: [13, null], block_size: [21, null] } }],
  ['Dropout', { attributes: { ratio: [1, 11], seed: [12, null] }, inputs: { 1: 12, 2: 12 } }],
  ['DynamicQuantizeLinear', { since: 11 }],
  ['GatherElements', { since: 11 }],
  ['GatherND', { since: 11 }],
  ['Gelu', { since: 20 }],
  ['GreaterOrEqual', { since: 12 }],
  ['HardSwish', { since: 14 }],
  ['LayerNormalization', { since: 17 }],
  ['LessOrEqual', { since: 12 }],
  ['MatMulInteger', { since: 10 }],
  ['MaxPool', { attributes: { ceil_mode: [10, null], dilations: [10, null] } }],
  ['Mish', { since: 18 }],
  ['Mod', { since: 10 }],
  [
    'Pad',
    {
      attributes: { pads: [1, 10], value: [1, 10] },
      inputs: { 1: 11, 2: 11, 3: 18 },
    },
  ],
  ['QLinearConv', { since: 10 }],
  ['QLinearMatMul', { since: 10 }],
  [
    'QuantizeLinear',
    {
      since: 10,
      attributes: {
        axis: [13, null],
        saturate: [19, null],
        block_size: [21, null],
        output_dtype: [21, null],
      },
    },
  ],
  ['ReduceL1', reduction],
  ['ReduceL2', reduction],
  ['ReduceLogSum', reduction],
  ['ReduceLogSumExp', reduction],
  ['ReduceMax', reduction],
  ['ReduceMean', reduction],
  ['ReduceMin', reduction],
  ['ReduceProd', reduction],
  [
    'ReduceSum',
    { attributes: { axes: [1, 12], noop_with_empty_axes: [13, null] }, inputs: { 1: 13 } },
  ],
  ['ReduceSumSquare', reduction],
  ['Reshape', { attributes: { allowzero: [14, null] } }],
  ['Round', { since: 11 }],
  ['ScatterElements', { since: 11, attributes: { reduction: [16, null] } }],
  ['ScatterND', { since: 11, attributes: { reduction: [16, null] } }],
  ['Shape', { attributes: { start: [15, null], end: [15, null] } }],
  [
    'Slice',
    {
      attributes: { starts: [1, 9], ends: [1, 9], axes: [1, 9] },
      inputs: { 1: 10, 2: 10, 3: 10, 4: 10 },
    },
  ],
  ['Split', { attributes: { split: [1, 12], num_outputs: [18, null] }, inputs: { 1: 13 } }],
  ['Squeeze', attributeUntil('axes', 12)],
  [
    'TopK',
    {
      attributes: { k: [1, 9], largest: [11, null], sorted: [11, null] },
      inputs: { 1: 10 },
    },
  ],
  ['Unsqueeze', attributeUntil('axes', 12)],
]);

/**
 * What of a node does not exist in the operator set of the model, in words: old attributes that
 * became inputs, and the other way round. Empty for operators that are not of the standard.
 */
export function misplacedForms(node: OnnxNode, opset: number): readonly string[] {
  const forms = node.domain === '' ? operatorForms.get(node.operator) : undefined;
  if (forms === undefined) return [];
  const { since = 1, attributes = {}, inputs = {} } = forms;
  if (opset < since) return [`the operator exists from operator set ${since} on`];
  const found: string[] = [];
  for (const name of node.attributes.keys()) {
    const span = attributes[name];
    if (span === undefined) continue;
    const [first, last] = span;
    if (opset < first) found.push(`the attribute "${name}" exists from operator set ${first} on`);
    if (last !== null && opset > last) {
      found.push(`the attribute "${name}" exists up to operator set ${last}`);
    }
  }
  node.inputs.forEach((name, position) => {
    const first = inputs[position];
    if (name !== '' && first !== undefined && opset < first) {
      found.push(`its input ${position} exists from operator set ${first} on`);
    }
  });
  return found;
}
