import { variantNames, type VariantName } from '../ir/variant.ts';
import { plural } from './format.ts';
import type { Report, ReportVariant } from './schema.ts';

export interface NamedVariant {
  readonly name: VariantName;
  readonly variant: ReportVariant;
}

/** The variants the report holds, in order of presentation. */
export function reportVariants(report: Report): readonly NamedVariant[] {
  return variantNames.flatMap((name) => {
    const variant = report.variants[name];
    return variant === undefined ? [] : [{ name, variant }];
  });
}

/** Cycles one copy takes per inference in steady state; null where it was not measured. */
export function oneCopyInterval(variant: ReportVariant): number | null {
  const perSecond = variant.timing?.throughputPerSecondOneCopy ?? 0;
  if (variant.timing === null || perSecond <= 0) return null;
  return (variant.timing.clockMHz * 1e6) / perSecond;
}

/** `needs 4.1× the BRAM36 of the board`; null where the variant fits. */
export function misfit(
  variant: ReportVariant,
  names: Report['board']['resourceNames'] = {},
): string | null {
  if (variant.resources.fits) return null;
  const exceeded = variant.resources.exceeded;
  if (exceeded === null) return variant.reason ?? 'does not fit the board';
  return `needs ${exceeded.factor.toFixed(exceeded.factor < 10 ? 2 : 0)}× the ${resourceLabel(exceeded.resource, names)} of the board`;
}

/** The resources of a board, in the order engineers list them. */
export const resourceNames = ['lut', 'ff', 'bram36', 'uram', 'dsp'] as const;

/** `LUT`, `BRAM36`, or what the family of the board calls it; an unknown resource keeps its name. */
export function resourceLabel(
  resource: string,
  names: Readonly<Partial<Record<string, string>>> = {},
): string {
  const known = resourceNames.some((name) => name === resource);
  return known ? (names[resource] ?? resource.toUpperCase()) : resource;
}

export interface VerificationTotals {
  /** Variants that were simulated. */
  readonly variants: number;
  /** Variants in the report, simulated or not. */
  readonly requested: number;
  /** Samples compared in each of them at least. */
  readonly samples: number;
  readonly mismatches: number;
}

/** What simulation proved over all variants. */
export function verificationTotals(report: Report): VerificationTotals {
  const requested = reportVariants(report);
  const runs = requested.flatMap(({ variant }) => variant.verification ?? []);
  return {
    variants: runs.length,
    requested: requested.length,
    samples: runs.length === 0 ? 0 : Math.min(...runs.map((run) => run.samples)),
    mismatches: runs.reduce((sum, run) => sum + run.mismatches, 0),
  };
}

/** What it means that variants were verified layer by layer; null where none was. */
export function layerwiseNote(report: Report): string | null {
  const layerwise = reportVariants(report).filter(
    ({ variant }) => variant.verification?.layerByLayer !== undefined,
  );
  const [first] = layerwise;
  if (first === undefined) return null;
  const samples = first.variant.verification?.samples ?? 0;
  return (
    `Verified layer by layer on ${plural(samples, 'sample')}, not as a whole: ` +
    `${layerwise.map(({ name }) => name).join(', ')}. Cycles and throughput there are those of the ` +
    `cycle model of the whole design, energy rests on the activity counted in the layers.`
  );
}

/** Variants that were not simulated and that the models speak for; null where there is none. */
export function forecastNote(report: Report): string | null {
  const names = reportVariants(report).flatMap(({ name, variant }) =>
    variant.energy?.activitySource === 'predicted' ? [name] : [],
  );
  if (names.length === 0) return null;
  return (
    `Not simulated: ${names.join(', ')}. Cycles and throughput there are those of the cycle model, ` +
    'energy rests on the activity that follows from the token counts of the reference.'
  );
}

/** `predicted` where throughput and latency of a variant are those of the cycle model. */
export function isPredicted(variant: ReportVariant): boolean {
  return variant.timing?.cyclesSource === 'predicted';
}
