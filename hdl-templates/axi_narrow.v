// axi_narrow: wide beats as narrow ones, low part first.
//
// A beat gives its Parts parts, the last beat of a block (last_i) the first LastParts only; last_o
// comes with the final part of that beat. The wide beat is taken with its final part.
// Parameters: PartBits, bits of a narrow beat; Parts, 1 or more; LastParts, 1 to Parts.
// Latency 0 (wires and a part number), initiation interval Parts, of a last beat LastParts.
// It stores no data: put a stream_register in front and behind.
`default_nettype none

module axi_narrow #(
  parameter PartBits = 8,
  parameter Parts = 4,
  parameter LastParts = Parts
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire last_i,
  input  wire [Parts*PartBits-1:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [PartBits-1:0] data_o
);

  generate
    if (Parts < 1 || PartBits < 1) begin : gen_illegal_parts
      axi_narrow_needs_one_part_or_more u_illegal ();
    end
    if (LastParts < 1 || LastParts > Parts) begin : gen_illegal_last
      axi_narrow_last_parts_must_be_1_to_parts u_illegal ();
    end
  endgenerate

  localparam PartNumberBits = (Parts > 1) ? $clog2(Parts) : 1;
  localparam [31:0] FinalWord = Parts - 1;
  localparam [31:0] FinalOfLastWord = LastParts - 1;
  localparam [PartNumberBits-1:0] Final = FinalWord[PartNumberBits-1:0];
  localparam [PartNumberBits-1:0] FinalOfLast = FinalOfLastWord[PartNumberBits-1:0];
  localparam [PartNumberBits:0] OneWord = {{PartNumberBits{1'b0}}, 1'b1};
  localparam [PartNumberBits-1:0] One = OneWord[PartNumberBits-1:0];

  reg [PartNumberBits-1:0] part_q;
  wire final_part = (part_q == Final) || (last_i && part_q == FinalOfLast);

  assign valid_o = valid_i;
  assign ready_o = ready_i && final_part;
  assign last_o = last_i && final_part;

  generate
    if (Parts == 1) begin : gen_whole
      assign data_o = data_i;
    end else begin : gen_part
      assign data_o = data_i[part_q*PartBits +: PartBits];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) part_q <= {PartNumberBits{1'b0}};
    else if (valid_i && ready_i) part_q <= final_part ? {PartNumberBits{1'b0}} : part_q + One;
  end

`ifdef FORMAL_axi_narrow
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

  // Parts given of the beat that is offered, counted apart from the unit.
  reg [PartNumberBits:0] given_q;
  always @(posedge clk_i) begin
    if (!rst_ni) given_q <= 0;
    else if (valid_o && ready_i) given_q <= ready_o ? 0 : given_q + 1'b1;
  end
  wire [Parts*PartBits-1:0] rest = data_i >> (given_q * PartBits);
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert (given_q == {1'b0, part_q});
      if (given_q != 0) assert (valid_i);
      assert (given_q < (last_i && valid_i ? LastParts : Parts));
      assert (valid_o == valid_i);
      if (valid_o) assert (data_o == rest[PartBits-1:0]);
      // taken with the part that is due last, and only then
      if (valid_i && ready_o) assert (given_q + 1 == (last_i ? LastParts : Parts));
      if (valid_i && ready_i && given_q + 1 == (last_i ? LastParts : Parts)) assert (ready_o);
      if (valid_o && ready_i) assert (last_o == (last_i && given_q + 1 == LastParts));
      if ($past(rst_ni) && $past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, data_o}));
      end
      cover (valid_o && ready_i && last_o && $past(valid_o && ready_i && last_o, LastParts));
    end
  end
`endif

endmodule

`default_nettype wire
