import type { ExitCode } from '../base/diagnostics.ts';
import { exitCodes } from '../base/diagnostics.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';
import type { Outcome } from '../options.ts';
import { formatCount } from '../report/format.ts';
import type { Report } from '../report/schema.ts';
import { resourceLabel } from '../report/variants.ts';
import type { Measurement } from '../simulate/measurement.ts';
import type { Build } from './build-folder.ts';

/** Whether variants fit their board. */
interface Fits {
  readonly fits: boolean;
}

/** 4 when none of the variants fits the board, or one does not and all have to; else 0. */
export function fitExitCode(variants: readonly Fits[], requireFit: boolean): ExitCode {
  const fitting = variants.filter(({ fits }) => fits).length;
  const enough = requireFit ? fitting === variants.length : fitting > 0;
  return enough ? exitCodes.done : exitCodes.doesNotFit;
}

/** 1 when any check of any run found a difference; else 0. */
export function verificationExitCode(
  results: readonly Pick<Measurement, 'mismatches'>[],
): ExitCode {
  return results.some(({ mismatches }) => mismatches > 0) ? exitCodes.mismatch : exitCodes.done;
}

/** Differences first: a wrong design is worse than one that does not fit. */
export function reportExitCode(report: Report, requireFit: boolean): ExitCode {
  const variants = Object.values(report.variants);
  const runs = variants.flatMap(({ verification }) => verification ?? []);
  const verified = verificationExitCode(runs);
  if (verified !== exitCodes.done) return verified;
  return fitExitCode(
    variants.map(({ resources }) => resources),
    requireFit,
  );
}

/** What `nzflow compile` tells. */
export function buildOutcome(build: Build, out: string, requireFit: boolean): Outcome {
  const variants = build.variants.map(({ network, resources, fits, exceeded }) => {
    const { variant, copies, layers } = network.plan;
    const multipliers = layers.reduce(
      (sum, layer) => sum + (hasEngines(layer) ? layer.multipliers : 0),
      0,
    );
    return { variant, copies, multipliers, resources, fits, exceeded };
  });
  const lines = variants.map(({ variant, copies, multipliers, resources, exceeded }) => {
    const used = `${formatCount(resources.lut)} LUT, ${formatCount(resources.dsp)} DSP, ${formatCount(resources.bram36)} BRAM36`;
    const verdict =
      exceeded === null
        ? ''
        : `; does not fit: ${exceeded.factor.toFixed(2)}× the usable ${resourceLabel(exceeded.resource)}`;
    const copyText = `${copies} ${copies === 1 ? 'copy' : 'copies'}`;
    return `  ${variant}: ${copyText} of ${formatCount(multipliers)} multipliers, ${used}${verdict}`;
  });
  const next = `Verify it with: nzflow simulate ${out}`;
  return {
    exitCode: fitExitCode(variants, requireFit),
    text: `Designs written to ${out}\n${lines.join('\n')}\n${next}\n`,
    data: { out, variants: Object.fromEntries(variants.map((one) => [one.variant, one])) },
  };
}

/** What `nzflow simulate` tells; one result a plan. */
export function simulationOutcome(
  plans: readonly Plan[],
  results: readonly Measurement[],
): Outcome {
  const named = results.flatMap((measurement, index) => {
    const plan = plans[index];
    return plan === undefined ? [] : [{ name: plan.variant, measurement }];
  });
  const lines = named.flatMap(({ name, measurement }) => {
    const { samples, mismatches, differences, cycles, accuracy } = measurement;
    const share = accuracy === null ? '' : `, accuracy ${(accuracy * 100).toFixed(1)} %`;
    const speed =
      cycles === null
        ? ''
        : `, one inference every ${cycles.interval.toFixed(2)} cycles, latency ${cycles.latency} cycles`;
    const verdict = mismatches === 0 ? 'bit-exact' : `${formatCount(mismatches)} differences`;
    return [
      `${name}: ${verdict} on ${samples} samples${share}${speed}`,
      ...differences.map((line) => `  ${line}`),
    ];
  });
  return {
    exitCode: verificationExitCode(results),
    text: `${lines.join('\n')}\n`,
    data: {
      variants: Object.fromEntries(named.map(({ name, measurement }) => [name, measurement])),
    },
  };
}
