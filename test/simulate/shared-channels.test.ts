import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildSimulator } from '../../src/simulate/build-simulator.ts';
import { writeReference } from '../../src/simulate/reference-files.ts';
import { runSimulator } from '../../src/simulate/run-simulator.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { writeDesign } from '../support/icarus.ts';
import { randomPointwiseCase } from '../support/random-case.ts';
import type { RandomCase } from '../support/random-case.ts';

/** A network in which lanes share the channels of a layer by a table that is not all zeros. */
function caseWithTurns(): RandomCase {
  for (let seed = 1; seed < 200; seed += 1) {
    const found = randomPointwiseCase(seed, 'sparse-sparse', 4);
    const turns = engineLayers(found.network.plan).flatMap(({ choice, turns: own }) =>
      choice.channelLanes ? own : [],
    );
    if (turns.some((turn) => turn !== 0)) return found;
  }
  throw new Error('no such network');
}

it('lanes that share the channels of a site find their table in Verilator', async () => {
  const { network, samples, evaluations } = caseWithTurns();
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-turns-'));
  const hdlFolder = writeDesign(network);
  try {
    const simFolder = join(folder, 'sim');
    const { plan } = network;
    const result = await runSimulator({
      simulator: await buildSimulator({ hdlFolder, simFolder, waves: null, cache: folder }),
      plan,
      hdlFolder,
      simFolder: join(folder, 'run'),
      reference: await writeReference(join(folder, 'reference'), plan.layers.length, evaluations),
      samples,
      streamInferences: 2 * samples.length,
      isolatedSamples: [],
      gapSeed: null,
      pipelineInferences: 4,
      waves: null,
    });
    expect(result).toMatchObject({ ending: 'complete', mismatches: [] });
  } finally {
    for (const path of [folder, hdlFolder]) rmSync(path, { recursive: true });
  }
}, 600_000);
