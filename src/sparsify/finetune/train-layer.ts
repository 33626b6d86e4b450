import { present } from '../../base/invariant.ts';
import type { AddLayer, Layer, MaxPoolLayer, WindowLayer } from '../../ir/graph.ts';
import { inputsOf, shapeSize } from '../../ir/graph.ts';
import { isPrunable } from '../plan/layer-goal.ts';
import { layBatch } from './batch-layout.ts';
import { poolBackward, poolForward } from './pool.ts';
import { activateBatch, activationGradient, keepBatchWinners, roundBatch } from './shape-values.ts';
import type { Rounding } from './shape-values.ts';
import { backWindows, listWeights, sumWindows } from './sparse-weights.ts';
import type { WeightList } from './sparse-weights.ts';

/** Values of a batch and the gradients of the loss by them: [channel][sample][row][column]. */
export interface BatchEdge {
  readonly values: Float64Array;
  readonly gradients: Float64Array;
}

/** What of a layer is trained, and the gradients of one batch. */
export interface Parameters {
  readonly list: WeightList;
  readonly bias: Float64Array;
  readonly weightGradients: Float64Array;
  readonly biasGradients: Float64Array;
}

/** One layer while training. */
export interface TrainLayer {
  readonly layer: Layer;
  readonly output: BatchEdge;
  /** Null for a layer without weights, or with weights that stay as they are. */
  readonly parameters: Parameters | null;
  /** From the inputs' values to `output.values`. */
  readonly forward: (rounding: Rounding | null) => void;
  /** From `output.gradients` to the parameters' (added) and the inputs' (added). */
  readonly backward: () => void;
}

/** A layer's operation, without activation and k-WTA, between its inputs and `edge`. */
interface Operation {
  readonly parameters: Parameters | null;
  readonly forward: () => void;
  readonly backward: () => void;
}

/** `edges` holds the layer's inputs; that of the graph's input may be without gradients. */
export function trainLayer(
  layer: Layer,
  edges: ReadonlyMap<string, BatchEdge>,
  samples: number,
  inputName: string,
): TrainLayer {
  const inputs = inputsOf(layer).map((name) => present(edges.get(name), 'layers are in order'));
  const output = newEdge(shapeSize(layer.outputShape) * samples);
  const wantsGradients = !inputsOf(layer).includes(inputName);
  const operation = operationOf(layer, inputs, output, samples, wantsGradients);
  const active = layer.kWinners === null ? output.values : new Float64Array(output.values.length);
  return {
    layer,
    output,
    parameters: operation.parameters,
    forward: (rounding) => {
      operation.forward();
      activateBatch(output.values, layer.activation);
      if (rounding !== null) roundBatch(output.values, rounding);
      if (layer.kWinners === null) return;
      active.set(output.values);
      keepBatchWinners(output.values, layer.outputShape, samples, layer.kWinners);
    },
    backward: () => {
      const { values, gradients } = output;
      if (layer.kWinners !== null) {
        // A loser is 0 and was not; a winner that is 0 has no gradient behind a ReLU either.
        for (let at = 0; at < gradients.length; at += 1) {
          if (values[at] === 0 && active[at] !== 0) gradients[at] = 0;
        }
      }
      activationGradient(gradients, active, layer.activation);
      operation.backward();
    },
  };
}

export function newEdge(size: number): BatchEdge {
  return { values: new Float64Array(size), gradients: new Float64Array(size) };
}

function operationOf(
  layer: Layer,
  inputs: readonly BatchEdge[],
  output: BatchEdge,
  samples: number,
  wantsGradients: boolean,
): Operation {
  const first = present(inputs[0], 'a layer has an input');
  switch (layer.kind) {
    case 'window':
      return windowOperation(layer, first, output, samples, wantsGradients);
    case 'max-pool':
      return poolOperation(layer, first, output, samples);
    case 'add':
      return addOperation(layer, inputs, output);
    case 'concat':
      return concatOperation(inputs, output);
    case 'winners':
      return concatOperation([first], output);
  }
}

function windowOperation(
  layer: WindowLayer,
  input: BatchEdge,
  output: BatchEdge,
  samples: number,
  wantsGradients: boolean,
): Operation {
  const layout = layBatch(layer, samples);
  const list = listWeights(layer);
  const parameters: Parameters = {
    list,
    bias: Float64Array.from(layer.bias),
    weightGradients: new Float64Array(list.values.length),
    biasGradients: new Float64Array(layer.bias.length),
  };
  const placed = new Float64Array(layout.size);
  const placedGradients = wantsGradients ? new Float64Array(layout.size) : null;
  const { pooling, windowShape, outputShape } = layer;
  const sums = pooling === null ? output : newEdge(shapeSize(windowShape) * samples);
  const winners = new Int32Array(pooling === null ? 0 : output.values.length);
  const padding = { top: 0, left: 0, bottom: 0, right: 0 };
  return {
    parameters: isPrunable(layer) ? parameters : null,
    forward: () => {
      layout.place(input.values, placed);
      sumWindows(layout, list, parameters.bias, placed, sums.values);
      if (pooling === null) return;
      const geometry = { ...pooling, padding, inputShape: windowShape, outputShape };
      const planes = windowShape.channels * samples;
      poolForward(geometry, planes, sums.values, output.values, winners);
    },
    backward: () => {
      if (pooling !== null) {
        sums.gradients.fill(0);
        poolBackward(output.gradients, winners, sums.gradients);
      }
      placedGradients?.fill(0);
      backWindows(layout, list, placed, sums.gradients, {
        weights: parameters.weightGradients,
        bias: parameters.biasGradients,
        placed: placedGradients,
      });
      if (placedGradients !== null) layout.collect(placedGradients, input.gradients);
    },
  };
}

function poolOperation(
  layer: MaxPoolLayer,
  input: BatchEdge,
  output: BatchEdge,
  samples: number,
): Operation {
  const winners = new Int32Array(output.values.length);
  const planes = layer.inputShape.channels * samples;
  return {
    parameters: null,
    forward: () => poolForward(layer, planes, input.values, output.values, winners),
    backward: () => poolBackward(output.gradients, winners, input.gradients),
  };
}

function addOperation(
  { signs }: AddLayer,
  inputs: readonly BatchEdge[],
  { values, gradients }: BatchEdge,
): Operation {
  return {
    parameters: null,
    forward: () => {
      values.fill(0);
      inputs.forEach((input, index) => addScaled(values, input.values, signs[index] ?? 1, 0));
    },
    backward: () => {
      inputs.forEach((input, index) => addScaled(input.gradients, gradients, signs[index] ?? 1, 0));
    },
  };
}

/** The channels of the inputs one after another; also a copy of a single input. */
function concatOperation(inputs: readonly BatchEdge[], output: BatchEdge): Operation {
  const starts: number[] = [];
  let size = 0;
  for (const input of inputs) {
    starts.push(size);
    size += input.values.length;
  }
  return {
    parameters: null,
    forward: () => {
      inputs.forEach((input, index) => output.values.set(input.values, starts[index] ?? 0));
    },
    backward: () => {
      inputs.forEach((input, index) => {
        addScaled(input.gradients, output.gradients, 1, starts[index] ?? 0);
      });
    },
  };
}

function addScaled(into: Float64Array, from: Float64Array, scale: number, start: number): void {
  for (let at = 0; at < into.length; at += 1) {
    into[at] = (into[at] ?? 0) + scale * (from[start + at] ?? 0);
  }
}
