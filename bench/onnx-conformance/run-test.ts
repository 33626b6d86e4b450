import { UserError } from '../../src/base/diagnostics.ts';
import { present } from '../../src/base/invariant.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { reorderSamples } from '../../src/ir/axis-order.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { compareValues, type Outcome } from './outcome.ts';
import { UnreadableData, readTestCase, type TestRun } from './test-case.ts';

/** Lowers and evaluates a test with our front end and compares with the expected output. */
export function runTest(folder: string, name: string): Outcome {
  try {
    const { runs } = readTestCase(folder, name, 'data');
    if (runs.length === 0) return { kind: 'refused', reason: 'the test has no data' };
    for (const run of runs) {
      const outcome = runOnce(name, run);
      if (outcome.kind !== 'passed') return outcome;
    }
    return { kind: 'passed' };
  } catch (error) {
    if (error instanceof UnreadableData) return { kind: 'refused', reason: error.message };
    if (error instanceof UserError) {
      const reasons = error.diagnostics.map(({ message }) => message);
      return { kind: 'refused', reason: [...new Set(reasons)].join('; ') };
    }
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function runOnce(name: string, { model, input, expected }: TestRun): Outcome {
  const graph = lowerModel(decodeOnnxModel(model, `${name}.onnx`));
  if (graph.hostOperators.length > 0) {
    return { kind: 'refused', reason: `${graph.hostOperators.join(', ')} is left to the host` };
  }
  if (input === null) return { kind: 'failed', reason: 'a model without input was accepted' };
  const evaluate = prepareFloatEvaluator(graph);
  const sampleSize = shapeSize(graph.input.shape);
  const data = Float32Array.from(input.data, Number);
  const { sampleOrder } = graph.input;
  const samples = sampleOrder === undefined ? data : reorderSamples(data, sampleOrder);
  if (samples.length % sampleSize !== 0) {
    return {
      kind: 'failed',
      reason: `${samples.length} input values for samples of ${sampleSize}`,
    };
  }
  // A test tells the first of several outputs.
  const output = present(graph.outputs[0], 'a graph has an output');
  const answer = graph.layers.findIndex(({ name }) => name === output.layer);
  // The first axis is the batch: samples one after another, and so are the answers.
  const answers: number[] = [];
  for (let at = 0; at < samples.length; at += sampleSize) {
    const { layers } = evaluate(samples.slice(at, at + sampleSize));
    const logits = present(layers[answer], 'the layer of the output').values;
    const order = output.answerOrder;
    answers.push(...(order === undefined ? logits : reorderSamples(logits, order)));
  }
  return compareValues(answers, expected);
}
