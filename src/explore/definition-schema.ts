import { z } from 'zod';

const path = z.string().min(1);
const scalar = z.union([z.number(), z.string(), z.boolean()]);

const when = z
  .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
  .describe('it exists only where other parameters have these values')
  .optional();

const parameterSchema = z.union([
  scalar.describe('always this value'),
  z.strictObject({
    type: z.enum(['real', 'integer', 'log']).describe('log: real, drawn evenly over its logarithm'),
    low: z.number(),
    high: z.number(),
    scale: z.enum(['linear', 'log']).optional(),
    when,
  }),
  z.strictObject({
    type: z.literal('categorical'),
    values: z.array(scalar).min(1),
    when,
  }),
]);

const metricSchema = z.strictObject({
  goal: z.enum(['maximise', 'minimise', 'store']).default('store'),
  threshold: z
    .string()
    .regex(/^\s*(>=|<=)\s*\S+\s*\S*\s*$/, 'write a comparison and a number, such as ">= 95 %"')
    .describe('">= 0.93": a design is feasible only if it holds')
    .optional(),
});

const taskSchema = z.strictObject({
  name: z.string().min(1),
  cost: z.number().positive().describe('beside the other tasks, in any unit'),
  samples: z
    .union([z.int().min(2), z.number().positive().max(1)])
    .default(1)
    .describe('test samples the accuracy is from: how many, or a share of them'),
  finetune: z
    .number()
    .nonnegative()
    .default(0)
    .describe('epochs of training on the surviving weights'),
  plan: z
    .enum(['quick', 'full'])
    .default('full')
    .describe(
      'quick: a first look at few foldings; the design is mostly a little slower, at times by half',
    ),
  simulate: z.int().nonnegative().default(0).describe('samples simulated in RTL, compared exactly'),
  synth: z.boolean().default(false).describe('resources by Yosys instead of the model'),
});

/** `explore.yaml`. */
export const definitionSchema = z.strictObject({
  model: path.describe('ONNX file, dense or sparse'),
  calibrate: path.describe('training samples, .npy: activation ranges and weight updates'),
  calibrateLabels: path.describe('their classes, .npy; for tasks that train').optional(),
  inputs: path.describe('test samples, .npy'),
  labels: path.describe('their classes, .npy'),
  seed: z.int().nonnegative().max(0xffffffff).default(1),
  budget: z
    .strictObject({
      cost: z.number().positive().optional().describe('sum of the costs of all tasks done'),
      trials: z.int().positive().optional().describe('designs looked at'),
      minutes: z.number().positive().optional().describe('time of one run of the search'),
    })
    .refine((budget) => Object.keys(budget).length > 0, 'give cost, trials or minutes'),
  parameters: z.record(z.string(), parameterSchema),
  metrics: z.record(z.string(), metricSchema),
  tasks: z.array(taskSchema).min(1).max(8),
  optimiser: z
    .strictObject({
      method: z.enum(['tree-parzen', 'random', 'grid']).default('tree-parzen'),
      levels: z.int().min(2).max(64).default(3).describe('values a number, for grid'),
      lag: z
        .int()
        .min(1)
        .max(256)
        .default(8)
        .describe('jobs that may be under way; a proposal knows all those before them'),
    })
    .default({ method: 'tree-parzen', levels: 3, lag: 8 }),
});
export type DefinitionDocument = z.output<typeof definitionSchema>;
export type TaskDocument = DefinitionDocument['tasks'][number];

/** JSON Schema of `explore.yaml`. */
export function definitionJsonSchema(): object {
  return {
    ...z.toJSONSchema(definitionSchema, { target: 'draft-7', io: 'input' }),
    title: 'explore.yaml',
  };
}
