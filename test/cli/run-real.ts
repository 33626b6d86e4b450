import { EventEmitter } from 'node:events';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { compilerPipeline } from '../../src/cli/pipeline.ts';
import { fakeTerminal } from './fake-terminal.ts';

export interface RealRun {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command line as `nzflow` does, with the real pipeline and a terminal that keeps all. */
export async function runReal(parameters: readonly string[]): Promise<RealRun> {
  const terminal = fakeTerminal();
  const exitCode = await runCommandLine({
    parameters,
    version: '1.2.3',
    terminal,
    signals: new EventEmitter(),
    pipeline: compilerPipeline,
    giveUp: () => undefined,
  });
  return { exitCode, output: terminal.output(), errors: terminal.errors() };
}
