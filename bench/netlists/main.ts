import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import { compileModel, synthesizeBuild } from '../../src/compile.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { SynthesisTool } from '../../src/options.ts';
import { forChosen } from '../for-chosen.ts';

const samples = 16;

interface Subject {
  readonly variant: VariantName;
  readonly board: string;
  readonly targetThroughput: number;
  readonly tool: SynthesisTool;
}

const onUltra96 = { board: 'ultra96', targetThroughput: 200_000, tool: 'yosys' } as const;

const subjects: Readonly<Record<string, Subject>> = {
  // faster, its store is a block memory of 64 bits, which Yosys 0.23 gets wrong (docs/synthesis.md)
  dense: { variant: 'dense', ...onUltra96, targetThroughput: 100_000 },
  'sparse-sparse': { variant: 'sparse-sparse', ...onUltra96 },
  ice40: { variant: 'sparse-sparse', board: 'ice40hx8k', targetThroughput: 100, tool: 'ice40' },
};

/** Verifies the netlists of the subjects named, of all when none is: `forChosen`. */
export async function verifyTinyNetlists(names: readonly string[]): Promise<number> {
  return forChosen('netlist', subjects, names, async (_, subject, signal) => {
    const out = await mkdtemp(join(tmpdir(), 'nzflow-netlists-'));
    try {
      return await verify(subject, out, signal);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });
}

async function verify(
  { variant, board, targetThroughput, tool }: Subject,
  out: string,
  signal: AbortSignal,
): Promise<boolean> {
  const host = { progress: silentProgress, signal };
  const path = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/tiny-cnn/${leaf}`, import.meta.url));
  await compileModel(
    {
      model: path('model.onnx'),
      inputs: path('inputs.npy'),
      labels: path('labels.npy'),
      calibrate: path('calibrate.npy'),
      board,
      variants: [variant],
      samples,
      targetThroughput,
      out,
      requireFit: false,
    },
    host,
  );
  const wanted = { buildFolder: out, tool } as const;
  // the netlist of a bitstream is there when it was placed
  if (tool === 'ice40') console.log((await synthesizeBuild(wanted, host)).text.trimEnd());
  const { exitCode, text } = await synthesizeBuild(
    { ...wanted, verifyNetlist: true, samples },
    host,
  );
  console.log(text.trimEnd());
  return exitCode === 0;
}
