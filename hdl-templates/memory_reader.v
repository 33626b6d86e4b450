// memory_reader: so many beats of memory as a stream, through AXI4 bursts.
//
// start_i (while busy_o is low) reads beats_i beats from address_i on, a multiple of Bytes. The
// stream has them in order, last_o with every LastEvery-th. Bursts are INCR, as long as they can
// be: up to the next multiple of Burst beats, so that none crosses 4 KiB. A burst is asked for
// when the buffer has room for all of it: memory never waits (rready_o is always high).
// error_o tells a beat whose response was not OKAY; it is given as it came.
// Parameters: Bytes of a beat, a power of two; Burst, a power of two, 2 to 256 and at most 4096
//   bytes; Depth of the buffer in beats, 512 or more; LastEvery, 1 or more; CountBits of
//   beats_i.
// Initiation interval 1 where memory gives that, with Depth / Burst bursts on their way.
`default_nettype none

module memory_reader #(
  parameter Bytes = 64,
  parameter Burst = 64,
  parameter Depth = 512,
  parameter LastEvery = 1,
  parameter CountBits = 40
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire [63:0] address_i,
  input  wire [CountBits-1:0] beats_i,
  output wire busy_o,
  output wire error_o,
  output wire arvalid_o,
  input  wire arready_i,
  output wire [63:0] araddr_o,
  output wire [7:0] arlen_o,
  input  wire rvalid_i,
  output wire rready_o,
  input  wire [1:0] rresp_i,
  input  wire [8*Bytes-1:0] rdata_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [8*Bytes-1:0] data_o
);

  generate
    if (Burst < 2 || Burst > 256 || (Burst & (Burst - 1)) != 0) begin : gen_illegal_burst
      memory_reader_burst_must_be_a_power_of_two_up_to_256 u_illegal ();
    end
    if (Burst * Bytes > 4096 || (Bytes & (Bytes - 1)) != 0) begin : gen_illegal_bytes
      memory_reader_burst_has_4096_bytes_at_most u_illegal ();
    end
    if (Depth < 512 || LastEvery < 1) begin : gen_illegal_depth
      memory_reader_buffer_must_hold_512_beats u_illegal ();
    end
  endgenerate

  localparam RoomBits = $clog2(Depth + 1);
  localparam BurstBits = $clog2(Burst);
  localparam LastBits = (LastEvery > 1) ? $clog2(LastEvery) : 1;
  localparam [31:0] DepthWord = Depth;
  localparam [31:0] BurstWord = Burst;
  localparam [31:0] LastWord = LastEvery - 1;
  localparam [LastBits-1:0] Last = LastWord[LastBits-1:0];
  localparam [LastBits:0] OneWord = {{LastBits{1'b0}}, 1'b1};

  // ---- bursts: how long the next one is, a cycle; whether there is room for it, the next
  reg ask_q;
  reg [63:0] ask_address_q;
  reg [7:0] ask_length_q;
  wire taken, give;
  wire [8:0] length;
  wire planned, issue;
  wire [63:0] address;
  wire more;
  reg [RoomBits-1:0] room_q;
  wire [RoomBits-1:0] wanted = {{(RoomBits-9){1'b0}}, length};
  assign issue = planned && !ask_q && room_q >= wanted;
  burst_planner #(.Bytes(Bytes), .Burst(Burst), .CountBits(CountBits)) u_bursts (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .address_i(address_i), .beats_i(beats_i),
    .take_i(issue), .valid_o(planned), .address_o(address), .length_o(length), .more_o(more)
  );
  wire [8:0] length_less_one = length - 9'd1;
  always @(posedge clk_i) begin
    if (!rst_ni) ask_q <= 1'b0;
    else if (issue) ask_q <= 1'b1;
    else if (arready_i) ask_q <= 1'b0;
    if (issue) begin
      ask_address_q <= address;
      ask_length_q <= length_less_one[7:0];
    end
    if (!rst_ni) room_q <= DepthWord[RoomBits-1:0];
    else room_q <= room_q - (issue ? wanted : {RoomBits{1'b0}}) + {{(RoomBits-1){1'b0}}, give};
  end
  assign arvalid_o = ask_q;
  assign araddr_o = ask_address_q;
  assign arlen_o = ask_length_q;
  // all room is there again when everything asked for was given
  assign busy_o = more || ask_q || room_q != DepthWord[RoomBits-1:0];

  // ---- beats
  block_fifo #(.Width(8 * Bytes), .Depth(Depth)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(rvalid_i), .ready_o(taken), .data_i(rdata_i),
    .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o)
  );
  assign rready_o = taken;
  assign give = valid_o && ready_i;
  assign error_o = rvalid_i && rready_o && rresp_i != 2'b00;
  reg [LastBits-1:0] place_q;
  assign last_o = place_q == Last;
  always @(posedge clk_i) begin
    if (!rst_ni || start_i) place_q <= {LastBits{1'b0}};
    else if (give) place_q <= last_o ? {LastBits{1'b0}} : place_q + OneWord[LastBits-1:0];
  end
  wire unused = &{1'b0, BurstWord[31:BurstBits], length_less_one[8]};

endmodule

`default_nettype wire
