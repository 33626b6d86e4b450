import { invariant } from '../../src/base/invariant.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { predictCycles } from '../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../src/plan/cycles/workload.ts';
import { steadyInterval } from '../../src/simulate/interval.ts';
import { runIcarus } from '../../test/support/icarus.ts';
import {
  randomCase,
  randomDagCase,
  randomPointwiseCase,
  randomQueueCase,
  randomWiredCase,
} from '../../test/support/random-case.ts';
import type { RandomCase } from '../../test/support/random-case.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';

/** Kinds of random networks and foldings, taken in turn. */
const kinds: readonly (readonly [string, (seed: number, variant: VariantName) => RandomCase])[] = [
  ['chain', (seed, variant) => randomCase(seed, variant, samples)],
  ['queues', (seed, variant) => randomQueueCase(seed, variant, samples)],
  ['wired', (seed, variant) => randomWiredCase(seed, variant, samples)],
  ['branches', (seed, variant) => randomDagCase(seed, variant, samples)],
  ['1x1', (seed, variant) => randomPointwiseCase(seed, variant, samples)],
];

/** Twice as many as the pipeline needs to fill, for one to three copies. */
const samples = 12;

interface Row {
  readonly seed: number;
  readonly kind: string;
  readonly variant: VariantName;
  readonly copies: number;
  readonly folding: string;
  readonly interval: number;
  readonly predictedInterval: number;
  readonly latency: number;
  readonly predictedLatency: number;
  /** Inferences whose last beat leaves in another cycle than predicted, and answers that differ. */
  readonly differences: number;
}

const columns: readonly TextColumn<Row>[] = [
  ['seed', 5, ({ seed }) => String(seed)],
  ['network', -8, ({ kind }) => kind],
  ['variant', -13, ({ variant }) => variant],
  ['copies', 6, ({ copies }) => String(copies)],
  ['interval', 9, ({ interval }) => interval.toFixed(2)],
  ['predicted', 9, ({ predictedInterval }) => predictedInterval.toFixed(2)],
  ['latency', 8, ({ latency }) => String(latency)],
  ['predicted', 9, ({ predictedLatency }) => String(predictedLatency)],
  ['differ', 6, ({ differences }) => String(differences)],
  [
    '  engines x lanes x values x sets (queues) of the layers',
    -40,
    ({ folding }) => `  ${folding}`,
  ],
];

function foldingOf(plan: Plan): string {
  const layers = plan.layers.map((layer) => {
    if (!hasEngines(layer)) return layer.kind;
    const { core, engines, lanes, values, setsParallel, queues } = layer.choice;
    const kind = core === 'sparse' || core === 'dense' ? '' : `${core} `;
    return `${kind}${engines}x${lanes}x${values}x${setsParallel}${queues > 0 ? `(${queues})` : ''}`;
  });
  return layers.join(', ');
}

function verify(seed: number, at: number): Row {
  const kind = kinds[at % kinds.length];
  const variant = variantNames[Math.floor(at / kinds.length) % variantNames.length];
  invariant(kind !== undefined && variant !== undefined, 'kinds in turn');
  const [name, draw] = kind;
  const { network, evaluations, samples: inputs, logits } = draw(seed, variant);
  const { plan } = network;
  const workload = workloadOf(plan, evaluations);
  const predicted = Array.from(predictCycles(plan, workload).completions);
  const { lastCycles, words } = runIcarus(network, inputs);
  const wrong = words.filter((word, place) => word !== logits[place]).length;
  const late = predicted.filter((cycle, inference) => cycle !== lastCycles[inference]).length;
  return {
    seed,
    kind: name,
    variant,
    copies: plan.copies,
    folding: foldingOf(plan),
    interval: steadyInterval(lastCycles, plan.copies),
    predictedInterval: steadyInterval(predicted, plan.copies),
    // the first one finds the design empty
    latency: lastCycles[0] ?? NaN,
    predictedLatency: predicted[0] ?? NaN,
    differences: wrong + late + Math.abs(words.length - logits.length),
  };
}

/**
 * Random networks with random foldings in Icarus: prints a row each. The exit code: 0 when no cycle and no
 * word differs from what was predicted.
 */
export function verifyRandomFoldings(count: number, firstSeed: number): number {
  console.log(textHead(columns));
  let different = 0;
  for (let at = 0; at < count; at += 1) {
    const row = verify(firstSeed + at, at);
    if (row.differences > 0) different += 1;
    console.log(textRow(columns, row));
  }
  console.log(`${count} random foldings: ${different} with a difference in cycles or words`);
  return different === 0 ? 0 : 1;
}
