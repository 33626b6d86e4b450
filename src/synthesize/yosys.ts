import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { runChild } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { invariant } from '../base/invariant.ts';
import type { Board, Resources } from '../ir/board.ts';
import { designSources } from './design-sources.ts';
import { familySynthesis, readVerilog } from './family-synthesis.ts';
import { cellsBelow, layersOfNetlist } from './layer-synthesis.ts';
import type { LayerSynthesis } from './layer-synthesis.ts';
import { longestPath } from './logic-depth.ts';
import type { LogicPath } from './logic-depth.ts';
import type { NetlistModule } from './netlist.ts';
import { parseNetlist } from './netlist.ts';

export interface YosysOptions {
  /** Folder with the design, top `nzflow_top`. */
  readonly hdlFolder: string;
  /** Gets `yosys.log`, `yosys-cells.json` and, for a while, `yosys-netlist.json`. */
  readonly synthFolder: string;
  /** Path of the program. */
  readonly program: string;
  readonly board: Pick<Board, 'family' | 'title'>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const timeoutMilliseconds = 4 * 3_600_000;

const cellCounts = z.record(z.string(), z.number());

/** What a synthesised design takes, and the longest way between two of its registers. */
export interface Synthesis {
  readonly resources: Resources;
  /** Null in a family whose delays are not known. */
  readonly path: LogicPath | null;
  /** The same of each layer of one copy, unit by unit. */
  readonly layers: readonly LayerSynthesis[];
  /** The modules it has, equal ones once; the top is `nzflow_top`. */
  readonly netlist: ReadonlyMap<string, NetlistModule>;
}

/**
 * Resources of a whole design after the synthesis of its family, and its longest path. The hierarchy stays, so
 * equal engines are synthesised once and counted as often as they are used. Throws `UserError` when
 * Yosys has no such family, or there is no design, with exit code 3 when Yosys fails, and the reason of the signal when aborted.
 */
export async function synthesizeWithYosys(options: YosysOptions): Promise<Synthesis> {
  const folder = resolve(options.synthFolder);
  const family = familySynthesis(options.board);
  const cellsFile = join(folder, 'yosys-cells.json');
  const logFile = join(folder, 'yosys.log');
  const netlistFile = join(folder, 'yosys-netlist.json');
  // Yosys takes no quotes here; seen from the design the paths have nothing that needs them.
  const seenFromDesign = (file: string): string => relative(resolve(options.hdlFolder), file);
  await mkdir(folder, { recursive: true });
  await runYosys({
    ...options,
    logFile,
    defines: family.defines,
    commands: [
      ...family.commands,
      `tee -q -o ${seenFromDesign(cellsFile)} stat -json -top nzflow_top`,
      `write_json ${seenFromDesign(netlistFile)}`,
    ],
  });
  const mapped = parseNetlist(await readFile(netlistFile, 'utf8'));
  const netlist = family.pack === undefined ? mapped : family.pack(mapped);
  const cells =
    family.pack === undefined
      ? cellsOfDesign(await readFile(cellsFile, 'utf8'))
      : cellsBelow(netlist, 'nzflow_top');
  const resources = family.count(cells);
  // Hundreds of megabytes for a large design, and nothing else reads it.
  await rm(netlistFile);
  const path = family.timed ? longestPath(netlist, 'nzflow_top') : null;
  const layers = layersOfNetlist(netlist, family.count, family.timed);
  return { resources, path, layers, netlist };
}

/** A run of Yosys in the folder of a design. */
export interface YosysRun {
  readonly program: string;
  /** See `FamilySynthesis`. */
  readonly defines: readonly string[];
  readonly hdlFolder: string;
  readonly logFile: string;
  /** Commands after the Verilog is read. */
  readonly commands: readonly string[];
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** Throws `UserError` when there is no design, with exit code 3 when Yosys fails; the reason of the signal when aborted. */
export async function runYosys(run: YosysRun): Promise<void> {
  const { hdlFolder, logFile } = run;
  const { verilog } = await designSources(hdlFolder);
  let firstError: string | null = null;
  const result = await runChild({
    command: run.program,
    arguments: [
      ...['-q', '-T', '-l', logFile, '-p'],
      [readVerilog(verilog, run.defines), ...run.commands].join('; '),
    ],
    // Memory images are named without a path.
    folder: hdlFolder,
    logFile: null,
    timeoutMilliseconds,
    signal: run.signal,
    onLine: (line) => {
      if (firstError === null && line.includes('ERROR:')) firstError = line;
      run.onLine(line);
    },
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut ? 'took longer than four hours' : (firstError ?? 'gave no reason');
  fail('synthesize/yosys', `Yosys failed: ${reason}`, {
    place: logFile,
    remedy: 'the log tells more',
    exitCode: exitCodes.toolFailed,
  });
}

/**
 * Cells by type of the whole design, the last such list. Yosys 0.23 mixes the hierarchy as plain
 * text into the JSON, so the file as a whole cannot be parsed.
 */
export function cellsOfDesign(text: string): Readonly<Record<string, number>> {
  const start = text.lastIndexOf('"num_cells_by_type"');
  const list = start < 0 ? null : /\{[^{}]*\}/.exec(text.slice(start));
  invariant(list !== null, 'Yosys counts cells by type');
  return cellCounts.parse(JSON.parse(list[0]));
}
