import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fail } from '../base/diagnostics.ts';
import type { Plan } from '../ir/plan.ts';
import { variantNames } from '../ir/variant.ts';
import { readFailure } from './read-failure.ts';
import { refuseSpecialFile } from './special-file.ts';

const count = z.int().nonnegative();
const positive = z.int().positive();
const size = z.object({ height: positive, width: positive });

const stream = z.object({
  kind: z.enum(['tokens', 'dense', 'logits']),
  channels: positive,
  height: positive,
  width: positive,
  tokensPerBeat: positive,
  sitesPerBeat: positive,
  valuesPerSite: count,
  maximumTokens: count,
  maximumBeats: positive,
  channelBits: count,
  valueBits: positive,
  valueSigned: z.boolean(),
  tokenBits: positive,
  countBits: count,
});

const tokensPerBeat = positive;
const tail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('logits'), wordsPerBeat: positive }),
  z.object({
    kind: z.enum(['insert', 'histogram', 'select']),
    winners: positive,
    groups: positive,
    tokensPerBeat,
  }),
  z.object({ kind: z.literal('nonzero'), tokensPerBeat }),
]);

const edge = z.object({
  from: z.int().min(-1),
  port: count,
  fifoDepth: count,
  blockFifo: z.boolean(),
});

const layerBase = {
  index: count,
  name: z.string(),
  origin: z.array(z.string()),
  inputs: z.array(edge).min(1),
  output: stream,
  readers: positive,
  outputChannels: positive,
  parameters: z.record(z.string(), z.number()),
};

const range = z.object({ minimum: z.int(), maximum: z.int() });
const term = z.object({ node: count, shift: count, negative: z.boolean() });
const scheduledGraph = z.object({
  nodes: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('input'), input: count, range }),
      z.object({ kind: z.enum(['add', 'result']), terms: z.array(term).min(1).max(3), range }),
      z.object({ kind: z.literal('delay'), a: count, steps: positive, range }),
    ]),
  ),
  outputs: z.array(term.nullable()),
  stages: z.array(count),
  latency: positive,
});

const engineLayer = z.object({
  ...layerBase,
  kind: z.enum(['window', 'max-pool']),
  choice: z.object({
    core: z.enum(['sparse', 'dense', 'max', 'wired']),
    engines: positive,
    lanes: positive,
    values: positive,
    setsParallel: positive,
    queues: count,
    channelLanes: z.boolean(),
    blockWeights: z.boolean(),
    ultraWeights: z.boolean(),
    ultraStore: z.boolean(),
    oneBank: z.enum(['block', 'registers']).exactOptional(),
    multiplyRows: z.literal(true).exactOptional(),
    scaleCycles: z.union([2, 4, 8, 16].map((cycles) => z.literal(cycles))).exactOptional(),
    streamWeights: z.literal(true).exactOptional(),
    drainWidth: positive,
    readWidth: positive,
    inputTokens: positive,
    tailTokens: positive,
  }),
  window: z.object({
    input: z.object({ channels: positive, height: positive, width: positive }),
    kernel: size,
    dilation: size,
    stride: size,
    padTop: count,
    padLeft: count,
    pool: size,
    poolStride: size,
    output: size,
    windows: size,
  }),
  input: stream,
  tail,
  sets: positive,
  folds: positive,
  depth: positive,
  setSize: positive,
  packingEfficiency: z.number(),
  lanePositions: positive,
  words: positive,
  turns: z.array(count),
  queueWords: z.array(z.array(count)),
  windowWords: z.number().nonnegative(),
  sumDepth: positive,
  sumBits: positive,
  drainBeats: positive,
  rowsInStore: positive,
  slots: z.array(z.int().min(-1)),
  starts: z.array(z.object({ top: z.int(), left: z.int() })),
  multipliers: count,
  weightBits: count,
  coreLatency: count,
  fillLatency: count,
  drainLatency: count,
  requantiseLatency: count,
  files: z.record(z.string(), z.array(z.string())),
  wired: scheduledGraph.exactOptional(),
  streamed: z
    .object({ words: positive, beatsPerWord: positive, periodCycles: z.number().positive() })
    .exactOptional(),
});

const joinLayer = {
  ...layerBase,
  choice: z.object({
    core: z.literal('join'),
    inputTokens: z.array(positive).min(1),
    width: positive,
  }),
  inputStreams: z.array(stream).min(1),
};

const layer = z.discriminatedUnion('kind', [
  engineLayer,
  z.object({ ...joinLayer, kind: z.literal('add') }),
  z.object({ ...joinLayer, kind: z.literal('concat') }),
  z.object({ ...joinLayer, kind: z.literal('winners') }),
]);

const answer = z.object({
  name: z.string(),
  edge,
  channels: positive,
  height: positive,
  width: positive,
  beatsPerSite: positive,
  scale: z.array(z.number()),
});

/** A file of the design itself: a name, never a path out of the folder. */
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/);

const axiStream = z.object({ slotBits: positive, beats: positive, lastBytes: positive });

const planSchema = z.object({
  planVersion: z.literal(2),
  tool: z.object({ name: z.string(), version: z.string() }),
  model: z.object({ name: z.string(), sha256: z.string() }),
  board: z.string(),
  clockMHz: z.number().positive(),
  variant: z.enum(variantNames),
  copies: positive,
  input: z.object({
    beatBits: positive,
    valuesPerBeat: positive,
    beatsPerInference: positive,
    partsPerBeat: positive,
    streamBeats: positive,
    fifoDepth: positive,
    stream,
    scale: z.number().positive(),
    readers: positive,
  }),
  output: z.object({
    beatBits: positive,
    wordsPerBeat: positive,
    words: positive,
    beatsPerInference: positive,
    answers: z.array(answer).min(1),
  }),
  layers: z.array(layer).min(1),
  memories: z.array(
    z.object({
      file: fileName,
      layer: z.string(),
      purpose: z.enum(['weights', 'pointers', 'turns', 'requantise', 'permutation']),
      widthBits: positive,
      depth: positive,
      instances: positive,
      memory: z.enum(['logic', 'block', 'ultra']),
      sha256: z.string(),
    }),
  ),
  load: z
    .object({
      beatBits: positive,
      beats: positive,
      structure: z.string().regex(/^[0-9a-f]{64}$/),
    })
    .exactOptional(),
  weightStream: z
    .object({
      beatBits: positive,
      beats: positive,
      rate: z.object({ beats: positive, cycles: positive }),
      fifoDepth: positive,
      sections: z.array(z.object({ layer: count, words: positive, beatsPerWord: positive })).min(1),
      sha256: z.string(),
    })
    .exactOptional(),
  axi: z
    .object({
      dataBits: positive,
      input: axiStream,
      output: axiStream,
      eventBits: positive,
      kernel: z.literal(true).optional(),
    })
    .exactOptional(),
});

/** Reads a plan.json back. Throws `UserError` when it is missing, damaged or of another version. */
export async function readPlan(path: string): Promise<Plan> {
  await refuseSpecialFile('plan/unreadable', path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return readFailure('plan/unreadable', path, error);
  }
  return parsePlan(text, path);
}

/** As `readPlan`, from text; `path` is for messages. */
export function parsePlan(text: string, path: string): Plan {
  const remedy = 'build again with `nzflow run` or `nzflow compile`';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return fail('plan/not-json', 'the file is not JSON', { place: path, remedy, cause });
  }
  const result = planSchema.safeParse(json);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  return fail('plan/schema', `not a plan of this version: ${first?.message ?? 'unknown'}`, {
    place: [
      path,
      ...(first === undefined || first.path.length === 0 ? [] : [first.path.map(String).join('.')]),
    ].join(': '),
    remedy,
    cause: result.error,
  });
}
