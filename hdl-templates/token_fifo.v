// token_fifo: synchronous first-in first-out buffer of a valid/ready stream, in LUT memory.
//
// The output is the input, in order. A word taken in cycle t is offered from cycle t+1 on.
// ready_o is registered state (not full): a full buffer takes no word in the cycle it gives one.
// Parameters: Width of the payload (last, count and data together), 1 or more; Depth in words,
//   2 or more (Depth 2 already sustains one word a cycle).
// Latency 1, initiation interval 1.
// The data output is an asynchronous memory read: put a stream_register behind a long path.
`default_nettype none

module token_fifo #(
  parameter Width = 8,
  parameter Depth = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire [Width-1:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire [Width-1:0] data_o
);

  localparam PointerBits = $clog2(Depth);
  localparam [31:0] LastWord = Depth - 1;
  localparam [PointerBits-1:0] Last = LastWord[PointerBits-1:0];
  localparam [PointerBits:0] OneWord = {{PointerBits{1'b0}}, 1'b1};
  localparam [PointerBits-1:0] One = OneWord[PointerBits-1:0];

  generate
    if (Width < 1) begin : gen_illegal_width
      token_fifo_width_must_be_positive u_illegal ();
    end
    if (Depth < 2) begin : gen_illegal_depth
      token_fifo_depth_must_be_2_or_more u_illegal ();
    end
  endgenerate

  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [Width-1:0] words [0:Depth-1];
  reg [PointerBits-1:0] write_q;
  reg [PointerBits-1:0] read_q;
  reg valid_q;
  reg full_q;

  wire take = valid_i && !full_q;
  wire give = valid_q && ready_i;
  wire [PointerBits-1:0] write_next = (write_q == Last) ? {PointerBits{1'b0}} : write_q + One;
  wire [PointerBits-1:0] read_next = (read_q == Last) ? {PointerBits{1'b0}} : read_q + One;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= {PointerBits{1'b0}};
      read_q <= {PointerBits{1'b0}};
      valid_q <= 1'b0;
      full_q <= 1'b0;
    end else begin
      if (take) write_q <= write_next;
      if (give) read_q <= read_next;
      if (take && !give) begin
        valid_q <= 1'b1;
        full_q <= write_next == read_q;
      end
      if (give && !take) begin
        valid_q <= read_next != write_q;
        full_q <= 1'b0;
      end
    end
    if (take) words[write_q] <= data_i;
  end

  assign valid_o = valid_q;
  assign ready_o = !full_q;
  assign data_o = words[read_q];

`ifdef FORMAL_token_fifo
  localparam CountBits = $clog2(Depth + 1) + 1;
  localparam [31:0] DepthWord = Depth;
  localparam [CountBits-1:0] Full = DepthWord[CountBits-1:0];
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // A word followed from its entry: `ahead_q` words leave before it, and it lies in the memory.
  (* anyconst *) reg [Width-1:0] mark;
  (* anyseq *) reg choose;
  reg [CountBits-1:0] held_q;
  reg [CountBits-1:0] ahead_q;
  reg [PointerBits-1:0] place_q;
  reg marked_q = 1'b0;
  wire [CountBits-1:0] span_full = {1'b0, write_q} - {1'b0, read_q};
  wire [CountBits-1:0] span = (write_q >= read_q) ? span_full : span_full + Full;
  wire [CountBits-1:0] mark_full = {1'b0, place_q} - {1'b0, read_q};
  wire [CountBits-1:0] mark_span = (place_q >= read_q) ? mark_full : mark_full + Full;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q <= {CountBits{1'b0}};
      marked_q <= 1'b0;
    end else begin
      if (take && !give) held_q <= held_q + 1'b1;
      if (give && !take) held_q <= held_q - 1'b1;
      if (take && choose && !marked_q && data_i == mark) begin
        marked_q <= 1'b1;
        place_q <= write_q;
        ahead_q <= give ? held_q - 1'b1 : held_q;
      end else if (marked_q && give) begin
        ahead_q <= ahead_q - 1'b1;
        if (ahead_q == {CountBits{1'b0}}) marked_q <= 1'b0;
      end
    end
    if (past_q && rst_ni) begin
      assert (write_q <= Last && read_q <= Last);
      assert (held_q <= Full);
      assert (full_q == (held_q == Full));
      assert (valid_q == (held_q != {CountBits{1'b0}}));
      assert (span == (full_q ? {CountBits{1'b0}} : held_q));
      if (marked_q) begin
        assert (place_q <= Last);
        assert (ahead_q < held_q);
        assert (mark_span == ahead_q);
        assert (words[place_q] == mark);
      end
      if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable(data_o));
      end
      cover (full_q && read_q != {PointerBits{1'b0}} && $past(full_q));
    end
  end
`endif

endmodule

`default_nettype wire
