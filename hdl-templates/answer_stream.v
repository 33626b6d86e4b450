// answer_stream: what leaves a layer as 32-bit words, last once an inference: an answer.
//
//   words of a site: its values in channel order, absent ones 0, sign- or zero-extended
// The input is a token stream, a dense stream of P values a beat, or the words of a layer whose
// sums are the answer (Dense = 1, ValueBits = 32), with Sites sites an inference. The output has
// ceil(Channels / P) beats a site, P words each but the last one, which has the rest. Streams of
// several answers are put one behind another by site_merge, as this marks whole inferences.
//
// Parameters
//   Channels     values a site, 1 or more; ChannelBits of a channel number
//   ValueBits    of a value, 1 to 32; Signed 1: two's complement
//   Dense        1: P values a beat; 0: T tokens a beat
//   P            words a beat, a power of two
//   Sites        sites an inference, 1 or more
// Timing, exact. Dense: combinational, initiation interval 1 beat. Tokens: that of densify with
//   W = P: latency 2. It does not look at the count of dense beats.
`default_nettype none

module answer_stream #(
  parameter Channels = 10,
  parameter ChannelBits = 4,
  parameter ValueBits = 8,
  parameter Signed = 0,
  parameter Dense = 0,
  parameter T = 1,
  parameter P = 4,
  parameter Sites = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire last_i,
  input  wire [$clog2(((Dense != 0) ? P : T)+1)-1:0] count_i,
  input  wire [((Dense != 0) ? P*ValueBits : T*(ChannelBits+ValueBits))-1:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(P+1)-1:0] count_o,
  output wire [P*32-1:0] data_o
);

  localparam CountBits = $clog2(P + 1);
  localparam SiteBits = (Sites > 1) ? $clog2(Sites) : 1;
  localparam [31:0] Rest = (Channels + P - 1) % P + 1;  // words in a site's last beat
  localparam [31:0] Full = P;
  localparam [31:0] LastSite = Sites - 1;
  localparam [SiteBits:0] SiteOne = {{SiteBits{1'b0}}, 1'b1};

  generate
    if (Sites < 1) begin : gen_illegal_sites
      answer_stream_sites_must_be_positive u_illegal ();
    end
    if (Channels < 1 || ValueBits < 1 || ValueBits > 32) begin : gen_illegal_size
      answer_stream_channels_or_value_bits_out_of_range u_illegal ();
    end
    if (P < 1 || (P & (P - 1)) != 0) begin : gen_illegal_p
      answer_stream_p_must_be_a_power_of_two u_illegal ();
    end
  endgenerate

  wire site_last;
  wire [P*ValueBits-1:0] values;
  generate
    if (Dense != 0) begin : gen_dense
      assign valid_o = valid_i;
      assign ready_o = ready_i;
      assign site_last = last_i;
      assign values = data_i;
      wire unused = &{1'b0, count_i};
    end else begin : gen_tokens
      wire [CountBits-1:0] count;
      densify #(
        .Channels(Channels), .ChannelBits(ChannelBits), .ValueBits(ValueBits), .W(P), .T(T)
      ) u_densify (
        .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .last_i(last_i),
        .count_i(count_i), .data_i(data_i), .valid_o(valid_o), .ready_i(ready_i),
        .last_o(site_last), .count_o(count), .data_o(values)
      );
      wire unused = &{1'b0, count};
    end
  endgenerate

  // sites of the inference that are through
  reg [SiteBits-1:0] site_q;
  wire inference_last = site_q == LastSite[SiteBits-1:0];
  always @(posedge clk_i) begin
    if (!rst_ni) site_q <= {SiteBits{1'b0}};
    else if (valid_o && ready_i && site_last) begin
      site_q <= inference_last ? {SiteBits{1'b0}} : site_q + SiteOne[SiteBits-1:0];
    end
  end
  assign last_o = site_last && inference_last;
  assign count_o = site_last ? Rest[CountBits-1:0] : Full[CountBits-1:0];

  genvar p;
  generate
    for (p = 0; p < P; p = p + 1) begin : gen_word
      wire [ValueBits-1:0] value = values[p*ValueBits +: ValueBits];
      if (ValueBits < 32) begin : gen_extended
        assign data_o[p*32 +: 32] =
          {{(32-ValueBits){(Signed != 0) && value[ValueBits-1]}}, value};
      end else begin : gen_whole
        assign data_o[p*32 +: 32] = value;
      end
    end
  endgenerate

`ifdef FORMAL_answer_stream
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // site ends given since the last one that ended an inference, words given of the site
  reg [15:0] ends_q;
  reg [31:0] words_q;
  wire give = valid_o && ready_i;
  integer f;
  integer place;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ends_q <= 16'd0;
      words_q <= 32'd0;
    end else if (give) begin
      if (site_last) ends_q <= last_o ? 16'd0 : ends_q + 16'd1;
      words_q <= site_last ? 32'd0 : words_q + count_o;
    end
    // a dense site has the beats its channels take, and densify gives as many
    if (Dense != 0 && valid_i) assume (last_i == (words_q + P >= Channels));
    if (past_q && rst_ni) begin
      assert (words_q < Channels && words_q % P == 0);
      if (valid_o) begin
        assert (site_last == (words_q + P >= Channels));
        assert (count_o == ((Channels - words_q < P) ? Channels - words_q : P));
        for (f = 0; f < P; f = f + 1) begin
          for (place = 0; place < 32; place = place + 1) begin
            if (place < ValueBits) begin
              assert (data_o[f*32+place] == values[f*ValueBits+place]);
            end
            else if (Signed == 0) assert (!data_o[f*32+place]);
            else assert (data_o[f*32+place] == data_o[f*32+place-1]);
          end
        end
      end
      if ($past(rst_ni) && $past(valid_i && !ready_o)) begin
        assume (valid_i);
        assume ($stable({last_i, count_i, data_i}));
      end
      if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      assert (ends_q == site_q && ends_q < Sites);
      if (valid_o) assert (last_o == (site_last && ends_q == Sites - 1));
      cover (give && last_o && ends_q == Sites - 1);
    end
  end
`endif

endmodule

`default_nettype wire
