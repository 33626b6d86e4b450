import { formatRange } from '../../evaluate/integer.ts';
import type { ScheduledGraph } from '../../ir/adder-graph.ts';
import type { StreamPlan } from '../../ir/plan.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import { countNonZeros } from '../../passes/quantize-layers.ts';
import type { VariantName } from '../../ir/variant.ts';
import { networkStreams } from '../streams/stream-classes.ts';
import { weightsByIndex } from '../memories/weight-order.ts';
import { scheduleGraph } from './schedule-graph.ts';
import { wireMatrix } from './wire-matrix.ts';

/** Layers of more weights that are not 0 are never wired: their adders would fill a device. */
const mostWeights = 2048;
/** A column of more inputs shares too little for the seconds it takes to look. */
const mostInputs = 24;
/** Of a row of pooled sites: the row behind it is worked out meanwhile. */
const fewestSteps = 3;

/**
 * Whether the weights of a layer can be wired: constant, few, and with windows that a row of columns
 * serves: no dilation, and none in two pooled sites of a row.
 */
export function canBeWired(layer: QuantizedWindow): boolean {
  const { dilation, inputShape, outputShape, pooling } = layer.layer;
  if (layer.room !== undefined) return false;
  if (dilation.height > 1 || dilation.width > 1) return false;
  if (pooling !== null && pooling.stride.width < pooling.kernel.width) return false;
  if (stepsOfMap(layer, poolRows(layer)) < fewestSteps * outputShape.height) return false;
  if (rowsOfStep(layer, poolRows(layer)) * inputShape.channels > mostInputs) return false;
  const nonZero = countNonZeros(layer.weights);
  return nonZero > 0 && nonZero <= mostWeights;
}

/** Whether a stream gives a wired layer whole sites. */
export function feedsWired(input: StreamPlan): boolean {
  return input.kind === 'dense' && input.maximumBeats === 1;
}

/** Rows of windows in a pooled site. */
function poolRows({ layer }: QuantizedWindow): number {
  return layer.pooling?.kernel.height ?? 1;
}

/** Windows that a step can complete: one, or those of all rows of a pooled site. */
export function windowsOfStep(layer: QuantizedWindow): readonly number[] {
  return [...new Set([1, poolRows(layer)])];
}

/** Rows of inputs that so many windows, one below the other, reach over. */
export function rowsOfStep({ layer }: QuantizedWindow, windows: number): number {
  return (windows - 1) * layer.stride.height + layer.kernel.height;
}

/** Columns that a row of pooled sites takes. */
export function columnsOfRow({ layer }: QuantizedWindow): number {
  const { outputShape, pooling, stride, kernel } = layer;
  const windows = pooling?.kernel.width ?? 1;
  const apart = (pooling?.stride.width ?? 1) * stride.width;
  return (outputShape.width - 1) * apart + (windows - 1) * stride.width + kernel.width;
}

/** Steps of an inference, one a cycle at best. */
function stepsOfMap(layer: QuantizedWindow, windows: number): number {
  return (layer.layer.outputShape.height * columnsOfRow(layer) * poolRows(layer)) / windows;
}

/**
 * The weights of a layer as additions that complete so many windows a step, all sums of the topmost
 * window first; the inputs of a column are its rows, channels innermost.
 */
export function wiredGraph(layer: QuantizedWindow, windows: number): ScheduledGraph {
  const { kernel, inputShape, windowShape, stride } = layer.layer;
  const { channels } = inputShape;
  const ordered = weightsByIndex(layer.layer, layer.weights);
  const inputs = rowsOfStep(layer, windows) * channels;
  const sums = windowShape.channels;
  const weights = new Int16Array(windows * sums * kernel.width * inputs);
  for (let output = 0; output < windows * sums; output += 1) {
    const top = Math.floor(output / sums) * stride.height;
    for (let column = 0; column < kernel.width; column += 1) {
      for (let row = 0; row < kernel.height; row += 1) {
        const position = ((output % sums) * kernel.height + row) * kernel.width + column;
        const place = (output * kernel.width + column) * inputs + (top + row) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          weights[place + channel] = ordered[position * channels + channel] ?? 0;
        }
      }
    }
  }
  return scheduleGraph(
    wireMatrix({
      inputs,
      outputs: windows * sums,
      columns: kernel.width,
      weights,
      inputRange: formatRange(layer.inputFormat),
      columnSteps: poolRows(layer) / windows,
    }),
  );
}

/** The graphs of a layer by windows a step. */
export type WiredGraphs = ReadonlyMap<number, ScheduledGraph>;

/** Graphs that were made, by layer. */
export type KnownWires = Map<QuantizedWindow, WiredGraphs>;

/**
 * By layer of a variant: its weights wired; null where they cannot be. Dense means that zeros are
 * multiplied too. What is made is kept in `known`, and taken from there.
 */
export function wiredLayers(
  graph: QuantizedGraph,
  variant: VariantName,
  known: KnownWires = new Map<QuantizedWindow, WiredGraphs>(),
): readonly (WiredGraphs | null)[] {
  const streams = networkStreams(graph, variant);
  return graph.layers.map((layer, index) => {
    const [from = -1] = streams.topology.givers[index] ?? [];
    if (variant === 'dense' || layer.kind !== 'window' || !streams.isDense(from)) return null;
    if (!canBeWired(layer)) return null;
    const graphs =
      known.get(layer) ??
      new Map(windowsOfStep(layer).map((windows) => [windows, wiredGraph(layer, windows)]));
    known.set(layer, graphs);
    return graphs;
  });
}
