import { EventEmitter } from 'node:events';
import { silentProgress } from '../../src/base/progress.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Pipeline } from '../../src/cli/pipeline.ts';
import type { Host, Outcome } from '../../src/options.ts';
import type { FakeTerminal } from './fake-terminal.ts';
import { fakeTerminal } from './fake-terminal.ts';

export interface FakeRun {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
  /** `runModel {"model":"m.onnx",…}`: which function was called with what. */
  readonly calls: readonly { readonly name: string; readonly options: unknown }[];
}

export interface FakeSetting {
  /** What every function of the pipeline does. */
  readonly behave?: (host: Host) => Promise<Outcome>;
  readonly signals?: EventEmitter;
  readonly terminal?: FakeTerminal;
  readonly giveUp?: (exitCode: number) => void;
}

const fine: Outcome = { exitCode: 0, text: 'a table\n', data: { answer: 42 } };

/** Runs the command line with a pipeline that only notes what it was asked. */
export async function runFake(
  parameters: readonly string[],
  setting: FakeSetting = {},
): Promise<FakeRun> {
  const terminal = setting.terminal ?? fakeTerminal();
  const calls: { name: string; options: unknown }[] = [];
  const behave = setting.behave ?? (() => Promise.resolve(fine));
  const note =
    (name: keyof Pipeline) =>
    (options: unknown, host: Host): Promise<Outcome> => {
      calls.push({ name, options });
      return behave(host);
    };
  // commands that take no time are given no host
  const silentHost = { progress: silentProgress, signal: new AbortController().signal };
  const exitCode = await runCommandLine({
    parameters,
    version: '1.2.3',
    terminal,
    signals: setting.signals ?? new EventEmitter(),
    pipeline: {
      runModel: note('runModel'),
      inspectModel: note('inspectModel'),
      compileModel: note('compileModel'),
      simulateBuild: note('simulateBuild'),
      synthesizeBuild: note('synthesizeBuild'),
      reportBuild: note('reportBuild'),
      writeModelWeights: note('writeModelWeights'),
      sparsifyModel: note('sparsifyModel'),
      exploreDesigns: note('exploreDesigns'),
      exploreWorker: note('exploreWorker'),
      viewSearch: (options) => note('viewSearch')(options, silentHost),
      diffBuilds: (options) => note('diffBuilds')(options, silentHost),
    },
    giveUp: setting.giveUp ?? (() => undefined),
  });
  return { exitCode, output: terminal.output(), errors: terminal.errors(), calls };
}
