// serial_transmitter: bytes to an asynchronous serial line, 8 data bits, no parity, one stop bit, low bit first.
//
// Parameters: Divider, clock cycles a bit, 4 or more.
// Latency 1 to the beginning of the start bit, initiation interval 10 bits and a cycle. In reset the line is high.
`default_nettype none

module serial_transmitter #(
  parameter Divider = 104
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire [7:0] data_i,
  output wire serial_o
);

  generate
    if (Divider < 4) begin : gen_illegal_divider
      serial_transmitter_divider_must_be_4_or_more u_illegal ();
    end
  endgenerate

  localparam CountBits = $clog2(Divider);
  localparam [31:0] WholeWord = Divider - 1;
  localparam [CountBits-1:0] Whole = WholeWord[CountBits-1:0];
  localparam [CountBits:0] OneWord = {{CountBits{1'b0}}, 1'b1};

  reg [3:0] left_q;  // bits to go, the stop bit included
  reg [CountBits-1:0] count_q;
  reg [8:0] bits_q;
  reg line_q;
  wire idle = left_q == 4'd0;
  wire tick = count_q == {CountBits{1'b0}};
  assign ready_o = idle;
  assign serial_o = line_q;

  always @(posedge clk_i) begin
    count_q <= (idle || tick) ? Whole : count_q - OneWord[CountBits-1:0];
    if (!rst_ni) begin
      left_q <= 4'd0;
      line_q <= 1'b1;
    end else if (idle) begin
      bits_q <= {1'b1, data_i};
      line_q <= !valid_i;
      if (valid_i) left_q <= 4'd10;
    end else if (tick) begin
      left_q <= left_q - 4'd1;
      line_q <= bits_q[0];
      bits_q <= {1'b1, bits_q[8:1]};
    end
  end

endmodule

`default_nettype wire
