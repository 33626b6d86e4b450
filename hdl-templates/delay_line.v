// delay_line: a word Cycles cycles later. No reset: a shift register of LUTs where it is long.
// Parameters: Width; Cycles, 0: a wire. Latency Cycles, initiation interval 1.
`default_nettype none

module delay_line #(
  parameter Width = 8,
  parameter Cycles = 4
) (
  input  wire clk_i,
  input  wire [Width-1:0] word_i,
  output wire [Width-1:0] word_o
);

  generate
    if (Width < 1 || Cycles < 0) begin : gen_illegal_sizes
      delay_line_sizes_must_be_positive u_illegal ();
    end
    if (Cycles == 0) begin : gen_wire
      assign word_o = word_i;
      wire unused = clk_i;
    end else if (Cycles == 1) begin : gen_register
      reg [Width-1:0] word_q;
      always @(posedge clk_i) word_q <= word_i;
      assign word_o = word_q;
    end else begin : gen_line
      reg [Cycles*Width-1:0] words_q;
      always @(posedge clk_i) words_q <= {words_q[(Cycles-1)*Width-1:0], word_i};
      assign word_o = words_q[(Cycles-1)*Width +: Width];
    end
  endgenerate

`ifdef FORMAL_delay_line
  localparam Steps = (Cycles > 0) ? Cycles : 1;
  reg [Steps:0] past_q = 0;
  always @(posedge clk_i) begin
    past_q <= {past_q[Steps-1:0], 1'b1};
    if (Cycles == 0) assert (word_o == word_i);
    else if (past_q[Steps-1]) assert (word_o == $past(word_i, Steps));
    cover (past_q[Steps-1] && word_o != $past(word_o));
  end
`endif

endmodule

`default_nettype wire
