// tie_room: how many ties may still win, at most 4. Combinational.
//   room_o = min(4, max(0, wanted_i - had_i))
// Parameters: Bits >= 1.
`default_nettype none

(* keep_hierarchy = "yes" *)
module tie_room #(
  parameter Bits = 3
) (
  input  wire [Bits-1:0] wanted_i,
  input  wire [Bits-1:0] had_i,
  output wire [2:0] room_o
);

  generate
    if (Bits < 1) begin : gen_illegal_bits
      tie_room_bits_must_be_positive u_illegal ();
    end
  endgenerate

  reg borrow;
  reg [Bits-1:0] rest;
  integer i;
  always @(*) begin
    borrow = 1'b0;
    for (i = 0; i < Bits; i = i + 1) begin
      rest[i] = wanted_i[i] ^ had_i[i] ^ borrow;
      borrow = (~wanted_i[i] & had_i[i]) | (borrow & (~wanted_i[i] | had_i[i]));
    end
  end
  generate
    if (Bits > 2) begin : gen_many
      wire four = |rest[Bits-1:2];
      assign room_o = {3{!borrow}} & {four, {2{!four}} & rest[1:0]};
    end else if (Bits == 2) begin : gen_three
      assign room_o = {3{!borrow}} & {1'b0, rest};
    end else begin : gen_one
      assign room_o = {3{!borrow}} & {2'b00, rest};
    end
  endgenerate

`ifdef FORMAL_tie_room
  wire [Bits-1:0] left = wanted_i - had_i;
  always @(*) begin
    if (had_i >= wanted_i) assert (room_o == 3'd0);
    else assert (room_o == ((left > 4) ? 3'd4 : left));
    cover (room_o == ((Bits > 2) ? 3'd4 : 3'd1));
  end
`endif

endmodule

`default_nettype wire
