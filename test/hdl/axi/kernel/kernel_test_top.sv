// kernel_test_top: nzflow_kernel with the rules of its buses beside it; what memory answers comes from outside.
`default_nettype none

module kernel_test_top #(
  parameter DataBits = 512
) (
  input  wire clk_i,
  input  wire rst_ni,
  output wire interrupt_o,
  input  wire awvalid_i,
  output wire awready_o,
  input  wire [11:0] awaddr_i,
  input  wire wvalid_i,
  output wire wready_o,
  input  wire [31:0] wdata_i,
  input  wire [3:0] wstrb_i,
  output wire bvalid_o,
  input  wire bready_i,
  input  wire arvalid_i,
  output wire arready_o,
  input  wire [11:0] araddr_i,
  output wire rvalid_o,
  input  wire rready_i,
  output wire [31:0] rdata_o,
  // memory: reads of the first port, writes of the second
  output wire read_valid_o,
  input  wire read_ready_i,
  output wire [63:0] read_address_o,
  output wire [7:0] read_length_o,
  input  wire beat_valid_i,
  output wire beat_ready_o,
  input  wire beat_last_i,
  input  wire [1:0] beat_response_i,
  input  wire [DataBits-1:0] beat_data_i,
  output wire write_valid_o,
  input  wire write_ready_i,
  output wire [63:0] write_address_o,
  output wire [7:0] write_length_o,
  output wire data_valid_o,
  input  wire data_ready_i,
  output wire data_last_o,
  output wire [DataBits/8-1:0] data_strobe_o,
  output wire [DataBits-1:0] data_o,
  input  wire answer_valid_i,
  output wire answer_ready_o,
  input  wire [1:0] answer_response_i
);
  wire [1:0] bresp, rresp;
  wire [2:0] read_size, write_size;
  wire [1:0] read_burst, write_burst;
  wire idle_write, idle_data, idle_read;
  nzflow_kernel u_kernel (
    .ap_clk(clk_i), .ap_rst_n(rst_ni), .interrupt(interrupt_o),
    .s_axi_control_awvalid(awvalid_i), .s_axi_control_awready(awready_o),
    .s_axi_control_awaddr(awaddr_i), .s_axi_control_wvalid(wvalid_i),
    .s_axi_control_wready(wready_o), .s_axi_control_wdata(wdata_i),
    .s_axi_control_wstrb(wstrb_i), .s_axi_control_bvalid(bvalid_o),
    .s_axi_control_bready(bready_i), .s_axi_control_bresp(bresp),
    .s_axi_control_arvalid(arvalid_i), .s_axi_control_arready(arready_o),
    .s_axi_control_araddr(araddr_i), .s_axi_control_rvalid(rvalid_o),
    .s_axi_control_rready(rready_i), .s_axi_control_rdata(rdata_o),
    .s_axi_control_rresp(rresp),
    .m_axi_gmem0_arvalid(read_valid_o), .m_axi_gmem0_arready(read_ready_i),
    .m_axi_gmem0_araddr(read_address_o), .m_axi_gmem0_arlen(read_length_o),
    .m_axi_gmem0_arsize(read_size), .m_axi_gmem0_arburst(read_burst),
    .m_axi_gmem0_arcache(), .m_axi_gmem0_arprot(), .m_axi_gmem0_rvalid(beat_valid_i),
    .m_axi_gmem0_rready(beat_ready_o), .m_axi_gmem0_rlast(beat_last_i),
    .m_axi_gmem0_rresp(beat_response_i), .m_axi_gmem0_rdata(beat_data_i),
    .m_axi_gmem0_awvalid(idle_write), .m_axi_gmem0_awready(1'b0), .m_axi_gmem0_awaddr(),
    .m_axi_gmem0_awlen(), .m_axi_gmem0_awsize(), .m_axi_gmem0_awburst(), .m_axi_gmem0_awcache(),
    .m_axi_gmem0_awprot(), .m_axi_gmem0_wvalid(idle_data), .m_axi_gmem0_wready(1'b0),
    .m_axi_gmem0_wlast(), .m_axi_gmem0_wstrb(), .m_axi_gmem0_wdata(),
    .m_axi_gmem0_bvalid(1'b0), .m_axi_gmem0_bready(), .m_axi_gmem0_bresp(2'b00),
    .m_axi_gmem1_arvalid(idle_read), .m_axi_gmem1_arready(1'b0), .m_axi_gmem1_araddr(),
    .m_axi_gmem1_arlen(), .m_axi_gmem1_arsize(), .m_axi_gmem1_arburst(), .m_axi_gmem1_arcache(),
    .m_axi_gmem1_arprot(), .m_axi_gmem1_rvalid(1'b0), .m_axi_gmem1_rready(),
    .m_axi_gmem1_rlast(1'b0), .m_axi_gmem1_rresp(2'b00), .m_axi_gmem1_rdata({DataBits{1'b0}}),
    .m_axi_gmem1_awvalid(write_valid_o), .m_axi_gmem1_awready(write_ready_i),
    .m_axi_gmem1_awaddr(write_address_o), .m_axi_gmem1_awlen(write_length_o),
    .m_axi_gmem1_awsize(write_size), .m_axi_gmem1_awburst(write_burst),
    .m_axi_gmem1_awcache(), .m_axi_gmem1_awprot(), .m_axi_gmem1_wvalid(data_valid_o),
    .m_axi_gmem1_wready(data_ready_i), .m_axi_gmem1_wlast(data_last_o),
    .m_axi_gmem1_wstrb(data_strobe_o), .m_axi_gmem1_wdata(data_o),
    .m_axi_gmem1_bvalid(answer_valid_i), .m_axi_gmem1_bready(answer_ready_o),
    .m_axi_gmem1_bresp(answer_response_i)
  );
  axi_memory_rules #(.Bytes(DataBits / 8)) u_memory_rules (
    .clk_i(clk_i), .rst_ni(rst_ni), .arvalid_i(read_valid_o), .arready_i(read_ready_i),
    .araddr_i(read_address_o), .arlen_i(read_length_o), .arsize_i(read_size),
    .arburst_i(read_burst), .rvalid_i(beat_valid_i), .rready_i(beat_ready_o),
    .rlast_i(beat_last_i), .awvalid_i(write_valid_o), .awready_i(write_ready_i),
    .awaddr_i(write_address_o), .awlen_i(write_length_o), .awsize_i(write_size),
    .awburst_i(write_burst), .wvalid_i(data_valid_o), .wready_i(data_ready_i),
    .wlast_i(data_last_o), .wstrb_i(data_strobe_o), .wdata_i(data_o),
    .bvalid_i(answer_valid_i), .bready_i(answer_ready_o)
  );
  axi_lite_rules #(.AddressBits(12)) u_lite_rules (
    .clk_i(clk_i), .rst_ni(rst_ni), .awvalid_i(awvalid_i), .awready_i(awready_o),
    .awaddr_i(awaddr_i), .wvalid_i(wvalid_i), .wready_i(wready_o), .wdata_i(wdata_i),
    .wstrb_i(wstrb_i), .bvalid_i(bvalid_o), .bready_i(bready_i), .bresp_i(bresp),
    .arvalid_i(arvalid_i), .arready_i(arready_o), .araddr_i(araddr_i), .rvalid_i(rvalid_o),
    .rready_i(rready_i), .rdata_i(rdata_o), .rresp_i(rresp)
  );
  // ports that only read or only write do nothing else
  always @(posedge clk_i) if (rst_ni) assert (!idle_write && !idle_data && !idle_read)
    else $error("an unused channel moves");
endmodule

`default_nettype wire
