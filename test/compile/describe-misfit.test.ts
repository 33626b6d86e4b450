import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { misfitOf, misfitText } from '../../src/compile/describe-misfit.ts';
import type { Board } from '../../src/ir/board.ts';
import { planVariant } from '../../src/plan/planner.ts';
import type { VariantPlan } from '../../src/plan/planner.ts';
import { listBoards, readBoard } from '../../src/read/board.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';

const { graph } = await loadExample('tiny-cnn');
const boards = await listBoards();

function planFor(board: Board): VariantPlan {
  return planVariant(graph, 'sparse-sparse', {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: winnersPerSite(graph),
  });
}

describe('a network that is too large for its board', () => {
  it('is told with what it lacks, where it would fit, and what streaming would need', async () => {
    const pynq = await readBoard('pynq-z2');
    const tiny: Board = { ...pynq, name: 'tiny', resources: { ...pynq.resources, lut: 1500 } };
    const planned = planFor(tiny);
    const misfit = present(misfitOf(planned, tiny, boards), 'it does not fit');
    expect(misfit).toMatchObject({
      resource: 'lut',
      needed: planned.resources.lut,
      usable: 1200,
      // of the known ones with enough of everything, the one with the fewest LUTs
      smallestBoard: 'arty-a7-35t',
      layers: 4,
      dramThere: 2.1e9,
    });
    expect(misfit.layersThatFit).toBeLessThan(4);
    const images = planned.network.plan.memories.filter(({ purpose }) => purpose === 'weights');
    const bits = images.reduce((sum, { widthBits, depth }) => sum + widthBits * depth, 0);
    expect(misfit.weightBytes).toBe(bits / 8);
    const perSecond = (pynq.clockMHz * 1e6) / planned.plannedInterval;
    expect(misfit.dramNeeded).toBeCloseTo((bits / 8) * perSecond);
    const text = misfitText('sparse-sparse', tiny, misfit).join('\n').replaceAll('\u00a0', ' ');
    expect(text).toMatch(
      /^sparse-sparse does not fit tiny: it needs [\d,]+ LUT, [\d.]+× the 1,200/,
    );
    expect(text).toContain('the smallest known board that holds it is arty-a7-35t');
    expect(text).toMatch(/first \d of 4 layers/);
    expect(text).toMatch(
      /streamed from DRAM in dense variants only, .*: .*.*B\/s .*the board has 2\.10 GB\/s/,
    );
  });

  it('is nothing where it fits', async () => {
    const board = await readBoard('arty-a7-35t');
    expect(misfitOf(planFor(board), board, boards)).toBeNull();
  });
});
