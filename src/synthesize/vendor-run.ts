import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { runChild } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import type { Board } from '../ir/board.ts';
import type { DesignFile, Plan } from '../ir/plan.ts';
import { designSources } from './design-sources.ts';
import type { DesignSources } from './design-sources.ts';
import type { SynthesisResult } from './synthesis-result.ts';

/** A tool of a vendor: what it is given, how it is run, what it leaves. */
export interface VendorTool {
  /** As `--tool` has it. */
  readonly name: 'vivado' | 'quartus';
  /** For people. */
  readonly title: string;
  /** Looked for on PATH. */
  readonly program: string;
  /** Of its project within a variant; results are in `out/` of it. */
  readonly folder: string;
  /** For the program, from the folder of the project. */
  readonly arguments: readonly string[];
  /** In the folder of the project, and whether nzflow writes it or the program itself. */
  readonly log: { readonly name: string; readonly written: 'here' | 'by-program' };
  /** Begin of a line that tells an error. */
  readonly errorPrefix: string;
  /** A command, or more, that somebody types where the program is; with what each is good for. */
  readonly toType: (plan: Plan, board: Board) => readonly string[];
  readonly project: (plan: Plan, board: Board, sources: DesignSources) => readonly DesignFile[];
  /** Reads `out/`. Throws `UserError` (exit code 3) where it cannot be understood. */
  readonly readResults: (folder: string, board: Board) => Promise<SynthesisResult>;
}

export interface VendorOptions {
  readonly tool: VendorTool;
  readonly plan: Plan;
  readonly board: Board;
  /** With `hdl/`; gets the project. */
  readonly variantFolder: string;
  /** Path of the program; null where it is not there. */
  readonly program: string | null;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Place and route of a device that is full takes most of a day. */
const timeoutMilliseconds = 48 * 3_600_000;

/** The last file that the script of any project writes. */
const resultFile = 'result.txt';

/**
 * Writes the project, runs the program on it where it is there, and reads what it found. Without the program: what a
 * run elsewhere left in `out/`, or null. Throws `UserError` with exit code 3 when the program fails, and
 * the reason of the signal when aborted.
 */
export async function synthesizeWithVendor(
  options: VendorOptions,
): Promise<SynthesisResult | null> {
  const { tool, plan, board, variantFolder, program } = options;
  const folder = join(variantFolder, tool.folder);
  const sources = await designSources(join(variantFolder, 'hdl'));
  for (const { name, content } of tool.project(plan, board, sources)) {
    await writeFileAtomic(join(folder, name), content);
  }
  const results = join(folder, 'out');
  if (program !== null) {
    // nothing of a run before may pass for a result of this one
    await rm(results, { recursive: true, force: true });
    await runProgram(folder, program, options);
  } else if ((await stat(join(results, resultFile)).catch(() => null)) === null) {
    return null;
  }
  return tool.readResults(results, board);
}

async function runProgram(
  folder: string,
  program: string,
  { tool, signal, onLine }: VendorOptions,
): Promise<void> {
  let firstError: string | null = null;
  const log = join(folder, tool.log.name);
  const result = await runChild({
    command: program,
    arguments: tool.arguments,
    folder,
    logFile: tool.log.written === 'here' ? log : null,
    timeoutMilliseconds,
    signal,
    onLine: (line) => {
      if (firstError === null && line.trimStart().startsWith(tool.errorPrefix)) {
        firstError = line.trim();
      }
      onLine(line);
    },
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut ? 'took longer than two days' : (firstError ?? 'gave no reason');
  fail(`synthesize/${tool.name}`, `${tool.title} failed: ${reason}`, {
    place: log,
    remedy: 'the log tells more',
    exitCode: exitCodes.toolFailed,
  });
}

/** Lines `key value` that the scripts write last. */
export function valuesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line): [string, string] => {
      const at = line.indexOf(' ');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
}
