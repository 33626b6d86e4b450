// axi_widen: narrow beats as wide ones, the first part lowest.
//
// A wide beat is given with its final part: the Parts-th, or the one that comes with last_i; parts
// that are not there are 0. last_o is that part's last_i.
// Parameters: PartBits, bits of a narrow beat; Parts, 1 or more.
// Latency 0 (the final part passes through), initiation interval 1 narrow beat.
// It holds no whole beat: put a stream_register behind.
`default_nettype none

module axi_widen #(
  parameter PartBits = 8,
  parameter Parts = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire last_i,
  input  wire [PartBits-1:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [Parts*PartBits-1:0] data_o
);

  generate
    if (Parts < 1 || PartBits < 1) begin : gen_illegal_parts
      axi_widen_needs_one_part_or_more u_illegal ();
    end
  endgenerate

  genvar part;
  generate
    if (Parts == 1) begin : gen_whole
      wire unused = &{1'b0, clk_i, rst_ni};
      assign ready_o = ready_i;
      assign valid_o = valid_i;
      assign data_o = data_i;
    end else begin : gen_parts
      localparam PartNumberBits = $clog2(Parts);
      localparam [31:0] FinalWord = Parts - 1;
      localparam [PartNumberBits-1:0] Final = FinalWord[PartNumberBits-1:0];
      localparam [PartNumberBits:0] OneWord = {{PartNumberBits{1'b0}}, 1'b1};
      localparam [PartNumberBits-1:0] One = OneWord[PartNumberBits-1:0];

      reg [PartNumberBits-1:0] part_q;
      // zero where nothing has come yet
      reg [(Parts-1)*PartBits-1:0] parts_q;
      wire whole = last_i || part_q == Final;
      assign valid_o = valid_i && whole;
      assign ready_o = ready_i || !whole;

      for (part = 0; part < Parts; part = part + 1) begin : gen_part
        localparam [31:0] NumberWord = part;
        wire here = part_q == NumberWord[PartNumberBits-1:0];
        if (part < Parts - 1) begin : gen_kept
          assign data_o[part*PartBits +: PartBits] =
              here ? data_i : parts_q[part*PartBits +: PartBits];
          always @(posedge clk_i) begin
            if (!rst_ni || (valid_o && ready_i)) begin
              parts_q[part*PartBits +: PartBits] <= {PartBits{1'b0}};
            end else if (valid_i && here && !whole) begin
              parts_q[part*PartBits +: PartBits] <= data_i;
            end
          end
        end else begin : gen_final
          assign data_o[part*PartBits +: PartBits] = here ? data_i : {PartBits{1'b0}};
        end
      end

      always @(posedge clk_i) begin
        if (!rst_ni) part_q <= {PartNumberBits{1'b0}};
        else if (valid_i && ready_o) part_q <= whole ? {PartNumberBits{1'b0}} : part_q + One;
      end
    end
  endgenerate
  assign last_o = last_i;

`ifdef FORMAL_axi_widen
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // The environment holds an offered beat.
  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni) && $past(valid_i && !ready_o)) begin
      assume (valid_i);
      assume ($stable({last_i, data_i}));
    end
  end

  // A part of any number is followed to the wide beat it belongs to.
  (* anyconst *) reg [7:0] number;
  always @(*) assume (number < Parts);
  reg [7:0] taken_q;
  reg [PartBits-1:0] followed_q;
  wire take = valid_i && ready_o;
  always @(posedge clk_i) begin
    if (!rst_ni) taken_q <= 0;
    else if (take) taken_q <= (valid_o && ready_i) ? 0 : taken_q + 1'b1;
    if (take && taken_q == number) followed_q <= data_i;
  end
  wire [Parts*PartBits-1:0] shifted = data_o >> (number * PartBits);
  wire [PartBits-1:0] got = shifted[PartBits-1:0];
  generate
    if (Parts > 1) begin : gen_properties
      wire [(Parts-1)*PartBits-1:0] kept = gen_parts.parts_q >> (number * PartBits);
      always @(posedge clk_i) begin
        if (past_q && rst_ni) begin
          assert (taken_q == gen_parts.part_q);
          if (number < Parts - 1) begin
            assert (kept[PartBits-1:0] == (number < taken_q ? followed_q : {PartBits{1'b0}}));
          end
        end
      end
    end
  endgenerate
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (taken_q < Parts);
      assert (valid_o == (valid_i && (last_i || taken_q == Parts - 1)));
      // a beat that gives nothing is taken, one that gives is taken with what it gives
      if (valid_i) assert (ready_o == (ready_i || !valid_o));
      if (valid_o) begin
        assert (last_o == last_i);
        if (number < taken_q) assert (got == followed_q);
        else assert (got == (number == taken_q ? data_i : {PartBits{1'b0}}));
      end
      if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, data_o}));
      end
      cover (valid_o && ready_i && last_o && $past(valid_o && ready_i && !last_o, Parts));
    end
  end
`endif

endmodule

`default_nettype wire
