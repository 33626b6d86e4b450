import type { Progress } from '../../src/base/progress.ts';
import type { Board, Bracket, Resources } from '../../src/ir/board.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { LayerChoice } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { packLayer, packStructure } from '../../src/plan/lower/packing-of-layer.ts';
import { stageResources } from '../../src/plan/resources/plan-resources.ts';
import { present } from '../../src/base/invariant.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import { headlineChoices, headlineKernel, headlineSparsity, headlineWinners } from './headline.ts';
import { densities, kernels } from './kernel.ts';
import type { Kernel, Sparsity } from './kernel.ts';
import { kernelGraph, kernelIndex } from './kernel-graph.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { kernelCycles, kernelEnergy, planKernel } from './planned-kernel.ts';
import { bestOfBoard, bestOfMultipliers } from './search.ts';
import type { Found } from './search.ts';
import { verifyKernel } from './verify-kernel.ts';

/** What is held equal between the variants. */
export type Comparison = 'multipliers' | 'board' | 'headline';

/** One design of the study. */
export interface Row extends Sparsity {
  readonly kernel: string;
  readonly variant: VariantName;
  readonly comparison: Comparison;
  /** Of a unit. */
  readonly multipliers: number;
  readonly choice: LayerChoice;
  readonly interval: number;
  readonly latency: number;
  readonly resources: Resources;
  /** Units on the board; 1 where units are compared. */
  readonly copies: number;
  /** Microjoules an inference; of a unit alone without static power. */
  readonly energy: Bracket;
  /** What RTL simulation said; absent where it was not asked. */
  readonly verified?: { readonly exact: boolean; readonly text: string };
}

export interface Study {
  readonly board: string;
  readonly clockMHz: number;
  readonly rows: readonly Row[];
}

interface Context {
  readonly board: Board;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly rows: Row[];
  readonly packings: Map<string, Packing>;
}

/** Activation densities at which masks are random too. */
const randomActivations = 8;
/** The point that is simulated, of every kernel and variant. */
const simulated: Sparsity = { weights: 8, activations: 8, masks: 'complementary' };

/** Every design of the study; a few are simulated in RTL. */
export async function runStudy(
  board: Board,
  progress: Progress,
  signal: AbortSignal,
): Promise<Study> {
  const context: Context = { board, progress, signal, rows: [], packings: new Map() };
  await headline(context);
  for (const kernel of kernels) {
    progress.phase(`kernel ${kernel.name}`);
    const points = sparsities();
    for (const [at, sparsity] of points.entries()) {
      signal.throwIfAborted();
      progress.update(
        at / points.length,
        `weights 1/${sparsity.weights}, activations 1/${sparsity.activations}, ${sparsity.masks}`,
      );
      await point(context, kernel, sparsity);
      // the terminal is drawn and Ctrl-C heard between two points
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  progress.done();
  return { board: board.name, clockMHz: board.clockMHz, rows: context.rows };
}

function sparsities(): readonly Sparsity[] {
  const grid = densities.flatMap((weights) =>
    densities.map((activations) => ({ weights, activations, masks: 'complementary' as const })),
  );
  const random = densities
    .filter((weights) => weights > 1)
    .map((weights) => ({ weights, activations: randomActivations, masks: 'random' as const }));
  return [...grid, ...random];
}

/** The variants that a sparsity makes a difference for. */
function variantsAt({ weights, activations, masks }: Sparsity): readonly VariantName[] {
  if (masks === 'random') return ['sparse-dense', 'sparse-sparse'];
  const variants: VariantName[] = ['sparse-sparse'];
  // as it sees the zeros of the activations of one inference in eight, like the point simulated
  if (activations === simulated.activations) variants.unshift('sparse-dense');
  if (weights === simulated.weights && activations === simulated.activations) {
    variants.unshift('dense');
  }
  return variants;
}

async function point(context: Context, kernel: Kernel, sparsity: Sparsity): Promise<void> {
  const { board, packings, rows } = context;
  const graph = kernelGraph(kernel, sparsity);
  const key = [kernel.name, sparsity.weights, sparsity.masks].join(' ');
  const packing = packings.get(key) ?? packLayer(graph.layer);
  packings.set(key, packing);
  for (const variant of variantsAt(sparsity)) {
    const subject = { kernel: graph, variant, board, packing };
    const unit = bestOfMultipliers(subject);
    const isSimulated =
      sparsity.masks === simulated.masks &&
      sparsity.weights === simulated.weights &&
      sparsity.activations === simulated.activations;
    const row = rowOf(context, graph, variant, 'multipliers', unit, null);
    rows.push(isSimulated ? await withVerification(context, graph, unit, row) : row);
    const filled = bestOfBoard(subject);
    if (filled !== null) {
      rows.push(rowOf(context, graph, variant, 'board', filled, filled.copies));
    }
  }
}

function rowOf(
  { board }: Context,
  graph: KernelGraph,
  variant: VariantName,
  comparison: Comparison,
  { network, cycles }: Pick<Found, 'network' | 'cycles'>,
  copies: number | null,
): Row {
  const layer = present(network.plan.layers[kernelIndex], 'the kernel');
  if (!hasEngines(layer)) throw new Error('a kernel has engines');
  return {
    ...graph.sparsity,
    kernel: graph.kernel.name,
    variant,
    comparison,
    multipliers: layer.multipliers,
    choice: layer.choice,
    ...cycles,
    resources: stageResources(layer, board.family),
    copies: copies ?? 1,
    energy: kernelEnergy(network.plan, graph, board, cycles.interval, copies),
  };
}

async function withVerification(
  { progress, signal }: Context,
  graph: KernelGraph,
  { network }: Pick<Found, 'network'>,
  row: Row,
): Promise<Row> {
  progress.update(null, `simulating ${row.variant}`);
  const result = await verifyKernel(network, graph, signal);
  const { mismatches, cyclesExact, accumulatorsCompared, valuesCompared, measured } = result;
  const exact = mismatches === 0 && cyclesExact;
  const text =
    `${accumulatorsCompared} sums and ${valuesCompared} values, ${mismatches} differ; ` +
    `${measured?.latency ?? '–'} cycles to the end of the first inference, ` +
    `${cyclesExact ? 'all ends as predicted' : 'not as predicted'}`;
  progress.note(`${row.kernel}, ${row.variant}: ${text}`);
  for (const difference of result.differences) progress.note(difference);
  return { ...row, verified: { exact, text } };
}

/** The layer of the keyword network with 75 multipliers, all of it simulated. */
async function headline(context: Context): Promise<void> {
  const { board, progress, rows } = context;
  progress.phase(headlineKernel.name);
  const graph = kernelGraph(headlineKernel, headlineSparsity, { winners: headlineWinners });
  const packed = packLayer(graph.layer);
  for (const variant of ['dense', 'sparse-dense', 'sparse-sparse'] as const) {
    const packing = variant === 'dense' ? packStructure(graph.layer) : packed;
    const network = planKernel(graph, variant, board, { ...headlineChoices[variant], packing });
    const found = { network, cycles: kernelCycles(network.plan, graph) };
    const row = rowOf(context, graph, variant, 'headline', found, null);
    rows.push(await withVerification(context, graph, found, row));
  }
}
