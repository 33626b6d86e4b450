import type { SwitchingActivity } from '../../ir/switching.ts';

/** What `set_switching_activity` calls them. */
const types = {
  register: 'register',
  lut: 'lut',
  dsp: 'dsp',
  bramEnable: 'bram_enable',
  bramWriteEnable: 'bram_wr_enable',
} as const;

/**
 * Tcl that tells Vivado's power analysis how busy a design is (UG835, `set_switching_activity`): rates in
 * percent of clock cycles, which suit their probabilities: what is 1 in a share p of the time cannot change more often
 * than in 2p of the cycles.
 */
export function activityTcl(variant: string, activities: SwitchingActivity): string {
  const commands = (Object.keys(types) as (keyof typeof types)[]).flatMap((kind) => {
    const activity = activities[kind];
    if (activity === null) return [];
    const probability = decimals(activity.probability);
    const most = 2 * Math.min(probability, 1 - probability);
    const rate = decimals(100 * Math.min(activity.togglesPerCycle, most));
    // a probability between 0 and 1 wants a rate above 0
    const steady = rate === 0 ? Math.round(probability) : probability;
    return [
      `set_switching_activity -type {${types[kind]}} -toggle_rate ${rate} -static_probability ${steady} -all`,
    ];
  });
  return `# How busy ${variant} is at full load: means over all cells of a kind, from what the simulation counted.
# open_checkpoint ../vivado/out/route.dcp; source activity.tcl; report_power -file power.rpt
# What is not told (LUT memories, ports) Vivado works out from what drives it.
set_switching_activity -deassert_resets
${commands.join('\n')}
`;
}

function decimals(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
