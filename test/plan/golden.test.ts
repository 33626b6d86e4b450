import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { LayerPlan } from '../../src/ir/plan.ts';
import { predictIsolatedLayer } from '../../src/plan/cycles/isolated-timeline.ts';
import { layerActivities } from '../../src/plan/cycles/layer-activity.ts';
import { predictCycles } from '../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../src/plan/cycles/workload.ts';
import { latencyBound } from '../../src/plan/cycles/worst-case.ts';
import { isolateLayer } from '../../src/plan/isolate-layer.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import { planVariant } from '../../src/plan/planner.ts';
import { planResources } from '../../src/plan/resources/plan-resources.ts';
import { joinInterval } from '../../src/plan/search/join-folding.ts';
import { layerRate } from '../../src/plan/search/layer-rate.ts';
import { inputBeatCount } from '../../src/simulate/isolated-beats.ts';
import { isolatedWork, mapsInto } from '../../src/simulate/isolated-work.ts';
import { readBoard } from '../../src/read/board.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';
import { planContext } from '../support/plan-context.ts';
import {
  randomCase,
  randomDagCase,
  randomPointwiseCase,
  randomQueueCase,
  randomSmallCase,
  randomWiredCase,
  randomWiredDagCase,
  unevenRowsCase,
} from '../support/random-case.ts';
import type { RandomCase } from '../support/random-case.ts';
import { randomChoice } from '../support/random-plan.ts';
import { streamedCase } from '../support/streamed-case.ts';

// Most numbers of a plan cost something where they are larger than they must be, and nothing else: no
// simulation notices. A change that is meant writes these files again: `npx vitest run test/plan/golden.test.ts -u`.

const cases: Readonly<Record<string, () => Case>> = {
  dense: () => randomCase(1, 'dense', 2),
  'dense-histogram': () => randomCase(108, 'dense', 2),
  'sparse-dense': () => randomCase(2, 'sparse-dense', 2),
  'sparse-sparse': () => randomCase(3, 'sparse-sparse', 2),
  'sparse-histogram': () => randomCase(247, 'sparse-sparse', 2),
  queues: () => randomQueueCase(4, 'sparse-sparse', 2),
  channels: () => randomPointwiseCase(1, 'sparse-sparse', 2),
  'uneven-rows': () => unevenRowsCase(2, 'sparse-sparse', 2),
  wired: () => randomWiredCase(1, 'sparse-sparse', 2),
  'wired-branches': () => randomWiredDagCase(2, 'sparse-sparse', 2),
  branches: () => randomDagCase(1, 'sparse-dense', 2),
  streamed: () => streamedCase(3, { beatBits: 16, rate: { beats: 3, cycles: 4 }, layers: [0, 1] }),
  'streamed-slowly': () =>
    streamedCase(5, { beatBits: 32, rate: { beats: 1, cycles: 5 }, layers: [1, 2], copies: 2 }),
  'small-dense': () => randomSmallCase(1, 'dense', 2),
  'small-sparse': () => randomSmallCase(2, 'sparse-sparse', 2),
};

const families = ['ultrascale-plus', 'series7', 'ecp5', 'ice40', 'cyclone5'] as const;

/** Long lists and wired graphs by their hash. */
function compact(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    const text = JSON.stringify(part) ?? '';
    const isLong = (Array.isArray(part) && text.length > 120) || text.length > 6000;
    return isLong ? createHash('sha256').update(text).digest('hex').slice(0, 12) : part;
  });
}

function layerLines(layer: LayerPlan): readonly string[] {
  const facts = Object.entries(layer).map(([name, value]) => `  ${name} ${compact(value)}`);
  const rate = hasEngines(layer) ? layerRate(layer, 2, 2) : joinInterval(layer, [1, 2, 3]);
  return [layer.name, ...facts, `  rate ${compact(rate)}`];
}

/** When inferences begin and end in every layer alone. */
function alone({ network: { plan }, samples, evaluations }: Case): readonly string[] {
  const values = evaluations.map(({ layers }) => layers.map((layer) => layer.values));
  const reference = { inputs: samples, values };
  return plan.layers.map((layer, index) => {
    const maps = mapsInto(layer, reference);
    const isolated = isolateLayer(plan, index, Math.max(...maps.map(inputBeatCount)));
    const work = isolatedWork(isolated, maps, reference, 3);
    const { starts, completions } = predictIsolatedLayer(isolated, work);
    return `${layer.name} alone ${[...starts].join(' ')}, ${[...completions].join(' ')}`;
  });
}

type Case = Pick<RandomCase, 'network' | 'samples' | 'evaluations'>;

function textOf(found: Case): string {
  const { plan } = found.network;
  const workload = workloadOf(plan, found.evaluations);
  const prediction = predictCycles(plan, workload);
  return [
    ...plan.layers.flatMap((layer) => layerLines(layer)),
    `input ${compact(plan.input)}`,
    `output ${compact(plan.output)}`,
    ...plan.memories.map((memory) => `memory ${compact(memory)}`),
    ...families.map((family) => `${family} ${compact(planResources(plan, family))}`),
    ...layerActivities(plan, workload, 0).map((activity) => `activity ${compact(activity)}`),
    ...alone(found),
    `latency bound ${latencyBound(plan)}`,
    `completions ${Array.from(prediction.completions).join(' ')}`,
    '',
  ].join('\n');
}

describe('plans of random networks stay as they are', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const found = cases[name]?.();
    if (found === undefined) throw new Error('a case');
    const text = textOf(found);
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

describe('plans of a larger network, folded at random, stay as they are', async () => {
  const { graph } = await loadExample('tiny-cnn');
  const { height, width } = graph.input.shape;
  const sample = Int16Array.from({ length: height * width }, (_, at) => (at * 7) % 97);
  it.each([
    ['dense', 1],
    ['sparse-sparse', 2],
    ['sparse-sparse', 3],
  ] as const)('%s, %i', async (variant, seed) => {
    const packings = packNetwork(graph, variant);
    const choice = randomChoice(seededRandom(seed), graph, packings, variant);
    const network = planNetwork(graph, packings, choice, planContext(variant));
    const evaluations = [prepareEvaluator(graph)(sample)];
    const text = textOf({ network, samples: [sample], evaluations });
    await expect(text).toMatchFileSnapshot(`golden/tiny-cnn-${seed}.txt`);
  });
});

describe('what the planner chooses stays as it is', async () => {
  const { graph } = await loadExample('tiny-cnn');
  const evaluate = prepareEvaluator(graph);
  const size = graph.input.shape.channels * graph.input.shape.height * graph.input.shape.width;
  const evaluations = [1, 2].map((step) =>
    evaluate(Int16Array.from({ length: size }, (_, at) => (at * step) % 97)),
  );
  it.each([
    ['dense', 'pynq-z2', 20_000],
    ['sparse-dense', 'ulx3s-85f', 50_000],
    ['sparse-sparse', 'arty-a7-35t', 300_000],
    ['sparse-sparse', 'icebreaker', 100],
  ] as const)('%s on %s for %i a second', async (variant, boardName, targetThroughput) => {
    const board = await readBoard(boardName);
    const { choice, resources, exceeded, plannedInterval } = planVariant(graph, variant, {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: board.clockMHz,
      tokensPerSite: winnersPerSite(graph),
      evaluations,
      targetThroughput,
    });
    const text = [
      `copies ${choice.copies}`,
      ...choice.layers.map((layer) => compact(layer)),
      compact({ resources, exceeded, plannedInterval }),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(`golden/${variant}-${boardName}.txt`);
  });
});
