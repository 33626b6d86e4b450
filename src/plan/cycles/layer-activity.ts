import { ceilDivide } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan, LayerPlan, Plan } from '../../ir/plan.ts';
import { hasEngines } from '../../ir/plan.ts';
import { laneOfChannel } from '../../pack/deal-channels.ts';
import { groupStep } from '../lower/engine-geometry.ts';
import { beatsPerMap } from '../streams/streams.ts';
import { wiredSteps } from '../wired/wired-steps.ts';
import type { Workload } from './workload.ts';

/** What a layer does in one inference, all engines together: what its probes count in simulation. */
export interface LayerActivity {
  readonly windows: number;
  /** Lane steps, and weight words read by lanes or by each of their queues. */
  readonly steps: number;
  readonly issues: number;
  /** On the stream that leaves the layer; values of a dense one, none where sums leave. */
  readonly beats: number;
  readonly tokens: number;
}

/** The activity of every layer in an inference of a workload. Exact: it follows from token counts. */
export function layerActivities(
  plan: Plan,
  workload: Workload,
  inference: number,
): readonly LayerActivity[] {
  return plan.layers.map((layer, index) => {
    const traffic = trafficOf(layer, workload.outputTokens[index]?.[inference]);
    if (!hasEngines(layer)) return { windows: 0, steps: 0, issues: 0, ...traffic };
    if (layer.wired !== undefined) return { ...wiredActivity(layer), ...traffic };
    const { from } = present(layer.inputs[0], 'a layer has an input');
    const tokens = layer.input.kind === 'dense' ? null : workload.outputTokens[from]?.[inference];
    const site = siteCosts(layer, tokens ?? null, workload.outputChannels[from]?.[inference]);
    return { ...engineActivity(layer, site), ...traffic };
  });
}

/** Every step reads a column of the store. */
function wiredActivity(
  layer: EngineLayerPlan,
): Pick<LayerActivity, 'windows' | 'steps' | 'issues'> {
  const { output, pool } = layer.window;
  const steps = wiredSteps(layer);
  return { windows: output.height * output.width * pool.height * pool.width, steps, issues: steps };
}

/** What leaves a layer; `tokens` of every site where it sends tokens. */
function trafficOf(
  { output }: LayerPlan,
  tokens: Uint16Array | undefined,
): Pick<LayerActivity, 'beats' | 'tokens'> {
  if (output.kind === 'logits') return { beats: 0, tokens: 0 };
  if (output.kind === 'dense') {
    const beats = beatsPerMap(output);
    return { beats, tokens: beats * output.tokensPerBeat };
  }
  let beats = 0;
  let sum = 0;
  for (const count of present(tokens, 'tokens of a layer')) {
    beats += Math.max(1, ceilDivide(count, output.tokensPerBeat));
    sum += count;
  }
  return { beats, tokens: sum };
}

/** What a site costs at a kernel position. */
interface SiteCost {
  readonly steps: number;
  readonly issues: number;
}
type SiteCosts = (site: number, position: number) => SiteCost;

const emptySite: SiteCost = { steps: 1, issues: 0 };

/** By site: from the tokens it has, or where all have as many (null) from the plan alone. */
function siteCosts(
  layer: EngineLayerPlan,
  tokens: Uint16Array | null,
  channels: Uint16Array | undefined,
): SiteCosts {
  if (layer.choice.queues > 0) return queueCosts(layer, tokens, channels);
  const fixed = layer.parameters['FixedCount'] ?? 0;
  return (site) => {
    const words = layer.words * (tokens === null ? fixed : (tokens[site] ?? 0));
    return words === 0 ? emptySite : { steps: words, issues: words };
  };
}

/** With queues the channels of the tokens decide how many words they read, and in which lane. */
function queueCosts(
  layer: EngineLayerPlan,
  tokens: Uint16Array | null,
  channels: Uint16Array | undefined,
): SiteCosts {
  const { input, queueWords } = layer;
  const wordsOf = (index: number): number =>
    queueWords.reduce((sum, words) => sum + (words[index] ?? 0), 0);
  const everyChannel = Uint16Array.from({ length: input.channels }, (_, channel) => channel);
  const starts = new Uint32Array((tokens?.length ?? 0) + 1);
  tokens?.forEach((count, site) => {
    starts[site + 1] = (starts[site] ?? 0) + count;
  });
  const channelsOf = (site: number): Uint16Array =>
    tokens === null
      ? everyChannel
      : present(channels, 'channels of tokens').subarray(starts[site], starts[site + 1]);
  return (site, position) => {
    const own = channelsOf(site);
    const issues = own.reduce(
      (sum, channel) => sum + wordsOf(position * input.channels + channel),
      0,
    );
    const steps = layer.choice.channelLanes ? sharedSteps(layer, own) : Math.max(1, own.length);
    return { steps, issues };
  };
}

/** Every lane takes its own tokens of each beat, or a step where it has none in it. */
function sharedSteps({ input, choice, turns }: EngineLayerPlan, channels: Uint16Array): number {
  const { lanes } = choice;
  const beats =
    input.kind === 'dense'
      ? input.maximumBeats
      : Math.max(1, ceilDivide(channels.length, input.tokensPerBeat));
  let steps = 0;
  for (let beat = 0; beat < beats; beat += 1) {
    const owned = new Uint16Array(lanes);
    const first = beat * input.tokensPerBeat;
    for (const channel of channels.subarray(first, first + input.tokensPerBeat)) {
      const lane = laneOfChannel(turns, lanes, channel);
      owned[lane] = (owned[lane] ?? 0) + 1;
    }
    steps += owned.reduce((sum, count) => sum + Math.max(1, count), 0);
  }
  return steps;
}

function engineActivity(
  layer: EngineLayerPlan,
  cost: SiteCosts,
): Pick<LayerActivity, 'windows' | 'steps' | 'issues'> {
  const { window, choice } = layer;
  const { kernel, input, output, pool } = window;
  const windows = output.height * output.width * pool.height * pool.width;
  const positions = kernel.height * kernel.width;
  if (choice.core === 'dense') {
    // all lanes step together, off the map too
    const { steps } = cost(0, 0);
    return {
      windows,
      steps: windows * layer.lanePositions * steps * choice.lanes,
      issues: windows * positions * steps,
    };
  }
  const rows = visits(layer, 'height');
  const columns = visits(layer, 'width');
  let steps = 0;
  let issues = 0;
  let visited = 0;
  for (let row = 0; row < input.height; row += 1) {
    for (let column = 0; column < input.width; column += 1) {
      const site = row * input.width + column;
      for (let position = 0; position < positions; position += 1) {
        const across = columns[position % kernel.width]?.[column] ?? 0;
        const times = (rows[Math.floor(position / kernel.width)]?.[row] ?? 0) * across;
        if (times === 0) continue;
        const one = cost(site, position);
        visited += times;
        steps += times * one.steps;
        issues += times * one.issues;
      }
    }
  }
  // off the map a position takes a step; lanes that share the channels have none there
  return { windows, steps: steps + windows * positions - visited, issues };
}

/** By kernel row (column): how many windows have it on each row (column) of the map. */
function visits({ window }: EngineLayerPlan, side: 'height' | 'width'): readonly Uint32Array[] {
  const { kernel, dilation, stride, pool, output, input } = window;
  const pad = side === 'height' ? window.padTop : window.padLeft;
  const step = groupStep(window)[side];
  return Array.from({ length: kernel[side] }, (_, offset) => {
    const counts = new Uint32Array(input[side]);
    for (let group = 0; group < output[side]; group += 1) {
      for (let inGroup = 0; inGroup < pool[side]; inGroup += 1) {
        const place = group * step + inGroup * stride[side] + offset * dilation[side] - pad;
        if (place >= 0 && place < counts.length) counts[place] = (counts[place] ?? 0) + 1;
      }
    }
    return counts;
  });
}
