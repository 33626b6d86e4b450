import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { EnergySubject } from '../estimate/energy-scopes.ts';
import { switchingActivity } from '../estimate/switching.ts';
import type { Board, Resources } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { activityTcl } from '../synthesize/vivado/activity-tcl.ts';

/** Within the folder of a variant: what power tools of vendors want to know. */
export const powerFolder = join('synth', 'power');

/**
 * Writes `<variant>/synth/power/activity.tcl`: how busy a design is, for the power analysis of Vivado.
 * Without events (null) there is no such file, nor one of an earlier report.
 */
export async function writeActivity(
  buildFolder: string,
  plan: Plan,
  board: Board,
  energy: EnergySubject | null,
): Promise<void> {
  const folder = join(buildFolder, plan.variant, powerFolder);
  const file = join(folder, 'activity.tcl');
  if (energy === null) {
    await rm(file, { force: true });
    return;
  }
  const { copies, variant } = plan;
  const { total } = planResources(plan, board.family);
  const ofCopy = (kind: keyof Resources): number => total[kind] / copies;
  const activity = switchingActivity(
    energy.events,
    {
      lut: ofCopy('lut'),
      ff: ofCopy('ff'),
      bram36: ofCopy('bram36'),
      uram: ofCopy('uram'),
      dsp: ofCopy('dsp'),
    },
    energy.timing.cyclesPerInference * copies,
  );
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(file, activityTcl(variant, activity));
}
