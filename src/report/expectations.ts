import type { Comparison, Expectation } from '../ir/expectation.ts';
import type { VariantName } from '../ir/variant.ts';
import { figuresOfRatios, figuresOfVariant, isVariantFigure } from './figures.ts';
import { formatPercent, missing } from './format.ts';
import type { Report, ReportExpectation } from './schema.ts';
import { reportVariants } from './variants.ts';

const holds: Readonly<Record<Comparison, (value: number, bound: number) => boolean>> = {
  '>=': (value, bound) => value >= bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '<': (value, bound) => value < bound,
  '==': (value, bound) => value === bound,
};

/** What of it holds, in the same order. What is not known does not hold. */
export function checkExpectations(
  report: Report,
  expectations: readonly Expectation[],
): readonly ReportExpectation[] {
  return expectations.map((expectation) => {
    const { value, shown, reason, variant } = found(report, expectation);
    const { text, comparison, bound } = expectation;
    const met = value !== null && holds[comparison](value, bound);
    return { text, variant, value, shown, met, reason };
  });
}

interface Found {
  readonly variant: VariantName | null;
  readonly value: number | null;
  readonly shown: string;
  readonly reason: string | null;
}

function found(report: Report, { figure, variant: wanted, ofBoard }: Expectation): Found {
  if (!isVariantFigure(figure)) {
    const { of, format } = figuresOfRatios[figure];
    const value = of(report.ratios);
    const reason = value === null ? (report.ratios.reason ?? 'it is not known') : null;
    return { variant: null, value, shown: format(value), reason };
  }
  const there = reportVariants(report);
  const one = there.find(({ name }) => name === wanted) ?? (wanted === null ? there.at(-1) : null);
  if (one === undefined || one === null) {
    return { variant: wanted, value: null, shown: missing, reason: 'it was not built' };
  }
  const { of, format } = figuresOfVariant[figure];
  const own = of(one.variant);
  const reason = own === null ? (one.variant.reason ?? unknown(report, figure)) : null;
  if (own === null || !ofBoard)
    return { variant: one.name, value: own, shown: format(own), reason };
  const available = report.board.resources[figure as keyof Report['board']['resources']];
  const share = available > 0 ? own / available : own > 0 ? Infinity : 0;
  return { variant: one.name, value: share, shown: formatPercent(share), reason };
}

function unknown(report: Report, figure: string): string {
  return figure === 'accuracy' && !report.data.labelled
    ? 'the samples have no labels'
    : 'it was not measured';
}

/** `sparse-sparse.throughput >= 4.2 M/s does not hold: 3.9 M/s`. */
export function expectationLine({ text, variant, met, shown, reason }: ReportExpectation): string {
  const named = variant === null || text.startsWith(variant) ? text : `${variant}.${text}`;
  return `${named} ${met ? 'holds' : 'does not hold'}: ${reason ?? shown}`;
}
