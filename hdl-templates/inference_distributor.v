// inference_distributor: whole inferences to Copies ports in turn, port 0 first.
//
//   port[turn] = in until in_last_i is taken, then turn = (turn + 1) mod Copies
// Parameters: Copies >= 1; DataBits of a beat.
// Latency 0, initiation interval one beat a cycle, no gap between inferences.
`default_nettype none

module inference_distributor #(
  parameter Copies = 2,
  parameter DataBits = 64
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [DataBits-1:0] in_data_i,
  output wire [Copies-1:0] out_valid_o,
  input  wire [Copies-1:0] out_ready_i,
  output wire [DataBits-1:0] out_data_o
);

  generate
    if (Copies < 1 || DataBits < 1) begin : gen_illegal_sizes
      inference_distributor_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  assign out_data_o = in_data_i;

  generate
    if (Copies == 1) begin : gen_wire
      assign out_valid_o = in_valid_i;
      assign in_ready_o = out_ready_i;
      wire unused = &{1'b0, clk_i, rst_ni, in_last_i};
    end else begin : gen_turns
      reg [Copies-1:0] turn_q;
      assign out_valid_o = turn_q & {Copies{in_valid_i}};
      assign in_ready_o = |(turn_q & out_ready_i);
      always @(posedge clk_i) begin
        if (!rst_ni) turn_q <= {{(Copies-1){1'b0}}, 1'b1};
        else if (in_valid_i & in_ready_o & in_last_i) begin
          turn_q <= {turn_q[Copies-2:0], turn_q[Copies-1]};
        end
      end
    end
  endgenerate

`ifdef FORMAL_inference_distributor
  localparam FormalBits = $clog2(Copies + 1);
  localparam [31:0] LastCopy = Copies - 1;
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // inferences taken so far, modulo Copies
  reg [FormalBits-1:0] copy_q;
  wire take = in_valid_i && in_ready_o;
  wire [Copies-1:0] waiting = out_valid_o & ~out_ready_i;
  wire [Copies-1:0] turn = {{(Copies-1){1'b0}}, 1'b1} << copy_q;
  always @(posedge clk_i) begin
    if (!rst_ni) copy_q <= {FormalBits{1'b0}};
    else if (take && in_last_i) copy_q <= (copy_q == LastCopy) ? {FormalBits{1'b0}} : copy_q + 1'b1;

    if (past_q && rst_ni) begin
      assert (copy_q <= LastCopy);
      // a beat goes to the copy whose turn it is, and to no other
      assert (out_valid_o == (in_valid_i ? turn : {Copies{1'b0}}));
      assert (in_ready_o == ((out_ready_i & turn) != {Copies{1'b0}}));
      assert (out_data_o == in_data_i);
      if ($past(rst_ni)) begin
        // the environment holds an offered beat, so every output does
        if ($past(in_valid_i && !in_ready_o)) begin
          assume (in_valid_i);
          assume ($stable({in_last_i, in_data_i}));
        end
        if ($past(waiting) != {Copies{1'b0}}) begin
          assert ((out_valid_o & $past(waiting)) == $past(waiting));
          assert ($stable(out_data_o));
        end
        cover (take && in_last_i && copy_q == LastCopy && $past(take && !in_last_i));
      end
    end
  end
  generate
    if (Copies > 1) begin : gen_properties
      always @(posedge clk_i) if (past_q && rst_ni) assert (gen_turns.turn_q == turn);
    end
  endgenerate
`endif

endmodule

`default_nettype wire
