import { ceilDivide, ceilLog2, nextPowerOfTwo } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { ScheduledGraph } from '../../ir/adder-graph.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import {
  groupStep,
  rowsNeeded,
  storeParameters,
  windowParameters,
} from '../lower/engine-geometry.ts';
import type { Parameters } from '../lower/engine-geometry.ts';
import { alone } from '../lower/layer-context.ts';
import type { LayerContext } from '../lower/layer-context.ts';
import { mapWindow } from '../lower/lower-layer.ts';
import { tailOf, tailParameters } from '../lower/lower-tail.ts';
import { fileNameParameters, memoryFiles } from '../memories/memory-files.ts';
import { storedForms } from './offset-form.ts';
import {
  canBeWired,
  columnsOfRow,
  feedsWired,
  rowsOfStep,
  windowsOfStep,
  wiredGraph,
} from './wired-graph.ts';

/** Cycles from a step to its column in front of the additions. */
const columnLatency = 2;

/** What a wired layer is lowered from: there is nothing to pack. */
export interface WiredContext extends Omit<LayerContext, 'packing' | 'slots'> {
  /** `wiredGraph` of the layer, where it is known. */
  readonly graph?: ScheduledGraph;
}

/**
 * A layer whose weights are wired. Of its choice only the number of tails (`engines`), the widths of
 * vectors and streams are free.
 */
export function lowerWired(context: WiredContext): EngineLayerPlan {
  const { index, layer, choice, input, output } = context;
  const window = mapWindow(layer);
  checkWired(context);
  const graph = context.graph ?? wiredGraph(layer, choice.values);
  const tail = tailOf(layer, choice, context.keepTies ?? false);
  const { channels } = layer.layer.windowShape;
  const rowsInStore = rowsNeeded(window, 1);
  const drainBeats = choice.setsParallel / choice.drainWidth;
  const files = memoryFiles(index, choice, tail);
  const parameters: Parameters = {
    ...storeParameters(window, input, { rowsInStore, ultraStore: choice.ultraStore }),
    ...geometryParameters(layer, choice.values),
    SumBits: sumBitsOf(layer, graph),
    DrainWidth: choice.drainWidth,
    ReadWidth: choice.readWidth,
    ...tailParameters(context, tail, 1),
    Vectors: 2,
    ...fileNameParameters(files),
  };
  const number = (name: string): number => present(parameters[name], name);
  const plan: EngineLayerPlan = {
    kind: 'window',
    index,
    name: layer.name,
    origin: layer.layer.origin,
    ...(context.place ?? alone),
    choice,
    window,
    input,
    output,
    tail,
    outputChannels: layer.layer.outputShape.channels,
    sets: choice.setsParallel,
    folds: 1,
    depth: 1,
    setSize: 1,
    packingEfficiency: 1,
    lanePositions: window.kernel.width,
    words: 1,
    turns: [],
    queueWords: [],
    windowWords: 0,
    sumDepth: 1,
    sumBits: number('SumBits'),
    drainBeats,
    rowsInStore,
    slots: Array.from({ length: choice.setsParallel }, (_, slot) => (slot < channels ? slot : -1)),
    starts: [{ top: -window.padTop, left: -window.padLeft }],
    multipliers: 0,
    weightBits: layer.weightBits,
    coreLatency: columnLatency + graph.latency,
    fillLatency: columnLatency + graph.latency,
    drainLatency: ceilLog2(choice.values) + (poolSteps(window, choice.values) > 1 ? 3 : 2),
    requantiseLatency: 3 + number('Leaky') + ceilDivide(number('ShiftBits'), 2),
    parameters,
    files,
    wired: graph,
  };
  if (tail.kind !== 'select') return plan;
  return { ...plan, parameters: { ...parameters, Vectors: selectedAtOnce(plan) } };
}

/**
 * Vectors that are announced to `kwta_select` and not given out where they come as fast as they can: a
 * power of two.
 */
function selectedAtOnce(plan: EngineLayerPlan): number {
  const number = (name: string): number => present(plan.parameters[name], name);
  const { drainBeats, choice } = plan;
  const levels = number('OutBits') * (drainBeats + 2) + 6;
  const cycles =
    plan.coreLatency + plan.drainLatency + drainBeats + plan.requantiseLatency + levels;
  const outBeats = ceilDivide(number('Winners'), choice.tailTokens);
  const apart = Math.max(drainBeats, outBeats, number('PoolHeight') * number('GroupColumns'));
  return Math.max(2, nextPowerOfTwo(ceilDivide(cycles + outBeats, apart) + 1));
}

/** A folding that no hardware exists for is our mistake. */
function checkWired({ layer, choice, input }: WiredContext): void {
  const { name } = layer;
  const { engines, lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const { windowShape, outputShape } = layer.layer;
  invariant(canBeWired(layer) && feedsWired(input), `${name}: cannot be wired`);
  invariant(windowsOfStep(layer).includes(values), `${name}: ${values} windows a step`);
  invariant(lanes === rowsOfStep(layer, values), `${name}: ${lanes} rows of a column`);
  invariant(drainWidth % readWidth === 0, `${name}: read width ${readWidth}`);
  invariant(
    setsParallel === drainWidth * ceilDivide(windowShape.channels, drainWidth),
    `${name}: drain width ${drainWidth} of ${setsParallel} sums`,
  );
  invariant(
    engines >= 1 && engines <= outputShape.height * outputShape.width,
    `${name}: ${engines} tails`,
  );
}

/** Steps that complete windows of one pooled site. */
function poolSteps({ pool }: EngineLayerPlan['window'], windows: number): number {
  return (pool.height * pool.width) / windows;
}

/** Holds every sum of the layer and every output of the graph. */
function sumBitsOf(layer: QuantizedWindow, graph: ScheduledGraph): number {
  const forms = storedForms(graph);
  const bits = graph.outputs.map((output) =>
    output === null ? 1 : present(forms[output.node], 'a node').bits + output.shift,
  );
  return Math.max(layer.accumulatorBits, ...bits);
}

/** Parameters of wired_window; what is done at once is one window to it. */
function geometryParameters(layer: QuantizedWindow, windows: number): Parameters {
  const window = mapWindow(layer);
  const { input, kernel, stride, pool, output, padTop, padLeft } = window;
  const step = groupStep(window);
  const shared = windowParameters(window, 1, rowsNeeded(window, 1));
  const number = (name: string): number => present(shared[name], name);
  return {
    Channels: input.channels,
    // read ports of the store, and values of every site
    Lanes: rowsOfStep(layer, windows),
    FixedCount: input.channels,
    InHeight: input.height,
    InWidth: input.width,
    KernelHeight: rowsOfStep(layer, windows),
    KernelWidth: kernel.width,
    StrideY: stride.height,
    StrideX: stride.width,
    PoolHeight: pool.height / windows,
    PoolWidth: pool.width,
    GroupRows: step.height,
    GroupColumns: step.width,
    PadTop: padTop,
    PadLeft: padLeft,
    Padded: number('Padded'),
    OutHeight: output.height,
    Columns: columnsOfRow(layer),
    XBits: number('XBits'),
    LeadBits: number('LeadBits'),
  };
}
