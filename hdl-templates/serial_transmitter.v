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

`ifdef FORMAL_serial_transmitter
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // Cycles since a byte was taken, counted apart; 0: none is on the line. The line has the start bit, the
  // byte from its low bit on and the stop bit, Divider cycles each, and is high in between.
  localparam [31:0] FrameCycles = 10 * Divider;
  reg [15:0] time_q = 16'd0;
  reg [9:0] frame_q;
  wire [15:0] number = (time_q - 16'd1) / Divider;
  wire [15:0] inside = (time_q - 16'd1) % Divider;
  wire [18:0] rest = {9'h1ff, frame_q} >> (number + 16'd1);
  always @(posedge clk_i) begin
    if (!rst_ni) time_q <= 16'd0;
    else if (valid_i && ready_o) begin
      time_q <= 16'd1;
      frame_q <= {1'b1, data_i, 1'b0};
    end else if (time_q != 16'd0) time_q <= (time_q == FrameCycles) ? 16'd0 : time_q + 16'd1;
    if (past_q && rst_ni && $past(rst_ni)) begin
      assert (time_q <= FrameCycles);
      assert (ready_o == (time_q == 16'd0));
      assert (serial_o == (time_q == 16'd0 || frame_q[number[3:0]]));
      if (time_q != 16'd0) begin
        assert ({12'd0, left_q} == 16'd10 - number);
        assert (count_q == Whole - inside[CountBits-1:0]);
        assert (bits_q == rest[8:0]);
      end
      cover (time_q == 16'd2 * Divider && !serial_o);
    end
  end
`endif

endmodule

`default_nettype wire
