import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { boardInShell } from '../ir/board.ts';
import type { Board } from '../ir/board.ts';
import { classPlaces } from '../evaluate/answers.ts';
import { shapeSize } from '../ir/graph.ts';
import type { Plan } from '../ir/plan.ts';
import type { AxiOptions, CompileOptions, Host } from '../options.ts';
import type { LowerOptions } from '../passes/lower.ts';
import { quantizeGraph } from '../passes/quantize.ts';
import type { VariantPlan } from '../plan/planner.ts';
import { leaveRoom, loadBeatBits } from '../plan/search/leave-room.ts';
import type { TrainedPackings } from '../plan/lower/packing-of-layer.ts';
import type { KnownWires } from '../plan/wired/wired-graph.ts';
import { withAxi } from '../plan/interfaces/plan-axi.ts';
import { driverFacts } from '../plan/interfaces/driver-facts.ts';
import { planVariant } from '../plan/planner.ts';
import { smoothVariant, smoothingSamples } from '../plan/smoothing-queues.ts';
import { listBoards, readBoard } from '../read/board.ts';
import { toolIdentity } from '../read/tool-identity.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder, writeNetwork } from '../report/stored-network.ts';
import { writeDesignFolder } from '../simulate/design-folder.ts';
import type { ReferenceSizes } from '../simulate/reference-store.ts';
import { storeReference } from '../simulate/reference-store.ts';
import { describeNetwork } from './describe-network.ts';
import type { NetworkFacts } from './describe-network.ts';
import { misfitOf, misfitText } from './describe-misfit.ts';
import type { Misfit } from './describe-misfit.ts';
import { writeDriverFolder } from './driver-folder.ts';
import { latencyGoal, missedLatency } from './latency-goal.ts';
import { missedThroughput } from './throughput-goal.ts';
import { loadNetwork } from './load-network.ts';
import { evaluateNetwork } from './reference.ts';
import { quantizationWarnings } from './quantization-warnings.ts';
import { tokenStatistics } from './token-statistics.ts';

/** A build: the designs of all variants with the data to verify them, in a folder. */
export interface Build {
  readonly network: StoredNetwork;
  readonly variants: readonly VariantPlan[];
  /** By variant; null where it fits. */
  readonly misfits: readonly (Misfit | null)[];
}

/**
 * Reads, quantises, evaluates, plans and emits: writes `<variant>/plan.json`, `<variant>/hdl/` and
 * `reference/` into `folder`, which is empty.
 */
export async function buildFolder(
  folder: string,
  options: CompileOptions,
  host: Host,
): Promise<Build> {
  const { progress, signal } = host;
  const tool = toolIdentity();
  const chosen = await readBoard(options.board);
  const board = options.shell === true ? inShell(chosen) : chosen;
  const clockMHz = options.clockMHz ?? board.clockMHz;
  const loadable = options.weights === 'loadable';
  const facts = await studyNetwork(options, host, { keepEmptyChannels: loadable });
  const { network, quantization } = facts;
  const { graph: quantized } = quantization;
  const graph = loadable ? leaveRoom(quantized, loadBeatBits(board.family)) : quantized;
  if (loadable && !graph.layers.some(({ kind }) => kind === 'window')) {
    fail('weights/none', 'the network has no weights to load', {
      place: '--weights',
      remedy: 'leave the option out',
    });
  }
  const { tokensPerSite, activity, evaluations } = tokenStatistics(
    graph,
    network.calibration,
    smoothingSamples(graph),
  );

  const driver = options.axi === undefined ? null : driverFacts(network.graph, quantized);
  const latency = latencyGoal(options, clockMHz, evaluations);
  const trainedPackings: TrainedPackings = new Map();
  const knownWires: KnownWires = new Map();
  const variants: VariantPlan[] = [];
  for (const name of options.variants) {
    progress.phase(`planning ${name}`);
    await setImmediate();
    signal.throwIfAborted();
    const planned = planVariant(graph, name, {
      tool,
      modelSha256: network.model.sha256,
      board,
      clockMHz,
      tokensPerSite,
      activity,
      evaluations,
      trainedPackings,
      knownWires,
      ...(options.targetThroughput === undefined
        ? {}
        : { targetThroughput: options.targetThroughput }),
      ...(latency === null ? {} : { latency }),
    });
    // queues that even out the work of many inferences delay one that is alone
    const smoothed = latency === null ? smoothVariant(planned, evaluations, board) : planned;
    const variant =
      options.axi === undefined
        ? smoothed
        : withInterfaces(smoothed, options.axi, options.shell === true);
    const { targetThroughput } = options;
    const missed =
      latency !== null
        ? missedLatency(variant, latency, board)
        : targetThroughput === undefined
          ? null
          : missedThroughput(variant, targetThroughput, evaluations);
    if (missed !== null) progress.note(`warning: ${missed}`);
    await writeDesignFolder(join(folder, name), variant.network);
    if (driver !== null) {
      await writeDriverFolder(join(folder, name), variant.network.plan, driver);
    }
    variants.push(variant);
  }

  const boards = await listBoards();
  const misfits = variants.map((variant) => misfitOf(variant, board, boards));
  misfits.forEach((misfit, index) => {
    const name = options.variants[index] ?? '';
    if (misfit !== null) for (const line of misfitText(name, board, misfit)) progress.note(line);
  });
  progress.phase('writing reference data');
  const plans = variants.map((variant): Plan => variant.network.plan);
  const stored = await storeNetwork(folder, facts, { board, clockMHz, plans, tool });
  signal.throwIfAborted();
  return { network: stored, variants, misfits };
}

/** What the shell of a card leaves. Throws `UserError` for a board without one. */
function inShell(board: Board): Board {
  if (board.shell !== null) return boardInShell(board, board.shell);
  return fail('usage/no-shell', `${board.name} is not known to be a card with XRT`, {
    place: '--shell',
    remedy: 'use a board whose file has `shell` (alveo-u250), or leave the option out',
  });
}

/** The variant with bus interfaces. */
function withInterfaces(
  variant: VariantPlan,
  { dataBits }: AxiOptions,
  shell: boolean,
): VariantPlan {
  const { network } = variant;
  // weights that stream from memory would want a reader of their own
  const kernel = shell && network.plan.weightStream === undefined;
  return { ...variant, network: { ...network, plan: withAxi(network.plan, dataBits, kernel) } };
}

/** What the data of a network are stored with. */
interface Hardware {
  readonly board: Board;
  readonly clockMHz: number;
  /** Of all variants. */
  readonly plans: readonly Plan[];
  readonly tool: ReturnType<typeof toolIdentity>;
}

/** Writes `reference/`: everything that designs of the network are compared with. */
export async function storeNetwork(
  folder: string,
  facts: NetworkFacts,
  { board, clockMHz, plans, tool }: Hardware,
): Promise<StoredNetwork> {
  const { network, quantization, reference } = facts;
  const { graph } = quantization;
  const sizes: ReferenceSizes = {
    samples: network.inputs.count,
    accumulatorSamples: reference.accumulatorSamples,
    layers: graph.layers.length,
    sampleSize: network.inputs.sampleSize,
    classes: reference.evaluations[0]?.logits.length ?? 0,
    answers: graph.outputs.map(({ layer: name }) => {
      const layer = graph.layers.find((one) => one.name === name);
      return present(layer, 'an output is the result of a layer').layer.outputShape;
    }),
    layerValues: graph.layers.map((layer) =>
      layer.outputFormat === null ? 0 : shapeSize(layer.layer.outputShape),
    ),
  };
  const { inputs, evaluations } = reference;
  await storeReference(join(folder, referenceFolder), sizes, inputs, evaluations);
  const stored: StoredNetwork = {
    report: describeNetwork(facts, board, clockMHz, plans, tool),
    board,
    sizes,
    labels: network.labels === null ? null : Array.from(network.labels),
    classPlaces: network.labels === null ? null : classPlaces(network.graph),
    variants: plans.map(({ variant }) => variant),
  };
  await writeNetwork(folder, stored);
  return stored;
}

/** Everything about the network that needs no hardware. */
export async function studyNetwork(
  options: Parameters<typeof loadNetwork>[0],
  host: Host,
  lowering: LowerOptions = {},
): Promise<NetworkFacts> {
  host.progress.phase('reading the model');
  const loaded = await loadNetwork(options, lowering);
  for (const warning of loaded.warnings) host.progress.note(`warning: ${warning}`);
  host.progress.phase('quantising');
  await setImmediate();
  host.signal.throwIfAborted();
  const keepTies = options.kwta === 'ties';
  const quantization = quantizeGraph(loaded.graph, loaded.calibration, { keepTies });
  const found = quantizationWarnings(loaded, quantization.report);
  for (const warning of found) host.progress.note(`warning: ${warning}`);
  const network = { ...loaded, warnings: [...loaded.warnings, ...found] };
  host.progress.phase('evaluating the reference');
  const reference = await evaluateNetwork(network, quantization, host);
  return { network, quantization, reference };
}
