// beat_splitter: input beats of Parts parts to stream beats of one part, lowest part first.
//
// An inference is StreamBeats stream beats in ceil(StreamBeats / Parts) input beats; parts of the
// last input beat beyond that are dropped. last_o marks every BeatsPerSite-th stream beat.
// Parameters: Parts >= 1; PartBits; StreamBeats, BeatsPerSite (divides StreamBeats).
// Latency 0 (the input beat is held by its source until its last part is taken); initiation
// interval one part a cycle.
`default_nettype none

module beat_splitter #(
  parameter Parts = 4,
  parameter PartBits = 32,
  parameter StreamBeats = 64,
  parameter BeatsPerSite = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire [Parts*PartBits-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [PartBits-1:0] out_data_o
);

  generate
    if (Parts < 1 || PartBits < 1 || StreamBeats < 1) begin : gen_illegal_sizes
      beat_splitter_sizes_must_be_positive u_illegal ();
    end
    if (BeatsPerSite < 1 || StreamBeats % BeatsPerSite != 0) begin : gen_illegal_beats_per_site
      beat_splitter_beats_per_site_must_divide_stream_beats u_illegal ();
    end
  endgenerate

  localparam BeatBits = (StreamBeats > 1) ? $clog2(StreamBeats) : 1;
  localparam SiteBits = (BeatsPerSite > 1) ? $clog2(BeatsPerSite) : 1;
  localparam LastBeat = StreamBeats - 1;
  localparam LastSite = BeatsPerSite - 1;

  reg [BeatBits-1:0] beat_q;
  reg [SiteBits-1:0] site_q;
  wire take = in_valid_i & out_ready_i;
  wire inference_end = (beat_q == LastBeat[BeatBits-1:0]);
  wire part_end;

  assign out_valid_o = in_valid_i;
  assign in_ready_o = out_ready_i & (part_end | inference_end);
  assign out_last_o = (site_q == LastSite[SiteBits-1:0]);

  generate
    if (Parts > 1) begin : gen_parts
      localparam CountBits = $clog2(Parts);
      localparam LastPart = Parts - 1;
      reg [CountBits-1:0] part_q;
      assign part_end = (part_q == LastPart[CountBits-1:0]);
      word_select #(.Words(Parts), .IndexBits(CountBits), .Width(PartBits)) u_part (
        .index_i(part_q), .words_i(in_data_i), .word_o(out_data_o)
      );
      always @(posedge clk_i) begin
        if (!rst_ni) part_q <= {CountBits{1'b0}};
        else if (take) part_q <= in_ready_o ? {CountBits{1'b0}} : part_q + 1'b1;
      end
    end else begin : gen_whole
      assign part_end = 1'b1;
      assign out_data_o = in_data_i;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q <= {BeatBits{1'b0}};
      site_q <= {SiteBits{1'b0}};
    end else if (take) begin
      beat_q <= inference_end ? {BeatBits{1'b0}} : beat_q + 1'b1;
      site_q <= out_last_o ? {SiteBits{1'b0}} : site_q + 1'b1;
    end
  end

`ifdef FORMAL_beat_splitter
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // stream beats given of this inference; what follows from it is stated by division
  reg [31:0] given_q;
  wire [31:0] part = given_q % Parts;
  always @(posedge clk_i) begin
    if (!rst_ni) given_q <= 32'd0;
    else if (out_valid_o && out_ready_i) given_q <= (given_q == LastBeat) ? 32'd0 : given_q + 32'd1;

    if (past_q && rst_ni) begin
      assert (given_q <= LastBeat);
      assert (given_q == beat_q);
      assert (site_q == given_q % BeatsPerSite);
      assert (out_valid_o == in_valid_i);
      assert (out_data_o == in_data_i[part*PartBits +: PartBits]);
      assert (out_last_o == ((given_q + 32'd1) % BeatsPerSite == 32'd0));
      // an input beat is taken with its last part, or with the last one of the inference
      assert (in_ready_o == (out_ready_i && (part == Parts - 1 || given_q == LastBeat)));
      if ($past(rst_ni)) begin
        // the environment holds an offered beat
        if ($past(in_valid_i && !in_ready_o)) begin
          assume (in_valid_i);
          assume ($stable(in_data_i));
        end
        if ($past(out_valid_o && !out_ready_i)) begin
          assert (out_valid_o);
          assert ($stable({out_last_o, out_data_o}));
        end
        cover (out_valid_o && out_ready_i && given_q == LastBeat && $past(out_valid_o));
      end
    end
  end
  generate
    if (Parts > 1) begin : gen_properties
      always @(posedge clk_i) if (past_q && rst_ni) assert (gen_parts.part_q == part);
    end
  endgenerate
`endif

endmodule

`default_nettype wire
