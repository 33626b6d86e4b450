// serial_receiver: bytes of an asynchronous serial line, 8 data bits, no parity, one stop bit, low bit first.
//
// valid_o is high for the one cycle in which a byte has come; it does not wait. A line that is low where the stop bit
// should be (a break, or a wrong rate) gives break_o for a cycle instead of a byte; the next byte begins when it was
// high again.
// Parameters: Divider, clock cycles a bit, 4 or more. A bit is looked at in its middle.
// Latency: 9.5 bits and 3 cycles from the beginning of the start bit.
`default_nettype none

module serial_receiver #(
  parameter Divider = 104
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire serial_i,
  output wire valid_o,
  output wire [7:0] data_o,
  output wire break_o
);

  generate
    if (Divider < 4) begin : gen_illegal_divider
      serial_receiver_divider_must_be_4_or_more u_illegal ();
    end
  endgenerate

  localparam CountBits = $clog2(Divider);
  localparam [31:0] WholeWord = Divider - 1;
  localparam [31:0] HalfWord = Divider / 2;
  localparam [CountBits-1:0] Whole = WholeWord[CountBits-1:0];
  localparam [CountBits-1:0] Half = HalfWord[CountBits-1:0];
  localparam [CountBits:0] OneWord = {{CountBits{1'b0}}, 1'b1};

  reg [1:0] line_q;  // the line is in no step with the clock
  wire line = line_q[1];
  reg busy_q;
  reg armed_q;  // the line was high since the last byte
  reg [CountBits-1:0] count_q;
  reg [3:0] bit_q;
  reg [7:0] data_q;
  reg valid_q;
  reg break_q;
  wire sample = busy_q && count_q == {CountBits{1'b0}};
  assign valid_o = valid_q;
  assign data_o = data_q;
  assign break_o = break_q;

  always @(posedge clk_i) begin
    line_q <= {line_q[0], serial_i};
    valid_q <= 1'b0;
    break_q <= 1'b0;
    count_q <= (count_q == {CountBits{1'b0}}) ? Whole : count_q - OneWord[CountBits-1:0];
    if (!rst_ni) begin
      busy_q <= 1'b0;
      armed_q <= 1'b0;
    end else if (!busy_q) begin
      armed_q <= armed_q | line;
      busy_q <= armed_q & !line;
      count_q <= Half;
      bit_q <= 4'd0;
    end else if (sample) begin
      bit_q <= bit_q + 4'd1;
      if (bit_q == 4'd0) busy_q <= !line;  // a start bit lasts
      else if (bit_q < 4'd9) data_q <= {line, data_q[7:1]};
      else begin
        busy_q <= 1'b0;
        armed_q <= line;
        valid_q <= line;
        break_q <= !line;
      end
    end
  end

endmodule

`default_nettype wire
