import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentProgress } from '../../src/base/progress.ts';
import { compileModel, synthesizeBuild } from '../../src/compile.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { forChosen } from '../for-chosen.ts';

const samples = 16;

const variants: Readonly<Record<string, VariantName>> = {
  dense: 'dense',
  'sparse-sparse': 'sparse-sparse',
};

/** Verifies the netlists of the variants named, of all when none is: `forChosen`. */
export async function verifyTinyNetlists(names: readonly string[]): Promise<number> {
  return forChosen('variant', variants, names, async (_, variant, signal) => {
    const out = await mkdtemp(join(tmpdir(), 'nzflow-netlists-'));
    try {
      return await verify(variant, out, signal);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });
}

async function verify(variant: VariantName, out: string, signal: AbortSignal): Promise<boolean> {
  const host = { progress: silentProgress, signal };
  const path = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/tiny-cnn/${leaf}`, import.meta.url));
  await compileModel(
    {
      model: path('model.onnx'),
      inputs: path('inputs.npy'),
      labels: path('labels.npy'),
      calibrate: path('calibrate.npy'),
      board: 'ultra96',
      variants: [variant],
      samples,
      targetThroughput: 200_000,
      out,
      requireFit: false,
    },
    host,
  );
  const wanted = { buildFolder: out, tool: 'yosys', verifyNetlist: true, samples } as const;
  const { exitCode, text } = await synthesizeBuild(wanted, host);
  console.log(text.trimEnd());
  return exitCode === 0;
}
