import { present } from '../base/invariant.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import type { Plan } from '../ir/plan.ts';
import { predictCycles, predictIsolated } from '../plan/cycles/cycle-model.ts';
import { workloadOf } from '../plan/cycles/workload.ts';
import type { StoredReference } from './reference-store.ts';

/** Where the weight stream stands behind the inferences that are streamed; 0 where that decides nothing. */
export function weightWordBehind(
  plan: Plan,
  reference: Pick<StoredReference, 'values'>,
  streamInferences: number,
): number {
  if ((plan.weightStream?.sections.length ?? 0) < 2) return 0;
  const evaluations = reference.values.map(evaluationOf);
  const sent = Array.from({ length: streamInferences }, (_, inference) =>
    present(evaluations[inference % evaluations.length], 'a run has samples'),
  );
  return predictCycles(plan, workloadOf(plan, sent)).weights?.nextWord ?? 0;
}

/**
 * Cycles that samples alone in an idle design take, by the cycle model. `firstWord`: where the weight
 * stream stands before the first one.
 */
export function predictedLatencies(
  plan: Plan,
  reference: Pick<StoredReference, 'values'>,
  samples: readonly number[],
  firstWord = 0,
): readonly number[] {
  const alone = samples.map((sample) =>
    evaluationOf(present(reference.values[sample], 'an isolated sample exists')),
  );
  return Array.from(predictIsolated(plan, workloadOf(plan, alone), firstWord));
}

/** The values are all that timing depends on. */
export function evaluationOf(values: readonly Int16Array[]): Evaluation {
  const counts = {
    inferences: 1,
    products: { dense: 0, weightSparse: 0, bothSparse: 0 },
    inputValues: 0,
    inputNonZeros: 0,
    vectors: 0,
    tiedVectors: 0,
  };
  return {
    layers: values.map((map) => ({ accumulators: new Int32Array(0), values: map, counts })),
    logits: new Int32Array(0),
  };
}
