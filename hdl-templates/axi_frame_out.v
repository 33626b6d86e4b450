// axi_frame_out: inferences of a fixed number of beats as packets of an AXI4-Stream.
//
// A packet holds batch_i + 1 inferences of Beats beats; TLAST comes with its final beat, whose
// TKEEP tells the LastBytes bytes that it has. All other beats are whole.
// When flush_i is high a packet that has begun is finished with beats of 0 (fill_o), so that
// whoever receives it sees its end; what comes in while flush_i is high is not taken.
// Parameters: Beats an inference, 1 or more; Bytes of a beat; LastBytes of the last beat;
// BatchBits.
// Latency 0, initiation interval 1. Valid may fall when flush_i rises: put a stream_register
// behind.
`default_nettype none

module axi_frame_out #(
  parameter Beats = 4,
  parameter Bytes = 4,
  parameter LastBytes = Bytes,
  parameter BatchBits = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire flush_i,
  input  wire [BatchBits-1:0] batch_i,
  output wire end_o,
  output wire fill_o,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire [8*Bytes-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [Bytes-1:0] out_keep_o,
  output wire [8*Bytes-1:0] out_data_o
);

  generate
    if (Beats < 1) begin : gen_illegal_beats
      axi_frame_out_needs_one_beat_or_more u_illegal ();
    end
    if (Bytes < 1 || LastBytes < 1 || LastBytes > Bytes) begin : gen_illegal_bytes
      axi_frame_out_last_bytes_must_be_1_to_bytes u_illegal ();
    end
  endgenerate

  localparam BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [31:0] LastWord = Beats - 1;
  localparam [BeatBits-1:0] LastBeat = LastWord[BeatBits-1:0];
  localparam [BeatBits:0] OneWord = {{BeatBits{1'b0}}, 1'b1};
  localparam [BeatBits-1:0] One = OneWord[BeatBits-1:0];
  localparam [BatchBits:0] OneInferenceWord = {{BatchBits{1'b0}}, 1'b1};
  localparam [BatchBits-1:0] OneInference = OneInferenceWord[BatchBits-1:0];
  localparam [Bytes-1:0] AllBytes = {Bytes{1'b1}};
  localparam [Bytes-1:0] BytesOfLast = AllBytes >> (Bytes - LastBytes);

  reg fill_q;
  reg [BeatBits-1:0] beat_q;
  reg [BatchBits-1:0] inference_q;
  wire at_end = beat_q == LastBeat;
  wire begun = beat_q != {BeatBits{1'b0}} || inference_q != {BatchBits{1'b0}};

  assign out_last_o = at_end && inference_q >= batch_i;
  assign out_keep_o = out_last_o ? BytesOfLast : AllBytes;
  assign out_valid_o = fill_q || (in_valid_i && !flush_i);
  assign in_ready_o = out_ready_i && !fill_q && !flush_i;
  assign out_data_o = fill_q ? {8*Bytes{1'b0}} : in_data_i;
  wire give = out_valid_o && out_ready_i;
  assign end_o = give && at_end && !fill_q;
  assign fill_o = fill_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= 1'b0;
      beat_q <= {BeatBits{1'b0}};
      inference_q <= {BatchBits{1'b0}};
    end else begin
      if (give) begin
        beat_q <= at_end ? {BeatBits{1'b0}} : beat_q + One;
        if (out_last_o) inference_q <= {BatchBits{1'b0}};
        else if (at_end) inference_q <= inference_q + OneInference;
      end
      if (give && out_last_o) fill_q <= 1'b0;
      else if (flush_i && begun) fill_q <= 1'b1;
    end
  end

`ifdef FORMAL_axi_frame_out
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  reg before_q = 1'b0;
  always @(posedge clk_i) before_q <= rst_ni;
  wire both = past_q && rst_ni && before_q;

  always @(posedge clk_i) begin
    if (both && $past(in_valid_i && !in_ready_o && !flush_i)) begin
      assume (flush_i || (in_valid_i && $stable(in_data_i)));
    end
    if (past_q && rst_ni) assume (batch_i <= 1);
    if (both) assume ($stable(batch_i));
  end

  // Beats of the packet given so far, counted apart.
  reg [BeatBits+1:0] given_q;
  wire [BeatBits+1:0] packet = batch_i[0] ? 2 * Beats : Beats;
  always @(posedge clk_i) begin
    if (!rst_ni) given_q <= 0;
    else if (give) given_q <= out_last_o ? 0 : given_q + 1'b1;
  end
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (inference_q <= batch_i);
      assert (beat_q < Beats);
      assert (given_q == (inference_q != 0 ? Beats : 0) + beat_q);
      assert (given_q < packet);
      if (give) begin
        assert (out_last_o == (given_q + 1 == packet));
        assert (out_keep_o == (out_last_o ? (1 << LastBytes) - 1 : (1 << Bytes) - 1));
        assert (in_valid_i && in_ready_o ? out_data_o == in_data_i : out_data_o == 0);
      end
      if (fill_q) assert (given_q != 0 && out_valid_o && !in_ready_o);
      // a packet that has begun gets on without anything coming in
      if (both && $past(flush_i) && given_q != 0) assert (out_valid_o);
      if (both && $past(out_valid_o && !out_ready_i) && !flush_i && !$past(flush_i)) begin
        assert (out_valid_o);
        assert ($stable({out_last_o, out_keep_o, out_data_o}));
      end
      cover (give && out_last_o && fill_q);
      cover (give && out_last_o && !fill_q && batch_i == 1);
    end
  end
`endif

endmodule

`default_nettype wire
