import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSimulator } from '../../../src/simulate/build-simulator.ts';
import { writeReference } from '../../../src/simulate/reference-files.ts';
import { siteBySite } from '../../../src/simulate/reference-store.ts';
import { runSimulator } from '../../../src/simulate/run-simulator.ts';
import { writeDesign } from '../icarus.ts';
import type { Failure } from './check-network.ts';
import type { DrawnNetwork } from './draw-network.ts';
import type { Reduction } from './reductions.ts';

/**
 * What `nzflow simulate` would say of the design: every sum, value and answer, the cycle in which each
 * inference ends, and the values again with random gaps.
 */
export async function checkInVerilator(
  seed: number,
  { network, samples, evaluations, prediction }: DrawnNetwork,
  reductions: readonly Reduction[] = [],
): Promise<Failure | null> {
  const { plan } = network;
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-network-'));
  const hdlFolder = writeDesign(network);
  try {
    const simulator = await buildSimulator({ hdlFolder, simFolder: folder, waves: null });
    const reference = await writeReference(
      join(folder, 'reference'),
      plan.layers.length,
      evaluations.map((evaluation) => ({
        ...evaluation,
        logits: siteBySite(plan.output.answers, evaluation.logits),
      })),
    );
    for (const gapSeed of reductions.includes('no-gaps') ? [null] : [null, seed]) {
      const result = await runSimulator({
        simulator,
        plan,
        hdlFolder,
        simFolder: join(folder, 'run'),
        reference,
        samples,
        streamInferences: samples.length,
        isolatedSamples: [],
        gapSeed,
        pipelineInferences: 0,
        waves: null,
      });
      const [mismatch] = result.mismatches;
      if (result.ending !== 'complete' || mismatch !== undefined) {
        const message = `Verilator: ${result.ending}, ${JSON.stringify(mismatch ?? result.stuck)}`;
        return { kind: gapSeed === null ? 'words' : 'words with gaps', message };
      }
      if (gapSeed !== null) continue;
      const predicted = Array.from(prediction.completions);
      const start = result.startCycles[0] ?? 0;
      const counted = result.completionCycles.map((cycle) => cycle - start);
      if (JSON.stringify(counted) !== JSON.stringify(predicted)) {
        const message = `Verilator: ends in ${counted.join(' ')}, predicted ${predicted.join(' ')}`;
        return { kind: 'cycles', message };
      }
    }
    return null;
  } finally {
    for (const path of [folder, hdlFolder]) rmSync(path, { recursive: true, force: true });
  }
}
