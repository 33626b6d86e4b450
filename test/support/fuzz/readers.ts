import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lowerModel } from '../../../src/passes/lower.ts';
import { boardSchema } from '../../../src/read/board-schema.ts';
import { parseConfigDocument } from '../../../src/read/config-document.ts';
import { parseConfig } from '../../../src/read/config.ts';
import { decodeNpy } from '../../../src/read/npy.ts';
import { decodeOnnxModel } from '../../../src/read/onnx.ts';
import { parsePlan } from '../../../src/read/plan.ts';
import { samplesOf } from '../../../src/read/samples.ts';
import { diffReports, formatDiff } from '../../../src/report/diff.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { parseReport } from '../../../src/report/schema.ts';
import type { Report } from '../../../src/report/schema.ts';
import { formatReport } from '../../../src/report/terminal.ts';
import { planText } from '../../../src/emit/plan-text.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { keywordCnnReport } from '../../report/fixture.ts';
import { elementwiseModels } from '../operator-models/elementwise.ts';
import { hostModels } from '../operator-models/host.ts';
import { layoutModels } from '../operator-models/layout.ts';
import { encodeOperatorModel } from '../operator-models/operator-model.ts';
import { quantisedModels } from '../operator-models/quantised.ts';
import { windowModels } from '../operator-models/windows.ts';
import { winnerModels } from '../operator-models/winners.ts';
import { randomCase, randomQueueDagCase, randomWiredCase } from '../random-case.ts';
import { oneOf } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { makeNpy } from './mutate-npy.ts';
import { mutateOnnx } from './mutate-onnx.ts';
import { mutateYaml } from './mutate-yaml.ts';

/** A reader, and how inputs for it are made. */
export interface FuzzedReader {
  readonly name: string;
  /** Of all inputs. */
  readonly share: number;
  /** An input; the same for the same numbers. */
  readonly make: (random: Random) => Uint8Array | string;
  /** Reads it and what follows from it; may throw `UserError` and nothing else. */
  readonly read: (input: Uint8Array | string) => unknown;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const file = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

const bytesOf = (input: Uint8Array | string): Uint8Array =>
  typeof input === 'string' ? Buffer.from(input) : input;
const textOf = (input: Uint8Array | string): string =>
  typeof input === 'string' ? input : Buffer.from(input).toString('utf8');

/** A model as far as layers: what every command does with it first. */
function readModel(input: Uint8Array | string): unknown {
  return lowerModel(decodeOnnxModel(bytesOf(input), 'model.onnx'));
}

/** A file of samples for a small input. */
function readSampleFile(input: Uint8Array | string): unknown {
  const tensor = decodeNpy(bytesOf(input), 'x.npy');
  const shape = { channels: 2, height: 2, width: 1 };
  return samplesOf(tensor, shape, 'x.npy');
}

const whole: Report = keywordCnnReport();

/** A report as `nzflow report` and `nzflow diff` show it. */
function readReportText(input: Uint8Array | string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(textOf(input));
  } catch {
    // told by who read the file
    return null;
  }
  const report = parseReport(json);
  return [
    formatReport(report, { colour: false, width: 100 }),
    renderHtml(report),
    formatDiff(diffReports(whole, report)),
  ];
}

/** Every reader with its seeds, which are made when this is called. */
export function fuzzedReaders(): readonly FuzzedReader[] {
  const models = [
    ...[...windowModels, ...elementwiseModels, ...layoutModels, ...winnerModels],
    ...[...hostModels, ...quantisedModels],
  ].map((model) => encodeOperatorModel(model));
  const plans = [
    randomCase(1, 'dense', 1).network.plan,
    randomCase(2, 'sparse-sparse', 1).network.plan,
    randomQueueDagCase(4, 'sparse-sparse', 1).network.plan,
    randomWiredCase(1, 'sparse-dense', 1).network.plan,
  ].map(planText);
  const report = JSON.stringify(whole);
  const boards = ['pynq-z2', 'alveo-u250'].map((name) => file('boards', `${name}.yaml`));
  return [
    {
      name: 'onnx',
      share: 0.4,
      make: (random) => mutateOnnx(random, oneOf(random, models)),
      read: readModel,
    },
    { name: 'npy', share: 0.2, make: makeNpy, read: readSampleFile },
    {
      name: 'nzflow.yaml',
      share: 0.12,
      make: (random) => mutateYaml(random, config),
      read: (input) => parseConfig('nzflow.yaml', textOf(input)),
    },
    {
      name: 'board',
      share: 0.12,
      make: (random) => mutateYaml(random, oneOf(random, boards)),
      read: (input) => {
        const source = { file: 'own.yaml', text: textOf(input), area: 'board' };
        return parseConfigDocument(source, boardSchema);
      },
    },
    {
      name: 'plan.json',
      share: 0.08,
      make: (random) => mutateJson(random, oneOf(random, plans)),
      read: (input) => parsePlan(textOf(input), 'plan.json'),
    },
    {
      name: 'report.json',
      share: 0.08,
      make: (random) => mutateJson(random, report),
      read: readReportText,
    },
  ];
}

const config = `model: model.onnx
board: zcu104
variants: [dense, sparse-sparse]
inputs: data/x.npy
labels: data/y.npy
calibrate: c.npy
samples: 12
targetThroughput: 20000
clockMHz: 200
weights: loadable
gapSeed: [1, 2]
requireFit: true
expect: ["throughput >= 4.2 M/s", "lut <= 75 %"]
out: build/x
`;
