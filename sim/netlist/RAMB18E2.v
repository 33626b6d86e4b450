// Block memory of UltraScale+ as Yosys infers it (brams_xcu_map.v): Yosys has no behaviour of it.
// Two ports of at most 18 bits, or one that reads and one that writes 36; no output registers, cascades or
// error correction. A parameter or a pin in any other use ends the simulation.
module RAMB18E2 (
  input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, ADDRENA, ADDRENB, REGCEAREGCE, REGCEB,
  input RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB, SLEEP,
  input [13:0] ADDRARDADDR, ADDRBWRADDR,
  input [15:0] DINADIN, DINBDIN,
  input [1:0] DINPADINP, DINPBDINP,
  input [1:0] WEA,
  input [3:0] WEBWE,
  output [15:0] DOUTADOUT, DOUTBDOUT,
  output [1:0] DOUTPADOUTP, DOUTPBDOUTP
);

  parameter integer DOA_REG = 1;
  parameter integer DOB_REG = 1;
  parameter integer READ_WIDTH_A = 0;
  parameter integer READ_WIDTH_B = 0;
  parameter integer WRITE_WIDTH_A = 0;
  parameter integer WRITE_WIDTH_B = 0;
  parameter WRITE_MODE_A = "NO_CHANGE";
  parameter WRITE_MODE_B = "NO_CHANGE";
  parameter INIT_FILE = "NONE";
  parameter [17:0] INIT_A = 18'd0;
  parameter [17:0] INIT_B = 18'd0;
  parameter [17:0] SRVAL_A = 18'd0;
  parameter [17:0] SRVAL_B = 18'd0;
  parameter [255:0] INIT_00 = 256'd0;
  parameter [255:0] INIT_01 = 256'd0;
  parameter [255:0] INIT_02 = 256'd0;
  parameter [255:0] INIT_03 = 256'd0;
  parameter [255:0] INIT_04 = 256'd0;
  parameter [255:0] INIT_05 = 256'd0;
  parameter [255:0] INIT_06 = 256'd0;
  parameter [255:0] INIT_07 = 256'd0;
  parameter [255:0] INIT_08 = 256'd0;
  parameter [255:0] INIT_09 = 256'd0;
  parameter [255:0] INIT_0A = 256'd0;
  parameter [255:0] INIT_0B = 256'd0;
  parameter [255:0] INIT_0C = 256'd0;
  parameter [255:0] INIT_0D = 256'd0;
  parameter [255:0] INIT_0E = 256'd0;
  parameter [255:0] INIT_0F = 256'd0;
  parameter [255:0] INIT_10 = 256'd0;
  parameter [255:0] INIT_11 = 256'd0;
  parameter [255:0] INIT_12 = 256'd0;
  parameter [255:0] INIT_13 = 256'd0;
  parameter [255:0] INIT_14 = 256'd0;
  parameter [255:0] INIT_15 = 256'd0;
  parameter [255:0] INIT_16 = 256'd0;
  parameter [255:0] INIT_17 = 256'd0;
  parameter [255:0] INIT_18 = 256'd0;
  parameter [255:0] INIT_19 = 256'd0;
  parameter [255:0] INIT_1A = 256'd0;
  parameter [255:0] INIT_1B = 256'd0;
  parameter [255:0] INIT_1C = 256'd0;
  parameter [255:0] INIT_1D = 256'd0;
  parameter [255:0] INIT_1E = 256'd0;
  parameter [255:0] INIT_1F = 256'd0;
  parameter [255:0] INIT_20 = 256'd0;
  parameter [255:0] INIT_21 = 256'd0;
  parameter [255:0] INIT_22 = 256'd0;
  parameter [255:0] INIT_23 = 256'd0;
  parameter [255:0] INIT_24 = 256'd0;
  parameter [255:0] INIT_25 = 256'd0;
  parameter [255:0] INIT_26 = 256'd0;
  parameter [255:0] INIT_27 = 256'd0;
  parameter [255:0] INIT_28 = 256'd0;
  parameter [255:0] INIT_29 = 256'd0;
  parameter [255:0] INIT_2A = 256'd0;
  parameter [255:0] INIT_2B = 256'd0;
  parameter [255:0] INIT_2C = 256'd0;
  parameter [255:0] INIT_2D = 256'd0;
  parameter [255:0] INIT_2E = 256'd0;
  parameter [255:0] INIT_2F = 256'd0;
  parameter [255:0] INIT_30 = 256'd0;
  parameter [255:0] INIT_31 = 256'd0;
  parameter [255:0] INIT_32 = 256'd0;
  parameter [255:0] INIT_33 = 256'd0;
  parameter [255:0] INIT_34 = 256'd0;
  parameter [255:0] INIT_35 = 256'd0;
  parameter [255:0] INIT_36 = 256'd0;
  parameter [255:0] INIT_37 = 256'd0;
  parameter [255:0] INIT_38 = 256'd0;
  parameter [255:0] INIT_39 = 256'd0;
  parameter [255:0] INIT_3A = 256'd0;
  parameter [255:0] INIT_3B = 256'd0;
  parameter [255:0] INIT_3C = 256'd0;
  parameter [255:0] INIT_3D = 256'd0;
  parameter [255:0] INIT_3E = 256'd0;
  parameter [255:0] INIT_3F = 256'd0;
  parameter [255:0] INITP_00 = 256'd0;
  parameter [255:0] INITP_01 = 256'd0;
  parameter [255:0] INITP_02 = 256'd0;
  parameter [255:0] INITP_03 = 256'd0;
  parameter [255:0] INITP_04 = 256'd0;
  parameter [255:0] INITP_05 = 256'd0;
  parameter [255:0] INITP_06 = 256'd0;
  parameter [255:0] INITP_07 = 256'd0;

  localparam Wide = READ_WIDTH_A == 36 || WRITE_WIDTH_B == 36;
  // bytes, and the parity bit of each
  localparam Bytes = 2048;
  localparam [16383:0] Data = {
    INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38,
    INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30,
    INIT_2F, INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28,
    INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20,
    INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18,
    INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10,
    INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08,
    INIT_07, INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00
  };
  localparam [2047:0] Parity = {
    INITP_07, INITP_06, INITP_05, INITP_04, INITP_03, INITP_02, INITP_01, INITP_00
  };
  reg [8:0] memory [0:Bytes-1];

  integer index;
  initial begin
    if (DOA_REG != 0 || DOB_REG != 0 || INIT_FILE != "NONE") unsupported("a register or a file");
    if (!known(READ_WIDTH_A) || !known(READ_WIDTH_B) || !known(WRITE_WIDTH_A) || !known(WRITE_WIDTH_B)) begin
      unsupported("a width");
    end
    // one side wide, the other narrow: bytes would be told apart in another way
    if (Wide && (READ_WIDTH_B != 0 || WRITE_WIDTH_A != 0)) unsupported("a third port");
    if ((READ_WIDTH_B == 36) || (WRITE_WIDTH_A == 36)) unsupported("a wide port the other way round");
    if (WRITE_MODE_A != "READ_FIRST" && WRITE_MODE_A != "NO_CHANGE") unsupported("a write mode");
    if (WRITE_MODE_B != "READ_FIRST" && WRITE_MODE_B != "NO_CHANGE") unsupported("a write mode");
    for (index = 0; index < Bytes; index = index + 1) begin
      memory[index] = {Parity[index], Data[index*8 +: 8]};
    end
  end

  always @(posedge CLKARDCLK or posedge CLKBWRCLK) begin
    if (ADDRENA !== 1'b1 || ADDRENB !== 1'b1 || SLEEP !== 1'b0) unsupported("address enable or sleep");
    if (REGCEAREGCE === 1'b1 || REGCEB === 1'b1 || RSTREGARSTREG !== 1'b0 || RSTREGB !== 1'b0) begin
      unsupported("output registers");
    end
  end

  function known;
    input integer width;
    known = width == 0 || width == 1 || width == 2 || width == 4 || width == 9 || width == 18 ||
            width == 36;
  endfunction

  task unsupported;
    input [8*40-1:0] what;
    begin
      $display("UNSUPPORTED RAMB18E2 %m: %0s", what);
      $finish;
    end
  endtask

  // the word of a width at an address: bits of an address below the width do not count
  function [35:0] word_at;
    input integer width;
    input [13:0] address;
    integer byte_at, lane;
    reg [35:0] found;
    begin
      found = 36'd0;
      byte_at = address >> 3;
      if (width < 9) begin
        found = {28'd0, memory[byte_at][7:0]} >> (address[2:0] & ~(width - 1));
      end else begin
        byte_at = byte_at & ~(width / 9 - 1);
        for (lane = 0; lane < width / 9; lane = lane + 1) begin
          found[lane*8 +: 8] = memory[byte_at + lane][7:0];
          found[32 + lane] = memory[byte_at + lane][8];
        end
      end
      word_at = found;
    end
  endfunction

  task write_word;
    input integer width;
    input [13:0] address;
    input [31:0] data;
    input [3:0] parity;
    input [3:0] enable;
    integer byte_at, lane, bit_at;
    begin
      byte_at = address >> 3;
      if (width < 9) begin
        for (lane = 0; lane < width; lane = lane + 1) begin
          bit_at = (address[2:0] & ~(width - 1)) + lane;
          if (enable[0]) memory[byte_at][bit_at] = data[lane];
        end
      end else begin
        byte_at = byte_at & ~(width / 9 - 1);
        for (lane = 0; lane < width / 9; lane = lane + 1) begin
          if (enable[lane]) memory[byte_at + lane] = {parity[lane], data[lane*8 +: 8]};
        end
      end
    end
  endtask

  reg [35:0] a_q = 36'd0, b_q = 36'd0;
  reg [35:0] a_before, b_before;
  // as the parts start; what is reset is given with the word's parity above its data
  initial begin
    a_q = spread(INIT_A);
    b_q = spread(INIT_B);
  end
  function [35:0] spread;
    input [17:0] value;
    spread = {2'd0, value[17:16], 16'd0, value[15:0]};
  endfunction

  wire a_writes = WRITE_WIDTH_A != 0 && |WEA;
  wire b_writes = WRITE_WIDTH_B != 0 && |WEBWE;

  always @(posedge CLKARDCLK) begin
    if (ENARDEN) begin
      a_before = word_at(READ_WIDTH_A, ADDRARDADDR);
      // the other port writes with the same edge, after this one has read
      if (a_writes) #0 write_word(WRITE_WIDTH_A, ADDRARDADDR, {16'd0, DINADIN}, {2'd0, DINPADINP}, {2'd0, WEA});
      if (RSTRAMARSTRAM) a_q <= spread(SRVAL_A);
      else if (READ_WIDTH_A != 0 && !(a_writes && WRITE_MODE_A == "NO_CHANGE")) a_q <= a_before;
    end
  end

  always @(posedge CLKBWRCLK) begin
    if (ENBWREN) begin
      b_before = word_at(READ_WIDTH_B, ADDRBWRADDR);
      if (b_writes) begin
        #0;
        if (Wide) write_word(WRITE_WIDTH_B, ADDRBWRADDR, {DINBDIN, DINADIN}, {DINPBDINP, DINPADINP}, WEBWE);
        else write_word(WRITE_WIDTH_B, ADDRBWRADDR, {16'd0, DINBDIN}, {2'd0, DINPBDINP}, WEBWE);
      end
      if (RSTRAMB) b_q <= spread(SRVAL_B);
      else if (READ_WIDTH_B != 0 && !(b_writes && WRITE_MODE_B == "NO_CHANGE")) b_q <= b_before;
    end
  end

  assign DOUTADOUT = a_q[15:0];
  assign DOUTPADOUTP = a_q[32 +: 2];
  assign DOUTBDOUT = READ_WIDTH_A == 36 ? a_q[16 +: 16] : b_q[15:0];
  assign DOUTPBDOUTP = READ_WIDTH_A == 36 ? a_q[34 +: 2] : b_q[32 +: 2];

endmodule
