import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { buildSimulator } from '../../src/simulate/build-simulator.ts';
import { writeDesignFolder } from '../../src/simulate/design-folder.ts';
import { writeReference } from '../../src/simulate/reference-files.ts';
import { verifyLayer } from '../../src/simulate/verify-layer.ts';
import type { LayerVerification } from '../../src/simulate/verify-layer.ts';
import { edgeValues } from './planned-kernel.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { kernelIndex } from './kernel-graph.ts';

/** Runs the Verilog of a kernel alone: every sum, every value that leaves, every cycle. */
export async function verifyKernel(
  { plan, images }: PlannedNetwork,
  kernel: KernelGraph,
  signal: AbortSignal,
): Promise<LayerVerification> {
  const folder = await mkdtemp(join(tmpdir(), 'nzflow-kernel-'));
  try {
    await writeDesignFolder(folder, { plan, images });
    const data = join(folder, 'reference');
    await mkdir(data);
    const files = await writeReference(data, plan.layers.length, kernel.evaluations);
    const { result } = await verifyLayer({
      folder,
      hdlFolder: join(folder, 'hdl'),
      weights: null,
      plan,
      index: kernelIndex,
      reference: {
        ...edgeValues(kernel),
        files,
        logits: kernel.evaluations.map(({ logits }) => logits),
      },
      gapSeeds: [],
      resume: false,
      build: ({ hdlFolder, simFolder }) =>
        buildSimulator({ hdlFolder, simFolder, waves: null, jobs: 2, signal }),
      signal,
      onProgress: () => undefined,
    });
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
