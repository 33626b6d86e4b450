import { z } from 'zod';
import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { variantNames } from '../ir/variant.ts';
import { scopedFigure, swings } from './energy-schema.ts';
import { count, fraction, nonNegative } from './schema-numbers.ts';
import { variantSchema } from './variant-schema.ts';

/** Products per inference, counted after quantisation, mean over the samples. */
const macs = z.object({
  dense: nonNegative,
  weightSparse: nonNegative,
  bothSparse: nonNegative,
});

const activations = z.object({
  kind: z.enum(['none', 'relu', 'clip', 'leaky-relu', 'k-wta']),
  /** Winners per vector; null without k-WTA. */
  k: count.nullable(),
  /** What one k-WTA vector is; null without k-WTA. */
  scope: z.enum(['site', 'layer']).nullable(),
  /** Share of the vectors with a tie at the k-th value; null without k-WTA. */
  tieRate: fraction.nullable(),
  /** Share of the output values cut by the quantised range; null where logits are kept. */
  clipRate: fraction.nullable(),
});

const layer = z.object({
  /** From the ONNX node: any characters. */
  name: z.string(),
  kind: z.string(),
  inputShape: z.array(count),
  outputShape: z.array(count),
  weights: z.object({ total: count, nonZero: count }),
  /** Share of the input values that are not zero after quantisation. */
  inputDensity: fraction,
  /** Non-zeros / word slots of the packing. */
  packingEfficiency: fraction,
  macs,
  activations,
});

const board = z.object({
  name: z.string(),
  part: z.string(),
  clockMHz: z.number().positive(),
  /** What the board has: the 100 % of every utilisation. */
  resources: z.object({
    lut: nonNegative,
    ff: nonNegative,
    bram36: nonNegative,
    uram: nonNegative,
    dsp: nonNegative,
  }),
  /** What its family calls them, where that is not what the keys say. */
  resourceNames: z.record(z.string(), z.string()).optional(),
});

/** One variant, or one layer of it, against the same of the first variant of the chain. */
const chainNumbers = {
  macs: nonNegative,
  /** `macs` of dense / `macs` here: the most the zeros could give; null when `macs` is 0. */
  macLimit: nonNegative.nullable(),
  /** Inferences per second (of a layer: what it alone would sustain, all copies). */
  throughput: nonNegative.nullable(),
  throughputRatio: nonNegative.nullable(),
};

const chainLink = z.object({
  variant: z.enum(variantNames),
  ...chainNumbers,
  /** Energy of dense / energy here, nominal. */
  energyRatio: nonNegative.nullable(),
  layers: z.array(z.object({ name: z.string(), ...chainNumbers })),
});

const ratios = z.object({
  macLimit: nonNegative.nullable(),
  throughput: nonNegative.nullable(),
  latency: nonNegative.nullable(),
  energy: nonNegative.nullable(),
  /** Of the energy ratio (scope `device`), both variants under one draw of the coefficients. */
  energyRange: z.object({ p10: nonNegative, p50: nonNegative, p90: nonNegative }).nullable(),
  shareOfLimit: nonNegative.nullable(),
  /** `predicted` where either of the two is not measured as a whole; null where there is no ratio. */
  source: z.enum(['measured', 'predicted']).nullable(),
  reason: z.string().nullable(),
  chain: z.array(chainLink),
  /**
   * Energy of one variant over energy of another, each pair under the same draws of the coefficients; of the
   * variants that have an energy. Reports of before it was known have none.
   */
  energyRatios: z
    .array(
      z.object({
        of: z.enum(variantNames),
        over: z.enum(variantNames),
        scopes: scopedFigure,
        sensitivity: swings,
      }),
    )
    .optional(),
});

/** An expectation that was given, and whether it holds. */
const expectation = z.object({
  text: z.string(),
  /** Whose figure it is; null for ratios. */
  variant: z.enum(variantNames).nullable(),
  /** In the figure's own unit, or a share of the board; null where it is not known. */
  value: nonNegative.nullable(),
  /** The value for people. */
  shown: z.string(),
  met: z.boolean(),
  /** Why there is no value. */
  reason: z.string().nullable(),
});

const reportSchema = z.object({
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('nzflow'), version: z.string() }),
  model: z.object({ name: z.string(), file: z.string(), sha256: z.string() }),
  board,
  data: z.object({ samples: count, labelled: z.boolean() }),
  /** Null when unlabelled. */
  accuracy: z.object({ float: fraction, quantized: fraction }).nullable(),
  macs,
  layers: z.array(layer),
  variants: z.partialRecord(z.enum(variantNames), variantSchema),
  ratios,
  /** Only where some were given. */
  expectations: z.array(expectation).exactOptional(),
  /** Facts and assumptions worth telling, a sentence each. */
  notes: z.array(z.string()),
  /** What the user should look at before relying on the numbers. */
  warnings: z.array(z.string()),
});

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

/** Everything one run found out: the content of report.json, schema version 1. */
export type Report = DeepReadonly<z.infer<typeof reportSchema>>;
export type ReportLayer = Report['layers'][number];
export type ReportMacs = Report['macs'];
export type ReportRatios = Report['ratios'];
export type ReportChainLink = ReportRatios['chain'][number];
export type ReportVariant = DeepReadonly<z.infer<typeof variantSchema>>;
export type ReportVariantLayer = ReportVariant['layers'][number];
export type ReportExpectation = NonNullable<Report['expectations']>[number];
export type ReportResources = ReportVariant['resources'];

/**
 * Checks that a parsed report.json follows the schema; fields it does not know are dropped.
 * Throws a `UserError` with one diagnostic per violation, placed at its path in `file`.
 */
export function parseReport(json: unknown, file = 'report.json'): Report {
  const result = reportSchema.safeParse(json);
  if (result.success) return result.data;
  throw new UserError(
    result.error.issues.map((issue): Diagnostic => ({
      code: 'report/schema',
      message: issue.message,
      place: `${file}: ${issue.path.length === 0 ? '(top)' : issue.path.map(String).join('.')}`,
      remedy: 'write the report again with `nzflow run`',
    })),
  );
}

/** JSON Schema (draft 2020-12) of report.json, for publication beside the configuration's. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { io: 'input' });
}
