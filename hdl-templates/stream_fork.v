// stream_fork: every beat of a stream to each of Ports streams, as soon as each takes it.
//
//   out[p] = in, for p = 0 .. Ports - 1, in order
// Parameters: Ports, 1 or more; Width of the payload (last, count and data together), 1 or more.
// Timing, exact. Latency 0 (combinational), initiation interval 1:
//   valid_o[p]  is high while a beat is offered that port p has not taken yet;
//   ready_o     is high in a cycle in which every port takes the beat or has taken it before.
// So a beat offered from cycle t on that port p can take in cycle r(p) >= t leaves the input in
// the cycle max over p of r(p); the next beat is offered to all ports from the cycle after it.
// There is one copy of the payload for all ports. It stores nothing: a port that does not take
// its beat holds up the others at the next one. Put a FIFO behind a port to let it lag.
`default_nettype none

module stream_fork #(
  parameter Ports = 2,
  parameter Width = 8
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire [Width-1:0] data_i,
  output wire [Ports-1:0] valid_o,
  input  wire [Ports-1:0] ready_i,
  output wire [Width-1:0] data_o
);

  generate
    if (Ports < 1 || Width < 1) begin : gen_illegal_sizes
      stream_fork_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  // ports that have taken the beat offered
  reg [Ports-1:0] done_q;
  wire [Ports-1:0] served = ready_i | done_q;

  assign ready_o = &served;
  assign valid_o = {Ports{valid_i}} & ~done_q;
  assign data_o = data_i;

  always @(posedge clk_i) begin
    if (!rst_ni) done_q <= {Ports{1'b0}};
    else if (valid_i) done_q <= ready_o ? {Ports{1'b0}} : served;
  end

`ifdef FORMAL_stream_fork
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  wire [Ports-1:0] give = valid_o & ready_i;
  wire [Ports-1:0] waiting = valid_o & ~ready_i;
  reg [Ports-1:0] waiting_q;  // of the cycle before
  reg [Ports-1:0] given_q;    // ports the beat offered has gone to
  reg lagged_q;               // the ports took a beat in different cycles
  always @(posedge clk_i) begin
    waiting_q <= rst_ni ? waiting : {Ports{1'b0}};
    if (!rst_ni) begin
      given_q <= {Ports{1'b0}};
      lagged_q <= 1'b0;
    end else begin
      given_q <= (valid_i && ready_o) ? {Ports{1'b0}} : given_q | give;
      lagged_q <= lagged_q || (valid_i && ready_o && given_q != {Ports{1'b0}});
    end

    if (past_q && rst_ni) begin
      // the environment holds an offered beat
      if ($past(rst_ni) && $past(valid_i && !ready_o)) begin
        assume (valid_i);
        assume ($stable(data_i));
      end
      assert (given_q == done_q);
      // no port takes a beat twice, and a beat goes when every port has it
      assert ((give & given_q) == {Ports{1'b0}});
      assert (!(valid_i && ready_o) || (give | given_q) == {Ports{1'b1}});
      assert (!valid_i || ready_o || (give | given_q) != {Ports{1'b1}});
      // an offer stands until it is taken
      assert ((waiting_q & ~valid_o) == {Ports{1'b0}});
      if (waiting_q != {Ports{1'b0}}) assert ($stable(data_o));
      assert (data_o == data_i);
      cover ((lagged_q || Ports == 1) && valid_i && ready_o);
    end
  end
`endif

endmodule

`default_nettype wire
