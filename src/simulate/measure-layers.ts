import { present } from '../base/invariant.ts';
import type { Plan } from '../ir/plan.ts';
import type { Measurement, Prediction } from './measurement.ts';
import type { StoredReference } from './reference-store.ts';
import type { LayerVerification } from './verify-layer.ts';
import { wordsNeverRead } from './words-never-read.ts';

/**
 * What is known of a variant all of whose layers were verified alone: differences and activity as
 * counted in their designs, cycles of the whole as `predict` says.
 */
export function measureLayers(
  plan: Plan,
  layers: readonly LayerVerification[],
  reference: StoredReference,
  predict: (plan: Plan, reference: StoredReference) => Prediction,
): Measurement {
  const sum = (of: (layer: LayerVerification) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0);
  const hangs = layers.some(({ measured }) => measured === null);
  const prediction = hangs ? null : predict(plan, reference);
  return {
    measurementVersion: 1,
    method: 'layers',
    simulator: present(layers[0], 'a layer').simulator,
    samples: reference.files.samples,
    mismatches: sum(({ mismatches }) => mismatches),
    differences: layers.flatMap(({ differences }) => differences),
    accuracy: null,
    cyclesSimulated: sum(({ cyclesSimulated }) => cyclesSimulated),
    seconds: sum(({ seconds }) => seconds),
    accumulatorsCompared: sum(({ accumulatorsCompared }) => accumulatorsCompared),
    streamsCompared: plan.layers.length,
    gapSeeds: [],
    gapSamples: 0,
    wordsNeverRead: wordsNeverRead(plan, reference.inputs, reference.values),
    // nothing was measured of the whole
    cycles: null,
    prediction,
    // waiting in a design of its own says nothing about waiting in the whole one
    layers: layers.map(({ activity }) => ({ ...activity, starvedCycles: 0, blockedCycles: 0 })),
    layerCycles: layers.map(({ name, measured, predicted, cyclesExact }) => ({
      name,
      measured: measured?.interval ?? null,
      predicted: predicted.interval,
      exact: cyclesExact,
    })),
    pipeline: [],
  };
}
