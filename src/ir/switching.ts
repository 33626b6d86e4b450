/** How often an output changes, in changes a clock cycle, and the share of time it is 1. */
export interface Switching {
  readonly togglesPerCycle: number;
  readonly probability: number;
}

/** Mean activity of each kind of cell that power tools tell apart; null where a design has none of it. */
export interface SwitchingActivity {
  readonly register: Switching | null;
  readonly lut: Switching | null;
  readonly dsp: Switching | null;
  readonly bramEnable: Switching | null;
  readonly bramWriteEnable: Switching | null;
}
