import type { ExitCode } from '../base/diagnostics.ts';
import { exitCodes, printable } from '../base/diagnostics.ts';
import { hasEngines } from '../ir/plan.ts';
import type { ResourceKind } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import type { Outcome } from '../options.ts';
import { formatCount, formatCycles, formatSi } from '../report/format.ts';
import type { Report } from '../report/schema.ts';
import { resourceLabel } from '../report/variants.ts';
import type { Measurement } from '../simulate/measurement.ts';
import type { LayerVerification } from '../simulate/verify-layer.ts';
import type { Build } from './build-folder.ts';
import type { LayerwiseResult } from './simulate-layers.ts';

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

/**
 * Differences first: a wrong design is worse than one that does not fit, and that explains more than an
 * expectation that does not hold (1 as well).
 */
export function reportExitCode(report: Report, requireFit: boolean): ExitCode {
  const variants = Object.values(report.variants);
  const runs = variants.flatMap(({ verification }) => verification ?? []);
  const verified = verificationExitCode(runs);
  if (verified !== exitCodes.done) return verified;
  const fits = fitExitCode(
    variants.map(({ resources }) => resources),
    requireFit,
  );
  if (fits !== exitCodes.done) return fits;
  const met = (report.expectations ?? []).every((one) => one.met);
  return met ? exitCodes.done : exitCodes.mismatch;
}

/** What `nzflow compile` tells. */
export function buildOutcome(build: Build, out: string, requireFit: boolean): Outcome {
  const variants = build.variants.map(({ network, resources, fits, exceeded }, index) => {
    const { variant, copies, layers } = network.plan;
    const multipliers = layers.reduce(
      (sum, layer) => sum + (hasEngines(layer) ? layer.multipliers : 0),
      0,
    );
    const misfit = build.misfits[index] ?? null;
    return { variant, copies, multipliers, resources, fits, exceeded, misfit };
  });
  const lines = variants.map(({ variant, copies, multipliers, resources, exceeded }) => {
    const names = build.network.board.resourceNames;
    const amount = (kind: ResourceKind): string => `${formatCount(resources[kind])} ${names[kind]}`;
    const used = `${amount('lut')}, ${amount('dsp')}, ${amount('bram36')}`;
    const verdict =
      exceeded === null
        ? ''
        : `; does not fit: ${exceeded.factor.toFixed(2)}× the usable ${resourceLabel(exceeded.resource, names)}`;
    const copyText = `${copies} ${copies === 1 ? 'copy' : 'copies'}`;
    return `  ${variant}: ${copyText} of ${formatCount(multipliers)} multipliers, ${used}${verdict}`;
  });
  const layerwise = variants.some(({ fits }) => !fits) ? ' --layers' : '';
  const next = `Verify it with: nzflow simulate ${out}${layerwise}`;
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

/** What `nzflow simulate --layers` tells. */
export function layerwiseOutcome(results: readonly LayerwiseResult[]): Outcome {
  const lines = results.flatMap(({ plan, layers, measurement }) => [
    `${plan.variant}:`,
    ...layerTable(layers),
    layerwiseVerdict(plan, layers, measurement),
    ...layers.flatMap(({ differences }) => differences.map((line) => `  ${line}`)),
  ]);
  const variants = results.map(({ plan, layers, measurement }) => [
    plan.variant,
    { layers, measurement },
  ]);
  return {
    exitCode: verificationExitCode(results.flatMap(({ layers }) => layers)),
    text: `${lines.join('\n')}\n`,
    data: { variants: Object.fromEntries(variants) as object },
  };
}

function layerTable(layers: readonly LayerVerification[]): readonly string[] {
  const names = layers.map(({ name }) => printable(name, 40));
  const width = Math.max(5, ...names.map(({ length }) => length));
  const line = (...cells: readonly string[]): string => {
    const [name = '', verdict = '', ...numbers] = cells;
    const right = numbers.map((cell) => cell.padStart(13)).join('');
    return `  ${name.padEnd(width)}  ${verdict.padEnd(16)}${right}`;
  };
  return [
    line('layer', '', 'cycles', 'predicted'),
    ...layers.map(({ mismatches, measured, predicted }, at) =>
      line(
        names[at] ?? '',
        mismatches === 0 ? 'bit-exact' : `${formatCount(mismatches)} differences`,
        measured === null ? 'hangs' : formatCycles(measured.interval),
        formatCycles(predicted.interval),
      ),
    ),
  ];
}

function layerwiseVerdict(
  plan: Plan,
  layers: readonly LayerVerification[],
  measurement: Measurement | null,
): string {
  const exact = layers.filter(({ mismatches }) => mismatches === 0).length;
  const onTime = layers.filter(({ cyclesExact }) => cyclesExact).length;
  const [slowest] = [...layers].sort((one, other) => {
    return (other.measured?.interval ?? 0) - (one.measured?.interval ?? 0);
  });
  const samples = layers[0]?.samples ?? 0;
  const verdict =
    `${plan.variant}: verified layer by layer on ${samples} ` +
    `${samples === 1 ? 'sample' : 'samples'}: ${exact} of ${layers.length} bit-exact, ` +
    `${onTime} in exactly the predicted cycles`;
  const prediction = measurement?.prediction ?? null;
  if (prediction === null) return verdict;
  const perSecond = (plan.clockMHz * 1e6) / prediction.interval;
  return (
    `${verdict}; slowest ${printable(slowest?.name ?? '', 40)}, ` +
    `${formatCycles(slowest?.measured?.interval ?? null)} cycles; whole design by the cycle model ` +
    `${formatSi(perSecond, '/s')} with ${plan.copies} ${plan.copies === 1 ? 'copy' : 'copies'}`
  );
}
