import { UserError } from '../../src/base/diagnostics.ts';
import { present } from '../../src/base/invariant.ts';
import type { OnnxModel, OnnxNode, OnnxTensor } from '../../src/ir/onnx.ts';
import { Refusal, type OperatorContext } from '../../src/passes/operator-rule.ts';
import { constantFolds } from '../../src/passes/operators/constant-folds.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { compareValues, type Outcome } from './outcome.ts';
import { UnreadableData, readTestCase, type TestRun } from './test-case.ts';

/** Folds a test whose inputs are all constants and compares shape and values. */
export function foldTest(folder: string, name: string): Outcome {
  try {
    const { runs } = readTestCase(folder, name, 'nothing');
    if (runs.length === 0) return { kind: 'refused', reason: 'the test has no data' };
    const outcomes = runs.map((run) => foldOnce(name, run));
    return outcomes.find(({ kind }) => kind !== 'passed') ?? { kind: 'passed' };
  } catch (error) {
    if (error instanceof UnreadableData || error instanceof UserError || error instanceof Refusal) {
      return { kind: 'refused', reason: error.message };
    }
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function foldOnce(name: string, { model, expected }: TestRun): Outcome {
  const read = decodeOnnxModel(model, `${name}.onnx`);
  const folded = foldNodes(read);
  if (folded.shape.join() !== expected.shape.join()) {
    const shapes = [folded, expected].map(({ shape }) => `[${shape.join(', ')}]`);
    return { kind: 'failed', reason: `the shape is ${shapes.join(', not ')}` };
  }
  return compareValues(Array.from(folded.data, Number), expected);
}

/** The first output of a model of constants. */
function foldNodes(model: OnnxModel): OnnxTensor {
  const values = new Map(model.initializers);
  for (const node of model.nodes) {
    const fold = present(constantFolds.get(node.operator), 'only foldable operators are tested');
    const [output] = node.outputs;
    values.set(present(output, 'a node has an output'), fold(contextOf(node, model, values)));
  }
  const [output] = model.outputs;
  return present(values.get(output?.name ?? ''), 'the output is computed');
}

function contextOf(
  node: OnnxNode,
  { opset }: OnnxModel,
  values: ReadonlyMap<string, OnnxTensor>,
): OperatorContext {
  const impossible = (): never => {
    throw new Error('a constant fold emits nothing');
  };
  return {
    node,
    opset,
    batch: 1,
    input: (position) => {
      const tensor = values.get(node.inputs[position] ?? '');
      return tensor === undefined ? { kind: 'absent' } : { kind: 'constant', tensor };
    },
    emit: impossible,
    isNeverNegative: impossible,
    note: impossible,
  };
}
