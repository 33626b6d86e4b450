// place_hits: which slot of a beat has the winner of one place. Combinational.
//   hits[i] = winner[i] and base[i / 4] + behind[i] == Place, modulo 2^Bits
// Parameters: R slots, a multiple of 4; Bits of base; Place. A winner has fewer than 2^Bits before it.
`default_nettype none

(* keep_hierarchy = "yes" *)
module place_hits #(
  parameter R = 32,
  parameter Bits = 3,
  parameter Place = 0
) (
  input  wire [R-1:0] winner_i,
  input  wire [(R/4)*Bits-1:0] base_i,
  input  wire [2*R-1:0] behind_i,
  output wire [R-1:0] hits_o
);

  generate
    if (R < 4 || R % 4 != 0 || Bits < 1) begin : gen_illegal_sizes
      place_hits_r_must_be_a_multiple_of_4 u_illegal ();
    end
  endgenerate

  localparam [31:0] PlaceWord = Place;
  reg [R-1:0] hits;
  reg [Bits-1:0] rank;
  reg carry, addend;
  integer i, b;
  always @(*) begin
    for (i = 0; i < R; i = i + 1) begin
      carry = 1'b0;
      for (b = 0; b < Bits; b = b + 1) begin
        addend = (b < 2) & behind_i[2*i+(b&1)];
        rank[b] = base_i[(i/4)*Bits+b] ^ addend ^ carry;
        carry = (base_i[(i/4)*Bits+b] & addend) | (carry & (base_i[(i/4)*Bits+b] | addend));
      end
      hits[i] = winner_i[i] & (rank == PlaceWord[Bits-1:0]);
    end
  end
  assign hits_o = hits;

endmodule

`default_nettype wire
