import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { runChild } from '../../base/child-process.ts';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import type { Board } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { designSources } from '../design-sources.ts';
import type { SynthesisResult } from '../synthesis-result.ts';
import { buildScript, vivadoProject } from './project.ts';
import { readVivadoResults } from './read-results.ts';

export interface VivadoOptions {
  readonly plan: Plan;
  readonly board: Board;
  /** With `hdl/`; gets `synth/vivado/`. */
  readonly variantFolder: string;
  /** Path of the program; null where it is not there. */
  readonly program: string | null;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Place and route of a device that is full takes most of a day. */
const timeoutMilliseconds = 48 * 3_600_000;

export const vivadoFolder = join('synth', 'vivado');

/**
 * Writes the project, runs Vivado on it where it is there, and reads what it found. Without Vivado: what a
 * run elsewhere left in `synth/vivado/out`, or null. Throws `UserError` with exit code 3 when Vivado fails, and
 * the reason of the signal when aborted.
 */
export async function synthesizeWithVivado(
  options: VivadoOptions,
): Promise<SynthesisResult | null> {
  const { plan, board, variantFolder, program } = options;
  const folder = join(variantFolder, vivadoFolder);
  const sources = await designSources(join(variantFolder, 'hdl'));
  const files = vivadoProject(plan, board, sources);
  for (const { name, content } of files) await writeFileAtomic(join(folder, name), content);
  const results = join(folder, 'out');
  if (program !== null) {
    // nothing of a run before may pass for a result of this one
    await rm(results, { recursive: true, force: true });
    await runVivado(folder, program, options);
  } else if ((await stat(join(results, 'result.txt')).catch(() => null)) === null) {
    return null;
  }
  return readVivadoResults(results);
}

async function runVivado(
  folder: string,
  program: string,
  { signal, onLine }: VivadoOptions,
): Promise<void> {
  let firstError: string | null = null;
  const log = join(folder, 'vivado.log');
  const result = await runChild({
    command: program,
    arguments: ['-mode', 'batch', '-nojournal', '-log', 'vivado.log', '-source', buildScript],
    folder,
    logFile: null,
    timeoutMilliseconds,
    signal,
    onLine: (line) => {
      if (firstError === null && line.startsWith('ERROR:')) firstError = line;
      onLine(line);
    },
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut ? 'took longer than two days' : (firstError ?? 'gave no reason');
  fail('synthesize/vivado', `Vivado failed: ${reason}`, {
    place: log,
    remedy: 'the log tells more',
    exitCode: exitCodes.toolFailed,
  });
}
