import { present } from '../../../src/base/invariant.ts';
import type { Fault, Proof } from '../prove.ts';
import { allProofs } from './all.ts';

/** A fault, and the proof of its module that has to find it. */
export interface Refuted extends Fault {
  readonly proof: Proof;
}

/** Faults of one module's proof: what is there, what it becomes. */
function of(
  [module, index]: readonly [string, number],
  changes: readonly (readonly [from: string, to: string])[],
  { steps, template = module }: { readonly steps?: number; readonly template?: string } = {},
): readonly Refuted[] {
  const proofs = allProofs.filter((other) => other.module === module);
  const proof = present(proofs[index], `proof ${index} of ${module}`);
  return changes.map(([from, to]) => ({
    proof,
    template,
    from,
    to,
    ...(steps === undefined ? {} : { steps }),
  }));
}

/** Templates made wrong, one change each, that the proofs of them must not pass. */
export const faults: readonly Refuted[] = [
  ...of(
    ['serial_receiver', 0],
    [
      ["bit_q < 4'd9", "bit_q < 4'd8"],
      ['armed_q <= line;', "armed_q <= 1'b1;"],
      ['HalfWord = Divider / 2;', 'HalfWord = Divider / 2 + 1;'],
      ["if (bit_q == 4'd0) busy_q <= !line;", "if (bit_q == 4'd0) busy_q <= 1'b1;"],
    ],
    { steps: 50 },
  ),
  ...of(
    ['weight_memory', 0],
    [
      [' && load_i[40+LoadBits +: 16] == Image[15:0]', ''],
      ['write && part == Part[15:0]', 'write'],
    ],
  ),
  ...of(['weight_memory', 3], [["wire stored = 1'b1;", 'wire stored = read_address_i[0];']]),
  ...of(
    ['memory_reader', 0],
    [
      [' && room_q >= wanted', ''],
      ["{{(RoomBits-1){1'b0}}, give};", "{{(RoomBits-1){1'b0}}, taken};"],
      ['if (!rst_ni || start_i) place_q', 'if (!rst_ni) place_q'],
    ],
    { steps: 14 },
  ),
  ...of(
    ['memory_reader', 0],
    [['short ? left_q[8:0] : until_edge', 'short ? left_q[8:0] : BurstWord[8:0]']],
    { steps: 8, template: 'burst_planner' },
  ),
  ...of(['memory_reader', 1], [['.data_i(rdata_i)', '.data_i(~rdata_i)']]),
  ...of(
    ['memory_writer', 0],
    [
      ['held_q >= wanted && ', ''],
      ["wlast_o = write_q == 9'd1", "wlast_o = write_q <= 9'd2"],
      ["write_q != 9'd0 || waiting_q", "write_q != 9'd0 && waiting_q"],
    ],
    { steps: 14 },
  ),
  ...of(['memory_writer', 1], [['.data_i(data_i)', '.data_i(~data_i)']]),
  ...of(
    ['weight_loader', 0],
    [
      ["if (load_last_i) error_q <= 1'b1;", ''],
      ['data_end ? Trailer : Data', 'word_end ? Trailer : Data'],
      ['run_q <= loaded_q && ', 'run_q <= '],
    ],
    { steps: 12 },
  ),
  ...of(
    ['weight_loader', 0],
    [
      ['want_load && empty', 'want_load'],
      ['(!in_valid_i || take)) : may_open', "1'b1) : may_open"],
    ],
    { steps: 22 },
  ),
  ...of(['weight_loader', 1], [["32'hEDB88320", "32'hEDB88321"]]),
  ...of(
    ['weight_follower', 1],
    [
      ["kernel_row_end ? {XBits{1'b0}}", 'kernel_row_end ? first_column'],
      ['!rst_ni | (word_i & period_end)', '!rst_ni'],
      ['(position_q < positions_i)', '(position_q <= positions_i)'],
      ['Below[LeadBits-1:0];\n', "Below[LeadBits-1:0] - 1'b1;\n"],
    ],
    { steps: 15 },
  ),
  ...of(['kwta_insert', 0], [['{value_i, ~channel_i}', '{value_i, channel_i}']]),
  ...of(['kwta_insert', 0], [['else if (copy || !rst_ni) key_q', 'else if (!rst_ni) key_q']]),
  ...of(['kwta_insert', 1], [['zero ? zeros[K:1] : zeros[K-1:0]', 'zeros[K-1:0]']]),
  ...of(
    ['kwta_select', 0],
    [
      ["(room > {1'b0,", "(room >= {1'b0,"],
      ['need_before = KWord[NeedBits-1:0]', "need_before = KWord[NeedBits-1:0] + 1'b1"],
    ],
  ),
  ...of(['kwta_select', 1], [['& found_present[r];\n      end else', ';\n      end else']]),
  ...of(['kwta_groups', 0], [['channel >= First', 'channel > First']]),
  ...of(
    ['kwta_histogram', 0],
    [
      ['tie_3_q[n] && (KeepTies', 'tie_3_q[n] || (KeepTies'],
      ['(compare && !found_q && !hit) need_q', '(compare && !hit) need_q'],
    ],
  ),
  ...of(
    ['map_winners', 0],
    [
      ['before_2_q <= channel < cut_q', 'before_2_q <= channel <= cut_q'],
      ["(at_2_q && left_q != {NeedBits{1'b0}})", 'at_2_q'],
    ],
  ),
  ...of(['requantise', 0], [["multiplier = {1'b0,", 'multiplier = {scale_q[ShiftBits+15],']]),
  ...of(
    ['requantise', 1],
    [
      ['From = 2 * High + 1', 'From = 2 * High + 2'],
      ['rounded = {negative, whole} + ', 'rounded = {negative, whole} | '],
    ],
  ),
  ...of(['requantise', 2], [['scale = sum_1_q[SumBits-1] ?', 'scale = acc[SumBits-1] ?']]),
  ...of(
    ['word_select', 1],
    [['[2*word*Width +: Width];\n          end else', '[0 +: Width];\n          end else']],
  ),
  ...of(
    ['event_adder', 0],
    [['before_i[field*Bits +: Bits] + ', 'before_i[field*Bits +: Bits] | ']],
  ),
];
