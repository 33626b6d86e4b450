import { activate } from './activate.ts';
import { invariant, present } from '../base/invariant.ts';
import {
  shapeSize,
  type Activation,
  type AddLayer,
  type ConcatLayer,
  type Graph,
  type Layer,
  type MaxPoolLayer,
  type WindowLayer,
  type WinnersLayer,
} from '../ir/graph.ts';
import { outputSlots } from './answers.ts';
import { keepWinners } from './k-winners.ts';
import { maxPoolInto } from './max-pool.ts';
import { runSchedule, scheduleLayers } from './schedule.ts';
import { prepareSparseWindow } from './sparse-window.ts';

/** What a layer computes for one sample in float; maps are CHW of `outputShape`. */
export interface FloatLayerEvaluation {
  /**
   * Window sums [O][H][W] of `windowShape`, without bias, before pooling; empty for a layer
   * that is no window.
   */
  readonly sums: Float64Array;
  /** After pooling, bias and activation, before k-WTA. */
  readonly beforeWinners: Float32Array;
  /** After k-WTA; the same array where the layer has none. */
  readonly values: Float32Array;
}

export interface FloatEvaluation {
  /** In the order of `graph.layers`. */
  readonly layers: readonly FloatLayerEvaluation[];
  /** Answers of all outputs one after another, in the order of `graph.outputs`. */
  readonly logits: Float32Array;
}

/** Evaluates one sample, channels first. */
export type FloatEvaluator = (input: Float32Array) => FloatEvaluation;

/**
 * Evaluates one sample and shows every layer's result once, in order; nothing is kept for
 * longer than a later layer needs it. Returns what `FloatEvaluation.logits` is.
 */
export type FloatVisitor = (
  input: Float32Array,
  visit: (result: FloatLayerEvaluation, index: number) => void,
) => Float32Array;

/**
 * The network as trained. Sums are doubles, every layer's output is rounded to float32
 * once. k-WTA keeps ties at the k-th value where the model does (`tiesInModel`).
 */
export function prepareFloatEvaluator(graph: Graph): FloatEvaluator {
  const visitLayers = prepareFloatVisitor(graph);
  return (input) => {
    const layers: FloatLayerEvaluation[] = [];
    const logits = visitLayers(input, (result) => layers.push(result));
    return { layers, logits };
  };
}

/** `prepareFloatEvaluator` for networks whose maps are too large to keep all of them. */
export function prepareFloatVisitor(graph: Graph): FloatVisitor {
  const evaluators = graph.layers.map(prepareFloatLayer);
  const schedule = scheduleLayers(graph.input.name, graph.layers);
  const inputSize = shapeSize(graph.input.shape);
  const { words, slots } = outputSlots(graph.outputs, graph.layers);
  return (input, visit) => {
    invariant(input.length === inputSize, `a sample has ${inputSize} values`);
    const logits = new Float32Array(words);
    runSchedule(schedule, input, (index, inputs) => {
      const result = present(evaluators[index], 'one evaluator per layer')(inputs);
      for (const start of slots[index] ?? []) logits.set(result.values, start);
      visit(result, index);
      return result.values;
    });
    return logits;
  };
}

/** Evaluates one layer for one sample, from the values of its inputs in the order of `inputsOf`. */
export type FloatLayerEvaluator = (inputs: readonly Float32Array[]) => FloatLayerEvaluation;

/** One layer alone, as in `prepareFloatEvaluator`. */
export function prepareFloatLayer(layer: Layer): FloatLayerEvaluator {
  switch (layer.kind) {
    case 'window':
      return prepareWindow(layer);
    case 'max-pool':
      return ([input]) => pooledMap(layer, present(input, 'a max-pool has an input'));
    case 'add':
      return ([left, right]) => {
        return addedMap(layer, present(left, 'a sum of two'), present(right, 'a sum of two'));
      };
    case 'concat':
      return (inputs) => joinedMap(layer, inputs);
    case 'winners':
      return ([input]) => chosenMap(layer, present(input, 'a k-WTA has an input'));
  }
}

function prepareWindow(layer: WindowLayer): FloatLayerEvaluator {
  const window = prepareSparseWindow(layer, layer.weights);
  const { pooling, kWinners, outputShape } = layer;
  return ([input]) => {
    const { sums } = window.sum(present(input, 'a window has an input'));
    let pooled = sums;
    if (pooling !== null) {
      pooled = new Float64Array(shapeSize(outputShape));
      maxPoolInto(sums, layer.windowShape, pooling, pooled, outputShape);
    }
    const beforeWinners = addBias(pooled, layer.bias);
    activateAll(beforeWinners, layer.activation);
    if (kWinners === null) return { sums, beforeWinners, values: beforeWinners };
    const values = beforeWinners.slice();
    keepWinners(values, outputShape, kWinners, kWinners.tiesInModel);
    return { sums, beforeWinners, values };
  };
}

/** A result without window sums. */
function plainResult(values: Float32Array): FloatLayerEvaluation {
  return { sums: new Float64Array(0), beforeWinners: values, values };
}

function pooledMap(layer: MaxPoolLayer, input: Float32Array): FloatLayerEvaluation {
  const values = new Float32Array(shapeSize(layer.outputShape));
  maxPoolInto(input, layer.inputShape, layer, values, layer.outputShape);
  return plainResult(values);
}

function addedMap(layer: AddLayer, left: Float32Array, right: Float32Array): FloatLayerEvaluation {
  const [leftSign, rightSign] = layer.signs;
  const values = new Float32Array(left.length);
  for (let at = 0; at < values.length; at += 1) {
    values[at] = leftSign * (left[at] ?? 0) + rightSign * (right[at] ?? 0);
  }
  activateAll(values, layer.activation);
  return plainResult(values);
}

function joinedMap(layer: ConcatLayer, inputs: readonly Float32Array[]): FloatLayerEvaluation {
  const values = new Float32Array(shapeSize(layer.outputShape));
  let start = 0;
  for (const input of inputs) {
    values.set(input, start);
    start += input.length;
  }
  return plainResult(values);
}

function chosenMap(layer: WinnersLayer, input: Float32Array): FloatLayerEvaluation {
  const values = input.slice();
  keepWinners(values, layer.outputShape, layer.kWinners, layer.kWinners.tiesInModel);
  return { ...plainResult(values), beforeWinners: input };
}

function addBias(sums: Float64Array, bias: Float32Array): Float32Array {
  const sites = sums.length / bias.length;
  const result = new Float32Array(sums.length);
  for (let at = 0, channel = 0; channel < bias.length; channel += 1) {
    const channelBias = bias[channel] ?? 0;
    for (let site = 0; site < sites; site += 1, at += 1) {
      result[at] = (sums[at] ?? 0) + channelBias;
    }
  }
  return result;
}

/** Applies the activation in place. */
function activateAll(values: Float32Array, activation: Activation): void {
  if (activation.kind === 'identity') return;
  for (let at = 0; at < values.length; at += 1) values[at] = activate(values[at] ?? 0, activation);
}
