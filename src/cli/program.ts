import { Command, Option } from 'commander';
import type { Host, Outcome } from '../options.ts';
import type { Config } from '../read/config-schema.ts';
import { boards } from './boards.ts';
import { doctor } from './doctor.ts';
import {
  axiInterfaces,
  clockMegahertz,
  expectationList,
  kwtaRule,
  nameList,
  nonEmpty,
  percentage,
  positiveInteger,
  positiveNumber,
  seedList,
  synthesisTool,
  variantList,
  optimization,
  weightMode,
} from './option-values.ts';
import type { Pipeline } from './pipeline.ts';
import { addExploreCommand } from './explore-command.ts';
import { addWorkerCommand } from './worker-command.ts';
import { addSparsifyCommand } from './sparsify-command.ts';
import type { Settings } from './settings.ts';
import {
  compileOptions,
  diffOptions,
  inspectOptions,
  readSettings,
  reportOptions,
  runOptions,
  simulateOptions,
  synthesizeOptions,
  weightsOptions,
} from './settings.ts';

/** What the program needs from whoever runs it. */
export interface ProgramContext {
  readonly pipeline: Pipeline;
  readonly host: Host;
  readonly version: string;
  /** Takes the result of the one command that ran. */
  finish(outcome: Outcome, json: boolean): void;
}

/** The command line: every command, its options and its help. Handlers only translate and call. */
export function buildProgram(context: ProgramContext): Command {
  const program = new Command('nzflow')
    .description(
      'Compiles trained sparse neural networks (ONNX) to verified sparse-sparse streaming Verilog.',
    )
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('(nzflow --help shows how it is used)')
    .addHelpText('after', programHelp);
  const { pipeline, host } = context;

  const define = (definition: CommandDefinition): void => {
    const command = program.command(definition.name).description(definition.description);
    const words = [definition.argument, definition.second].flatMap((one) => one ?? []);
    for (const { name, description } of words) command.argument(`[${name}]`, description);
    for (const name of definition.options) command.addOption(optionTable[name]());
    command.addHelpText(
      'after',
      `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`,
    );
    command.action(async (...given: readonly unknown[]) => {
      const argument: Partial<Config> = Object.fromEntries(
        words.flatMap(({ setting }, index) => {
          const word = given[index];
          return typeof word === 'string' ? [[setting, word]] : [];
        }),
      );
      const settings = await readSettings(command, argument);
      context.finish(await definition.run(settings), settings.json ?? false);
    });
  };

  const model = {
    name: 'model.onnx',
    description: 'the trained network',
    setting: 'model',
  } as const;
  const folder = {
    name: 'build-dir',
    description: 'what run or compile wrote',
    setting: 'buildDir',
  } as const;
  const data = ['inputs', 'labels', 'calibrate', 'samples'] as const;
  const numbers = ['kwta'] as const;
  const planning = [
    'board',
    'variants',
    'targetThroughput',
    'targetLatency',
    'optimize',
    'clock',
    'weights',
    'axi',
    'shell',
    'out',
    'requireFit',
  ] as const;
  const simulation = ['gapSeed', 'hashCheck', 'trace'] as const;
  const layerwise = ['layers', 'layer', 'resume'] as const;
  const gates = ['expect', 'junit', 'summary'] as const;
  const common = ['config', 'json'] as const;

  define({
    name: 'run',
    description: 'Everything in order: read, quantise, plan, emit Verilog, simulate, report.',
    argument: model,
    options: [...planning, ...data, ...numbers, ...simulation, ...gates, ...common],
    examples: [
      'nzflow run model.onnx --board alveo-u250 --inputs x.npy --labels y.npy --calibrate c.npy',
      'nzflow run model.onnx --board pynq-z2 --inputs x.npy --variants sparse-sparse --samples 32',
      'nzflow run --config nzflow.yaml --json > result.json',
      'nzflow run --config nzflow.yaml --expect "throughput >= 4.2 M/s" --junit junit.xml',
    ],
    run: (settings) => pipeline.runModel(runOptions(settings), host),
  });
  define({
    name: 'inspect',
    description: 'Layers, densities, operators and products per inference of a network.',
    argument: model,
    options: [...data, ...numbers, ...common],
    examples: ['nzflow inspect model.onnx', 'nzflow inspect model.onnx --inputs x.npy --json'],
    run: (settings) => pipeline.inspectModel(inspectOptions(settings), host),
  });
  addSparsifyCommand(program, async (options, json) => {
    context.finish(await pipeline.sparsifyModel(options, host), json);
  });
  addExploreCommand(program, {
    search: async (options, json) => {
      context.finish(await pipeline.exploreDesigns(options, host), json);
    },
    view: async (options, json) => {
      context.finish(await pipeline.viewSearch(options), json);
    },
  });
  addWorkerCommand(program, async (options, json) => {
    context.finish(await pipeline.exploreWorker(options, host), json);
  });
  define({
    name: 'compile',
    description: 'Verilog and plan only, without simulation.',
    argument: model,
    options: [...planning, ...data, ...numbers, ...common],
    examples: [
      'nzflow compile model.onnx --board zcu104 --calibrate c.npy --out build/mine',
      'nzflow compile model.onnx --board alveo-u250 --calibrate c.npy --target-throughput 1e6',
      'nzflow compile model.onnx --board alveo-u250 --calibrate c.npy --target-latency 5',
      'nzflow compile model.onnx --board zcu104 --calibrate c.npy --weights loadable',
      'nzflow compile model.onnx --board pynq-z2 --calibrate c.npy --axi 64',
      'nzflow compile model.onnx --board alveo-u250 --calibrate c.npy --shell',
    ],
    run: (settings) => pipeline.compileModel(compileOptions(settings), host),
  });
  define({
    name: 'simulate',
    description: 'Verify an existing build bit for bit in Verilator and count its cycles.',
    argument: folder,
    options: [
      'variants',
      'samples',
      'weightImage',
      ...layerwise,
      ...simulation,
      'activity',
      ...common,
    ],
    examples: [
      'nzflow simulate build/demo',
      'nzflow simulate build/demo --variants sparse-sparse --samples 32 --gap-seed 7',
      'nzflow simulate build/demo --samples 1 --trace',
      'nzflow simulate build/demo --variants sparse-sparse --activity 1',
      'nzflow simulate build/mine --weights build/mine-v2',
      'nzflow simulate build/resnet50 --layers --samples 1 --resume',
    ],
    run: (settings) => pipeline.simulateBuild(simulateOptions(settings), host),
  });
  define({
    name: 'weights',
    description: 'Weights of another model of the same structure for a loadable build.',
    argument: folder,
    second: model,
    options: ['weightsOut', 'variants', ...data, ...numbers, ...common],
    examples: [
      'nzflow weights build/mine retrained.onnx --calibrate c.npy --inputs x.npy --out build/mine-v2',
      'nzflow simulate build/mine --weights build/mine-v2',
    ],
    run: (settings) => pipeline.writeModelWeights(weightsOptions(settings), host),
  });
  define({
    name: 'synth',
    description: 'Synthesise an existing build and compare with the resource model.',
    argument: folder,
    options: ['tool', 'variants', 'verifyNetlist', 'samples', ...common],
    examples: [
      'nzflow synth build/demo --tool yosys --variants sparse-sparse',
      'nzflow synth build/demo --tool vivado --variants sparse-sparse',
      'nzflow synth build/demo --tool quartus',
      'nzflow synth build/tiny --tool ice40 --variants sparse-sparse',
      'nzflow synth build/tiny --tool yosys --verify-netlist --samples 16',
    ],
    run: (settings) => pipeline.synthesizeBuild(synthesizeOptions(settings), host),
  });
  define({
    name: 'report',
    description: 'Write report.json and report.html of an existing build again.',
    argument: folder,
    options: [...gates, ...common],
    examples: [
      'nzflow report build/demo',
      'nzflow report build/demo --expect "energyRatio >= 15, lut <= 75 %" --summary job.md',
    ],
    run: (settings) => pipeline.reportBuild(reportOptions(settings), host),
  });
  define({
    name: 'diff',
    description: 'What changed between two reports, figure by figure.',
    argument: {
      name: 'old',
      description: 'report.json or build folder to begin with',
      setting: 'oldReport',
    },
    second: { name: 'new', description: 'the one to compare with it', setting: 'newReport' },
    options: ['maxRegression', ...common],
    examples: [
      'nzflow diff main/report.json build/demo/report.json',
      'nzflow diff build/before build/after --max-regression 2',
    ],
    run: (settings) => pipeline.diffBuilds(diffOptions(settings)),
  });
  define({
    name: 'boards',
    description: 'The boards nzflow knows.',
    options: ['json'],
    examples: ['nzflow boards', 'nzflow boards --json'],
    run: () => boards(),
  });
  define({
    name: 'doctor',
    description: 'Are the external tools there, and how to get them.',
    options: ['json'],
    examples: ['nzflow doctor'],
    run: () => doctor(),
  });
  return program;
}

interface CommandDefinition {
  readonly name: string;
  readonly description: string;
  readonly argument?: ArgumentDefinition;
  readonly second?: ArgumentDefinition;
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
  readonly run: (settings: Settings) => Promise<Outcome>;
}

interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
  readonly setting: 'model' | 'buildDir' | 'oldReport' | 'newReport';
}

type OptionName = keyof typeof optionTable;

/** Every option once; commands name the ones they take. */
const optionTable = {
  board: () =>
    new Option(
      '--board <name>',
      'board to plan for: a name from `nzflow boards`, or a board file',
    ).argParser(nonEmpty),
  inputs: () => new Option('--inputs <x.npy>', 'test samples, float32').argParser(nonEmpty),
  labels: () =>
    new Option('--labels <y.npy>', 'class numbers of the test samples').argParser(nonEmpty),
  calibrate: () =>
    new Option('--calibrate <c.npy>', 'training samples that set the activation ranges').argParser(
      nonEmpty,
    ),
  samples: () =>
    new Option('--samples <n>', 'use only the first n test samples (default: all)').argParser(
      positiveInteger,
    ),
  kwta: () =>
    new Option(
      '--kwta <rule>',
      'exact: k-WTA keeps exactly k values; ties: all that equal the k-th too (default: exact)',
    ).argParser(kwtaRule),
  weights: () =>
    new Option(
      '--weights <where>',
      'fixed: in the design; loadable: over a stream, so that models can change (default: fixed)',
    ).argParser(weightMode),
  axi: () =>
    new Option(
      '--axi <bits>',
      'AXI4-Stream of so many bits and AXI4-Lite around the design, with counters and drivers',
    ).argParser(axiInterfaces),
  shell: () =>
    new Option(
      '--shell',
      'an XRT kernel, planned for what the shell of the card leaves of the device',
    ),
  weightImage: () =>
    named(
      'weightImage',
      new Option('--weights <dir>', 'load what `nzflow weights` wrote there instead of its own'),
    ).argParser(nonEmpty),
  variants: () =>
    new Option(
      '--variants <list>',
      'any of dense,sparse-dense,sparse-sparse (default: all)',
    ).argParser(variantList),
  targetThroughput: () =>
    new Option(
      '--target-throughput <n>',
      'inferences per second to reach (default: as many as fit)',
    ).argParser(positiveNumber),
  targetLatency: () =>
    named(
      'targetLatencyUs',
      new Option(
        '--target-latency <us>',
        'microseconds one inference alone may take (median): one copy, as small as that allows',
      ),
    ).argParser(positiveNumber),
  optimize: () =>
    new Option(
      '--optimize <what>',
      'throughput: fill the board; latency: one copy of the least latency (default: throughput)',
    ).argParser(optimization),
  clock: () =>
    new Option('--clock <MHz>', "clock instead of the board's default").argParser(clockMegahertz),
  out: () =>
    new Option('-o, --out <dir>', 'build folder (default: build/<name of the model>)').argParser(
      nonEmpty,
    ),
  weightsOut: () =>
    new Option('-o, --out <dir>', 'folder to write the weights to (needed)').argParser(nonEmpty),
  requireFit: () =>
    new Option('--require-fit', 'exit 4 when any variant does not fit, not only when none does'),
  expect: () =>
    new Option(
      '--expect <list>',
      'what has to hold, or exit 1: "throughput >= 4.2 M/s, dense.lut <= 60 %"',
    ).argParser(expectationList),
  junit: () =>
    new Option('--junit <file>', 'write the results as JUnit XML too').argParser(nonEmpty),
  summary: () =>
    new Option('--summary <file>', 'write the results as Markdown too').argParser(nonEmpty),
  maxRegression: () =>
    new Option(
      '--max-regression <percent>',
      'exit 1 when a figure is worse by more than this',
    ).argParser(percentage),
  trace: () => new Option('--trace', 'record FST waves (slow and large: use few samples)'),
  activity: () =>
    new Option(
      '--activity <n>',
      'SAIF and VCD of n inferences of every copy, for power tools (slow and large: 1 will do)',
    ).argParser(positiveInteger),
  gapSeed: () =>
    new Option(
      '--gap-seed <n,...>',
      'all samples again with random gaps and back-pressure, a run a seed (default: a short run)',
    ).argParser(seedList),
  layers: () =>
    new Option(
      '--layers',
      'every layer alone in a design of its own, fed by the reference: for networks of any size',
    ),
  layer: () =>
    new Option('--layer <names>', 'only these layers, alone; names separated by commas').argParser(
      nameList,
    ),
  resume: () =>
    new Option('--resume', 'leave out layers verified before with the same design and data'),
  hashCheck: () =>
    new Option('--no-hash-check', 'do not compare memory images with their hashes first'),
  tool: () =>
    new Option('--tool <name>', 'yosys, vivado, quartus or ice40').argParser(synthesisTool),
  verifyNetlist: () =>
    new Option(
      '--verify-netlist',
      'simulate what Yosys made of the design, against reference and Verilog (16 samples)',
    ),
  config: () =>
    new Option(
      '--config <nzflow.yaml>',
      'file with options; the command line goes first',
    ).argParser(nonEmpty),
  json: () => new Option('--json', 'machine-readable result on stdout, everything else on stderr'),
} as const;

/** An option under another name than its flag: a flag may mean something else in another command. */
function named(name: string, option: Option): Option {
  option.attributeName = () => name;
  return option;
}

const programHelp: (context: {
  readonly command: Command;
  readonly error: boolean;
}) => string = () => `
Examples:
  $ nzflow run model.onnx --board alveo-u250 --inputs x.npy --labels y.npy --calibrate c.npy
  $ nzflow inspect model.onnx
  $ nzflow doctor

Exit codes:
  0  done and verified
  1  Verilog and reference disagree, or something expected does not hold
  2  bad input or usage
  3  an external tool is missing or failed
  4  no requested variant fits the board (with --require-fit: any does not)
  70  internal error; 130 and 143: interrupted (Ctrl-C, SIGTERM)`;
