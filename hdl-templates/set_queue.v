// set_queue: tokens that wait for one group of sets, and the walk over their weight words.
//
// A token pushed with `words_i` weight words from `start_i` on reads these words one a cycle, in
// order, behind the tokens before it. Queues of a lane run apart: one may be many tokens behind
// another, so none waits for the words that another needs.
//
// Parameters
//   AddressBits  of a weight address; CountBits of a number of words; ValueBits of a value
//   Depth        tokens the queue holds, a power of two from 8 on; 32 is one small memory deep
// Timing: a token pushed in cycle t (words_i not 0) is popped in cycle
//   p = max(t + 1, p' + w'), with p' and w' the pop and the words of the token before;
// read_o, address_o, value_o are its words in cycles p+1 .. p+w. The caller pushes only while
// there is room: room_o is high where the tokens in the queue are at most Depth - 4, so four more
// may be on their way. busy_o is low when no words follow those of this cycle.
`default_nettype none

module set_queue #(
  parameter AddressBits = 8,
  parameter CountBits = 2,
  parameter ValueBits = 9,
  parameter Depth = 32
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire push_i,
  input  wire [AddressBits-1:0] start_i,
  input  wire [CountBits-1:0] words_i,
  input  wire [ValueBits-1:0] value_i,
  output wire room_o,
  output wire busy_o,
  output wire read_o,
  output wire [AddressBits-1:0] address_o,
  output wire [ValueBits-1:0] value_o
);

  generate
    if (AddressBits < 1 || CountBits < 1 || ValueBits < 1) begin : gen_illegal_sizes
      set_queue_sizes_must_be_positive u_illegal ();
    end
    if (Depth < 8 || (Depth & (Depth - 1)) != 0) begin : gen_illegal_depth
      set_queue_depth_must_be_a_power_of_two_from_8_on u_illegal ();
    end
  endgenerate

  localparam DepthBits = $clog2(Depth);
  localparam EntryBits = AddressBits + CountBits + ValueBits;
  localparam MostWithRoom = Depth - 4;
  localparam [CountBits-1:0] CountOne = 1;

  reg [DepthBits:0] level_q;
  reg [DepthBits-1:0] write_q;
  reg [DepthBits-1:0] read_q;
  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [EntryBits-1:0] entries [0:Depth-1];

  reg active_q;
  reg [AddressBits-1:0] address_q;
  reg [CountBits-1:0] left_q;
  reg [ValueBits-1:0] value_q;

  wire [AddressBits-1:0] next_address;
  wire [CountBits-1:0] next_words;
  wire [ValueBits-1:0] next_value;
  assign {next_address, next_words, next_value} = entries[read_q];

  wire filled = (level_q != {(DepthBits+1){1'b0}});
  wire ends = !active_q | (left_q == CountOne);
  wire pop = filled & ends;

  assign room_o = (level_q <= MostWithRoom[DepthBits:0]);
  assign busy_o = filled | !ends;
  assign read_o = active_q;
  assign address_o = address_q;
  assign value_o = value_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      level_q <= {(DepthBits+1){1'b0}};
      write_q <= {DepthBits{1'b0}};
      read_q <= {DepthBits{1'b0}};
      active_q <= 1'b0;
    end else begin
      level_q <= level_q + {{DepthBits{1'b0}}, push_i} - {{DepthBits{1'b0}}, pop};
      if (push_i) write_q <= write_q + 1'b1;
      if (pop) read_q <= read_q + 1'b1;
      active_q <= pop | !ends;
    end
    if (push_i) entries[write_q] <= {start_i, words_i, value_i};
    address_q <= pop ? next_address : address_q + 1'b1;
    left_q <= pop ? next_words : left_q - 1'b1;
    if (pop) value_q <= next_value;
  end

`ifdef FORMAL_set_queue
  // The environment pushes as a lane does: what had room in the cycle before a step is pushed two
  // cycles after the step.
  localparam [DepthBits:0] Full = Depth;
  reg past_q = 1'b0;
  reg [2:0] room_past_q;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    room_past_q <= rst_ni ? {room_past_q[1:0], room_o} : 3'b000;
  end
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (push_i) assume (rst_ni && words_i != {CountBits{1'b0}} && room_past_q[2]);
  end
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (level_q <= Full);
      assert (level_q[DepthBits-1:0] == write_q - read_q);
      if ($past(rst_ni)) begin
        // words follow each other without a gap, and a token's words are neighbours
        assert (read_o == $past(busy_o));
        if ($past(read_o && busy_o && left_q != CountOne)) begin
          assert (address_o == $past(address_o) + 1'b1);
          assert ($stable(value_o));
        end
      end
      cover (level_q == Full && read_o);
    end
  end
`endif

endmodule

`default_nettype wire
