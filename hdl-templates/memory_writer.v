// memory_writer: a stream of so many beats to memory, through AXI4 bursts.
//
// start_i (while busy_o is low) writes beats_i beats of the stream from address_i on, a multiple
// of Bytes. Bursts are INCR, as long as they can be: up to the next multiple of Burst beats, so that
// none crosses 4 KiB. A burst begins when the buffer has all of it: the bus never waits for the
// stream. All bytes are written. busy_o falls when memory has answered all bursts.
// error_o tells a response that was not OKAY.
// Parameters: Bytes of a beat, a power of two; Burst, a power of two, 2 to 256 and at most 4096
//   bytes; Depth of the buffer in beats, 512 or more; CountBits of beats_i.
// Initiation interval 1 but for 3 cycles a burst.
`default_nettype none

module memory_writer #(
  parameter Bytes = 64,
  parameter Burst = 64,
  parameter Depth = 512,
  parameter CountBits = 40
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire [63:0] address_i,
  input  wire [CountBits-1:0] beats_i,
  output wire busy_o,
  output wire error_o,
  input  wire valid_i,
  output wire ready_o,
  input  wire [8*Bytes-1:0] data_i,
  output wire awvalid_o,
  input  wire awready_i,
  output wire [63:0] awaddr_o,
  output wire [7:0] awlen_o,
  output wire wvalid_o,
  input  wire wready_i,
  output wire wlast_o,
  output wire [8*Bytes-1:0] wdata_o,
  input  wire bvalid_i,
  output wire bready_o,
  input  wire [1:0] bresp_i
);

  generate
    if (Burst < 2 || Burst > 256 || (Burst & (Burst - 1)) != 0) begin : gen_illegal_burst
      memory_writer_burst_must_be_a_power_of_two_up_to_256 u_illegal ();
    end
    if (Burst * Bytes > 4096 || (Bytes & (Bytes - 1)) != 0) begin : gen_illegal_bytes
      memory_writer_burst_has_4096_bytes_at_most u_illegal ();
    end
    if (Depth < 512) begin : gen_illegal_depth
      memory_writer_buffer_must_hold_512_beats u_illegal ();
    end
  endgenerate

  localparam HeldBits = $clog2(Depth + 1);
  // bursts whose answers are missing
  localparam WaitBits = 8;

  wire take = valid_i && ready_o;
  wire beat_there, beat_taken;
  block_fifo #(.Width(8 * Bytes), .Depth(Depth)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .data_i(data_i),
    .valid_o(beat_there), .ready_i(beat_taken), .data_o(wdata_o)
  );

  reg ask_q;
  reg [63:0] ask_address_q;
  reg [7:0] ask_length_q;
  reg [8:0] write_q;                // beats of this burst that are missing
  reg [HeldBits-1:0] held_q;        // beats in the buffer that belong to no burst yet
  reg [WaitBits-1:0] waiting_q;
  wire planned, more, issue;
  wire [63:0] address;
  wire [8:0] length;
  wire [HeldBits-1:0] wanted = {{(HeldBits-9){1'b0}}, length};
  wire full = &waiting_q;
  assign issue = planned && !ask_q && write_q == 9'd0 && held_q >= wanted && !full;
  burst_planner #(.Bytes(Bytes), .Burst(Burst), .CountBits(CountBits)) u_bursts (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .address_i(address_i), .beats_i(beats_i),
    .take_i(issue), .valid_o(planned), .address_o(address), .length_o(length), .more_o(more)
  );
  wire [8:0] length_less_one = length - 9'd1;

  assign wvalid_o = beat_there && write_q != 9'd0;
  assign wlast_o = write_q == 9'd1;
  assign beat_taken = wready_i && write_q != 9'd0;
  wire written = wvalid_o && wready_i;
  assign bready_o = 1'b1;
  assign error_o = bvalid_i && bresp_i != 2'b00;
  assign awvalid_o = ask_q;
  assign awaddr_o = ask_address_q;
  assign awlen_o = ask_length_q;
  assign busy_o = more || ask_q || write_q != 9'd0 || waiting_q != {WaitBits{1'b0}};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ask_q <= 1'b0;
      write_q <= 9'd0;
      held_q <= {HeldBits{1'b0}};
      waiting_q <= {WaitBits{1'b0}};
    end else begin
      if (issue) ask_q <= 1'b1;
      else if (awready_i) ask_q <= 1'b0;
      if (issue) write_q <= length;
      else if (written) write_q <= write_q - 9'd1;
      held_q <= held_q + {{(HeldBits-1){1'b0}}, take} - (issue ? wanted : {HeldBits{1'b0}});
      waiting_q <= waiting_q + {{(WaitBits-1){1'b0}}, issue} - {{(WaitBits-1){1'b0}}, bvalid_i};
    end
    if (issue) begin
      ask_address_q <= address;
      ask_length_q <= length_less_one[7:0];
    end
  end
  wire unused = &{1'b0, length_less_one[8]};

endmodule

`default_nettype wire
