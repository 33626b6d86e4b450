import { fail } from '../base/diagnostics.ts';
import { invariant } from '../base/invariant.ts';
import type { AxisOrder } from '../ir/axis-order.ts';
import type { FeatureShape, Graph } from '../ir/graph.ts';
import type { OnnxModel, OnnxValueInfo } from '../ir/onnx.ts';
import { product, type InputLayoutRequest } from './operator-rule.ts';
import type { FeatureValue } from './value.ts';
import { mapView, reshapeView, type DataAxis, type Piece } from './view.ts';

/** The graph input: how the network sees it, and how samples of the model become that. */
export interface ModelInput {
  readonly feature: FeatureValue;
  readonly graphInput: Graph['input'];
  /** The length of the batch axis in the file; 1 where it is symbolic. */
  readonly batch: number;
}

/** The model's only input, laid out as its axes suggest, or as `request` asks for. */
export function modelInput(model: OnnxModel, request: InputLayoutRequest | null): ModelInput {
  const [input] = model.inputs;
  if (input === undefined || model.inputs.length !== 1) {
    const names = model.inputs.map(({ name }) => `"${name}"`).join(', ');
    return fail('model/inputs', `the model has ${model.inputs.length} inputs (${names})`, {
      place: model.name,
      remedy: 'export a model with one input',
    });
  }
  const dims = inputDims(input);
  const [batch = 1, ...rest] = dims;
  if (request !== null) return layOut(input.name, dims, request);
  const [channels = 1, height = 1, width = 1] = rest.length === 2 ? [1, ...rest] : rest;
  const shape: FeatureShape = { channels, height, width };
  const view = reshapeView(mapView(batch, shape), dims);
  invariant(view !== null, 'an input has the axes of its map');
  return {
    feature: { kind: 'feature', source: input.name, shape, view, isFree: true },
    graphInput: { name: input.name, shape },
    batch,
  };
}

/** The input in the order in which the first thing that needs a map sees it. */
function layOut(name: string, dims: readonly number[], request: InputLayoutRequest): ModelInput {
  const { view, shape } = request;
  const axisNames: readonly DataAxis[] =
    view.axes.length === 3 ? ['batch', 'channel', 'column'] : ['batch', 'channel', 'row', 'column'];
  const order = view.axes.flat();
  const pieces: readonly Piece[] = view.axes.flatMap((axis, index) =>
    axis.map((piece) => ({
      axis: axisNames[index] ?? 'column',
      length: view.pieces[piece]?.length ?? 1,
    })),
  );
  // The pieces in their old order are those of the model's own axes, one after another.
  let next = 0;
  const axes = dims.map((length) => {
    const own: number[] = [];
    for (let size = 1; size < length; next += 1) {
      size *= view.pieces[next]?.length ?? Infinity;
      own.push(order.indexOf(next));
    }
    return own;
  });
  const isBatch = (piece: number): boolean => view.pieces[piece]?.axis === 'batch';
  const own = view.pieces.flatMap((_, piece) => (isBatch(piece) ? [] : [piece]));
  const sampleOrder: AxisOrder = {
    dims: dims.slice(1),
    lengths: own.map((piece) => view.pieces[piece]?.length ?? 1),
    axes: order.filter((piece) => !isBatch(piece)).map((piece) => own.indexOf(piece)),
  };
  const isPlain = sampleOrder.axes.every((axis, index) => axis === index);
  return {
    feature: { kind: 'feature', source: name, shape, view: { dims, pieces, axes }, isFree: false },
    graphInput: isPlain ? { name, shape } : { name, shape, sampleOrder },
    batch: dims[0] ?? 1,
  };
}

const largestInput = 2 ** 24;

const acceptedTypes: readonly string[] = ['FLOAT', 'FLOAT16', 'BFLOAT16', 'DOUBLE'];

function inputDims({ name, elementType, shape }: OnnxValueInfo): readonly number[] {
  const place = `input "${name}"`;
  if (elementType === null || !acceptedTypes.includes(elementType)) {
    fail('model/inputs', `its values are ${elementType ?? 'of unknown type'}`, {
      place,
      remedy: 'export the model with a float32 input',
    });
  }
  const [batch, ...rest] = shape ?? [];
  const written = shape === null ? 'unknown' : `[${shape.map((d) => d ?? '?').join(', ')}]`;
  const lengths = rest.map((length) => (typeof length === 'number' ? length : 0));
  if (rest.length < 1 || rest.length > 3 || lengths.some((length) => length < 1)) {
    fail('model/inputs', `its shape is ${written}`, {
      place,
      remedy:
        'export with a fixed shape [batch, channels, height, width] or [batch, length]; only the batch may be symbolic',
    });
  }
  const tooLarge = product(lengths) > largestInput;
  if (tooLarge || (typeof batch === 'number' && (batch < 1 || batch > 2 ** 20))) {
    fail('model/inputs', `its shape ${written} is not a possible input`, {
      place,
      remedy: 'the file is damaged; export the model again',
    });
  }
  return [typeof batch === 'number' ? batch : 1, ...lengths];
}
