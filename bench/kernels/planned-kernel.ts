import { present } from '../../src/base/invariant.ts';
import { estimateEnergy } from '../../src/estimate/energy.ts';
import { countEvents } from '../../src/estimate/activity.ts';
import type { LayerZeros } from '../../src/estimate/circumstances.ts';
import type { Board } from '../../src/ir/board.ts';
import type { Bracket } from '../../src/ir/board.ts';
import type { Packing } from '../../src/ir/packing.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { EngineLayerPlan, LayerChoice, Plan } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { predictIsolatedLayer } from '../../src/plan/cycles/isolated-timeline.ts';
import { layerActivities } from '../../src/plan/cycles/layer-activity.ts';
import { workloadOf } from '../../src/plan/cycles/workload.ts';
import { inLockstep } from '../../src/plan/search/candidates.ts';
import { isolateLayer } from '../../src/plan/isolate-layer.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { inputBeatCount } from '../../src/simulate/isolated-beats.ts';
import { isolatedWork, mapsInto } from '../../src/simulate/isolated-work.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { kernelIndex } from './kernel-graph.ts';

const neighbour: LayerChoice = {
  core: 'sparse',
  engines: 1,
  lanes: 1,
  values: 1,
  setsParallel: 1,
  ...inLockstep,
  drainWidth: 1,
  readWidth: 1,
  inputTokens: 1,
  tailTokens: 1,
};

/** A kernel folded as chosen, in the plan of its graph. */
export function planKernel(
  kernel: KernelGraph,
  variant: VariantName,
  board: Board,
  {
    choice,
    outputTokens,
    packing,
  }: {
    readonly choice: LayerChoice;
    readonly outputTokens: number;
    readonly packing: Packing;
  },
): PlannedNetwork {
  const trained = new Map([[kernel.layer, packing]]);
  const packings = packNetwork(kernel.graph, variant, trained).map((one, index) =>
    index === kernelIndex ? packing : one,
  );
  const dense = variant !== 'sparse-sparse';
  const layers = [
    { ...neighbour, tailTokens: dense ? 1 : choice.inputTokens },
    choice,
    {
      ...neighbour,
      core: variant === 'dense' ? ('dense' as const) : ('sparse' as const),
      inputTokens: outputTokens,
    },
  ];
  return planNetwork(
    kernel.graph,
    packings,
    { copies: 1, answerWords: 1, layers },
    {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: board.clockMHz,
      variant,
    },
  );
}

/** Inferences of a run: the first few fill the pipeline. */
const inferences = 24;
const warm = 12;

/** Cycles of a kernel alone. */
export interface KernelCycles {
  /** Between two inferences in steady state. */
  readonly interval: number;
  /** First input beat to last output beat of an inference alone. */
  readonly latency: number;
}

/** By the exact cycle model, input always offered and output always taken. */
export function kernelCycles(plan: Plan, kernel: KernelGraph): KernelCycles {
  const edges = edgeValues(kernel);
  const maps = mapsInto(present(plan.layers[kernelIndex], 'the kernel'), edges);
  const isolated = isolateLayer(plan, kernelIndex, Math.max(...maps.map(inputBeatCount)));
  const { completions } = predictIsolatedLayer(
    isolated,
    isolatedWork(isolated, maps, edges, inferences),
  );
  const at = (inference: number): number => present(completions[inference], 'an inference');
  return { interval: (at(inferences - 1) - at(warm)) / (inferences - 1 - warm), latency: at(0) };
}

/** What is on the edges of the graph, by sample. */
export function edgeValues({ inputs, evaluations }: KernelGraph): {
  readonly inputs: readonly Int16Array[];
  readonly values: readonly (readonly Int16Array[])[];
} {
  return { inputs, values: evaluations.map(({ layers }) => layers.map(({ values }) => values)) };
}

/** Of the kernel, whose weights and inputs are as sparse as it was made. */
function zerosOf(
  { choice, input }: EngineLayerPlan,
  { sparsity, products }: KernelGraph,
): LayerZeros {
  return {
    weights: choice.core === 'dense' ? 1 / sparsity.weights : 1,
    values: input.kind === 'dense' ? 1 / sparsity.activations : 1,
    usefulProducts: products,
  };
}

/**
 * Microjoules of an inference. `copies`: units on the board, which is charged with its static power; null:
 * of the unit alone, without static power.
 */
export function kernelEnergy(
  plan: Plan,
  kernel: KernelGraph,
  board: Board,
  interval: number,
  copies: number | null,
): Bracket {
  const workload = workloadOf(plan, kernel.evaluations);
  const engines = plan.layers.filter(hasEngines);
  const each = kernel.evaluations.map((_, sample) => layerActivities(plan, workload, sample));
  const counts = plan.layers.map((_, index) => {
    const mean = (of: 'windows' | 'steps' | 'issues' | 'beats'): number =>
      each.reduce((sum, layers) => sum + present(layers[index], 'a layer')[of], 0) / each.length;
    return {
      windows: mean('windows'),
      steps: mean('steps'),
      issues: mean('issues'),
      beats: mean('beats'),
    };
  });
  // those of the neighbours do not matter
  const zeros = engines.map((layer) => zerosOf(layer, kernel));
  const events = countEvents(
    plan,
    { counts, zeros, oneCopyCycles: interval, weightBeats: 0 },
    board,
  ).filter(({ layer }) => layer === kernel.layer.name);
  const timing = {
    cyclesPerInference: interval / (copies ?? 1),
    clockMHz: board.clockMHz,
    staticShare: copies === null ? 0 : 1,
  };
  return estimateEnergy(events, board, timing).perInferenceUj;
}
