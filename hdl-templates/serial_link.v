// serial_link: the streams of nzflow_top over an asynchronous serial line (8N1), low byte of a beat first.
//
// InBeats beats of InBits bits that come over the line are an inference; every answer leaves beat by beat as it comes.
// A break on the line, the button, or a beat for which there is no room resets the core, which forgets what it had:
// bytes that were sent in part, and answers. So a host that lost count sends a break and begins again.
// The line cannot be made to wait: inferences may come back to back when the core takes one in the time that
// its bytes need, and its answer has no more of them.
// Out of configuration the core is reset as well.
// Parameters: Divider, clock cycles a bit; InBits, OutBits, multiples of 8; InBeats an inference; ResetCycles that the
//   core needs.
`default_nettype none

module serial_link #(
  parameter Divider = 104,
  parameter InBits = 8,
  parameter InBeats = 256,
  parameter OutBits = 32,
  parameter ResetCycles = 132
) (
  input  wire clk_i,
  input  wire button_ni,
  input  wire serial_i,
  output wire serial_o,
  output wire core_rst_no,
  output wire in_valid_o,
  input  wire in_ready_i,
  output wire in_last_o,
  output wire [InBits-1:0] in_data_o,
  input  wire out_valid_i,
  output wire out_ready_o,
  input  wire [OutBits-1:0] out_data_i
);

  generate
    if (InBits < 8 || InBits % 8 != 0 || OutBits < 8 || OutBits % 8 != 0) begin : gen_illegal_bits
      serial_link_beats_must_be_whole_bytes u_illegal ();
    end
    if (InBeats < 1) begin : gen_illegal_beats
      serial_link_in_beats_must_be_positive u_illegal ();
    end
  endgenerate

  localparam BeatBits = (InBeats > 1) ? $clog2(InBeats) : 1;
  localparam [31:0] LastWord = InBeats - 1;
  localparam [BeatBits:0] OneWord = {{BeatBits{1'b0}}, 1'b1};

  // registers are 0 out of configuration: one cycle of reset, which core_reset makes long enough
  reg awake_q = 1'b0;
  reg [1:0] button_q = 2'b00;
  always @(posedge clk_i) begin
    awake_q <= 1'b1;
    button_q <= {button_q[0], button_ni};
  end
  wire link_rst_n = awake_q & button_q[1];

  wire byte_valid, break_seen;
  wire [7:0] byte_data;
  serial_receiver #(.Divider(Divider)) u_receiver (
    .clk_i(clk_i), .rst_ni(link_rst_n), .serial_i(serial_i), .valid_o(byte_valid),
    .data_o(byte_data), .break_o(break_seen)
  );

  wire lost, core_rst_n, resetting;
  core_reset #(.ResetCycles(ResetCycles)) u_reset (
    .clk_i(clk_i), .rst_ni(link_rst_n), .reset_i(break_seen | lost), .busy_o(resetting),
    .core_rst_no(core_rst_n)
  );
  assign core_rst_no = core_rst_n;

  // ---- bytes to beats; a beat waits in its register until it is taken
  localparam Bytes = InBits / 8;
  localparam ByteBits = (Bytes > 1) ? $clog2(Bytes) : 1;
  localparam [31:0] LastByteWord = Bytes - 1;
  localparam [ByteBits:0] OneByte = {{ByteBits{1'b0}}, 1'b1};
  reg [ByteBits-1:0] byte_q;
  reg [BeatBits-1:0] beat_q;
  reg valid_q;
  reg last_q;
  reg [InBits-1:0] data_q;
  wire ends = byte_q == LastByteWord[ByteBits-1:0];
  assign in_valid_o = valid_q;
  assign in_last_o = last_q;
  assign in_data_o = data_q;
  assign lost = core_rst_n & byte_valid & valid_q & !in_ready_i;
  wire [InBits+7:0] shifted = {byte_data, data_q};
  always @(posedge clk_i) begin
    if (!core_rst_n) begin
      byte_q <= {ByteBits{1'b0}};
      beat_q <= {BeatBits{1'b0}};
      valid_q <= 1'b0;
    end else begin
      if (in_ready_i) valid_q <= 1'b0;
      if (byte_valid) begin
        byte_q <= ends ? {ByteBits{1'b0}} : byte_q + OneByte[ByteBits-1:0];
        valid_q <= ends;
        if (ends) begin
          last_q <= beat_q == LastWord[BeatBits-1:0];
          beat_q <= (beat_q == LastWord[BeatBits-1:0]) ? {BeatBits{1'b0}}
                                                       : beat_q + OneWord[BeatBits-1:0];
        end
      end
    end
    if (byte_valid) data_q <= shifted[8 +: InBits];
  end

  // ---- beats to bytes
  wire send_valid, send_ready, send_last;
  wire [7:0] send_data;
  axi_narrow #(.PartBits(8), .Parts(OutBits / 8), .LastParts(OutBits / 8)) u_bytes (
    .clk_i(clk_i), .rst_ni(core_rst_n), .valid_i(out_valid_i), .ready_o(out_ready_o),
    .last_i(1'b0), .data_i(out_data_i), .valid_o(send_valid), .ready_i(send_ready),
    .last_o(send_last), .data_o(send_data)
  );
  serial_transmitter #(.Divider(Divider)) u_transmitter (
    .clk_i(clk_i), .rst_ni(core_rst_n), .valid_i(send_valid), .ready_o(send_ready),
    .data_i(send_data), .serial_o(serial_o)
  );
  wire unused = &{1'b0, resetting, send_last, shifted[7:0]};

endmodule

`default_nettype wire
