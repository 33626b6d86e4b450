import type { Report, ReportVariant } from '../../src/report/schema.ts';
import { keywordCnnReport, keywordCnnVariant, layerShapes } from './fixture.ts';

/** The same with only sparse-sparse asked for: no ratio can be formed. */
export function oneVariantReport(): Report {
  const report = keywordCnnReport();
  return {
    ...report,
    variants: { 'sparse-sparse': keywordCnnVariant('sparse-sparse') },
    ratios: { ...noRatios(report), reason: 'the dense variant was not requested' },
  };
}

/** Dense was only compiled: what is said of it, and of both, is predicted. */
export function predictedReport(): Report {
  const report = keywordCnnReport();
  const dense = keywordCnnVariant('dense');
  const { cycles, timing, energy } = dense;
  if (cycles === null || timing === null || energy === null) throw new Error('all is measured');
  const unmeasured = {
    interval: null,
    latency: null,
    latencyP99: null,
    latencyWorst: null,
    latencyLoaded: null,
    samplesIsolated: 0,
    isolatedAsPredicted: 0,
  };
  return {
    ...report,
    variants: {
      ...report.variants,
      dense: {
        ...dense,
        cycles: { ...cycles, ...unmeasured },
        timing: { ...timing, cyclesSource: 'predicted' },
        energy: { ...energy, activitySource: 'predicted' },
        verification: null,
        pipeline: [],
      },
    },
    ratios: { ...report.ratios, source: 'predicted' },
  };
}

/** Dense is too big for the board, data without labels, no simulation of dense. */
export function misfitReport(): Report {
  const report = keywordCnnReport();
  const reason = 'the dense variant does not fit ultra96: it needs 2.71× its BRAM36';
  return {
    ...report,
    board: {
      name: 'ultra96',
      part: 'xczu3eg-sbva484-1-e',
      clockMHz: 250,
      resources: { lut: 70_560, ff: 141_120, bram36: 216, uram: 0, dsp: 360 },
    },
    data: { samples: 300, labelled: false },
    accuracy: null,
    variants: {
      dense: {
        ...keywordCnnVariant('dense'),
        copies: 1,
        cycles: null,
        timing: null,
        energy: null,
        verification: null,
        pipeline: [],
        reason,
        resources: {
          lut: 41_200,
          ff: 66_100,
          bram36: 586,
          uram: 0,
          dsp: 288,
          source: 'model',
          fits: false,
          exceeded: { resource: 'bram36', factor: 2.713 },
        },
      },
      'sparse-sparse': {
        ...keywordCnnVariant('sparse-sparse'),
        copies: 1,
        resources: {
          lut: 52_300,
          ff: 60_100,
          bram36: 92,
          uram: 0,
          dsp: 240,
          source: 'model',
          fits: true,
          exceeded: null,
        },
      },
    },
    ratios: { ...noRatios(report), reason },
    warnings: ['No labels were given: accuracy is not known.'],
  };
}

/** Names from a model are whatever its author typed. */
export const hostileNames = [
  '<script>alert("1")</script>',
  `"><img src=x onerror='alert(2)'>`,
  '</title></style><svg onload=alert(3)>',
  `a&b 'c' "d" \u202e \u0000 \``,
] as const;

/** The fixture with hostile names in every place that comes from a model, a file or a tool. */
export function hostileReport(): Report {
  const report = keywordCnnReport();
  const renamed = (name: string): string =>
    hostileNames[layerShapes.findIndex((shape) => shape.name === name)] ?? name;
  const rename = (one: ReportVariant): ReportVariant => ({
    ...one,
    layers: one.layers.map((layer) => ({
      ...layer,
      name: renamed(layer.name),
      unit: hostileNames[0],
    })),
    pipeline: one.pipeline.map((bar) => ({ ...bar, layer: renamed(bar.layer) })),
    energy:
      one.energy === null
        ? null
        : {
            ...one.energy,
            breakdownUj: { ...one.energy.breakdownUj, [hostileNames[1]]: 1 },
            energyByLayerUj: one.energy.energyByLayerUj.map((entry) => ({
              ...entry,
              name: renamed(entry.name),
            })),
          },
    verification:
      one.verification === null ? null : { ...one.verification, simulator: hostileNames[2] },
    resources: { ...one.resources, source: hostileNames[0] },
  });
  return {
    ...report,
    model: { name: hostileNames[2], file: hostileNames[1], sha256: hostileNames[0] },
    board: { ...report.board, name: hostileNames[0], part: hostileNames[1] },
    layers: report.layers.map((layer) => ({
      ...layer,
      name: renamed(layer.name),
      kind: hostileNames[0],
    })),
    variants: Object.fromEntries(
      Object.entries(report.variants).map(([name, one]) => [name, rename(one)]),
    ),
    ratios: {
      ...report.ratios,
      chain: report.ratios.chain.map((link) => ({
        ...link,
        layers: link.layers.map((layer) => ({ ...layer, name: renamed(layer.name) })),
      })),
    },
    notes: [hostileNames[0]],
    warnings: [hostileNames[1]],
  };
}

function noRatios(report: Report): Report['ratios'] {
  return {
    ...report.ratios,
    throughput: null,
    latency: null,
    energy: null,
    energyRange: null,
    shareOfLimit: null,
    chain: [],
  };
}

/** No variant could be built: the least a report can hold. */
export function emptyReport(): Report {
  const report = keywordCnnReport();
  return {
    ...report,
    data: { samples: 0, labelled: false },
    accuracy: null,
    macs: { dense: 0, weightSparse: 0, bothSparse: 0 },
    layers: [],
    variants: {},
    ratios: { ...noRatios(report), macLimit: null, reason: null },
    notes: [],
  };
}
