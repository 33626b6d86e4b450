import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { runChild } from '../../base/child-process.ts';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import { present } from '../../base/invariant.ts';
import type { DesignFile, Plan } from '../../ir/plan.ts';
import { withoutDistributed } from '../family-synthesis.ts';
import { countIce40Cells } from '../other-cells.ts';
import type { SynthesisResult } from '../synthesis-result.ts';
import { cellsOfDesign, runYosys } from '../yosys.ts';
import { boardTop, pinFile } from './board-top.ts';
import type { SerialLine } from './board-top.ts';
import type { Ice40Device } from './device.ts';
import { readPlacedDesign } from './read-report.ts';

/** A program of the flow, found. */
export interface FlowTool {
  readonly path: string | null;
  readonly version: string | null;
}

export interface Ice40Options {
  readonly plan: Plan;
  readonly device: Ice40Device;
  readonly line: SerialLine;
  /** `nzflow_board`. */
  readonly top: DesignFile;
  /** With `hdl/`; gets `synth/ice40/`. */
  readonly variantFolder: string;
  /** Templates of the board's top that the design has not: paths of their files. */
  readonly templates: readonly string[];
  readonly tools: Readonly<Record<'yosys' | 'nextpnr' | 'icepack', FlowTool>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface Ice40Run {
  readonly result: SynthesisResult;
  /** Path of the bitstream. */
  readonly bitstream: string;
  readonly line: SerialLine;
}

export const ice40Folder = join('synth', 'ice40');
/** What nextpnr places: `nzflow_board` with `nzflow_top` in it. */
export const placedNetlist = 'netlist.json';
const timeoutMilliseconds = 4 * 3_600_000;

/**
 * Puts a serial line around a design, synthesises, places and routes it and packs the bitstream, all in
 * `synth/ice40`. Throws `UserError` with exit code 4 where the design does not fit the part, 3 where a tool fails otherwise; the reason of the signal when aborted.
 */
export async function implementIce40(options: Ice40Options): Promise<Ice40Run> {
  const { plan, device, line, top, variantFolder } = options;
  const folder = resolve(variantFolder, ice40Folder);
  const hdlFolder = join(variantFolder, 'hdl');
  // nothing of a run before may pass for a result of this one
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const pins = pinFile(device.pins);
  for (const { name, content } of [top, pins]) await writeFileAtomic(join(folder, name), content);
  const added = options.templates.map((path) => basename(path));
  for (const path of options.templates) await copyFile(path, join(folder, basename(path)));
  await synthesise(options, { folder, hdlFolder, added, synthesis: device.synthesis });
  const log = join(folder, 'nextpnr.log');
  await runStep(options, 'nextpnr', log, folder, [
    device.option,
    ...['--package', device.package, '--pcf', pins.name, '--json', placedNetlist],
    ...['--asc', `${boardTop}.asc`, '--report', 'report.json', '--freq', String(plan.clockMHz)],
    ...['--seed', '1', '--timing-allow-fail'],
  ]);
  await runStep(options, 'icepack', join(folder, 'icepack.log'), folder, [
    `${boardTop}.asc`,
    `${boardTop}.bin`,
  ]);
  const placed = await readPlacedDesign(join(folder, 'report.json'));
  const cells = cellsOfDesign(await readFile(join(folder, 'cells.json'), 'utf8'));
  const version = options.tools.nextpnr.version ?? '';
  return {
    bitstream: join(folder, `${boardTop}.bin`),
    line,
    result: {
      synthesisVersion: 1,
      tool: `nextpnr-ice40 ${version}`.trim(),
      resources: { ...placed.resources, ff: countIce40Cells(cells).ff },
      timing: {
        maximumClockMHz: placed.maximumClockMHz,
        holds: placed.maximumClockMHz >= plan.clockMHz,
        routed: true,
      },
    },
  };
}

interface SynthesisFiles {
  readonly folder: string;
  readonly hdlFolder: string;
  readonly added: readonly string[];
  readonly synthesis: string;
}

async function synthesise(
  options: Ice40Options,
  { folder, hdlFolder, added, synthesis }: SynthesisFiles,
): Promise<void> {
  const here = (name: string): string => relative(resolve(hdlFolder), join(folder, name));
  const { yosys } = options.tools;
  await runYosys({
    program: present(yosys.path, 'Yosys has a path'),
    hdlFolder,
    logFile: join(folder, 'yosys.log'),
    defines: [],
    commands: [
      `read_verilog -defer ${[...added, `${boardTop}.v`].map(here).join(' ')}`,
      ...withoutDistributed(boardTop),
      // the design becomes one module, which can be simulated alone (netlist-check.ts); nextpnr knows hierarchies
      'proc',
      'flatten nzflow_top',
      `synth_ice40 ${synthesis} -abc9 -noflatten -top ${boardTop} -json ${here(placedNetlist)}`,
      `tee -q -o ${here('cells.json')} stat -json -top ${boardTop}`,
    ],
    signal: options.signal,
    onLine: options.onLine,
  });
}

async function runStep(
  { tools, signal, onLine }: Ice40Options,
  tool: 'nextpnr' | 'icepack',
  logFile: string,
  folder: string,
  parameters: readonly string[],
): Promise<void> {
  const path = present(tools[tool].path, `${tool} has a path`);
  let firstError: string | null = null;
  const result = await runChild({
    command: path,
    arguments: parameters,
    folder,
    logFile,
    timeoutMilliseconds,
    signal,
    onLine: (line) => {
      if (firstError === null && line.startsWith('ERROR:')) firstError = line.slice(6).trim();
      onLine(line);
    },
  });
  if (result.exitCode === 0) return;
  const reason = result.timedOut ? 'took longer than four hours' : (firstError ?? 'gave no reason');
  const full = /failed to expand region|unable to place|failed to place|no bels remaining/i.test(
    reason,
  );
  fail('synthesize/ice40', `${tool === 'nextpnr' ? 'nextpnr-ice40' : tool} failed: ${reason}`, {
    place: logFile,
    remedy: full
      ? 'the design is too large for the part: ask for less, with --target-throughput'
      : 'the log tells more',
    exitCode: full ? exitCodes.doesNotFit : exitCodes.toolFailed,
  });
}
