import { fail } from '../../base/diagnostics.ts';
import { present } from '../../base/invariant.ts';
import { loadNetwork } from '../../compile/load-network.ts';
import type { LoadedNetwork } from '../../compile/load-network.ts';
import { pauser } from '../../compile/pauser.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';
import type { Host } from '../../options.ts';
import { readLabels } from '../../read/samples.ts';
import { classPlaces } from '../../evaluate/answers.ts';
import { toolIdentity } from '../../read/tool-identity.ts';
import { takesWinners } from '../../sparsify/plan/layer-goal.ts';
import type { SparsityPlan } from '../../sparsify/plan/layer-goal.ts';
import { balanceChannels } from '../../sparsify/prune/balance-channels.ts';
import type { Definition } from '../definition.ts';
import { layerFiles } from './layer-files.ts';
import { LayerMemory } from './layer-memory.ts';
import { prunedLayers } from './pruned-layers.ts';
import type { PrunedLayers } from './pruned-layers.ts';

export interface LabelledSamples {
  readonly samples: Samples;
  readonly labels: Uint32Array;
}

/** What every trial of a search starts from: the network, its data, and layers made sparse. */
export interface Study {
  /** As given, with every second test sample: accuracy is searched on these. */
  readonly network: LoadedNetwork;
  /** The other half, which no choice depends on: accuracy is reported on these. */
  readonly heldOut: LabelledSamples;
  /** Null when training samples have no classes. */
  readonly training: LabelledSamples | null;
  readonly layers: PrunedLayers;
  /** What planning found out about layers. */
  readonly memory: LayerMemory;
}

/** Calibration samples that weights are updated from. */
const reconstructionSamples = 512;

/** Reads what a search is about; `layerFolder` keeps sparse layers. Throws `UserError`. */
export async function openStudy(
  definition: Definition,
  layerFolder: string,
  host: Host,
): Promise<Study> {
  const { document } = definition;
  const { model, inputs, labels, calibrate, calibrateLabels } = document;
  host.progress.phase('reading the network');
  const loaded = await loadNetwork({ model, inputs, labels, calibrate });
  const { graph: trained } = loaded;
  if (trained.given !== null) {
    fail('explore/quantised', 'the model is quantised already', {
      place: model,
      remedy: 'search with the float model',
    });
  }
  const graph = balanceChannels(trained, searchedWinners(trained, definition));
  const all = { samples: loaded.inputs, labels: present(loaded.labels, 'labels are given') };
  if (all.samples.count < 4) {
    fail('explore/too-few-samples', 'a search needs at least 4 test samples', {
      place: inputs,
      remedy: 'one half is searched on, the other one reported',
    });
  }
  const half = (odd: number): LabelledSamples => everySecond(all, odd);
  const trainingLabels =
    calibrateLabels === undefined
      ? null
      : await readLabels(calibrateLabels, loaded.calibration.count, classPlaces(graph).length);
  const searched = half(0);
  const tool = toolIdentity();
  const identity = [
    ...[tool.version, loaded.model.sha256, loaded.calibration.count, document.seed].map(String),
    // which channels are scaled
    ...graph.layers.flatMap((layer) => (trained.layers.includes(layer) ? [] : [layer.name])),
  ].join('\n');
  const layers = prunedLayers(
    graph,
    spread(loaded.calibration, reconstructionSamples),
    document.seed,
    layerFiles(layerFolder, `${identity}\n${hashOf(loaded.calibration)}`),
    pauser(host),
  );
  return {
    network: { ...loaded, graph, inputs: searched.samples, labels: searched.labels },
    heldOut: half(1),
    training:
      trainingLabels === null ? null : { samples: loaded.calibration, labels: trainingLabels },
    layers,
    memory: new LayerMemory(),
  };
}

/** Every layer that a trial may put a k-WTA behind gets one winner here: which ones is all that counts. */
function searchedWinners(graph: Graph, { problem, constants }: Definition): SparsityPlan {
  const names = [...problem.space.parameters.map(({ name }) => name), ...constants.keys()];
  return graph.layers.map((layer) => {
    const isSearched = names.includes('kwta') || names.includes(`kwta.${layer.name}`);
    const kWinners = isSearched && takesWinners(graph, layer) ? 1 : null;
    return { name: layer.name, pattern: null, kWinners };
  });
}

function everySecond({ samples, labels }: LabelledSamples, odd: number): LabelledSamples {
  const { sampleSize } = samples;
  const count = Math.floor((samples.count - odd + 1) / 2);
  const data = new Float32Array(count * sampleSize);
  for (let at = 0; at < count; at += 1) {
    const from = (2 * at + odd) * sampleSize;
    data.set(samples.data.subarray(from, from + sampleSize), at * sampleSize);
  }
  return {
    samples: { ...samples, count, data },
    labels: Uint32Array.from({ length: count }, (_, at) => labels[2 * at + odd] ?? 0),
  };
}

/** So many samples, evenly from all. */
function spread(samples: Samples, wanted: number): Samples {
  const count = Math.min(samples.count, wanted);
  const { sampleSize } = samples;
  const data = new Float32Array(count * sampleSize);
  for (let at = 0; at < count; at += 1) {
    const from = Math.floor((at * samples.count) / count) * sampleSize;
    data.set(samples.data.subarray(from, from + sampleSize), at * sampleSize);
  }
  return { ...samples, count, data };
}

/** Tells samples apart; a checksum of a few thousand values will do. */
function hashOf({ data }: Samples): string {
  const step = Math.max(1, Math.floor(data.length / 4096));
  let sum = 0;
  for (let at = 0; at < data.length; at += step) sum = (sum * 31 + (data[at] ?? 0)) % 1e9;
  return sum.toPrecision(17);
}
