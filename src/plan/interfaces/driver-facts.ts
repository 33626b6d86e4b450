import { fail } from '../../base/diagnostics.ts';
import { present } from '../../base/invariant.ts';
import { sourcePlaces } from '../../ir/axis-order.ts';
import type { AxisOrder } from '../../ir/axis-order.ts';
import type { FeatureShape, Graph } from '../../ir/graph.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';

/** How far apart neighbours of a map [channel][row][column] are in the order of the model. */
export interface MapSteps {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** What a driver has to know of a network beside its plan. */
export interface DriverFacts {
  /** What the driver clamps inputs to. */
  readonly range: { readonly minimum: number; readonly maximum: number };
  readonly inputSteps: MapSteps;
  /** Of every output. */
  readonly answerSteps: readonly MapSteps[];
  /** Operators that are left to whoever calls the driver. */
  readonly hostOperators: readonly string[];
}

/** The facts of a network. Throws `UserError` for an order of values that steps cannot tell. */
export function driverFacts(graph: Graph, quantized: QuantizedGraph): DriverFacts {
  const { range, shape } = quantized.input;
  return {
    range: { minimum: range.minimum, maximum: range.maximum },
    // place of a value of the map in the sample
    inputSteps: stepsOf(shape, graph.input.sampleOrder, (order) => sourcePlaces(order)),
    answerSteps: graph.outputs.map(({ layer: name, answerOrder }) => {
      const layer = graph.layers.find((one) => one.name === name);
      const { outputShape } = present(layer, 'an output is the result of a layer');
      return stepsOf(outputShape, answerOrder, (order) => inverse(sourcePlaces(order)));
    }),
    hostOperators: graph.hostOperators,
  };
}

function inverse(places: Int32Array): Int32Array {
  const result = new Int32Array(places.length);
  places.forEach((place, at) => (result[place] = at));
  return result;
}

/** `places`: of every value of the map, channels first, the place in the model's order. */
function stepsOf(
  { channels, height, width }: FeatureShape,
  order: AxisOrder | undefined,
  places: (order: AxisOrder) => Int32Array,
): MapSteps {
  const channelsFirst = { channel: height * width, row: width, column: 1 };
  if (order === undefined) return channelsFirst;
  const found = places(order);
  const step = (size: number, distance: number): number => (size > 1 ? (found[distance] ?? 0) : 0);
  const steps = {
    channel: step(channels, height * width),
    row: step(height, width),
    column: step(width, 1),
  };
  const told = found.every((place, at) => {
    const channel = Math.floor(at / (height * width));
    const row = Math.floor(at / width) % height;
    return place === channel * steps.channel + row * steps.row + (at % width) * steps.column;
  });
  if (!told) {
    fail('axi/order', 'a driver cannot tell the order of inputs or answers of this network', {
      place: '--axi',
      remedy:
        'export the network without what reorders its first input or its last output, or leave --axi out',
    });
  }
  return steps;
}
