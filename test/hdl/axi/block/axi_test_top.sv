// axi_test_top: nzflow_axi with the rules of its buses beside it.
`default_nettype none

module axi_test_top #(
  parameter DataBits = 64,
  parameter AddressBits = 12,
  // output beats of a packet; 0: packets differ
  parameter BatchBeats = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire awvalid_i,
  output wire awready_o,
  input  wire [AddressBits-1:0] awaddr_i,
  input  wire wvalid_i,
  output wire wready_o,
  input  wire [31:0] wdata_i,
  input  wire [3:0] wstrb_i,
  output wire bvalid_o,
  input  wire bready_i,
  input  wire arvalid_i,
  output wire arready_o,
  input  wire [AddressBits-1:0] araddr_i,
  output wire rvalid_o,
  input  wire rready_i,
  output wire [31:0] rdata_o,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [DataBits/8-1:0] in_keep_i,
  input  wire [DataBits-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [DataBits/8-1:0] out_keep_o,
  output wire [DataBits-1:0] out_data_o
);
  wire [1:0] bresp, rresp;
  nzflow_axi u_block (
    .aclk(clk_i), .aresetn(rst_ni), .s_axi_awvalid(awvalid_i), .s_axi_awready(awready_o),
    .s_axi_awaddr(awaddr_i), .s_axi_awprot(3'd0), .s_axi_wvalid(wvalid_i),
    .s_axi_wready(wready_o), .s_axi_wdata(wdata_i), .s_axi_wstrb(wstrb_i),
    .s_axi_bvalid(bvalid_o), .s_axi_bready(bready_i), .s_axi_bresp(bresp),
    .s_axi_arvalid(arvalid_i), .s_axi_arready(arready_o), .s_axi_araddr(araddr_i),
    .s_axi_arprot(3'd0), .s_axi_rvalid(rvalid_o), .s_axi_rready(rready_i),
    .s_axi_rdata(rdata_o), .s_axi_rresp(rresp), .s_axis_tvalid(in_valid_i),
    .s_axis_tready(in_ready_o), .s_axis_tlast(in_last_i), .s_axis_tkeep(in_keep_i),
    .s_axis_tdata(in_data_i), .m_axis_tvalid(out_valid_o), .m_axis_tready(out_ready_i),
    .m_axis_tlast(out_last_o), .m_axis_tkeep(out_keep_o), .m_axis_tdata(out_data_o)
  );
  axi_lite_rules #(.AddressBits(AddressBits)) u_lite_rules (
    .clk_i(clk_i), .rst_ni(rst_ni), .awvalid_i(awvalid_i), .awready_i(awready_o),
    .awaddr_i(awaddr_i), .wvalid_i(wvalid_i), .wready_i(wready_o), .wdata_i(wdata_i),
    .wstrb_i(wstrb_i), .bvalid_i(bvalid_o), .bready_i(bready_i), .bresp_i(bresp),
    .arvalid_i(arvalid_i), .arready_i(arready_o), .araddr_i(araddr_i), .rvalid_i(rvalid_o),
    .rready_i(rready_i), .rdata_i(rdata_o), .rresp_i(rresp)
  );
  axi_stream_rules #(.Bytes(DataBits / 8)) u_input_rules (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(in_valid_i), .ready_i(in_ready_o),
    .last_i(in_last_i), .keep_i(in_keep_i), .data_i(in_data_i)
  );
  axi_stream_rules #(.Bytes(DataBits / 8), .BatchBeats(BatchBeats)) u_output_rules (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(out_valid_o), .ready_i(out_ready_i),
    .last_i(out_last_o), .keep_i(out_keep_o), .data_i(out_data_o)
  );
endmodule

`default_nettype wire
