import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import { compileModel } from '../../src/compile.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { readBoard } from '../../src/read/board.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';
import { parseNetlist } from '../../src/synthesize/netlist.ts';
import { requireTools } from '../../src/simulate/tools.ts';
import { synthesizeWithYosys } from '../../src/synthesize/yosys.ts';
import { forChosen } from '../for-chosen.ts';
import { copiesOnDies, describeCopies } from './copies-on-dies.ts';
import { allowedLevels, pathLines, templatePaths } from './module-paths.ts';

interface Design {
  readonly example: string;
  readonly board: string;
  readonly variant: VariantName;
  /** Inferences a second: the smallest design that reaches them; undefined: as many as fit. */
  readonly target?: number;
}

const designs: Readonly<Record<string, Design>> = {
  'keyword-sparse-sparse': {
    example: 'keyword-cnn',
    board: 'alveo-u250',
    variant: 'sparse-sparse',
  },
  'keyword-sparse-dense': { example: 'keyword-cnn', board: 'alveo-u250', variant: 'sparse-dense' },
  'keyword-dense': {
    example: 'keyword-cnn',
    board: 'alveo-u250',
    variant: 'dense',
    target: 10_000,
  },
  'keyword-small': { example: 'keyword-cnn', board: 'pynq-z2', variant: 'sparse-sparse' },
  'tiny-sparse-sparse': { example: 'tiny-cnn', board: 'arty-a7-35t', variant: 'sparse-sparse' },
  'tiny-dense': { example: 'tiny-cnn', board: 'arty-a7-35t', variant: 'dense' },
  'mlp-sparse-sparse': { example: 'pruned-mlp', board: 'arty-a7-100t', variant: 'sparse-sparse' },
  'mlp-dense': { example: 'pruned-mlp', board: 'arty-a7-100t', variant: 'dense' },
  'resnet-sparse-sparse': { example: 'pruned-resnet', board: 'zcu104', variant: 'sparse-sparse' },
  'resnet-sparse-dense': { example: 'pruned-resnet', board: 'zcu104', variant: 'sparse-dense' },
  'resnet-dense': { example: 'pruned-resnet', board: 'zcu104', variant: 'dense' },
};

/** Checks the designs named (all when none is): `forChosen`. */
export async function checkDesigns(names: readonly string[]): Promise<number> {
  return forChosen('design', designs, names, checkDesign);
}

/** Prints the paths of a netlist on file; the exit code. */
export async function printNetlist(file: string, top: string): Promise<number> {
  const netlist = parseNetlist(await readFile(file, 'utf8'));
  return printPaths(file, netlist, top) ? 0 : 1;
}

function printPaths(
  title: string,
  netlist: ReadonlyMap<string, NetlistModule>,
  top: string,
): boolean {
  const paths = templatePaths(netlist, top);
  const tooLong = paths.filter(({ path }) => path.levels > allowedLevels).length;
  console.log(`${title}: longest path ${(paths[0]?.path.levels ?? 0).toFixed(1)} LUT levels`);
  for (const line of pathLines(paths)) console.log(line);
  if (tooLong > 0) console.log(`VIOLATION: paths of ${String(tooLong)} modules are too long`);
  return tooLong === 0;
}

async function checkDesign(name: string, design: Design, signal: AbortSignal): Promise<boolean> {
  const { example, variant } = design;
  const path = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/${example}/${leaf}`, import.meta.url));
  const tools = await requireTools(['yosys']);
  const out = await mkdtemp(join(tmpdir(), 'nzflow-paths-'));
  try {
    await compileModel(
      {
        model: path('model.onnx'),
        inputs: path('inputs.npy'),
        calibrate: path('calibrate.npy'),
        board: design.board,
        variants: [variant],
        ...(design.target === undefined ? {} : { targetThroughput: design.target }),
        out,
        requireFit: false,
      },
      { progress: silentProgress, signal },
    );
    const board = await readBoard(design.board);
    const { netlist } = await synthesizeWithYosys({
      hdlFolder: join(out, variant, 'hdl'),
      synthFolder: join(out, variant, 'synth'),
      program: tools[0]?.path ?? 'yosys',
      board,
      signal,
      onLine: () => undefined,
    });
    const short = printPaths(`${name} (${board.name})`, netlist, 'nzflow_top');
    const copies = copiesOnDies(netlist, 'nzflow_top', board);
    console.log(`  ${describeCopies(copies)}`);
    if (!copies.fits) console.log('VIOLATION: not every copy fits whole into a die');
    return short && copies.fits;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
