import type { Report, ReportVariant } from '../../src/report/schema.ts';
import { keywordCnnReport } from './fixture.ts';

type Scopes = NonNullable<NonNullable<ReportVariant['energy']>['scopes']>;

/** A range around a figure, the figure its median. */
function around(value: number, width: number): NonNullable<Scopes['board']> {
  return { nominal: value, p10: value / width, p50: value, p90: value * width };
}

function scopes(value: number, withBoard: boolean): Scopes {
  return {
    dynamic: around(value * 0.92, 1.5),
    device: around(value, 1.4),
    board: withBoard ? around(value * 3, 1.1) : null,
    boardReason: withBoard ? null : 'nobody has measured it',
  };
}

/** The fixture with energies in three scopes, their ratios and what they hang on. */
export function energyReport(withBoard = true): Report {
  const report = keywordCnnReport();
  const variants = Object.fromEntries(
    Object.entries(report.variants).map(([name, variant]) => {
      if (variant.energy === null) throw new Error('fixture changed');
      const nominal = variant.energy.perInferenceUj.nominal;
      const energy = {
        ...variant.energy,
        scopes: scopes(nominal, withBoard),
        sensitivity: [
          { quantity: 'lut-toggle', low: nominal * 0.7, high: nominal * 1.8 },
          { quantity: 'from-the-future', low: nominal * 0.95, high: nominal * 1.1 },
        ],
      };
      return [name, { ...variant, energy }];
    }),
  );
  const energyRatios = [
    {
      of: 'dense' as const,
      over: 'sparse-sparse' as const,
      scopes: scopes(6.5, withBoard),
      sensitivity: [{ quantity: 'static-watts', low: 6.6, high: 5.9 }],
    },
  ];
  return { ...report, variants, ratios: { ...report.ratios, energyRatios } };
}
