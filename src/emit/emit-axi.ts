import { ceilLog2 } from '../base/bits.ts';
import type { AxiPlan, AxiStreamPlan, DesignFile, Plan } from '../ir/plan.ts';
import { slotBits } from '../plan/interfaces/plan-axi.ts';
import { counterCount, registerMap } from '../plan/interfaces/register-map.ts';
import { resetCycles } from '../plan/interfaces/reset-cycles.ts';
import { emitAxiRegisters } from './emit-axi-registers.ts';
import { emitKernel } from './emit-kernel.ts';
import { provenance } from './provenance.ts';
import { moduleFile } from './verilog.ts';

/** `nzflow_axi` and its registers; nothing in a design without bus interfaces. */
export function emitAxi(plan: Plan): readonly DesignFile[] {
  if (plan.axi === undefined) return [];
  return [
    emitWrapper(plan, plan.axi),
    emitAxiRegisters(plan),
    ...(plan.axi.kernel === true ? [emitKernel(plan, plan.axi)] : []),
  ];
}

function emitWrapper(plan: Plan, axi: AxiPlan): DesignFile {
  const { input, output } = plan;
  const map = registerMap(plan);
  const counters = counterCount(map);
  const bits = axi.eventBits;
  const bytes = axi.dataBits / 8;
  const body = `module nzflow_axi (
  input  wire aclk,
  input  wire aresetn,
${litePorts(map.addressBits)}
  input  wire s_axis_tvalid,
  output wire s_axis_tready,
  input  wire s_axis_tlast,
  input  wire [${bytes - 1}:0] s_axis_tkeep,
  input  wire [${axi.dataBits - 1}:0] s_axis_tdata,
${loadPorts(plan)}  output wire m_axis_tvalid,
  input  wire m_axis_tready,
  output wire m_axis_tlast,
  output wire [${bytes - 1}:0] m_axis_tkeep,
  output wire [${axi.dataBits - 1}:0] m_axis_tdata
);

  // ---- control: all of the core forgets together, and only what has to
  wire run, soft_reset, clear_counters, snapshot, resetting, core_rst_n;
  wire [15:0] batch_size;
  wire [15:0] batch = (batch_size == 16'd0) ? 16'd0 : batch_size - 16'd1;
  core_reset #(.ResetCycles(${resetCycles(plan.layers)})) u_reset (
    .clk_i(aclk), .rst_ni(aresetn), .reset_i(soft_reset), .busy_o(resetting),
    .core_rst_no(core_rst_n)
  );

  // ---- input
  wire slice_valid, slice_ready, slice_last;
  wire [${bytes - 1}:0] slice_keep;
  wire [${axi.dataBits - 1}:0] slice_data;
  stream_register #(.Width(${1 + bytes + axi.dataBits})) u_in (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(s_axis_tvalid), .ready_o(s_axis_tready),
    .data_i({s_axis_tlast, s_axis_tkeep, s_axis_tdata}), .valid_o(slice_valid),
    .ready_i(slice_ready), .data_o({slice_last, slice_keep, slice_data})
  );
  wire begins, last_early, last_missing, keep_short, discarding;
  wire frame_valid, frame_ready, frame_last;
  wire [${axi.dataBits - 1}:0] frame_data;
  axi_frame_in #(
    .Beats(${axi.input.beats}), .Bytes(${bytes}), .LastBytes(${axi.input.lastBytes}), .BatchBits(16)
  ) u_frame_in (
    .clk_i(aclk), .rst_ni(aresetn), .run_i(run), .flush_i(!core_rst_n), .batch_i(batch),
    .begin_o(begins), .early_o(last_early), .missing_o(last_missing), .keep_o(keep_short),
    .discard_o(discarding), .in_valid_i(slice_valid), .in_ready_o(slice_ready),
    .in_last_i(slice_last), .in_keep_i(slice_keep), .in_data_i(slice_data),
    .out_valid_o(frame_valid), .out_ready_i(frame_ready), .out_last_o(frame_last),
    .out_data_o(frame_data)
  );
  wire in_valid, in_ready, in_last;
  wire [${axi.input.slotBits - 1}:0] in_slot;
${inputConverter(axi, input.beatsPerInference)}${unusedBits('in_slot', axi.input.slotBits, input.beatBits)}

  // ---- the design
  wire out_valid, out_ready, out_last;
  wire [${output.beatBits - 1}:0] out_data;
  wire [${map.layers.length * map.layerCounters.length * bits - 1}:0] events;
  wire loaded, load_error;
${plan.load === undefined ? "  assign loaded = 1'b1;\n  assign load_error = 1'b0;\n" : ''}  nzflow_top u_core (
    .clk_i(aclk), .rst_ni(core_rst_n),${connectLoad(plan)} .events_o(events),
    .in_valid_i(in_valid), .in_ready_o(in_ready), .in_last_i(in_last),
    .in_data_i(in_slot[${input.beatBits - 1}:0]), .out_valid_o(out_valid), .out_ready_i(out_ready),
    .out_last_o(out_last), .out_data_o(out_data)
  );

${unusedLoadBits(plan)}
  // ---- output
  wire [${axi.output.slotBits - 1}:0] out_slot = ${extended('out_data', axi.output, output.beatBits)};
  wire packet_valid, packet_ready;
  wire [${axi.dataBits - 1}:0] packet_data;
${outputConverter(axi)}
  wire ends, filling;
  wire give_valid, give_ready, give_last;
  wire [${bytes - 1}:0] give_keep;
  wire [${axi.dataBits - 1}:0] give_data;
  axi_frame_out #(
    .Beats(${axi.output.beats}), .Bytes(${bytes}), .LastBytes(${axi.output.lastBytes}), .BatchBits(16)
  ) u_frame_out (
    .clk_i(aclk), .rst_ni(aresetn), .flush_i(!core_rst_n), .batch_i(batch), .end_o(ends),
    .fill_o(filling), .in_valid_i(packet_valid), .in_ready_o(packet_ready),
    .in_data_i(packet_data), .out_valid_o(give_valid), .out_ready_i(give_ready),
    .out_last_o(give_last), .out_keep_o(give_keep), .out_data_o(give_data)
  );
  stream_register #(.Width(${1 + bytes + axi.dataBits})) u_out (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(give_valid), .ready_o(give_ready),
    .data_i({give_last, give_keep, give_data}), .valid_o(m_axis_tvalid),
    .ready_i(m_axis_tready), .data_o({m_axis_tlast, m_axis_tkeep, m_axis_tdata})
  );

  // ---- inferences inside: begun and not answered
  reg [15:0] inside_q;
  reg load_error_q;
  wire idle = inside_q == 16'd0;
  always @(posedge aclk) begin
    if (!core_rst_n) inside_q <= 16'd0;
    else inside_q <= inside_q + {15'd0, begins} - {15'd0, ends};
    load_error_q <= aresetn & load_error;
  end

  // ---- counters, in the order of the register map
  wire [${8 * bits - 1}:0] design_events;
${designEvents(bits)}
  wire snapshot_busy, overflow, counter_high;
  wire [${ceilLog2(counters) - 1}:0] counter_index;
  wire [31:0] counter_data;
  event_counters #(
    .Counters(${counters}), .AmountBits(${bits}), .CounterBits(${map.counterBits})
  ) u_counters (
    .clk_i(aclk), .rst_ni(aresetn), .clear_i(clear_counters), .snapshot_i(snapshot),
    .amounts_i({events, design_events}), .busy_o(snapshot_busy), .overflow_o(overflow),
    .read_index_i(counter_index), .read_high_i(counter_high), .read_data_o(counter_data)
  );

  // ---- registers
  wire [31:0] scratch;
  nzflow_axi_registers u_registers (
    .clk_i(aclk), .rst_ni(aresetn), .awvalid_i(s_axi_awvalid), .awready_o(s_axi_awready),
    .awaddr_i(s_axi_awaddr), .wvalid_i(s_axi_wvalid), .wready_o(s_axi_wready),
    .wdata_i(s_axi_wdata), .wstrb_i(s_axi_wstrb), .bvalid_o(s_axi_bvalid),
    .bready_i(s_axi_bready), .bresp_o(s_axi_bresp), .arvalid_i(s_axi_arvalid),
    .arready_o(s_axi_arready), .araddr_i(s_axi_araddr), .rvalid_o(s_axi_rvalid),
    .rready_i(s_axi_rready), .rdata_o(s_axi_rdata), .rresp_o(s_axi_rresp),
    .counter_index_o(counter_index), .counter_high_o(counter_high),
    .counter_data_i(counter_data), .control_run_o(run), .control_soft_reset_o(soft_reset),
    .control_clear_counters_o(clear_counters), .control_snapshot_o(snapshot),
    .status_running_i(run), .status_resetting_i(resetting),
    .status_snapshot_busy_i(snapshot_busy), .status_idle_i(idle), .status_loaded_i(loaded),
    .status_discarding_i(discarding), .status_filling_i(filling),
    .error_input_last_early_i(last_early), .error_input_last_missing_i(last_missing),
    .error_input_keep_i(keep_short), .error_load_i(load_error & !load_error_q),
    .error_counter_overflow_i(overflow), .batch_size_o(batch_size), .scratch_o(scratch)
  );
  wire unused = &{1'b0, s_axi_awprot, s_axi_arprot, scratch, out_last, in_last};

endmodule
`;
  return {
    name: 'nzflow_axi.v',
    content: moduleFile(
      [
        'nzflow_axi: nzflow_top behind AXI4-Stream and AXI4-Lite.',
        `Streams of ${axi.dataBits} bits: an inference is ${axi.input.beats} beat(s) in and ${axi.output.beats} beat(s) out.`,
        'Registers: driver/registers.md. One clock; aresetn is synchronous to it, a cycle is enough.',
        ...provenance(plan),
      ],
      body,
    ),
  };
}

function litePorts(addressBits: number): string {
  const last = addressBits - 1;
  return `  input  wire s_axi_awvalid,
  output wire s_axi_awready,
  input  wire [${last}:0] s_axi_awaddr,
  input  wire [2:0] s_axi_awprot,
  input  wire s_axi_wvalid,
  output wire s_axi_wready,
  input  wire [31:0] s_axi_wdata,
  input  wire [3:0] s_axi_wstrb,
  output wire s_axi_bvalid,
  input  wire s_axi_bready,
  output wire [1:0] s_axi_bresp,
  input  wire s_axi_arvalid,
  output wire s_axi_arready,
  input  wire [${last}:0] s_axi_araddr,
  input  wire [2:0] s_axi_arprot,
  output wire s_axi_rvalid,
  input  wire s_axi_rready,
  output wire [31:0] s_axi_rdata,
  output wire [1:0] s_axi_rresp,`;
}

/** Streams of weights, of the width they have inside. */
function loadPorts({ load, weightStream }: Plan): string {
  const stream = (name: string, beatBits: number, last: boolean): string =>
    `  input  wire s_axis_${name}_tvalid,
  output wire s_axis_${name}_tready,
${last ? `  input  wire s_axis_${name}_tlast,\n` : ''}  input  wire [${slotBits(beatBits) - 1}:0] s_axis_${name}_tdata,
`;
  return [
    load === undefined ? '' : stream('load', load.beatBits, true),
    weightStream === undefined ? '' : stream('weights', weightStream.beatBits, false),
  ].join('');
}

/** Bits of the streams of weights that fill up a power of two. */
function unusedLoadBits({ load, weightStream }: Plan): string {
  const unused = (name: string, beatBits: number): string =>
    unusedBits(`s_axis_${name}_tdata`, slotBits(beatBits), beatBits);
  return [
    load === undefined ? '' : unused('load', load.beatBits),
    weightStream === undefined ? '' : unused('weights', weightStream.beatBits),
  ].join('');
}

function connectLoad({ load, weightStream }: Plan): string {
  const parts: string[] = [];
  if (load !== undefined) {
    parts.push(`
    .load_valid_i(s_axis_load_tvalid), .load_ready_o(s_axis_load_tready),
    .load_last_i(s_axis_load_tlast), .load_data_i(s_axis_load_tdata[${load.beatBits - 1}:0]),
    .loaded_o(loaded), .load_error_o(load_error),`);
  }
  if (weightStream !== undefined) {
    parts.push(`
    .weight_valid_i(s_axis_weights_tvalid), .weight_ready_o(s_axis_weights_tready),
    .weight_data_i(s_axis_weights_tdata[${weightStream.beatBits - 1}:0]),`);
  }
  return parts.join('');
}

/** Bus beats to beats of the design. */
function inputConverter({ dataBits, input }: AxiPlan, beats: number): string {
  const streams = `.clk_i(aclk), .rst_ni(core_rst_n), .valid_i(frame_valid), .ready_o(frame_ready),
    .last_i(frame_last), .data_i(frame_data), .valid_o(in_valid), .ready_i(in_ready),
    .last_o(in_last), .data_o(in_slot)`;
  if (dataBits > input.slotBits) {
    const parts = dataBits / input.slotBits;
    return `  axi_narrow #(
    .PartBits(${input.slotBits}), .Parts(${parts}), .LastParts(${((beats - 1) % parts) + 1})
  ) u_narrow (
    ${streams}
  );
`;
  }
  return `  axi_widen #(.PartBits(${dataBits}), .Parts(${input.slotBits / dataBits})) u_widen (
    ${streams}
  );
`;
}

/** Beats of the design to bus beats. */
function outputConverter({ dataBits, output }: AxiPlan): string {
  const streams = `.clk_i(aclk), .rst_ni(core_rst_n), .valid_i(out_valid), .ready_o(out_ready),
    .last_i(out_last), .data_i(out_slot), .valid_o(packet_valid), .ready_i(packet_ready),
    .last_o(packet_last), .data_o(packet_data)`;
  const unused = `  wire packet_last;
  wire unused_packet = &{1'b0, packet_last};
`;
  if (dataBits < output.slotBits) {
    return `${unused}  axi_narrow #(.PartBits(${dataBits}), .Parts(${output.slotBits / dataBits})) u_out_narrow (
    ${streams}
  );
`;
  }
  return `${unused}  axi_widen #(.PartBits(${output.slotBits}), .Parts(${dataBits / output.slotBits})) u_out_widen (
    ${streams}
  );
`;
}

function unusedBits(name: string, slot: number, beatBits: number): string {
  if (slot === beatBits) return '';
  return `  wire unused_${name} = &{1'b0, ${name}[${slot - 1}:${beatBits}]};\n`;
}

function extended(name: string, { slotBits: slot }: AxiStreamPlan, beatBits: number): string {
  return slot === beatBits ? name : `{${slot - beatBits}'d0, ${name}}`;
}

/** The counters of the whole design, one event of each at most in a cycle. */
function designEvents(bits: number): string {
  const events: Readonly<Record<string, string>> = {
    cycles: "1'b1",
    active_cycles: '!idle',
    inferences_in: 'begins',
    inferences_out: 'ends',
    input_empty_cycles: 'slice_ready & !slice_valid & !discarding',
    input_blocked_cycles: 'slice_valid & !slice_ready',
    output_blocked_cycles: 'give_valid & !give_ready',
    discarded_beats: 'discarding & slice_valid & slice_ready',
  };
  return Object.entries(events)
    .map(([name, event], index) => {
      const zeros = bits > 1 ? `{${bits - 1}'d0, ${event}}` : event;
      return `  assign design_events[${(index + 1) * bits - 1}:${index * bits}] = ${zeros};  // ${name}`;
    })
    .join('\n');
}
