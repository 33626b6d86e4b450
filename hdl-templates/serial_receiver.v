// serial_receiver: bytes of an asynchronous serial line, 8 data bits, no parity, one stop bit, low bit first.
//
// valid_o is high for the one cycle in which a byte has come; it does not wait. A line that is low where the stop bit
// should be (a break, or a wrong rate) gives break_o for a cycle instead of a byte; the next byte begins when it was
// high again.
// Parameters: Divider, clock cycles a bit, 4 or more. A bit is looked at in its middle.
// Latency: where the line is low from cycle t on, the byte is there in cycle t + 9 Divider + Divider / 2 (rounded down) + 4.
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

`ifdef FORMAL_serial_receiver
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // Cycles since the line fell, counted apart; 0: no byte is on its way. Sample n is taken Half + n * Divider
  // cycles behind the first; what was seen is kept. For dividers up to 24, as numbers have 8 bits here.
  localparam [31:0] LastSample = 1 + Divider / 2 + 9 * Divider;
  reg [7:0] time_q = 8'd0;
  reg [9:0] seen_q;
  wire [7:0] behind = time_q + Divider - 8'd2 - Divider / 2;
  wire [7:0] samples = behind / Divider;  // before this cycle
  wire [7:0] inside = behind % Divider;   // cycles since the last one
  wire here = time_q == 8'd1 + Divider / 2 + samples * Divider;

  // A sender: a frame that begins while the receiver waits and the line is high, a bit Divider cycles each.
  localparam [31:0] Comes = LastSample + 4;  // the cycle of the frame in which its byte comes
  localparam [31:0] Until = (Comes > 10 * Divider) ? Comes : 10 * Divider;
  (* anyseq *) reg begins;
  (* anyseq *) reg [7:0] byte_sent;
  reg [7:0] sent_q = 8'd0;  // the cycle of the frame, from 1 on; 0: the line does anything
  reg [9:0] frame_q;
  wire sending = sent_q != 8'd0 && sent_q <= 10 * Divider;
  wire quiet = !busy_q && armed_q && line_q == 2'b11 && serial_i && rst_ni;
  wire [7:0] bit_sent = (sent_q - 8'd1) / Divider;
  always @(*) begin
    if (sent_q != 8'd0) assume (rst_ni);
    if (sending) assume (serial_i == frame_q[bit_sent[3:0]]);
  end

  // behind a break, and at first, the line has to be high once
  reg waits_q;

  always @(posedge clk_i) begin
    if (!rst_ni) waits_q <= 1'b1;
    else if (time_q == 8'd0) waits_q <= waits_q && !line;
    else if (time_q == LastSample) waits_q <= !line;

    if (!rst_ni) time_q <= 8'd0;
    else if (time_q == 8'd0) time_q <= (armed_q && !line) ? 8'd1 : 8'd0;
    else if (here && samples == 8'd0 && line) time_q <= 8'd0;
    else time_q <= (time_q == LastSample) ? 8'd0 : time_q + 8'd1;
    if (here) seen_q[samples[3:0]] <= line;

    if (sent_q == 8'd0) begin
      if (begins && quiet) begin
        sent_q <= 8'd1;
        frame_q <= {1'b1, byte_sent, 1'b0};
      end
    end else sent_q <= (sent_q == Until) ? 8'd0 : sent_q + 8'd1;

    if (past_q && rst_ni && $past(rst_ni)) begin
      assert (time_q <= LastSample);
      assert (busy_q == (time_q != 8'd0));
      if (busy_q) begin
        assert ({4'd0, bit_q} == samples && samples <= 8'd9);
        assert ({{(8-CountBits){1'b0}}, count_q} == ((samples == 8'd0) ? 8'd1 + Divider / 2 - time_q
                                                              : Divider - 8'd1 - inside));
        if (samples > 8'd1) assert (data_q >> (8'd9 - samples) == (seen_q[8:1] & ~(8'hff << (samples - 8'd1))));
        if (samples != 8'd0) assert (!seen_q[0]);
      end
      // a byte or a break with the last sample, and at no other time
      assert ((valid_o || break_o) == $past(time_q == LastSample));
      assert (!(valid_o && break_o));
      if (valid_o) assert (seen_q[9] && !seen_q[0] && data_o == seen_q[8:1]);
      if (break_o) assert (!seen_q[9]);
      if (busy_q) assert (!waits_q);
      assert (armed_q == !waits_q);

      // what is sent comes
      assert (sent_q <= Until);
      if (sent_q != 8'd0) begin
        assert (!frame_q[0] && frame_q[9]);
        if (sent_q == 8'd1) assert (line_q == 2'b11);
        else if (sent_q <= 10 * Divider + 1) assert (line_q[0] == frame_q[((sent_q - 8'd2) / Divider) & 15]);
        if (sent_q <= 10 * Divider + 2) begin
          assert (line == (sent_q > 8'd2 ? frame_q[((sent_q - 8'd3) / Divider) & 15] : 1'b1));
        end
        if (sent_q <= 8'd3) assert (armed_q && !busy_q);
        else assert (time_q == (sent_q - 8'd3 <= LastSample ? sent_q - 8'd3 : 8'd0));
        if (sent_q > 8'd3 && samples > 8'd0 && busy_q) begin
          assert (((seen_q ^ frame_q) & ~(10'h3ff << samples)) == 10'd0);
        end
        if (sent_q == Comes) assert (valid_o && data_o == frame_q[8:1]);
        if (sent_q >= Comes) assert (armed_q);
      end
      cover (sent_q == ((Divider > 4) ? 2 * Divider : Comes));
    end
  end
`endif

endmodule

`default_nettype wire
