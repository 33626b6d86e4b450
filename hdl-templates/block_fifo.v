// block_fifo: a deep first-in first-out buffer of a valid/ready stream, in block memory.
//
// The output is the input, in order. It holds Depth words: Depth - 1 in the memory, the oldest in
// the memory's output register.
// Parameters: Width of the payload (last, count and data together), 1 or more; Depth in words,
//   3 or more; BlockMemory 0 puts it in LUT memory.
// Timing, exact. Latency 2, initiation interval 1:
//   ready_o  is registered state (not full): word k can be taken from the cycle after the one in
//            which word k - Depth is given;
//   valid_o  word k taken in cycle t is offered from cycle max(t + 2, word k-1 given + 1) on.
// It does not look into the payload. token_fifo is the one for few words: a cycle faster.
`default_nettype none

module block_fifo #(
  parameter Width = 8,
  parameter Depth = 513,
  parameter BlockMemory = 1
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

  localparam Words = Depth - 1;  // in the memory
  localparam PointerBits = $clog2(Words);
  localparam HeldBits = $clog2(Depth + 1);
  localparam [31:0] LastWord = Words - 1;
  localparam [31:0] DepthWord = Depth;
  localparam [PointerBits-1:0] Last = LastWord[PointerBits-1:0];
  localparam [PointerBits:0] OneWord = {{PointerBits{1'b0}}, 1'b1};
  localparam [PointerBits-1:0] One = OneWord[PointerBits-1:0];
  localparam [HeldBits:0] OneHeld = {{HeldBits{1'b0}}, 1'b1};

  generate
    if (Width < 1) begin : gen_illegal_width
      block_fifo_width_must_be_positive u_illegal ();
    end
    if (Depth < 3) begin : gen_illegal_depth
      block_fifo_depth_must_be_3_or_more u_illegal ();
    end
  endgenerate

  reg [PointerBits-1:0] write_q;
  reg [PointerBits-1:0] read_q;
  reg [HeldBits-1:0] held_q;  // words inside, the one offered included
  reg full_q;
  reg stored_q;               // the memory holds a word
  reg valid_q;

  wire take = valid_i && !full_q;
  wire give = valid_q && ready_i;
  wire load = stored_q && (!valid_q || ready_i);
  wire [HeldBits-1:0] held_next = (take == give) ? held_q :
                                  take ? held_q + OneHeld[HeldBits-1:0]
                                       : held_q - OneHeld[HeldBits-1:0];
  wire valid_next = load || (valid_q && !ready_i);

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= {PointerBits{1'b0}};
      read_q <= {PointerBits{1'b0}};
      held_q <= {HeldBits{1'b0}};
      full_q <= 1'b0;
      stored_q <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (take) write_q <= (write_q == Last) ? {PointerBits{1'b0}} : write_q + One;
      if (load) read_q <= (read_q == Last) ? {PointerBits{1'b0}} : read_q + One;
      held_q <= held_next;
      full_q <= held_next == DepthWord[HeldBits-1:0];
      stored_q <= held_next > {{(HeldBits-1){1'b0}}, valid_next};
      valid_q <= valid_next;
    end
  end

  reg [Width-1:0] data_q;
  generate
    if (BlockMemory != 0) begin : gen_block
      (* ram_style = "block", ramstyle = "no_rw_check" *)
      reg [Width-1:0] words [0:Words-1];
      always @(posedge clk_i) begin
        if (take) words[write_q] <= data_i;
        if (load) data_q <= words[read_q];
      end
    end else begin : gen_distributed
      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [Width-1:0] words [0:Words-1];
      always @(posedge clk_i) begin
        if (take) words[write_q] <= data_i;
        if (load) data_q <= words[read_q];
      end
    end
  endgenerate

  assign valid_o = valid_q;
  assign ready_o = !full_q;
  assign data_o = data_q;

`ifdef FORMAL_block_fifo
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // A word followed from its entry: `ahead_q` words leave before it; it lies in the memory, or
  // in the register when it is the oldest.
  (* anyconst *) reg [Width-1:0] mark;
  (* anyseq *) reg choose;
  reg [HeldBits-1:0] ahead_q;
  reg [PointerBits-1:0] place_q;
  reg marked_q = 1'b0;
  wire in_register = ahead_q == {HeldBits{1'b0}} && valid_q;
  wire [31:0] stored = held_q - valid_q;
  wire [31:0] span = (write_q >= read_q) ? write_q - read_q : write_q + Words - read_q;
  wire [31:0] mark_span = (place_q >= read_q) ? place_q - read_q : place_q + Words - read_q;
  wire [Width-1:0] kept;
  generate
    if (BlockMemory != 0) begin : gen_kept
      assign kept = gen_block.words[place_q];
    end else begin : gen_kept_too
      assign kept = gen_distributed.words[place_q];
    end
  endgenerate
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      marked_q <= 1'b0;
    end else begin
      if (take && choose && !marked_q && data_i == mark) begin
        marked_q <= 1'b1;
        place_q <= write_q;
        ahead_q <= give ? held_q - 1'b1 : held_q;
      end else if (marked_q && give) begin
        ahead_q <= ahead_q - 1'b1;
        if (ahead_q == {HeldBits{1'b0}}) marked_q <= 1'b0;
      end
    end
    if (past_q && rst_ni) begin
      assert (write_q <= Last && read_q <= Last);
      assert (held_q <= Depth);
      assert (held_q >= valid_q);
      assert (full_q == (held_q == Depth));
      assert (stored_q == (stored != 0));
      // the register is empty only while the memory is, or holds what just came
      assert (valid_q || stored <= 1);
      assert (stored <= Words);
      assert (!(take && load && write_q == read_q));
      assert (span == ((stored == Words) ? 0 : stored));
      if (marked_q) begin
        assert (place_q <= Last);
        assert (ahead_q < held_q);
        if (in_register) assert (data_q == mark);
        else begin
          assert (kept == mark);
          assert (mark_span == ahead_q - valid_q);
        end
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
