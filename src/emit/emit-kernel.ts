import { ceilLog2 } from '../base/bits.ts';
import type { AxiPlan, DesignFile, Plan } from '../ir/plan.ts';
import { registerMap } from '../plan/interfaces/register-map.ts';
import { provenance } from './provenance.ts';
import { moduleFile } from './verilog.ts';

/** Beats of a burst: a page of 4 KiB, or as many as AXI4 has in one. */
function burstBeats(bytes: number): number {
  return Math.min(256, 4096 / bytes);
}

/** `nzflow_kernel`: an XRT kernel that reads inputs from memory and writes answers there, around `nzflow_axi`. */
export function emitKernel(plan: Plan, axi: AxiPlan): DesignFile {
  const bytes = axi.dataBits / 8;
  const burst = burstBeats(bytes);
  const countBits = 32 + ceilLog2(Math.max(axi.input.beats, axi.output.beats) + 1);
  const { addressBits } = registerMap(plan);
  const size = ceilLog2(bytes);
  const beats = (constant: number): string =>
    `{${countBits - 32}'d0, count} * ${countBits}'d${constant}`;
  const body = `module nzflow_kernel (
  input  wire ap_clk,
  input  wire ap_rst_n,
  output wire interrupt,
${controlPorts}
${memoryPorts('m_axi_gmem0', axi.dataBits)},
${memoryPorts('m_axi_gmem1', axi.dataBits)}
);

  // ---- a run: count and pointers are multiplied out, then both sides begin
  wire start, read_error, write_error, reading, writing;
  wire [31:0] count;
  wire [63:0] inputs, answers;
  reg [2:0] begin_q;
  reg running_q;
  reg [${countBits - 1}:0] input_beats_q, answer_beats_q;
  wire go = begin_q[1];
  wire done = running_q && begin_q == 3'd0 && !reading && !writing;
  always @(posedge ap_clk) begin
    if (!ap_rst_n) begin
      begin_q <= 3'd0;
      running_q <= 1'b0;
    end else begin
      begin_q <= {begin_q[1:0], start};
      running_q <= start || (running_q && !done);
    end
    input_beats_q <= ${beats(axi.input.beats)};
    answer_beats_q <= ${beats(axi.output.beats)};
  end
  kernel_control u_control (
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .awvalid_i(s_axi_control_awvalid),
    .awready_o(s_axi_control_awready), .awaddr_i(s_axi_control_awaddr),
    .wvalid_i(s_axi_control_wvalid), .wready_o(s_axi_control_wready),
    .wdata_i(s_axi_control_wdata), .wstrb_i(s_axi_control_wstrb),
    .bvalid_o(s_axi_control_bvalid), .bready_i(s_axi_control_bready),
    .bresp_o(s_axi_control_bresp), .arvalid_i(s_axi_control_arvalid),
    .arready_o(s_axi_control_arready), .araddr_i(s_axi_control_araddr),
    .rvalid_o(s_axi_control_rvalid), .rready_i(s_axi_control_rready),
    .rdata_o(s_axi_control_rdata), .rresp_o(s_axi_control_rresp), .start_o(start),
    .done_i(done), .read_error_i(read_error), .write_error_i(write_error), .count_o(count),
    .first_o(inputs), .second_o(answers), .interrupt_o(interrupt)
  );

  // ---- inputs from memory, every inference a packet
  wire in_valid, in_ready, in_last;
  wire [${axi.dataBits - 1}:0] in_data;
  memory_reader #(
    .Bytes(${bytes}), .Burst(${burst}), .LastEvery(${axi.input.beats}), .CountBits(${countBits})
  ) u_reader (
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .start_i(go), .address_i(inputs), .beats_i(input_beats_q),
    .busy_o(reading), .error_o(read_error), .arvalid_o(m_axi_gmem0_arvalid),
    .arready_i(m_axi_gmem0_arready), .araddr_o(m_axi_gmem0_araddr),
    .arlen_o(m_axi_gmem0_arlen), .rvalid_i(m_axi_gmem0_rvalid), .rready_o(m_axi_gmem0_rready),
    .rresp_i(m_axi_gmem0_rresp), .rdata_i(m_axi_gmem0_rdata), .valid_o(in_valid),
    .ready_i(in_ready), .last_o(in_last), .data_o(in_data)
  );
${idleWrites('m_axi_gmem0', axi.dataBits)}
  assign m_axi_gmem0_arsize = 3'd${size};
  assign m_axi_gmem0_arburst = 2'b01;
  assign m_axi_gmem0_arcache = 4'b0011;
  assign m_axi_gmem0_arprot = 3'b000;

  // ---- the design; its registers are not reached: it runs from reset on, an inference a packet
  wire out_valid, out_ready;
  wire [${axi.dataBits - 1}:0] out_data;
  wire awready, wready, bvalid, arready, rvalid, answer_last;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata;
  wire [${bytes - 1}:0] answer_keep;
  nzflow_axi u_block (
    .aclk(ap_clk), .aresetn(ap_rst_n), .s_axi_awvalid(1'b0), .s_axi_awready(awready),
    .s_axi_awaddr(${addressBits}'d0), .s_axi_awprot(3'd0), .s_axi_wvalid(1'b0), .s_axi_wready(wready),
    .s_axi_wdata(32'd0), .s_axi_wstrb(4'd0), .s_axi_bvalid(bvalid), .s_axi_bready(1'b1),
    .s_axi_bresp(bresp), .s_axi_arvalid(1'b0), .s_axi_arready(arready), .s_axi_araddr(${addressBits}'d0),
    .s_axi_arprot(3'd0), .s_axi_rvalid(rvalid), .s_axi_rready(1'b1), .s_axi_rdata(rdata), .s_axi_rresp(rresp),
    .s_axis_tvalid(in_valid), .s_axis_tready(in_ready), .s_axis_tlast(in_last),
    .s_axis_tkeep({${bytes}{1'b1}}), .s_axis_tdata(in_data), .m_axis_tvalid(out_valid),
    .m_axis_tready(out_ready), .m_axis_tlast(answer_last), .m_axis_tkeep(answer_keep), .m_axis_tdata(out_data)
  );

  // ---- answers to memory
  memory_writer #(
    .Bytes(${bytes}), .Burst(${burst}), .CountBits(${countBits})
  ) u_writer (
    .clk_i(ap_clk), .rst_ni(ap_rst_n), .start_i(go), .address_i(answers),
    .beats_i(answer_beats_q), .busy_o(writing), .error_o(write_error), .valid_i(out_valid),
    .ready_o(out_ready), .data_i(out_data), .awvalid_o(m_axi_gmem1_awvalid),
    .awready_i(m_axi_gmem1_awready), .awaddr_o(m_axi_gmem1_awaddr),
    .awlen_o(m_axi_gmem1_awlen), .wvalid_o(m_axi_gmem1_wvalid),
    .wready_i(m_axi_gmem1_wready), .wlast_o(m_axi_gmem1_wlast),
    .wdata_o(m_axi_gmem1_wdata), .bvalid_i(m_axi_gmem1_bvalid),
    .bready_o(m_axi_gmem1_bready), .bresp_i(m_axi_gmem1_bresp)
  );
  assign m_axi_gmem1_awsize = 3'd${size};
  assign m_axi_gmem1_awburst = 2'b01;
  assign m_axi_gmem1_awcache = 4'b0011;
  assign m_axi_gmem1_awprot = 3'b000;
  assign m_axi_gmem1_wstrb = {${bytes}{1'b1}};
${idleReads('m_axi_gmem1')}
  wire unused = &{
    1'b0, m_axi_gmem0_rlast, m_axi_gmem0_awready, m_axi_gmem0_wready, m_axi_gmem0_bvalid,
    m_axi_gmem0_bresp, m_axi_gmem1_arready, m_axi_gmem1_rvalid, m_axi_gmem1_rlast,
    m_axi_gmem1_rresp, m_axi_gmem1_rdata, begin_q[2], awready,
    wready, bvalid, bresp, arready, rvalid, rdata, rresp, answer_last, answer_keep
  };

endmodule
`;
  return {
    name: 'nzflow_kernel.v',
    content: moduleFile(
      [
        'nzflow_kernel: nzflow_axi as an XRT kernel (ap_ctrl_hs): count inferences from memory to memory.',
        `Inference i is ${axi.input.beats} beat(s) of ${bytes} bytes from the first pointer on, its answer ${axi.output.beats} from the second.`,
        'Pointers are multiples of a beat. Registers: hdl-templates/kernel_control.v.',
        ...provenance(plan),
      ],
      body,
    ),
  };
}

const controlPorts = `  input  wire s_axi_control_awvalid,
  output wire s_axi_control_awready,
  input  wire [11:0] s_axi_control_awaddr,
  input  wire s_axi_control_wvalid,
  output wire s_axi_control_wready,
  input  wire [31:0] s_axi_control_wdata,
  input  wire [3:0] s_axi_control_wstrb,
  output wire s_axi_control_bvalid,
  input  wire s_axi_control_bready,
  output wire [1:0] s_axi_control_bresp,
  input  wire s_axi_control_arvalid,
  output wire s_axi_control_arready,
  input  wire [11:0] s_axi_control_araddr,
  output wire s_axi_control_rvalid,
  input  wire s_axi_control_rready,
  output wire [31:0] s_axi_control_rdata,
  output wire [1:0] s_axi_control_rresp,`;

function memoryPorts(name: string, bits: number): string {
  const address = (way: string): string => `  output wire ${name}_${way}valid,
  input  wire ${name}_${way}ready,
  output wire [63:0] ${name}_${way}addr,
  output wire [7:0] ${name}_${way}len,
  output wire [2:0] ${name}_${way}size,
  output wire [1:0] ${name}_${way}burst,
  output wire [3:0] ${name}_${way}cache,
  output wire [2:0] ${name}_${way}prot`;
  return `${address('ar')},
  input  wire ${name}_rvalid,
  output wire ${name}_rready,
  input  wire ${name}_rlast,
  input  wire [1:0] ${name}_rresp,
  input  wire [${bits - 1}:0] ${name}_rdata,
${address('aw')},
  output wire ${name}_wvalid,
  input  wire ${name}_wready,
  output wire ${name}_wlast,
  output wire [${bits / 8 - 1}:0] ${name}_wstrb,
  output wire [${bits - 1}:0] ${name}_wdata,
  input  wire ${name}_bvalid,
  output wire ${name}_bready,
  input  wire [1:0] ${name}_bresp`;
}

/** Channels of addresses that are never used. */
function idleAddresses(name: string, way: string): string {
  return `  assign ${name}_${way}valid = 1'b0;
  assign ${name}_${way}addr = 64'd0;
  assign ${name}_${way}len = 8'd0;
  assign ${name}_${way}size = 3'd0;
  assign ${name}_${way}burst = 2'b01;
  assign ${name}_${way}cache = 4'b0011;
  assign ${name}_${way}prot = 3'b000;`;
}

function idleReads(name: string): string {
  return `${idleAddresses(name, 'ar')}
  assign ${name}_rready = 1'b1;`;
}

function idleWrites(name: string, bits: number): string {
  return `${idleAddresses(name, 'aw')}
  assign ${name}_wvalid = 1'b0;
  assign ${name}_wlast = 1'b0;
  assign ${name}_wstrb = ${bits / 8}'d0;
  assign ${name}_wdata = ${bits}'d0;
  assign ${name}_bready = 1'b1;`;
}
