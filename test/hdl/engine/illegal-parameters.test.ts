import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { complaints, sourcesOf, writeDefaultImages } from '../lint/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'nzflow-illegal-'));
writeDefaultImages(folder);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Parameters beside the defaults, and the module that stops elaboration. */
type Illegal = readonly [
  module: string,
  parameters: Readonly<Record<string, number>>,
  name: string,
];

const illegal: readonly Illegal[] = [
  ['simple_memory', { AddressBits: 3 }, 'address_bits_too_few'],
  ['weight_memory', { Depth: 17 }, 'address_bits_too_few'],
  ['weight_memory', { LoadBits: 32, AddressBits: 25 }, 'loaded_has_at_most_24_address_bits'],
  ['weight_memory', { BlockMemory: 2 }, 'ultra_ram_has_no_initial_words'],
  ['weight_loader', { LoadBits: 36 }, 'load_bits_must_be_32_or_more_and_whole_bytes'],
  ['weight_loader', { ResetCycles: 3 }, 'reset_cycles_must_be_4_or_more'],
  ['accumulator_cell', { AddressBits: 3 }, 'address_bits_too_few'],
  ['accumulator_cell', { SumBits: 16 }, 'product_bits_must_be_1_to_sum_bits'],
  ['drain_select', { Groups: 3 }, 'group_bits_too_few'],
  ['word_select', { Words: 3 }, 'index_bits_too_few'],
  ['adder_tree', { Terms: 0 }, 'sizes_must_be_positive'],
  ['multiply_pair', { ProductBits: 15 }, 'product_bits_do_not_fit_the_operands'],
  ['multiply_pair', { WeightBits: 1, ProductBits: 9 }, 'operands_need_2_bits'],
  ['dense_dot_pair', { SumBits: 17 }, 'sum_bits_must_be_those_of_the_tree'],
  ['site_store', { Tokens: 3 }, 'tokens_must_be_a_power_of_two'],
  ['site_store', { WordsPerSite: 3 }, 'words_per_site_must_be_a_power_of_two'],
  ['site_store', { SitesPerBeat: 3 }, 'sites_per_beat_must_be_a_power_of_two'],
  ['site_store', { Width: 9 }, 'column_bits_too_few'],
  ['site_store', { CountBitsIn: 2 }, 'count_bits_too_few'],
  ['site_store', { LeadBits: 4 }, 'lead_bits_too_few'],
  ['site_store', { AddressBits: 5 }, 'address_bits_do_not_fit_the_store'],
  [
    'site_store',
    { Split: 1, Lanes: 2, SitesPerBeat: 2, AddressBits: 5 },
    'split_sites_have_beats_of_their_own',
  ],
  ['site_store', { SitesPerBeat: 2 }, 'counted_sites_have_beats_of_their_own'],
  ['token_owners', { Lanes: 3 }, 'lanes_must_be_a_power_of_two_from_2_on'],
  ['token_owners', { Lanes: 4 }, 'lanes_must_be_a_power_of_two_from_2_on'],
  ['token_owners', { RowBits: 4 }, 'rows_must_hold_all_channels'],
  ['beat_sequencer', { Tokens: 8 }, 'sub_bits_too_few'],
  ['beat_sequencer', { XBits: 3 }, 'bits_of_a_place_too_few'],
  ['token_address', { Tokens: 6, SubBits: 3 }, 'tokens_must_be_a_power_of_two'],
  ['token_address', { Values: 3 }, 'values_must_be_a_power_of_two'],
  ['token_address', { Tokens: 4 }, 'sub_bits_too_few'],
  [
    'token_address',
    { SitesPerBeat: 2, Tokens: 4, SubBits: 2, AddressBits: 5 },
    'values_per_site_must_be_tokens_over_sites_per_beat',
  ],
  ['weight_stream', { BeatBits: 0 }, 'sizes_must_be_positive'],
  ['weight_stream', { SectionBeats: 2 }, 'section_does_not_fit'],
  ['weight_follower', { Words: 0 }, 'sizes_must_be_positive'],
  ['weight_follower', { DilationX: 0 }, 'dilation_must_be_positive'],
  ['weight_follower', { LanePositions: 16 }, 'position_bits_too_few'],
  ['weight_follower', { Groups: 8 }, 'count_bits_too_few'],
  ['weight_follower', { Words: 17 }, 'word_number_bits_too_few'],
  ['weight_follower', { XBits: 3 }, 'x_bits_too_few'],
  ['weight_follower', { LeadBits: 3 }, 'lead_bits_too_few'],
  ['dense_core', { StreamWeights: 1 }, 'streamed_word_has_other_bits'],
  ['lane_sequencer', { Width: 9 }, 'column_bits_too_few'],
  ['lane_sequencer', { XBits: 3 }, 'x_bits_too_few'],
  ['lane_sequencer', { DilationX: 0 }, 'dilation_must_be_positive'],
  ['lane_sequencer', { DilationX: 16 }, 'x_bits_too_few'],
  ['lane_sequencer', { FixedCount: 8 }, 'fixed_count_needs_more_count_bits'],
  ['lane_sequencer', { LockStep: 1 }, 'lock_step_needs_a_fixed_count'],
  ['window_control', { StepRows: 7 }, 'steps_must_stay_within_one_map'],
  ['window_control', { StepColumns: 6 }, 'steps_must_stay_within_one_map'],
  ['window_control', { LeadBits: 5 }, 'lead_bits_too_few'],
  ['window_control', { XBits: 3 }, 'x_bits_too_few'],
  ['sparse_lane', { DrainWidth: 3 }, 'drain_width_must_divide_sets'],
  ['sparse_lane', { TokenBits: 15 }, 'token_bits_must_be_channel_and_value'],
  ['sparse_lane', { Tokens: 4 }, 'sub_bits_too_few'],
  ['queued_lane', { DrainWidth: 3 }, 'drain_width_must_divide_sets'],
  ['queued_lane', { Queues: 3 }, 'queues_must_divide_sets'],
  ['queued_lane', { TokenBits: 15 }, 'token_bits_must_be_channel_and_value'],
  ['queued_lane', { Tokens: 4 }, 'sub_bits_too_few'],
  ['queued_lane', { BaseBits: 5, PointerDepth: 32 }, 'base_bits_too_few'],
  ['set_queue', { Depth: 12 }, 'depth_must_be_a_power_of_two_from_8_on'],
  ['set_queue', { CountBits: 0 }, 'sizes_must_be_positive'],
  ['wired_window', { Channels: 2 }, 'beats_must_hold_whole_sites'],
  ['wired_window', { KernelHeight: 0 }, 'sizes_must_be_positive'],
  ['wired_window', { PoolWidth: 2 }, 'groups_of_a_row_must_not_overlap'],
  ['wired_window', { Columns: 2 }, 'columns_too_few'],
  ['wired_window', { LeadBits: 5 }, 'lead_bits_too_few'],
  ['wired_window', { XBits: 3 }, 'x_bits_too_few'],
  ['wired_window', { RowBits: 1, AddressBits: 4 }, 'rows_in_store_too_few'],
  ['wired_pool', { Windows: 0 }, 'sizes_must_be_positive'],
  ['wired_pool', { Beats: 3 }, 'beats_must_hold_all_outputs'],
  ['wired_pool', { DrainWidth: 2 }, 'beats_must_hold_all_outputs'],
  ['kwta_select', { R: 12 }, 'r_must_be_a_power_of_two_from_4_on'],
  ['kwta_select', { N: 65 }, 'beats_must_hold_all_channels'],
  ['kwta_select', { K: 33 }, 'k_must_be_1_to_32'],
  ['kwta_select', { ChannelBits: 5 }, 'bits_or_tokens_out_of_range'],
  ['kwta_select', { Vectors: 12 }, 'vectors_must_be_a_power_of_two_from_2_on'],
  ['prefix_count', { R: 6 }, 'r_must_be_a_multiple_of_4'],
  ['place_hits', { R: 6 }, 'r_must_be_a_multiple_of_4'],
  ['winner_level', { Bits: 0 }, 'sizes_must_be_positive'],
  ['tie_room', { Bits: 0 }, 'bits_must_be_positive'],
  ['saturating_sum', { Bits: 0 }, 'bits_must_be_positive'],
  ['base_sum', { Bits: 0 }, 'sizes_out_of_range'],
  ['value_above', { Bits: 0 }, 'bits_must_be_positive'],
  ['delay_line', { Width: 0 }, 'sizes_must_be_positive'],
  ['wired_outlet', { Tail: 5, Tails: 2 }, 'selection_takes_whole_beats_and_is_alone'],
  ['dense_core', { DrainWidth: 3 }, 'drain_width_must_divide_outputs'],
  ['dense_core', { Tokens: 2, Values: 3 }, 'values_must_divide_tokens'],
  ['dense_core', { IndexBits: 6 }, 'base_bits_too_few'],
  ['drain_pool', { ReadWidth: 3 }, 'read_width_must_divide_drain_width'],
  ['drain_pool', { SumDepth: 17 }, 'sum_address_bits_too_few'],
  ['drain_pool', { Groups: 3 }, 'group_bits_too_few'],
  ['drain_pool', { Windows: 0 }, 'windows_must_be_positive'],
  ['vector_pool', { ReadWidth: 3 }, 'read_width_must_divide_drain_width'],
  ['window_engine', { Core: 3 }, 'core_must_be_0_to_2'],
  ['window_engine', { Queues: 1, LoadBits: 8 }, 'memories_of_queues_are_not_loaded'],
  [
    'window_engine',
    { Lanes: 2, LaneBits: 1, LanePositions: 9 },
    'channels_are_shared_by_queued_lanes_of_one_position',
  ],
  ['window_engine', { Core: 2 }, 'max_lanes_have_one_word_and_plain_values'],
  [
    'window_engine',
    { SumBits: 20, LaneSumBits: 21 },
    'sums_of_lanes_are_no_wider_than_all_and_of_sparse_lanes_only',
  ],
  [
    'window_engine',
    { Core: 1, SumBits: 20, LaneSumBits: 19 },
    'sums_of_lanes_are_no_wider_than_all_and_of_sparse_lanes_only',
  ],
  ['max_lane', { Sets: 3 }, 'sets_must_be_a_power_of_two'],
  ['max_lane', { DrainWidth: 3 }, 'drain_width_must_divide_sets'],
  ['max_lane', { Values: 2 }, 'values_out_of_range'],
  ['max_lane', { TokenBits: 15 }, 'token_bits_must_be_channel_and_value'],
  ['max_lane', { Tokens: 4 }, 'sub_bits_too_few'],
  ['max_lane', { SumDepth: 17 }, 'sum_address_bits_too_few'],
  ['maximum_tree', { Terms: 0 }, 'sizes_must_be_positive'],
  ['window_engine', { Values: 2, Tokens: 2 }, 'sparse_lanes_take_one_value'],
  ['window_engine', { LanePositions: 8 }, 'lanes_must_share_all_positions'],
  [
    'window_engine',
    { KernelHeight: 5, KernelWidth: 2, LanePositions: 10, RowBits: 2 },
    'rows_in_store_too_few',
  ],
  ['window_engine', { DilationY: 2, RowBits: 2 }, 'rows_in_store_too_few'],
  ['engine_tail', { Tail: 6 }, 'tail_must_be_0_to_5'],
  ['engine_tail', { Tail: 4 }, 'plain_values_keep_their_bits_and_r_is_a_power_of_two'],
  ['engine_tail', { WinnerGroups: 2 }, 'groups_are_for_winners_only'],
  ['kwta_groups', { Channels: 15 }, 'groups_must_be_2_to_8_and_divide_channels'],
  ['kwta_groups', { R: 2 }, 'unit_must_be_1_with_one_slot_or_2'],
  ['kwta_groups', { ChannelBits: 3 }, 'channel_bits_too_small'],
  ['engine_tail', { KeepTies: 1 }, 'ties_are_kept_by_the_histogram_only'],
  ['engine_tail', { Tail: 1, R: 2 }, 'winners_by_insertion_read_one_sum'],
  ['engine_tail', { OutTokens: 2 }, 'out_tokens_must_be_those_of_the_tail'],
  ['site_merge', { Ports: 0 }, 'sizes_must_be_positive'],
  ['join_add', { W: 3 }, 'w_must_be_a_power_of_two'],
  ['join_add', { Channels: 17 }, 'channels_or_channel_bits_too_small'],
  ['join_add', { Shift: 32 }, 'multipliers_or_shift_out_of_range'],
  ['join_add', { AMultiplier: 65536 }, 'multipliers_or_shift_out_of_range'],
  ['join_add', { High: 256 }, 'low_or_high_out_of_range'],
  ['join_add', { ABits: 17 }, 'bits_must_be_2_to_16'],
  ['join_concat', { DataBits: 45 }, 'data_bits_must_be_those_of_the_inputs'],
  ['join_concat', { Inputs: 1 }, 'inputs_must_be_2_to_8'],
  ['join_concat', { Channels: 17 }, 'offsets_or_out_channel_bits_do_not_fit'],
  ['join_concat', { Channels: 8 }, 'offsets_must_grow'],
  ['join_concat', { OutValueBits: 7 }, 'value_bits_or_channel_bits_out_of_range'],
  ['answer_stream', { Sites: 0 }, 'sites_must_be_positive'],
  ['answer_stream', { P: 3 }, 'p_must_be_a_power_of_two'],
  ['answer_stream', { ValueBits: 33 }, 'channels_or_value_bits_out_of_range'],
  ['map_winners', { K: 129 }, 'k_must_be_1_to_all_values'],
  ['map_winners', { Channels: 9 }, 'channels_sites_or_channel_bits_out_of_range'],
  ['map_winners', { ValueBits: 1 }, 'value_bits_must_be_2_to_12'],
  ['map_winners', { T: 3 }, 't_must_be_a_power_of_two'],
  ['map_winners', { MapBeats: 15 }, 'beats_too_few'],
  ['stream_fork', { Ports: 0 }, 'sizes_must_be_positive'],
  ['beat_splitter', { BeatsPerSite: 3 }, 'beats_per_site_must_divide_stream_beats'],
  ['inference_distributor', { Copies: 0 }, 'sizes_must_be_positive'],
];

describe('an illegal parameter stops elaboration and says which', () => {
  it.each(illegal.map(([module, parameters, name]) => ({ module, parameters, name })))(
    '$module: $name',
    ({ module, parameters, name }) => {
      const entries = Object.entries(parameters);
      const sources = sourcesOf(module);
      const stop = `${module}_${name}`;
      const icarus = entries.map(([key, value]) => `-P${module}.${key}=${value}`);
      expect(
        complaints(
          'iverilog',
          ['-g2005', '-t', 'null', '-s', module, ...icarus, ...sources],
          folder,
        ),
      ).toContain(stop);
      const yosys = entries.map(([key, value]) => `-chparam ${key} ${value}`).join(' ');
      const script = `read_verilog -defer ${sources.join(' ')}; hierarchy -check -top ${module} ${yosys}`;
      expect(complaints('yosys', ['-q', '-p', script], folder)).toContain(stop);
      const verilator = entries.map(([key, value]) => `-G${key}=${value}`);
      expect(
        complaints(
          'verilator',
          ['--lint-only', '--top-module', module, ...verilator, ...sources],
          folder,
        ),
      ).toContain(stop);
    },
  );
});
