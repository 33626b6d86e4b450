import type { MemoryPlan, Plan } from '../ir/plan.ts';
import { partsOf, structureId } from '../plan/memories/load-stream.ts';
import { resetCycles } from '../plan/interfaces/reset-cycles.ts';
import { loadControlBits } from './load-bus.ts';

/** Ports of the load stream of `nzflow_top`; nothing in a design of fixed weights. */
export function loadPorts({ load }: Plan): string {
  if (load === undefined) return '';
  return `  input  wire load_valid_i,
  output wire load_ready_o,
  input  wire load_last_i,
  input  wire [${load.beatBits - 1}:0] load_data_i,
  output wire loaded_o,
  output wire load_error_o,
`;
}

/** `weight_loader` in front of the input of all copies. */
export function loader({ load, memories, layers }: Plan): string {
  if (load === undefined) return '';
  const constants = (bits: number, of: (memory: MemoryPlan) => number): string => {
    // image 0 is least significant
    const words = memories.map((memory) => `${bits}'d${of(memory)}`).reverse();
    return `{${inLines(words)}}`;
  };
  return `  // weights: written to all copies at once, while no inference is inside
  wire pass_valid, pass_ready, run;
  wire [${loadControlBits + load.beatBits - 1}:0] load;
  weight_loader #(
    .LoadBits(${load.beatBits}), .Images(${memories.length}),
    .LastWords(${constants(24, ({ depth }) => depth - 1)}),
    .LastParts(${constants(16, (memory) => partsOf(memory, load.beatBits) - 1)}),
    .StructureId(32'd${structureId(load)}), .ResetCycles(${resetCycles(layers)})
  ) u_loader (
    .clk_i(clk_i), .rst_ni(rst_ni), .load_valid_i(load_valid_i), .load_ready_o(load_ready_o),
    .load_last_i(load_last_i), .load_data_i(load_data_i), .load_o(load), .run_o(run),
    .loaded_o(loaded_o), .load_error_o(load_error_o), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o),
    .in_last_i(in_last_i), .pass_valid_o(pass_valid), .pass_ready_i(pass_ready),
    .leave_i(out_valid_o & out_ready_i & out_last_o)
  );

`;
}

/** Many constants, a few a line. */
function inLines(words: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < words.length; at += 8) lines.push(words.slice(at, at + 8).join(', '));
  return lines.join(',\n      ');
}

/** What the header of `nzflow_top` says about loading. */
export function loadRules({ load }: Plan): readonly string[] {
  if (load === undefined) return [];
  return [
    `Weights: ${load.beats} beats of ${load.beatBits} bits on the load stream, load_last_i on the final one`,
    '(docs/weights.md). Until a load is complete, and again after a reset, inferences wait at the',
    'input. A load that begins later waits until the inferences inside have left; meanwhile no',
    'other enters. loaded_o: inferences may enter. load_error_o: the last load was refused: too',
    'short, too long or damaged (memories count as empty), or of another structure (nothing was',
    'written, what was loaded before stays).',
  ];
}
