import type { OnnxModel, OnnxNode, OnnxTensor } from '../ir/onnx.ts';
import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { intsAttribute } from './attributes.ts';
import { modelInput } from './model-input.ts';
import type { Operation, OperationGraph, OperationOutput } from './operation.ts';
import {
  InputLayoutRequest,
  Refusal,
  UnknownInput,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from './operator-rule.ts';
import { constantFolds } from './operators/constant-folds.ts';
import { insteadOf, operatorRules } from './operators/table.ts';
import { isNeverNegative } from './never-negative.ts';
import type { Dequantized, Value } from './value.ts';
import { axisOrder, isInDataOrder, piecesOf, samePieces } from './view.ts';

/**
 * Walks the nodes in order and translates each by the rule of its operator; k-WTA idioms, reshapes,
 * transpositions and constants dissolve on the way. Throws one `UserError` that lists every node
 * that is not supported, with what would be accepted.
 */
export function translateModel(model: OnnxModel): OperationGraph {
  try {
    return translateWith(model, null);
  } catch (error) {
    if (!(error instanceof InputLayoutRequest)) throw error;
    return translateWith(model, error);
  }
}

function translateWith(model: OnnxModel, layout: InputLayoutRequest | null): OperationGraph {
  const input = modelInput(model, layout);
  const walk = new Walk(model, input.batch);
  walk.values.set(input.feature.source, input.feature);
  for (const [name, tensor] of model.initializers) {
    walk.values.set(name, { kind: 'constant', tensor });
  }
  const { nodes, needed } = reachable(model);
  for (const node of nodes) walk.translate(node, needed);
  if (walk.diagnostics.length > 0) throw new UserError(walk.diagnostics);
  const outputs = answers(model, walk);
  return {
    name: model.name,
    input: input.graphInput,
    operations: walk.operations,
    outputs,
    hostOperators: walk.hostOperators,
    notes: walk.notes,
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

/** Operators that are not worth telling about when they follow one that is left to the host. */
const unnamedOnHost: ReadonlySet<string> = new Set([
  ...['Cast', 'Identity', 'Dropout', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose'],
]);

/** Operators that go on with the network, which the host does not compute. */
const neverOnHost: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul', 'BatchNormalization']);

/** One walk over the nodes: what is known so far. */
class Walk {
  readonly values = new Map<string, Value>();
  readonly operations: Operation[] = [];
  readonly hostOperators: string[] = [];
  readonly notes: string[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #names = new Set<string>();
  readonly #opset: number;
  readonly #batch: number;

  constructor(model: OnnxModel, batch: number) {
    this.#opset = model.opset;
    this.#batch = batch;
    for (const node of model.nodes) for (const name of node.outputs) this.#names.add(name);
    for (const { name } of model.inputs) this.#names.add(name);
  }

  /** Adds the results of one node to the values, or the reason why there are none. */
  translate(node: OnnxNode, needed: ReadonlySet<string>): void {
    const context = this.#contextOf(node);
    const results = this.#translateNode(context);
    node.outputs.forEach((name, position) => {
      if (name === '') return;
      const result = results?.[position] ?? { kind: 'unknown' };
      this.values.set(name, result);
      if (results !== null && position >= results.length && needed.has(name)) {
        this.#refused(
          node,
          null,
          new Refusal(`its output ${position} is used`, 'a model that uses the first output only'),
        );
      }
    });
    const [first] = results ?? [];
    if (first?.kind === 'host') this.#leaveToHost(node);
  }

  #contextOf(node: OnnxNode): OperatorContext {
    let emitted = 0;
    return {
      node,
      opset: this.#opset,
      batch: this.#batch,
      input: (position) => {
        const name = node.inputs[position] ?? '';
        return name === ''
          ? { kind: 'absent' }
          : present(this.values.get(name), 'nodes are in order');
      },
      emit: (operation, view, options) => {
        const stem = present(
          node.outputs.find((name) => name !== ''),
          'a node has a result',
        );
        const output = emitted === 0 ? stem : this.#fresh(stem);
        emitted += 1;
        this.operations.push({
          ...operation,
          name: node.name,
          operatorName: node.operator,
          output,
        });
        return {
          kind: 'feature',
          source: output,
          shape: operation.outputShape,
          view,
          isFree: options?.isFree === true,
        };
      },
      isNeverNegative: ({ source }) => isNeverNegative(this, source),
      note: (text) => this.notes.push(text),
    };
  }

  /** A name no value has. */
  #fresh(stem: string): string {
    let number = 2;
    while (this.#names.has(`${stem}#${number}`)) number += 1;
    const name = `${stem}#${number}`;
    this.#names.add(name);
    return name;
  }

  /** The node's outputs, null where they are not known; a refusal is added to the diagnostics. */
  #translateNode(context: OperatorContext): readonly Value[] | null {
    const { node } = context;
    const rule = operatorRules.get(fullName(node));
    try {
      const inputs = node.inputs.map((_, position) => context.input(position));
      const host = inputs.find((value) => value.kind === 'host');
      if (host?.kind === 'host') return this.#onHost(context, inputs, host.source);
      return applyRule(context, rule, inputs);
    } catch (error) {
      if (error instanceof UnknownInput) return null;
      if (!(error instanceof Refusal)) throw error;
      this.#refused(node, rule ?? null, error);
      return null;
    }
  }

  #onHost(context: OperatorContext, inputs: readonly Value[], source: string): readonly Value[] {
    const { node } = context;
    if (inputs.some(({ kind }) => kind === 'unknown')) throw new UnknownInput();
    const others = inputs.some(({ kind }) => !['host', 'constant', 'absent'].includes(kind));
    if (others || neverOnHost.has(node.operator)) {
      refuse(
        'it follows an operator that is left to the host, such as Softmax',
        'such operators after the last layer only',
      );
    }
    return node.outputs.map(() => ({ kind: 'host', source, dims: null }));
  }

  #leaveToHost(node: OnnxNode): void {
    if (unnamedOnHost.has(node.operator)) return;
    this.hostOperators.push(node.operator);
    this.notes.push(`${node.operator} "${node.name}" is left to the host`);
  }

  #refused(node: OnnxNode, rule: OperatorRule | null, { message, accepted }: Refusal): void {
    this.diagnostics.push({
      code: operatorRules.has(fullName(node))
        ? 'model/unsupported-node'
        : 'model/unsupported-operator',
      message,
      place: `node "${node.name}" (${fullName(node)})`,
      remedy: `accepted: ${accepted ?? rule?.accepted ?? 'nothing of this kind'}`,
    });
  }
}

/** The operator with its domain, where that is not the standard's: `com.microsoft::QGemm`. */
function fullName({ operator, domain }: OnnxNode): string {
  return domain === '' ? operator : `${domain}::${operator}`;
}

function applyRule(
  context: OperatorContext,
  rule: OperatorRule | undefined,
  inputs: readonly Value[],
): readonly Value[] {
  const { node } = context;
  const full = fullName(node);
  const fold = constantFolds.get(full);
  if (fold !== undefined && inputs.every(({ kind }) => kind === 'constant' || kind === 'absent')) {
    const tensor = fold(context);
    const dequantized = keptIntegers(node, inputs, tensor);
    return [{ kind: 'constant', tensor, ...(dequantized === null ? {} : { dequantized }) }];
  }
  if (rule === undefined && fold !== undefined) {
    return refuse(`${full} of what the network computes is not supported`, `${full} of constants`);
  }
  if (rule === undefined) {
    return refuse(
      `the operator ${full} is not supported`,
      insteadOf.get(full) ?? [...operatorRules.keys()].join(', '),
    );
  }
  for (const name of node.attributes.keys()) {
    if (!(name in rule.attributes)) refuse(`the attribute "${name}" is not known`);
  }
  const result = rule.translate(context);
  return 'kind' in result ? [result] : result;
}

/** How a folded constant was dequantised, where folding only moved its values. */
function keptIntegers(
  node: OnnxNode,
  [input]: readonly Value[],
  tensor: OnnxTensor,
): Dequantized | null {
  const dequantized = input?.kind === 'constant' ? input.dequantized : undefined;
  if (dequantized === undefined) return null;
  switch (node.operator) {
    case 'Identity':
      return dequantized;
    case 'Transpose': {
      const order = intsAttribute(node, 'perm') ?? tensor.shape.map((_, axis) => axis).reverse();
      return { ...dequantized, axis: order.indexOf(dequantized.axis) };
    }
    default:
      // A reshape keeps integers of one scale; of several, the axis may be gone.
      return dequantized.scale.length === 1 && reshapes.has(node.operator) ? dequantized : null;
  }
}

const reshapes: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Where the model's outputs come from: operations, or what the host makes of them. */
function answers(model: OnnxModel, walk: Walk): OperationGraph['outputs'] {
  const outputs: OperationOutput[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { name } of model.outputs) {
    const value = present(walk.values.get(name), 'outputs are defined');
    const source = sourceOf(value);
    if (source === null || !beginsWithBatch(value)) {
      diagnostics.push({
        code: 'model/outputs',
        message:
          source === null
            ? 'it is not computed by a layer of the network'
            : 'the batch axis is not the first of its axes',
        place: `output "${name}"`,
        remedy: 'export the whole network, from its input to its logits, one answer a sample',
      });
      continue;
    }
    if (value.kind === 'largest' && !walk.hostOperators.includes('TopK')) {
      walk.hostOperators.push('TopK');
    }
    const twin = outputs.find((output) => output.source === source);
    if (twin === undefined) outputs.push({ name, source, ...answerOrder(value) });
    else walk.notes.push(`output "${name}" is computed by the host from what "${twin.name}" is`);
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  invariant(outputs.length > 0, 'a model has an output');
  return outputs;
}

/** Where the model's own output has another order than the answer, channels first. */
function answerOrder(value: Value): Pick<OperationOutput, 'answerOrder'> {
  return value.kind === 'feature' && !isInDataOrder(value.view)
    ? { answerOrder: axisOrder(value.view) }
    : {};
}

function beginsWithBatch(value: Value): boolean {
  if (value.kind !== 'feature') return true;
  const batch = piecesOf(value.view, 'batch');
  return batch.length === 0 || samePieces(value.view.axes[0] ?? [], batch);
}

function sourceOf(value: Value): string | null {
  switch (value.kind) {
    case 'feature':
    case 'host':
      return value.source;
    // The best few classes, chosen by the host.
    case 'largest':
    case 'largest-indices':
      return value.feature.source;
    default:
      return null;
  }
}
