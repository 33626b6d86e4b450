// stream_register: a register slice for a valid/ready stream, one transfer every cycle.
//
// The output is the input, in order, later. Both directions are registered: no combinational
// path from any input to any output (Bypass = 0).
// Parameters: Width of the payload (last, count and data together), 1 or more;
//   Bypass 0: two registers a bit; 1: wires, for a place where the slice turns out needless.
// Latency 1, initiation interval 1. A stalled output closes the input after two words.
// It does not look into the payload and does not buffer more than two words.
`default_nettype none

module stream_register #(
  parameter Width = 8,
  parameter Bypass = 0
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

  generate
    if (Width < 1) begin : gen_illegal_width
      stream_register_width_must_be_positive u_illegal ();
    end

    if (Bypass != 0) begin : gen_wires
      wire unused = &{1'b0, clk_i, rst_ni};
      assign valid_o = valid_i;
      assign ready_o = ready_i;
      assign data_o = data_i;
    end else begin : gen_registers
      // The word arriving while the output is stalled waits in spare_q.
      reg valid_q;
      reg spare_valid_q;
      reg [Width-1:0] data_q;
      reg [Width-1:0] spare_q;
      wire advance = ready_i || !valid_q;

      always @(posedge clk_i) begin
        if (!rst_ni) begin
          valid_q <= 1'b0;
          spare_valid_q <= 1'b0;
        end else begin
          if (advance) valid_q <= spare_valid_q || valid_i;
          spare_valid_q <= !advance && (spare_valid_q || valid_i);
        end
        if (advance) data_q <= spare_valid_q ? spare_q : data_i;
        if (!spare_valid_q) spare_q <= data_i;
      end

      assign valid_o = valid_q;
      assign ready_o = !spare_valid_q;
      assign data_o = data_q;
    end
  endgenerate

`ifdef FORMAL_stream_register
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // The environment holds an offered word.
  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni) && $past(valid_i && !ready_o)) begin
      assume (valid_i);
      assume ($stable(data_i));
    end
  end

  // Stream rules on the output, and order: a word followed from its entry comes out in turn.
  (* anyconst *) reg [Width-1:0] mark;
  reg [1:0] held_q = 2'd0;
  reg [1:0] ahead_q = 2'd0;
  reg marked_q = 1'b0;
  wire take = valid_i && ready_o;
  wire give = valid_o && ready_i;
  (* anyseq *) reg choose;
  wire enter = take && choose && !marked_q && data_i == mark;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      held_q <= 2'd0;
      marked_q <= 1'b0;
    end else begin
      held_q <= held_q + {1'b0, take} - {1'b0, give};
      if (enter) begin
        marked_q <= 1'b1;
        ahead_q <= held_q - {1'b0, give};
      end else if (marked_q && give) begin
        ahead_q <= ahead_q - 2'd1;
        if (ahead_q == 2'd0) marked_q <= 1'b0;
      end
    end
  end
  generate
    if (Bypass == 0) begin : gen_properties
      always @(posedge clk_i) begin
        if (past_q && rst_ni) begin
          assert (held_q == {1'b0, gen_registers.valid_q} + {1'b0, gen_registers.spare_valid_q});
          assert (!gen_registers.spare_valid_q || gen_registers.valid_q);
          if (marked_q) begin
            assert (ahead_q < held_q);
            assert ((ahead_q == 2'd0 ? gen_registers.data_q : gen_registers.spare_q) == mark);
          end
          if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
            assert (valid_o);
            assert ($stable(data_o));
          end
          cover (give && $past(give) && $past(!ready_o));
        end
      end
    end
  endgenerate
`endif

endmodule

`default_nettype wire
