// axi_lite_rules: the rules of AXI4-Lite for both sides, as assertions.
//
// M of the master, L of the slave:
//   M1 a valid of the master stays until its ready, with what it offers
//   L1 valid of a response is low in reset and in the first cycle behind it
//   L2 valid of a response stays until ready
//   L3 a response does not change while it waits
//   L4 no response to a request that was not taken, and only one
//   L5 a response comes within Patience cycles, and a request is taken
//   L6 a response is OKAY
`default_nettype none

module axi_lite_rules #(
  parameter AddressBits = 12,
  parameter Patience = 64
) (
  input wire clk_i,
  input wire rst_ni,
  input wire awvalid_i,
  input wire awready_i,
  input wire [AddressBits-1:0] awaddr_i,
  input wire wvalid_i,
  input wire wready_i,
  input wire [31:0] wdata_i,
  input wire [3:0] wstrb_i,
  input wire bvalid_i,
  input wire bready_i,
  input wire [1:0] bresp_i,
  input wire arvalid_i,
  input wire arready_i,
  input wire [AddressBits-1:0] araddr_i,
  input wire rvalid_i,
  input wire rready_i,
  input wire [31:0] rdata_i,
  input wire [1:0] rresp_i
);
  reg before_q = 1'b0;
  reg reset_q = 1'b1;
  reg aw_waits_q = 0, w_waits_q = 0, ar_waits_q = 0, b_waits_q = 0, r_waits_q = 0;
  reg [AddressBits-1:0] awaddr_q = 0, araddr_q = 0;
  reg [35:0] w_q = 0;
  reg [33:0] r_q = 0;
  reg [1:0] b_q = 0;
  // requests taken and not answered; what was taken in this cycle is answered later
  integer addresses_q = 0, datas_q = 0, reads_q = 0;
  integer write_wait_q = 0, read_wait_q = 0;

  always @(posedge clk_i) begin
    before_q <= 1'b1;
    reset_q <= !rst_ni;
    aw_waits_q <= rst_ni && awvalid_i && !awready_i;
    w_waits_q <= rst_ni && wvalid_i && !wready_i;
    ar_waits_q <= rst_ni && arvalid_i && !arready_i;
    b_waits_q <= rst_ni && bvalid_i && !bready_i;
    r_waits_q <= rst_ni && rvalid_i && !rready_i;
    awaddr_q <= awaddr_i;
    araddr_q <= araddr_i;
    w_q <= {wstrb_i, wdata_i};
    r_q <= {rresp_i, rdata_i};
    b_q <= bresp_i;
    if (!rst_ni) begin
      addresses_q <= 0;
      datas_q <= 0;
      reads_q <= 0;
      write_wait_q <= 0;
      read_wait_q <= 0;
    end else begin
      addresses_q <= addresses_q + (awvalid_i && awready_i ? 1 : 0) - (bvalid_i && bready_i ? 1 : 0);
      datas_q <= datas_q + (wvalid_i && wready_i ? 1 : 0) - (bvalid_i && bready_i ? 1 : 0);
      reads_q <= reads_q + (arvalid_i && arready_i ? 1 : 0) - (rvalid_i && rready_i ? 1 : 0);
      // an address and data are asked for, or taken, and there is no response
      write_wait_q <= !bvalid_i && (awvalid_i || addresses_q > 0) && (wvalid_i || datas_q > 0)
                          ? write_wait_q + 1 : 0;
      read_wait_q <= !rvalid_i && (arvalid_i || reads_q > 0) ? read_wait_q + 1 : 0;
    end

    if (before_q && reset_q) assert (!bvalid_i && !rvalid_i) else $error("L1 a response behind a reset");
    if (rst_ni) begin
      if (aw_waits_q) assert (awvalid_i && awaddr_i == awaddr_q) else $error("M1 write address");
      if (w_waits_q) assert (wvalid_i && {wstrb_i, wdata_i} == w_q) else $error("M1 write data");
      if (ar_waits_q) assert (arvalid_i && araddr_i == araddr_q) else $error("M1 read address");
      if (b_waits_q) assert (bvalid_i) else $error("L2 a write response fell");
      if (r_waits_q) assert (rvalid_i) else $error("L2 a read response fell");
      if (b_waits_q && bvalid_i) assert (bresp_i == b_q) else $error("L3 a write response changed");
      if (r_waits_q && rvalid_i) assert ({rresp_i, rdata_i} == r_q) else $error("L3 a read response changed");
      if (bvalid_i) assert (addresses_q > 0 && datas_q > 0) else $error("L4 a write response too many");
      if (rvalid_i) assert (reads_q > 0) else $error("L4 a read response too many");
      assert (write_wait_q <= Patience) else $error("L5 no write response");
      assert (read_wait_q <= Patience) else $error("L5 no read response");
      if (bvalid_i) assert (bresp_i == 2'b00) else $error("L6 write response");
      if (rvalid_i) assert (rresp_i == 2'b00) else $error("L6 read response");
    end
  end
endmodule

`default_nettype wire
