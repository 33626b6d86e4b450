import type { FeatureShape } from '../ir/graph.ts';
import type { OnnxModel, OnnxNode, OnnxValueInfo } from '../ir/onnx.ts';
import { UserError, fail, type Diagnostic } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import type { Operation, OperationChain } from './operation.ts';
import { Refusal, UnknownInput, refuse, type OperatorContext } from './operator-rule.ts';
import { constantFolds } from './operators/constants.ts';
import { insteadOf, operatorRules } from './operators/table.ts';
import type { FeatureValue, Value } from './value.ts';

/**
 * Walks the nodes in order and translates each by the rule of its operator; k-WTA idioms,
 * reshapes and constants dissolve on the way. Throws one `UserError` that lists every node
 * that is not supported, with what would be accepted.
 */
export function translateModel(model: OnnxModel): OperationChain {
  const input = inputFeature(model);
  const values = new Map<string, Value>([[input.source, input]]);
  for (const [name, tensor] of model.initializers) values.set(name, { kind: 'constant', tensor });
  const operations: Operation[] = [];
  const hostOperators: string[] = [];
  const notes: string[] = [];
  const diagnostics: Diagnostic[] = [];

  const { nodes, needed } = reachable(model);
  for (const node of nodes) {
    const context: OperatorContext = {
      node,
      opset: model.opset,
      batch: present(input.dims[0], 'the input has a batch axis'),
      input: (position) => {
        const name = node.inputs[position] ?? '';
        return name === '' ? { kind: 'absent' } : present(values.get(name), 'nodes are in order');
      },
      emit: (operation, dims) => {
        const output = present(node.outputs[0], 'a node has a result');
        operations.push({ ...operation, name: node.name, operatorName: node.operator, output });
        return {
          kind: 'feature',
          source: output,
          shape: operation.outputShape,
          dims,
          isInput: false,
        };
      },
      leaveToHost: (operatorName) => {
        hostOperators.push(operatorName);
        notes.push(`${operatorName} "${node.name}" is left to the host`);
      },
      note: (text) => notes.push(text),
    };
    const results = translateNode(context, diagnostics);
    node.outputs.forEach((name, position) => {
      if (name === '') return;
      values.set(name, results?.[position] ?? { kind: 'unknown', computed: isComputed(context) });
      if (results !== null && position >= results.length && needed.has(name)) {
        diagnostics.push(unusedOutput(node, position));
      }
    });
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  checkOutput(model, values, operations);
  return {
    name: model.name,
    input: { name: input.source, shape: operations[0]?.inputShape ?? input.shape },
    operations,
    output: present(model.outputs[0], 'checked above').name,
    hostOperators,
    notes,
  };
}

/** The nodes that the outputs depend on, in order, and all values that are read. */
function reachable(model: OnnxModel): {
  readonly nodes: readonly OnnxNode[];
  readonly needed: ReadonlySet<string>;
} {
  const needed = new Set(model.outputs.map(({ name }) => name));
  const kept = [...model.nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  });
  return { nodes: kept.reverse(), needed };
}

function unusedOutput(node: OnnxNode, position: number): Diagnostic {
  return {
    code: 'model/unsupported-node',
    message: `its output ${position} is used`,
    place: `node "${node.name}" (${node.operator})`,
    remedy: 'accepted: a model that uses the first output only',
  };
}

/** The node's outputs, null where they are not known; a refusal is added to `diagnostics`. */
function translateNode(
  context: OperatorContext,
  diagnostics: Diagnostic[],
): readonly Value[] | null {
  const { node } = context;
  const rule = node.domain === '' ? operatorRules.get(node.operator) : undefined;
  const fold = node.domain === '' ? constantFolds.get(node.operator) : undefined;
  const full = node.domain === '' ? node.operator : `${node.domain}::${node.operator}`;
  try {
    if (fold !== undefined && node.inputs.every((_, position) => isConstant(context, position))) {
      return [{ kind: 'constant', tensor: fold(context) }];
    }
    if (rule === undefined) {
      const instead = node.domain === '' ? insteadOf.get(node.operator) : undefined;
      return refuse(
        `the operator ${full} is not supported`,
        instead ?? [...operatorRules.keys()].join(', '),
      );
    }
    for (const name of node.attributes.keys()) {
      if (!rule.attributes.includes(name)) refuse(`the attribute "${name}" is not known`);
    }
    const result = rule.translate(context);
    return 'kind' in result ? [result] : result;
  } catch (error) {
    if (error instanceof UnknownInput) return null;
    if (!(error instanceof Refusal)) throw error;
    diagnostics.push({
      code: rule === undefined ? 'model/unsupported-operator' : 'model/unsupported-node',
      message: error.message,
      place: `node "${node.name}" (${full})`,
      remedy: `accepted: ${error.accepted ?? rule?.accepted ?? 'nothing of this kind'}`,
    });
    return null;
  }
}

/** True when the node depends on the input of the network. */
function isComputed({ node, input }: OperatorContext): boolean {
  return node.inputs.some((_, position) => {
    const value = input(position);
    return value.kind === 'unknown' ? value.computed : !['constant', 'absent'].includes(value.kind);
  });
}

function isConstant(context: OperatorContext, position: number): boolean {
  const { kind } = context.input(position);
  return kind === 'constant' || kind === 'absent';
}

/** The model's only input as a feature of a batch of 1, or of the batch the file fixes. */
function inputFeature(model: OnnxModel): FeatureValue {
  const [input] = model.inputs;
  if (input === undefined || model.inputs.length !== 1) {
    const names = model.inputs.map(({ name }) => `"${name}"`).join(', ');
    return fail('model/inputs', `the model has ${model.inputs.length} inputs (${names})`, {
      place: model.name,
      remedy: 'export a model with one input',
    });
  }
  const dims = inputDims(input);
  const [channels = 1, height = 1, width = 1] =
    dims.length === 3 ? [1, ...dims.slice(1)] : dims.slice(1);
  const shape: FeatureShape = { channels, height, width };
  return { kind: 'feature', source: input.name, shape, dims, isInput: true };
}

const largestInput = 2 ** 24;

function inputDims({ name, elementType, shape }: OnnxValueInfo): readonly number[] {
  const place = `input "${name}"`;
  if (elementType !== 'FLOAT') {
    fail('model/inputs', `its values are ${elementType ?? 'of unknown type'}`, {
      place,
      remedy: 'export the model with a float32 input',
    });
  }
  const [batch, ...rest] = shape ?? [];
  const written = shape === null ? 'unknown' : `[${shape.map((d) => d ?? '?').join(', ')}]`;
  const lengths = rest.map((length) => (typeof length === 'number' ? length : 0));
  const size = lengths.reduce((product, length) => product * length, 1);
  if (rest.length < 1 || rest.length > 3 || lengths.some((length) => length < 1)) {
    fail('model/inputs', `its shape is ${written}`, {
      place,
      remedy:
        'export with a fixed shape [batch, channels, height, width] or [batch, length]; only the batch may be symbolic',
    });
  }
  if (size > largestInput || (typeof batch === 'number' && (batch < 1 || batch > 2 ** 20))) {
    fail('model/inputs', `its shape ${written} is not a possible input`, {
      place,
      remedy: 'the file is damaged; export the model again',
    });
  }
  return [typeof batch === 'number' ? batch : 1, ...lengths];
}

/** The one output is the last operation's, or computed from it by the host. */
function checkOutput(
  model: OnnxModel,
  values: ReadonlyMap<string, Value>,
  operations: readonly Operation[],
): void {
  const [output] = model.outputs;
  if (output === undefined || model.outputs.length !== 1) {
    const names = model.outputs.map(({ name }) => `"${name}"`).join(', ');
    fail('model/outputs', `the model has ${model.outputs.length} outputs (${names})`, {
      place: model.name,
      remedy: 'export a model with one output',
    });
  }
  const value = present(values.get(output.name), 'outputs are defined');
  const last = operations.at(-1);
  const isLast = value.kind === 'feature' && value.source === last?.output;
  if (last !== undefined && (isLast || value.kind === 'host')) return;
  fail('model/outputs', 'it is not computed by a layer of the network', {
    place: `output "${output.name}"`,
    remedy: 'export the whole network, from its input to its logits',
  });
}
