import type { Command } from 'commander';
import { CommanderError } from 'commander';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError, exitCodes, printable } from '../base/diagnostics.ts';
import { listenForInterrupt } from './interrupt.ts';
import type { SignalSource } from './interrupt.ts';
import type { Pipeline } from './pipeline.ts';
import { buildProgram } from './program.ts';
import { terminalProgress } from './terminal-progress.ts';
import type { Terminal } from './terminal.ts';

/** A bug in nzflow: outside the codes of the contract (EX_SOFTWARE of sysexits.h). */
export const internalErrorExitCode = 70;

export interface CommandLine {
  /** Arguments after the program name. */
  readonly parameters: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
  readonly signals: SignalSource;
  readonly pipeline: Pipeline;
  /** Ends the process at once; for a command that does not stop when told to. */
  giveUp(exitCode: number): void;
}

/**
 * Runs one command and returns its exit code. Never throws: mistakes of the user and failures of
 * tools are told on stderr with place and remedy, our own with a stack. With `--json` stdout
 * holds exactly one JSON value, for errors `{ "error": { … } }`.
 */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const { terminal } = line;
  const progress = terminalProgress(terminal);
  const interrupt = listenForInterrupt(
    line.signals,
    () => {
      progress.abandon();
      terminal.writeError('interrupted: ending tools and removing what is half written\n');
    },
    (exitCode) => line.giveUp(exitCode),
  );
  let exitCode: number = exitCodes.done;
  const program = buildProgram({
    pipeline: line.pipeline,
    host: { progress, signal: interrupt.signal },
    version: line.version,
    finish(outcome, json) {
      progress.done();
      exitCode = outcome.exitCode;
      terminal.writeOutput(json ? `${JSON.stringify(outcome.data, null, 2)}\n` : outcome.text);
    },
  });
  for (const command of [program, ...program.commands]) settleOutput(command, terminal);
  try {
    await program.parseAsync([...line.parameters], { from: 'user' });
    return interrupt.exitCode() ?? exitCode;
  } catch (error) {
    progress.abandon();
    return interrupt.exitCode() ?? tell(error, terminal, line.parameters.includes('--json'));
  } finally {
    interrupt.dispose();
  }
}

/** Commander must neither end the process nor write past our terminal. */
function settleOutput(command: Command, terminal: Terminal): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => terminal.writeOutput(text),
    writeErr: (text) => terminal.writeError(text),
    outputError: (text, write) => write(text.replace(/^error: /, 'nzflow: ')),
  });
}

/** Says what went wrong and returns the exit code for it. */
function tell(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version are no errors; for the rest commander has written its message.
    if (error.exitCode === 0) return exitCodes.done;
    const message = error.message.replace(/^error: /, '');
    if (json) writeJsonError(terminal, exitCodes.badInput, [usageDiagnostic(message)]);
    return exitCodes.badInput;
  }
  if (error instanceof UserError) {
    for (const line of error.message.split('\n')) {
      terminal.writeError(line.startsWith('  ') ? `${line}\n` : `nzflow: ${line}\n`);
    }
    if (json) writeJsonError(terminal, error.exitCode, error.diagnostics);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.writeError(
    `nzflow: internal error, please report it with what you ran\n${printable(stack)}\n`,
  );
  if (json) {
    const message = error instanceof Error ? error.message : String(error);
    const diagnostic = { code: 'internal/error', message, place: null, remedy: null };
    writeJsonError(terminal, internalErrorExitCode, [diagnostic]);
  }
  return internalErrorExitCode;
}

function usageDiagnostic(message: string): Diagnostic {
  return { code: 'usage/command-line', message, place: null, remedy: 'nzflow --help' };
}

function writeJsonError(
  terminal: Terminal,
  exitCode: number,
  diagnostics: readonly Diagnostic[],
): void {
  terminal.writeOutput(`${JSON.stringify({ error: { exitCode, diagnostics } }, null, 2)}\n`);
}
