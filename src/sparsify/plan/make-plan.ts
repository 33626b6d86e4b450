import { UserError, fail } from '../../base/diagnostics.ts';
import type { Diagnostic } from '../../base/diagnostics.ts';
import { suggestion } from '../../base/suggest.ts';
import type { Graph, Layer, WindowLayer } from '../../ir/graph.ts';
import type { Pattern } from '../prune/pattern.ts';
import { isPrunable, takesWinners, weightShape } from './layer-goal.ts';
import type { LayerGoal, SparsityPlan } from './layer-goal.ts';
import type { LayerEntry, PlanFile } from './plan-file.ts';
import { shareDensity } from './share-density.ts';

export const patternNames = ['unstructured', 'complementary'] as const;
export type PatternName = (typeof patternNames)[number];

/** What is asked for a whole network. */
export interface PlanRequest {
  readonly pattern: PatternName;
  /** Share of all weights that stays, over 0 up to 1. */
  readonly density: number;
  /** Share of the channels that win behind every ReLU; null for no k-WTA. */
  readonly winnerShare: number | null;
}

/**
 * Goals from one density for the whole network: more where a layer has few weights. With
 * complementary sets at most so many weights stay as asked. Throws `UserError` where nothing can be
 * made sparse.
 */
export function planNetworkGoals(graph: Graph, request: PlanRequest): SparsityPlan {
  const prunable = prunableLayers(graph);
  const densities = shareDensity(prunable.map(sizeOf), request.density);
  return graph.layers.map((layer): LayerGoal => {
    const index = prunable.findIndex(({ name }) => name === layer.name);
    const share = request.winnerShare;
    return {
      name: layer.name,
      pattern: index < 0 ? null : patternOf(request.pattern, densities[index] ?? 1),
      kWinners: share !== null && takesWinners(graph, layer) ? winnersOf(layer, share) : null,
    };
  });
}

/** Goals of a plan file. Throws one `UserError` with everything in it that does not fit the network. */
export function planFromFile(graph: Graph, plan: PlanFile, pattern: PatternName): SparsityPlan {
  prunableLayers(graph);
  const diagnostics: Diagnostic[] = [];
  const names = graph.layers.map(({ name }) => name);
  const refuse = (name: string, code: string, message: string, remedy: string): void => {
    diagnostics.push({ code, message, place: `${plan.file}: layers."${name}"`, remedy });
  };
  for (const [name, entry] of plan.layers) {
    const layer = graph.layers.find((each) => each.name === name);
    if (layer === undefined) {
      refuse(name, 'plan/unknown-layer', 'the network has no such layer', suggestion(name, names));
      continue;
    }
    const changesWeights = entry.density !== undefined || entry.setSize !== undefined;
    if (changesWeights && !isPrunable(layer)) {
      const remedy = 'leave density and setSize out';
      refuse(name, 'plan/no-weights', 'the layer has no weights to make sparse', remedy);
    }
    if (isPrunable(layer) && (entry.setSize ?? 1) > weightShape(layer).outputs / layer.groups) {
      const { outputs } = weightShape(layer);
      const remedy = `a set has at most ${outputs / layer.groups} kernels here`;
      refuse(name, 'plan/set-size', `sets of ${entry.setSize ?? 1} kernels`, remedy);
    }
    if (entry.kwta === undefined) continue;
    if (!takesWinners(graph, layer)) {
      const remedy = 'leave kwta out: it goes behind a ReLU that has none and is no output';
      refuse(name, 'plan/no-relu', 'k-WTA cannot be put behind this layer', remedy);
    } else if (winnersOf(layer, entry.kwta) > layer.outputShape.channels) {
      const remedy = `the layer has ${layer.outputShape.channels} channels`;
      refuse(name, 'plan/winners', `${entry.kwta} winners`, remedy);
    }
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return graph.layers.map((layer): LayerGoal => {
    const entry = plan.layers.get(layer.name) ?? {};
    return {
      name: layer.name,
      pattern: isPrunable(layer) ? entryPattern(entry, pattern) : null,
      kWinners: entry.kwta === undefined ? null : winnersOf(layer, entry.kwta),
    };
  });
}

function prunableLayers(graph: Graph): readonly WindowLayer[] {
  const layers = graph.layers.filter(isPrunable);
  if (layers.length > 0) return layers;
  return fail('sparsify/nothing-to-do', 'the network has no convolution and no linear layer', {
    place: graph.name,
    remedy: 'give a network with weights that were learnt; depthwise ones are left as they are',
  });
}

function sizeOf(layer: WindowLayer): { readonly weights: number; readonly lengths: number } {
  const { kernel, inputShape, groups, windowShape } = layer;
  const lengths =
    layer.operator === 'linear'
      ? windowShape.channels + weightShape(layer).inputs
      : windowShape.channels + inputShape.channels / groups + kernel.height + kernel.width;
  return { weights: layer.weights.length, lengths };
}

function entryPattern({ density, setSize }: LayerEntry, pattern: PatternName): Pattern {
  if (setSize !== undefined) {
    return setSize === 1 ? { kind: 'dense' } : { kind: 'complementary', setSize };
  }
  return patternOf(pattern, density ?? 1);
}

function patternOf(name: PatternName, density: number): Pattern {
  if (density >= 1) return { kind: 'dense' };
  if (name === 'unstructured') return { kind: 'unstructured', density };
  return { kind: 'complementary', setSize: Math.ceil(1 / density) };
}

/** A share of the channels, at least 1, or a number of winners. */
function winnersOf(layer: Layer, winners: number): number {
  return winners < 1 ? Math.max(1, Math.round(winners * layer.outputShape.channels)) : winners;
}
