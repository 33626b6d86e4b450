import type { Board } from '../ir/board.ts';
import type { VariantName } from '../ir/variant.ts';
import { variantNames } from '../ir/variant.ts';
import type { BuiltVariant, VariantFacts } from './build-variant.ts';
import { buildVariant, macsOf } from './build-variant.ts';
import { reportEnergyRatios } from './report-energy.ts';
import type { Report, ReportChainLink, ReportRatios } from './schema.ts';
import { misfit } from './variants.ts';

/** A report about a network alone: what is left of `Report` before any variant is known. */
export type ReportBase = Omit<Report, 'variants' | 'ratios'>;

/**
 * The report of a run from what is known about the network (`base`) and its variants. A pure
 * function of stored results, so `nzflow report` writes the same as `nzflow run`. `built`: the variants,
 * where the caller has them.
 */
export function buildReport(
  base: ReportBase,
  board: Board,
  facts: readonly VariantFacts[],
  built: readonly BuiltVariant[] = buildVariants(base, board, facts),
): Report {
  const assumptions = [...new Set(built.flatMap((variant) => variant.assumptions))];
  return {
    ...base,
    variants: Object.fromEntries(built.map(({ name, variant }) => [name, variant])),
    ratios: ratiosOf(base, board, built),
    notes: [...base.notes, ...assumptions],
    warnings: [...base.warnings, ...differenceWarnings(facts)],
  };
}

/** The variants of a report, in its order, with what their energies are computed from. */
export function buildVariants(
  base: ReportBase,
  board: Board,
  facts: readonly VariantFacts[],
): readonly BuiltVariant[] {
  const empty: Report = { ...base, variants: {}, ratios: noRatios };
  return variantNames.flatMap((name) =>
    facts
      .filter(({ plan }) => plan.variant === name)
      .map((variant) => buildVariant(empty, board, variant)),
  );
}

const noRatios: ReportRatios = {
  macLimit: null,
  throughput: null,
  latency: null,
  energy: null,
  energyRange: null,
  shareOfLimit: null,
  source: null,
  reason: 'there is no variant yet',
  chain: [],
};

/** The first difference of every variant that has one: what a person asks for first. */
function differenceWarnings(facts: readonly VariantFacts[]): readonly string[] {
  return facts.flatMap(({ plan, measurement }) => {
    const [first] = measurement?.differences ?? [];
    return first === undefined ? [] : [`${plan.variant} does not equal the reference: ${first}`];
  });
}

function ratiosOf(base: ReportBase, board: Board, built: readonly BuiltVariant[]): ReportRatios {
  const macLimit = ratio(base.macs.dense, base.macs.bothSparse);
  const chain = chainOf(base, built);
  const energyRatios = [...reportEnergyRatios(board, built)];
  const dense = built.find(({ name }) => name === 'dense');
  const sparse = built.find(({ name }) => name === 'sparse-sparse');
  const reason = whyNoRatio('dense', dense) ?? whyNoRatio('sparse-sparse', sparse);
  if (dense === undefined || sparse === undefined || reason !== null) {
    return { ...noRatios, macLimit, reason, chain, energyRatios };
  }
  const throughput = ratio(
    sparse.variant.timing?.throughputPerSecond,
    dense.variant.timing?.throughputPerSecond,
  );
  const range = energyRatios.find(({ of, over }) => {
    return of === 'dense' && over === 'sparse-sparse';
  })?.scopes.device;
  return {
    macLimit,
    throughput,
    latency: ratio(dense.variant.timing?.latencyUs, sparse.variant.timing?.latencyUs),
    energy: ratio(nominalEnergy(dense), nominalEnergy(sparse)),
    energyRange: range === undefined ? null : { p10: range.p10, p50: range.p50, p90: range.p90 },
    shareOfLimit: ratio(throughput, macLimit),
    source: [dense, sparse].every(({ variant }) => variant.timing?.cyclesSource === 'measured')
      ? 'measured'
      : 'predicted',
    reason: null,
    chain,
    energyRatios,
  };
}

function whyNoRatio(name: VariantName, built: BuiltVariant | undefined): string | null {
  if (built === undefined) return `${name} was not requested`;
  const why = misfit(built.variant);
  if (why !== null) return `${name} ${why}`;
  return built.variant.timing === null ? `${name}: ${built.variant.reason ?? 'no result'}` : null;
}

/** Every variant against the first of the chain, as a whole and layer by layer. */
function chainOf(base: ReportBase, built: readonly BuiltVariant[]): ReportRatios['chain'] {
  const [first] = built;
  return built.map((link): ReportChainLink => {
    const macs = base.macs[macsOf[link.name]];
    const throughput = link.variant.timing?.throughputPerSecond ?? null;
    return {
      variant: link.name,
      macs,
      macLimit: ratio(base.macs.dense, macs),
      throughput,
      throughputRatio: ratio(throughput, first?.variant.timing?.throughputPerSecond),
      energyRatio: ratio(first === undefined ? null : nominalEnergy(first), nominalEnergy(link)),
      layers: base.layers.map((layer, index) => {
        const own = layerThroughput(link, index);
        const layerMacs = layer.macs[macsOf[link.name]];
        return {
          name: layer.name,
          macs: layerMacs,
          macLimit: ratio(layer.macs.dense, layerMacs),
          throughput: own,
          throughputRatio: ratio(own, first === undefined ? null : layerThroughput(first, index)),
        };
      }),
    };
  });
}

/** Inferences per second that a layer alone would sustain in all copies; null where not known. */
function layerThroughput({ variant }: BuiltVariant, index: number): number | null {
  const layer = variant.layers[index];
  if (layer === undefined || variant.timing === null) return null;
  const cycles = layer.modelInterval ?? layer.busyCycles;
  return ratio(variant.copies * variant.timing.clockMHz * 1e6, cycles);
}

function nominalEnergy({ variant }: BuiltVariant): number | null {
  return variant.energy?.perInferenceUj.nominal ?? null;
}

/** Null where either is unknown or the divisor is 0. */
function ratio(
  dividend: number | null | undefined,
  divisor: number | null | undefined,
): number | null {
  if (dividend === null || dividend === undefined) return null;
  if (divisor === null || divisor === undefined || divisor <= 0) return null;
  return dividend / divisor;
}
