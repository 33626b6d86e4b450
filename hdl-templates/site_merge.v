// site_merge: the sites of Ports streams in turn, port 0 first, one whole site each.
//
//   out = port[turn] until its last beat, then turn = (turn + 1) mod Ports
// Parameters: Ports >= 1; CountBits; DataBits of a beat.
// Latency 0 (combinational), initiation interval 1, no gap between sites. It waits for the port
// whose turn it is, even when others have something to send.
`default_nettype none

module site_merge #(
  parameter Ports = 2,
  parameter CountBits = 1,
  parameter DataBits = 14
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [Ports-1:0] in_valid_i,
  output wire [Ports-1:0] in_ready_o,
  input  wire [Ports-1:0] in_last_i,
  input  wire [Ports*CountBits-1:0] in_count_i,
  input  wire [Ports*DataBits-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [CountBits-1:0] out_count_o,
  output wire [DataBits-1:0] out_data_o
);

  generate
    if (Ports < 1 || CountBits < 1 || DataBits < 1) begin : gen_illegal_sizes
      site_merge_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam LastPort = Ports - 1;

  generate
    if (Ports == 1) begin : gen_wire
      assign out_valid_o = in_valid_i;
      assign in_ready_o = out_ready_i;
      assign out_last_o = in_last_i;
      assign out_count_o = in_count_i;
      assign out_data_o = in_data_i;
      wire unused = &{1'b0, clk_i, rst_ni, LastPort[0]};
    end else begin : gen_turns
      localparam TurnBits = $clog2(Ports);
      reg [TurnBits-1:0] turn_q;
      reg [Ports-1:0] one_hot_q;
      assign out_valid_o = in_valid_i[turn_q];
      assign in_ready_o = one_hot_q & {Ports{out_ready_i}};
      assign out_last_o = in_last_i[turn_q];
      word_select #(.Words(Ports), .IndexBits(TurnBits), .Width(CountBits)) u_count (
        .index_i(turn_q), .words_i(in_count_i), .word_o(out_count_o)
      );
      word_select #(.Words(Ports), .IndexBits(TurnBits), .Width(DataBits)) u_data (
        .index_i(turn_q), .words_i(in_data_i), .word_o(out_data_o)
      );
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          turn_q <= {TurnBits{1'b0}};
          one_hot_q <= {{(Ports-1){1'b0}}, 1'b1};
        end else if (out_valid_o & out_ready_i & out_last_o) begin
          turn_q <= (turn_q == LastPort[TurnBits-1:0]) ? {TurnBits{1'b0}} : turn_q + 1'b1;
          one_hot_q <= {one_hot_q[Ports-2:0], one_hot_q[Ports-1]};
        end
      end
    end
  endgenerate

`ifdef FORMAL_site_merge
  localparam FormalBits = $clog2(Ports + 1);
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // sites given so far, modulo Ports
  reg [FormalBits-1:0] port_q;
  wire give = out_valid_o && out_ready_i;
  wire [Ports-1:0] waiting = in_valid_i & ~in_ready_o;
  wire [Ports-1:0] turn = {{(Ports-1){1'b0}}, 1'b1} << port_q;
  always @(posedge clk_i) begin
    if (!rst_ni) port_q <= {FormalBits{1'b0}};
    else if (give && out_last_o) begin
      port_q <= (port_q == LastPort) ? {FormalBits{1'b0}} : port_q + 1'b1;
    end

    if (past_q && rst_ni) begin
      assert (port_q <= LastPort);
      // what goes out is what the port whose turn it is offers, and only that port is taken from
      assert (out_valid_o == ((in_valid_i & turn) != {Ports{1'b0}}));
      assert (in_ready_o == (out_ready_i ? turn : {Ports{1'b0}}));
      assert (out_last_o == ((in_last_i & turn) != {Ports{1'b0}}));
      if ($past(rst_ni) && $past(out_valid_o && !out_ready_i)) begin
        assert (out_valid_o);
        assert ($stable({out_last_o, out_count_o, out_data_o}));
      end
      cover (give && out_last_o && port_q == LastPort && $past(give && !out_last_o));
    end
  end
  genvar formal_port;
  generate
    for (formal_port = 0; formal_port < Ports; formal_port = formal_port + 1) begin : gen_ports
      wire [CountBits-1:0] count = in_count_i[formal_port*CountBits +: CountBits];
      wire [CountBits+DataBits:0] beat =
        {in_last_i[formal_port], count, in_data_i[formal_port*DataBits +: DataBits]};
      always @(posedge clk_i) begin
        if (past_q && rst_ni) begin
          if (turn[formal_port] && out_valid_o) begin
            assert ({out_last_o, out_count_o, out_data_o} == beat);
          end
          // the environment holds an offered beat
          if ($past(rst_ni) && $past(waiting[formal_port])) begin
            assume (in_valid_i[formal_port]);
            assume ($stable(beat));
          end
        end
      end
    end
    if (Ports > 1) begin : gen_properties
      always @(posedge clk_i) begin
        if (past_q && rst_ni) begin
          assert (gen_turns.turn_q == port_q);
          assert (gen_turns.one_hot_q == turn);
        end
      end
    end
  endgenerate
`endif

endmodule

`default_nettype wire
