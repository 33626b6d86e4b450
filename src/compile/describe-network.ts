import { inputDensity, meanProducts, tieRate } from '../evaluate/counts.ts';
import { present } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import { resourceKinds } from '../ir/board.ts';
import type { Activation, FeatureShape, Layer } from '../ir/graph.ts';
import { hasEngines } from '../ir/plan.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import { countNonZeros } from '../passes/quantize-layers.ts';
import type { Quantization } from '../passes/quantize.ts';
import type { ReportBase } from '../report/build-report.ts';
import type { ReportLayer, ReportMacs } from '../report/schema.ts';
import type { LoadedNetwork } from './load-network.ts';
import type { Reference } from './reference.ts';

/** Everything about a network that was found out without hardware. */
export interface NetworkFacts {
  readonly network: LoadedNetwork;
  readonly quantization: Quantization;
  readonly reference: Reference;
}

/** Layers as the report tells them; packing by the plan of a sparse variant if there is one. */
export function describeLayers(
  { quantization, reference }: NetworkFacts,
  plan: Plan | null,
): readonly ReportLayer[] {
  return quantization.graph.layers.map((quantized, index): ReportLayer => {
    const { layer } = quantized;
    const weights = quantized.kind === 'window' ? quantized.weights : new Int16Array(0);
    const counts = present(reference.counts[index], 'every layer is counted');
    const nonZero = countNonZeros(weights);
    return {
      name: quantized.name,
      kind: layer.kind === 'window' ? layer.operator : layer.kind,
      inputShape: shapeList(inputShape(layer)),
      outputShape: shapeList(layer.outputShape),
      weights: { total: weights.length, nonZero },
      inputDensity: inputDensity(counts),
      packingEfficiency: packingEfficiency(plan?.layers[index], nonZero, weights.length),
      macs: meanProducts(counts),
      activations: {
        ...activationOf(layer),
        tieRate: layer.kWinners === null ? null : tieRate(counts),
        clipRate: reference.clipRates[index] ?? null,
      },
    };
  });
}

function activationKind(activation: Activation): ReportLayer['activations']['kind'] {
  switch (activation.kind) {
    case 'identity':
      return 'none';
    case 'leaky-relu':
      return 'leaky-relu';
    case 'clip':
      return activation.lower === 0 && activation.upper === null ? 'relu' : 'clip';
  }
}

/** Of an engine's packing; 1 where there is nothing to pack. */
function packingEfficiency(layer: LayerPlan | undefined, nonZero: number, total: number): number {
  if (total === 0) return 1;
  return layer !== undefined && hasEngines(layer) ? layer.packingEfficiency : nonZero / total;
}

/** Of a concatenation: all inputs side by side. */
function inputShape(layer: Layer): FeatureShape {
  switch (layer.kind) {
    case 'window':
    case 'max-pool':
      return layer.inputShape;
    case 'add':
    case 'concat':
    case 'winners':
      return layer.outputShape;
  }
}

function activationOf(layer: Layer): Pick<ReportLayer['activations'], 'kind' | 'k' | 'scope'> {
  const { kWinners, activation } = layer;
  if (kWinners !== null) return { kind: 'k-wta', k: kWinners.k, scope: kWinners.scope };
  return { kind: activationKind(activation), k: null, scope: null };
}

/** A vector has one length, a map three. */
function shapeList(shape: FeatureShape): readonly number[] {
  const { channels, height, width } = shape;
  return height === 1 && width === 1 ? [channels] : [channels, height, width];
}

/** Products of the whole network per inference. */
export function totalMacs(layers: readonly ReportLayer[]): ReportMacs {
  const sum = (kind: keyof ReportMacs): number =>
    layers.reduce((total, layer) => total + layer.macs[kind], 0);
  return {
    dense: sum('dense'),
    weightSparse: sum('weightSparse'),
    bothSparse: sum('bothSparse'),
  };
}

/** Names of resources that their keys do not say. */
function namesOf({ resourceNames }: Board): Pick<ReportBase['board'], 'resourceNames'> {
  const other = resourceKinds.filter((kind) => resourceNames[kind] !== kind.toUpperCase());
  if (other.length === 0) return {};
  return { resourceNames: Object.fromEntries(other.map((kind) => [kind, resourceNames[kind]])) };
}

/** The part of the report that is about the network. */
export function describeNetwork(
  facts: NetworkFacts,
  board: Board,
  clockMHz: number,
  plans: readonly Plan[],
  tool: ReportBase['tool'],
): ReportBase {
  const { network, quantization, reference } = facts;
  const sparse = plans.filter(({ variant }) => variant !== 'dense').at(-1) ?? null;
  const layers = describeLayers(facts, sparse);
  return {
    schemaVersion: 1,
    tool,
    model: network.model,
    board: {
      name: board.name,
      part: board.part,
      clockMHz,
      resources: board.resources,
      ...namesOf(board),
    },
    data: { samples: network.inputs.count, labelled: network.labels !== null },
    accuracy: reference.accuracy,
    macs: totalMacs(layers),
    layers,
    notes: [...quantization.graph.notes, ...quantizationNotes(quantization)],
    warnings: network.warnings,
  };
}

function quantizationNotes({ report }: Quantization): readonly string[] {
  const lost = report.layers.reduce((sum, layer) => sum + layer.weightsRoundedToZero, 0);
  const total = report.layers.reduce((sum, layer) => sum + layer.nonZeroWeights, 0);
  return lost === 0
    ? []
    : [`${lost} of ${total} non-zero weights round to zero; they are not multiplied or counted.`];
}
