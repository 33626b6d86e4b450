// event_adder: two lists of small counts added, number by number, registered.
//
// sum[field] = before[field] + own[field], one cycle later. The caller gives fields wide enough.
// Parameters: Fields, Bits of each.
`default_nettype none

module event_adder #(
  parameter Fields = 8,
  parameter Bits = 4
) (
  input  wire clk_i,
  input  wire [Fields*Bits-1:0] before_i,
  input  wire [Fields*Bits-1:0] own_i,
  output reg  [Fields*Bits-1:0] sum_o
);

  genvar field;
  generate
    if (Fields < 1 || Bits < 1) begin : gen_illegal_fields
      event_adder_needs_fields_of_one_bit_or_more u_illegal ();
    end
    for (field = 0; field < Fields; field = field + 1) begin : gen_field
      always @(posedge clk_i) begin
        sum_o[field*Bits +: Bits] <= before_i[field*Bits +: Bits] + own_i[field*Bits +: Bits];
      end
    end
  endgenerate

`ifdef FORMAL_event_adder
  // any one number
  (* anyconst *) reg [7:0] number;
  reg past_q = 1'b0;
  reg [Bits-1:0] before_q, own_q;
  wire [Bits-1:0] sum = sum_o >> (number * Bits);
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    before_q <= before_i >> (number * Bits);
    own_q <= own_i >> (number * Bits);
    assume (number < Fields);
    if (past_q) assert (sum == before_q + own_q);
    cover (past_q && number == Fields - 1 && sum != {Bits{1'b0}});
  end
`endif

endmodule

`default_nettype wire
