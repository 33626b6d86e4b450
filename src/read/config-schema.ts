import { z } from 'zod';
import { variantNames } from '../ir/variant.ts';
import { ExpectationError, parseExpectations } from './expectation.ts';

const path = z.string().min(1);
const seed = z.int().nonnegative().max(0xffffffff);

const expected = z.string().superRefine((text, context) => {
  try {
    parseExpectations(text);
  } catch (error) {
    if (!(error instanceof ExpectationError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** `nzflow.yaml`: every option of the command line under its long name in camel case. */
export const configSchema = z
  .strictObject({
    model: path.describe('ONNX file; instead of the argument <model.onnx>'),
    buildDir: path.describe(
      'build folder for simulate, synth and report; instead of the argument <build-dir>',
    ),
    board: path.describe('name of a board (nzflow boards) or path of a board file; --board'),
    inputs: path.describe('test samples, .npy float32; --inputs'),
    labels: path.describe('class numbers of the test samples, .npy; --labels'),
    calibrate: path.describe('training samples for the activation ranges, .npy; --calibrate'),
    variants: z.array(z.enum(variantNames)).min(1).describe('accelerators to build; --variants'),
    samples: z.int().positive().describe('use only the first so many test samples; --samples'),
    kwta: z
      .enum(['exact', 'ties'])
      .describe('k-WTA keeps exactly k values, or all that equal the k-th; --kwta'),
    weights: z
      .enum(['fixed', 'loadable'])
      .describe(
        'where the weights are: in the memories of the design, or loaded over a stream; --weights',
      ),
    axi: z
      .strictObject({
        dataBits: z
          .literal([8, 16, 32, 64, 128, 256, 512, 1024])
          .describe('bits of the data streams'),
      })
      .describe('AXI interfaces, counters and drivers around the design; --axi <bits>'),
    shell: z
      .boolean()
      .describe('an XRT kernel, planned for what the shell of the card leaves; --shell'),
    weightImage: path.describe('weights that simulate loads, a folder of `nzflow weights`'),
    targetThroughput: z
      .number()
      .positive()
      .describe('inferences per second to reach; --target-throughput'),
    targetLatencyUs: z
      .number()
      .positive()
      .describe(
        'microseconds one inference alone may take, median, with one copy; --target-latency',
      ),
    optimize: z
      .enum(['throughput', 'latency'])
      .describe('what a plan without a target is best in; --optimize'),
    clockMHz: z
      .number()
      .positive()
      .max(2000)
      .describe("clock instead of the board's default; --clock"),
    out: path.describe('build folder; --out'),
    expect: z
      .union([expected, z.array(expected).min(1)])
      .describe(
        'what has to hold, or exit code 1: "throughput >= 4.2 M/s", "accuracy >= 95 %"; --expect',
      ),
    junit: path.describe('file for the results as JUnit XML; --junit'),
    summary: path.describe('file for the results as Markdown; --summary'),
    oldReport: path.describe(
      'report.json or build folder that diff begins with; instead of its argument',
    ),
    newReport: path.describe(
      'report.json or build folder that diff ends with; instead of its argument',
    ),
    maxRegression: z
      .number()
      .nonnegative()
      .describe('per cent that a figure may get worse in diff, or exit code 1; --max-regression'),
    requireFit: z
      .boolean()
      .describe('exit code 4 when any variant does not fit the board; --require-fit'),
    trace: z.boolean().describe('record FST waves; --trace'),
    activity: z
      .int()
      .min(1)
      .describe('inferences whose switching activity is recorded for power tools; --activity'),
    gapSeed: z
      .union([seed, z.array(seed).min(1)])
      .describe(
        'seed, or seeds, of runs with random input gaps and output back-pressure; --gap-seed',
      ),
    hashCheck: z
      .boolean()
      .describe('compare memory images with their hashes first; false is --no-hash-check'),
    layers: z
      .boolean()
      .describe('simulate every layer alone instead of the whole design; --layers'),
    layer: z
      .array(z.string().min(1))
      .min(1)
      .describe('simulate only the layers of these names, alone; --layer'),
    resume: z
      .boolean()
      .describe('leave out layers that are verified with the same design and data; --resume'),
    tool: z.enum(['yosys', 'vivado', 'quartus', 'ice40']).describe('tool of synth; --tool'),
    verifyNetlist: z.boolean().describe('synth simulates the netlists of Yosys; --verify-netlist'),
    json: z.boolean().describe('machine-readable result on stdout; --json'),
  })
  .partial();

/** Checked contents of `nzflow.yaml`; what is absent was not said. */
export type Config = Readonly<z.output<typeof configSchema>>;

/** JSON Schema of `nzflow.yaml`, published as schema/nzflow.schema.json. */
export function configJsonSchema(): object {
  return {
    ...z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }),
    title: 'nzflow.yaml',
    description:
      'Options of the nzflow command line. Paths are relative to the folder of the file.',
  };
}
