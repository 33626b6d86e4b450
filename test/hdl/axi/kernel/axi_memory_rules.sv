// axi_memory_rules: what AXI4 asks of a master of memory, for one port.
//
// A1  valid falls, or what it offers changes, before ready
// A2  valid behind a reset
// A3  a burst crosses 4 KiB
// A4  not INCR, not as wide as the bus, or not at a multiple of it
// A5  WLAST at the wrong beat
// A6  a response to no burst, or a beat of none (what memory does wrong)
// A7  a beat or a response of memory has to wait: kept to by nzflow, not asked for by AXI4
`default_nettype none

module axi_memory_rules #(
  parameter Bytes = 4
) (
  input wire clk_i,
  input wire rst_ni,
  input wire arvalid_i,
  input wire arready_i,
  input wire [63:0] araddr_i,
  input wire [7:0] arlen_i,
  input wire [2:0] arsize_i,
  input wire [1:0] arburst_i,
  input wire rvalid_i,
  input wire rready_i,
  input wire rlast_i,
  input wire awvalid_i,
  input wire awready_i,
  input wire [63:0] awaddr_i,
  input wire [7:0] awlen_i,
  input wire [2:0] awsize_i,
  input wire [1:0] awburst_i,
  input wire wvalid_i,
  input wire wready_i,
  input wire wlast_i,
  input wire [Bytes-1:0] wstrb_i,
  input wire [8*Bytes-1:0] wdata_i,
  input wire bvalid_i,
  input wire bready_i
);
  localparam [2:0] Size = $clog2(Bytes);
  localparam [63:0] Low = Bytes - 1;
  reg before_q = 1'b0;
  reg reset_q = 1'b1;
  reg ar_waits_q = 1'b0, aw_waits_q = 1'b0, w_waits_q = 1'b0;
  reg [76:0] ar_q = 0, aw_q = 0;
  reg [9*Bytes:0] w_q = 0;
  wire [76:0] ar = {araddr_i, arlen_i, arsize_i, arburst_i};
  wire [76:0] aw = {awaddr_i, awlen_i, awsize_i, awburst_i};
  wire [9*Bytes:0] w = {wlast_i, wstrb_i, wdata_i};
  wire [63:0] ar_end = araddr_i + ({56'd0, arlen_i} + 1) * Bytes - 1;
  wire [63:0] aw_end = awaddr_i + ({56'd0, awlen_i} + 1) * Bytes - 1;

  // lengths of bursts whose beats or addresses are missing: data may come before its address
  integer asked [0:255];
  integer written [0:255];
  integer asked_q = 0, written_q = 0, compared_q = 0, beats_q = 0;
  integer answers_q = 0, reads_q = 0, read_beats_q = 0;

  always @(posedge clk_i) begin
    before_q <= 1'b1;
    reset_q <= !rst_ni;
    ar_waits_q <= rst_ni && arvalid_i && !arready_i;
    aw_waits_q <= rst_ni && awvalid_i && !awready_i;
    w_waits_q <= rst_ni && wvalid_i && !wready_i;
    ar_q <= ar;
    aw_q <= aw;
    w_q <= w;
    if (before_q && reset_q) assert (!arvalid_i && !awvalid_i && !wvalid_i)
      else $error("A2 valid behind a reset");
    if (rst_ni) begin
      if (ar_waits_q) assert (arvalid_i && ar == ar_q) else $error("A1 read address");
      if (aw_waits_q) assert (awvalid_i && aw == aw_q) else $error("A1 write address");
      if (w_waits_q) assert (wvalid_i && w == w_q) else $error("A1 data");
      if (arvalid_i) begin
        assert (araddr_i[63:12] == ar_end[63:12]) else $error("A3 a read crosses 4 KiB");
        assert (arburst_i == 2'b01 && arsize_i == Size && (araddr_i & Low) == 0)
          else $error("A4 a read");
      end
      if (awvalid_i) begin
        assert (awaddr_i[63:12] == aw_end[63:12]) else $error("A3 a write crosses 4 KiB");
        assert (awburst_i == 2'b01 && awsize_i == Size && (awaddr_i & Low) == 0)
          else $error("A4 a write");
      end
      if (rvalid_i) assert (rready_i) else $error("A7 a beat of memory waits");
      if (bvalid_i) assert (bready_i) else $error("A7 a response waits");
    end

    if (!rst_ni) begin
      asked_q = 0; written_q = 0; compared_q = 0; beats_q = 0;
      answers_q = 0; reads_q = 0; read_beats_q = 0;
    end else begin
      if (arvalid_i && arready_i) reads_q = reads_q + {24'd0, arlen_i} + 1;
      if (rvalid_i && rready_i) read_beats_q = read_beats_q + 1;
      if (awvalid_i && awready_i) begin
        asked[asked_q % 256] = {24'd0, awlen_i} + 1;
        asked_q = asked_q + 1;
      end
      if (wvalid_i && wready_i) begin
        beats_q = beats_q + 1;
        if (wlast_i) begin
          written[written_q % 256] = beats_q;
          written_q = written_q + 1;
          beats_q = 0;
        end
      end
      // more beats than its burst has
      if (beats_q > 0 && asked_q > written_q)
        assert (beats_q < asked[written_q % 256]) else $error("A5 no WLAST where it is due");
      if (compared_q < asked_q && compared_q < written_q) begin
        assert (asked[compared_q % 256] == written[compared_q % 256])
          else $error("A5 WLAST at the wrong beat");
        compared_q = compared_q + 1;
      end
      if (bvalid_i && bready_i) begin
        answers_q = answers_q + 1;
        assert (answers_q <= asked_q && answers_q <= written_q)
          else $error("A6 a response to no burst");
      end
      assert (read_beats_q <= reads_q) else $error("A6 a beat of no burst");
    end
  end
  wire unused = &{1'b0, rlast_i};
endmodule

`default_nettype wire
