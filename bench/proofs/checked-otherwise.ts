const engine = 'whole engines and networks, word by word and to the cycle (`test/hdl/network`)';
const wired = 'wired layers against the product of their matrix (`test/hdl/engine/wired.test.ts`)';
const arithmetic = 'numbers against those of TypeScript (`test/hdl/engine/arithmetic.test.ts`)';

/** What checks a template that states no properties of its own, by name. */
export const checkedOtherwise: Readonly<Record<string, string>> = {
  accumulator_bank: `holds no state but sums; ${engine}`,
  accumulator_cell: arithmetic,
  adder_tree: `a pipeline of sums; ${arithmetic}`,
  beat_sequencer: `counters of a walk; ${engine}`,
  dense_core: 'sums against those of TypeScript, cycle by cycle (`test/hdl/engine/cores.test.ts`)',
  dense_dot_pair: arithmetic,
  drain_pool: 'cycle by cycle against a model (`test/hdl/engine/drain-pool.test.ts`)',
  drain_select: `combinational; ${arithmetic}`,
  engine_tail: `instances only: its units are proved; ${engine}`,
  kernel_control: 'registers of the kernel, with a driver (`test/hdl/axi/kernel.test.ts`)',
  lane_sequencer: 'cycle by cycle against a model (`test/hdl/engine/lane-sequencer.test.ts`)',
  layer_events: 'counters of whole designs against what the model counts (`test/hdl/axi/block`)',
  max_lane: 'cycle by cycle against a model (`test/hdl/engine/max-lane.test.ts`)',
  multiply_pair: arithmetic,
  multiply_rows: 'inside of `requantise`, whose proof with `MultiplyRows` takes all sums',
  place_hits: 'combinational, inside of `kwta_select`, whose proof takes all values',
  prefix_count: 'inside of `kwta_select`, whose proof takes all values',
  queued_lane: `its queue is proved (\`set_queue\`); ${engine}`,
  running_maximum: 'inside of `drain_pool` (`test/hdl/engine/drain-pool.test.ts`)',
  serial_link:
    'both lines of it are proved; bytes over a line, resets (`test/hdl/serial-link.test.ts`)',
  sparse_lane: 'sums against those of TypeScript, cycle by cycle (`test/hdl/engine/cores.test.ts`)',
  ternary_sum: wired,
  token_address: 'cycle by cycle against a model (`test/hdl/engine/store.test.ts`)',
  token_owners: `a table; ${engine}`,
  vector_pool: 'cycle by cycle against a model (`test/hdl/engine/drain-pool.test.ts`)',
  window_control: 'cycle by cycle against a model (`test/hdl/engine/window-control.test.ts`)',
  window_engine: `instances only: its units are proved or tested alone; ${engine}`,
  winner_level: 'inside of `kwta_select`, whose proof takes all values',
  wired_outlet: wired,
  wired_pool: wired,
  wired_window: wired,
};
