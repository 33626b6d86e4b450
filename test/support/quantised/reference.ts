import type { AddStep, Quantization, QuantisedNetwork, Step, WindowStep } from './network.ts';

/** Channels, height, width. */
export type Shape = readonly [number, number, number];

/** A feature map of integers v = q - zeroPoint: real = v * scale. */
export interface IntegerMap {
  readonly shape: Shape;
  readonly values: Int32Array;
  readonly output: Quantization;
}

/** Real values before they are quantised. */
export interface RealMap {
  readonly shape: Shape;
  readonly values: Float64Array;
}

/** Rounds to the nearest integer, halves to the even one, as ONNX QuantizeLinear does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** v of real / scale, clamped to [qmin - zeroPoint, qmax - zeroPoint]. */
export function quantize(ratio: number, { type, zeroPoint }: Quantization): number {
  const smallest = type === 'uint8' ? 0 : -128;
  const rounded = roundHalfEven(ratio);
  return Math.max(smallest - zeroPoint, Math.min(smallest + 255 - zeroPoint, rounded));
}

/** Every value of the network by name, the input's included. */
export function evaluateNetwork(
  network: QuantisedNetwork,
  sample: Float32Array,
): ReadonlyMap<string, IntegerMap> {
  const maps = new Map<string, IntegerMap>([['x', quantizedInput(network, sample)]]);
  for (const step of network.steps) maps.set(step.name, quantizeMap(realOf(step, maps), step));
  return maps;
}

/** What the last step gives before its output is quantised. */
export function evaluateReal(network: QuantisedNetwork, sample: Float32Array): RealMap {
  const last = network.steps.at(-1);
  if (last === undefined) throw new Error('the network has no steps');
  const before = { ...network, steps: network.steps.slice(0, -1) };
  return realOf(last, evaluateNetwork(before, sample));
}

function quantizedInput({ input }: QuantisedNetwork, sample: Float32Array): IntegerMap {
  const { shape, output } = input;
  return {
    shape,
    output,
    values: Int32Array.from(sample, (x) => quantize(x / output.scale, output)),
  };
}

function quantizeMap({ shape, values }: RealMap, { output }: Step): IntegerMap {
  return {
    shape,
    output,
    values: Int32Array.from(values, (real) => quantize(real / output.scale, output)),
  };
}

function realOf(step: Step, maps: ReadonlyMap<string, IntegerMap>): RealMap {
  const map = (name: string): IntegerMap => {
    const found = maps.get(name);
    if (found === undefined) throw new Error(`${step.name} reads what is not there`);
    return found;
  };
  switch (step.kind) {
    case 'window':
      return step.operator === 'conv' ? conv(step, map(step.input)) : gemm(step, map(step.input));
    case 'max-pool':
      return maxPool(map(step.input));
    case 'average':
      return average(map(step.input));
    case 'add':
      return add(step, map(step.inputs[0]), map(step.inputs[1]));
  }
}

function relu(step: WindowStep | AddStep, value: number): number {
  return step.relu === 'node' ? Math.max(0, value) : value;
}

/** (sum of v * w, exact, + bias) * input scale * weight scale. */
function conv(step: WindowStep, { shape, values, output }: IntegerMap): RealMap {
  const [channels, height, width] = shape;
  const outputs = step.bias.length;
  const result = new Float64Array(outputs * height * width);
  let at = 0;
  for (let to = 0; to < outputs; to += 1) {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        let sum = step.bias[to] ?? 0;
        for (let from = 0; from < channels; from += 1) {
          for (let place = 0; place < 9; place += 1) {
            const row = y + Math.floor(place / 3) - 1;
            const column = x + (place % 3) - 1;
            // Padding is real zero: v = 0.
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const weight = step.weights[(to * channels + from) * 9 + place] ?? 0;
            sum += weight * (values[(from * height + row) * width + column] ?? 0);
          }
        }
        result[at] = relu(step, sum * output.scale * (step.scales[to] ?? 0));
        at += 1;
      }
    }
  }
  return { shape: [outputs, height, width], values: result };
}

function gemm(step: WindowStep, { values, output }: IntegerMap): RealMap {
  const result = Float64Array.from(step.bias, (bias, to) => {
    const sum = values.reduce(
      (total, value, from) => total + value * (step.weights[to * values.length + from] ?? 0),
      bias,
    );
    return relu(step, sum * output.scale * (step.scales[to] ?? 0));
  });
  return { shape: [result.length, 1, 1], values: result };
}

function maxPool({ shape, values, output }: IntegerMap): RealMap {
  const [channels, height, width] = shape;
  const result = new Float64Array((channels * height * width) / 4);
  let at = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        const first = (channel * height + y) * width + x;
        const window = [first, first + 1, first + width, first + width + 1];
        result[at] = Math.max(...window.map((place) => values[place] ?? 0)) * output.scale;
        at += 1;
      }
    }
  }
  return { shape: [channels, height / 2, width / 2], values: result };
}

/** (sum of v, exact) * input scale / number of sites. */
function average({ shape, values, output }: IntegerMap): RealMap {
  const [channels, height, width] = shape;
  const sites = height * width;
  const result = Float64Array.from({ length: channels }, (_, channel) => {
    const map = values.subarray(channel * sites, (channel + 1) * sites);
    return (map.reduce((total, value) => total + value, 0) * output.scale) / sites;
  });
  return { shape: [channels, 1, 1], values: result };
}

function add(step: AddStep, left: IntegerMap, right: IntegerMap): RealMap {
  const values = Float64Array.from(left.values, (value, index) =>
    relu(step, value * left.output.scale + (right.values[index] ?? 0) * right.output.scale),
  );
  return { shape: left.shape, values };
}
