// Block memory of UltraScale+ as Yosys infers it (brams_xcu_map.v): Yosys has no behaviour of it.
// Two ports of at most 36 bits, or one that reads and one that writes 72; no output registers, cascades or
// error correction. A parameter or a pin in any other use ends the simulation.
module RAMB36E2 (
  input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, ADDRENA, ADDRENB, REGCEAREGCE, REGCEB,
  input RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB, SLEEP,
  input [14:0] ADDRARDADDR, ADDRBWRADDR,
  input [31:0] DINADIN, DINBDIN,
  input [3:0] DINPADINP, DINPBDINP,
  input [3:0] WEA,
  input [7:0] WEBWE,
  output [31:0] DOUTADOUT, DOUTBDOUT,
  output [3:0] DOUTPADOUTP, DOUTPBDOUTP
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
  parameter [35:0] INIT_A = 36'd0;
  parameter [35:0] INIT_B = 36'd0;
  parameter [35:0] SRVAL_A = 36'd0;
  parameter [35:0] SRVAL_B = 36'd0;
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
  parameter [255:0] INIT_40 = 256'd0;
  parameter [255:0] INIT_41 = 256'd0;
  parameter [255:0] INIT_42 = 256'd0;
  parameter [255:0] INIT_43 = 256'd0;
  parameter [255:0] INIT_44 = 256'd0;
  parameter [255:0] INIT_45 = 256'd0;
  parameter [255:0] INIT_46 = 256'd0;
  parameter [255:0] INIT_47 = 256'd0;
  parameter [255:0] INIT_48 = 256'd0;
  parameter [255:0] INIT_49 = 256'd0;
  parameter [255:0] INIT_4A = 256'd0;
  parameter [255:0] INIT_4B = 256'd0;
  parameter [255:0] INIT_4C = 256'd0;
  parameter [255:0] INIT_4D = 256'd0;
  parameter [255:0] INIT_4E = 256'd0;
  parameter [255:0] INIT_4F = 256'd0;
  parameter [255:0] INIT_50 = 256'd0;
  parameter [255:0] INIT_51 = 256'd0;
  parameter [255:0] INIT_52 = 256'd0;
  parameter [255:0] INIT_53 = 256'd0;
  parameter [255:0] INIT_54 = 256'd0;
  parameter [255:0] INIT_55 = 256'd0;
  parameter [255:0] INIT_56 = 256'd0;
  parameter [255:0] INIT_57 = 256'd0;
  parameter [255:0] INIT_58 = 256'd0;
  parameter [255:0] INIT_59 = 256'd0;
  parameter [255:0] INIT_5A = 256'd0;
  parameter [255:0] INIT_5B = 256'd0;
  parameter [255:0] INIT_5C = 256'd0;
  parameter [255:0] INIT_5D = 256'd0;
  parameter [255:0] INIT_5E = 256'd0;
  parameter [255:0] INIT_5F = 256'd0;
  parameter [255:0] INIT_60 = 256'd0;
  parameter [255:0] INIT_61 = 256'd0;
  parameter [255:0] INIT_62 = 256'd0;
  parameter [255:0] INIT_63 = 256'd0;
  parameter [255:0] INIT_64 = 256'd0;
  parameter [255:0] INIT_65 = 256'd0;
  parameter [255:0] INIT_66 = 256'd0;
  parameter [255:0] INIT_67 = 256'd0;
  parameter [255:0] INIT_68 = 256'd0;
  parameter [255:0] INIT_69 = 256'd0;
  parameter [255:0] INIT_6A = 256'd0;
  parameter [255:0] INIT_6B = 256'd0;
  parameter [255:0] INIT_6C = 256'd0;
  parameter [255:0] INIT_6D = 256'd0;
  parameter [255:0] INIT_6E = 256'd0;
  parameter [255:0] INIT_6F = 256'd0;
  parameter [255:0] INIT_70 = 256'd0;
  parameter [255:0] INIT_71 = 256'd0;
  parameter [255:0] INIT_72 = 256'd0;
  parameter [255:0] INIT_73 = 256'd0;
  parameter [255:0] INIT_74 = 256'd0;
  parameter [255:0] INIT_75 = 256'd0;
  parameter [255:0] INIT_76 = 256'd0;
  parameter [255:0] INIT_77 = 256'd0;
  parameter [255:0] INIT_78 = 256'd0;
  parameter [255:0] INIT_79 = 256'd0;
  parameter [255:0] INIT_7A = 256'd0;
  parameter [255:0] INIT_7B = 256'd0;
  parameter [255:0] INIT_7C = 256'd0;
  parameter [255:0] INIT_7D = 256'd0;
  parameter [255:0] INIT_7E = 256'd0;
  parameter [255:0] INIT_7F = 256'd0;
  parameter [255:0] INITP_00 = 256'd0;
  parameter [255:0] INITP_01 = 256'd0;
  parameter [255:0] INITP_02 = 256'd0;
  parameter [255:0] INITP_03 = 256'd0;
  parameter [255:0] INITP_04 = 256'd0;
  parameter [255:0] INITP_05 = 256'd0;
  parameter [255:0] INITP_06 = 256'd0;
  parameter [255:0] INITP_07 = 256'd0;
  parameter [255:0] INITP_08 = 256'd0;
  parameter [255:0] INITP_09 = 256'd0;
  parameter [255:0] INITP_0A = 256'd0;
  parameter [255:0] INITP_0B = 256'd0;
  parameter [255:0] INITP_0C = 256'd0;
  parameter [255:0] INITP_0D = 256'd0;
  parameter [255:0] INITP_0E = 256'd0;
  parameter [255:0] INITP_0F = 256'd0;

  localparam Wide = READ_WIDTH_A == 72 || WRITE_WIDTH_B == 72;
  // bytes, and the parity bit of each
  localparam Bytes = 4096;
  localparam [32767:0] Data = {
    INIT_7F, INIT_7E, INIT_7D, INIT_7C, INIT_7B, INIT_7A, INIT_79, INIT_78,
    INIT_77, INIT_76, INIT_75, INIT_74, INIT_73, INIT_72, INIT_71, INIT_70,
    INIT_6F, INIT_6E, INIT_6D, INIT_6C, INIT_6B, INIT_6A, INIT_69, INIT_68,
    INIT_67, INIT_66, INIT_65, INIT_64, INIT_63, INIT_62, INIT_61, INIT_60,
    INIT_5F, INIT_5E, INIT_5D, INIT_5C, INIT_5B, INIT_5A, INIT_59, INIT_58,
    INIT_57, INIT_56, INIT_55, INIT_54, INIT_53, INIT_52, INIT_51, INIT_50,
    INIT_4F, INIT_4E, INIT_4D, INIT_4C, INIT_4B, INIT_4A, INIT_49, INIT_48,
    INIT_47, INIT_46, INIT_45, INIT_44, INIT_43, INIT_42, INIT_41, INIT_40,
    INIT_3F, INIT_3E, INIT_3D, INIT_3C, INIT_3B, INIT_3A, INIT_39, INIT_38,
    INIT_37, INIT_36, INIT_35, INIT_34, INIT_33, INIT_32, INIT_31, INIT_30,
    INIT_2F, INIT_2E, INIT_2D, INIT_2C, INIT_2B, INIT_2A, INIT_29, INIT_28,
    INIT_27, INIT_26, INIT_25, INIT_24, INIT_23, INIT_22, INIT_21, INIT_20,
    INIT_1F, INIT_1E, INIT_1D, INIT_1C, INIT_1B, INIT_1A, INIT_19, INIT_18,
    INIT_17, INIT_16, INIT_15, INIT_14, INIT_13, INIT_12, INIT_11, INIT_10,
    INIT_0F, INIT_0E, INIT_0D, INIT_0C, INIT_0B, INIT_0A, INIT_09, INIT_08,
    INIT_07, INIT_06, INIT_05, INIT_04, INIT_03, INIT_02, INIT_01, INIT_00
  };
  localparam [4095:0] Parity = {
    INITP_0F, INITP_0E, INITP_0D, INITP_0C, INITP_0B, INITP_0A, INITP_09, INITP_08,
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
    if ((READ_WIDTH_B == 72) || (WRITE_WIDTH_A == 72)) unsupported("a wide port the other way round");
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
            width == 36 || width == 72;
  endfunction

  task unsupported;
    input [8*40-1:0] what;
    begin
      $display("UNSUPPORTED RAMB36E2 %m: %0s", what);
      $finish;
    end
  endtask

  // the word of a width at an address: bits of an address below the width do not count
  function [71:0] word_at;
    input integer width;
    input [14:0] address;
    integer byte_at, lane;
    reg [71:0] found;
    begin
      found = 72'd0;
      byte_at = address >> 3;
      if (width < 9) begin
        found = {64'd0, memory[byte_at][7:0]} >> (address[2:0] & ~(width - 1));
      end else begin
        byte_at = byte_at & ~(width / 9 - 1);
        for (lane = 0; lane < width / 9; lane = lane + 1) begin
          found[lane*8 +: 8] = memory[byte_at + lane][7:0];
          found[64 + lane] = memory[byte_at + lane][8];
        end
      end
      word_at = found;
    end
  endfunction

  task write_word;
    input integer width;
    input [14:0] address;
    input [63:0] data;
    input [7:0] parity;
    input [7:0] enable;
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

  reg [71:0] a_q = 72'd0, b_q = 72'd0;
  reg [71:0] a_before, b_before;
  // as the parts start; what is reset is given with the word's parity above its data
  initial begin
    a_q = spread(INIT_A);
    b_q = spread(INIT_B);
  end
  function [71:0] spread;
    input [35:0] value;
    spread = {4'd0, value[35:32], 32'd0, value[31:0]};
  endfunction

  wire a_writes = WRITE_WIDTH_A != 0 && |WEA;
  wire b_writes = WRITE_WIDTH_B != 0 && |WEBWE;

  always @(posedge CLKARDCLK) begin
    if (ENARDEN) begin
      a_before = word_at(READ_WIDTH_A, ADDRARDADDR);
      // the other port writes with the same edge, after this one has read
      if (a_writes) #0 write_word(WRITE_WIDTH_A, ADDRARDADDR, {32'd0, DINADIN}, {4'd0, DINPADINP}, {4'd0, WEA});
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
        else write_word(WRITE_WIDTH_B, ADDRBWRADDR, {32'd0, DINBDIN}, {4'd0, DINPBDINP}, WEBWE);
      end
      if (RSTRAMB) b_q <= spread(SRVAL_B);
      else if (READ_WIDTH_B != 0 && !(b_writes && WRITE_MODE_B == "NO_CHANGE")) b_q <= b_before;
    end
  end

  assign DOUTADOUT = a_q[31:0];
  assign DOUTPADOUTP = a_q[64 +: 4];
  assign DOUTBDOUT = READ_WIDTH_A == 72 ? a_q[32 +: 32] : b_q[31:0];
  assign DOUTPBDOUTP = READ_WIDTH_A == 72 ? a_q[68 +: 4] : b_q[64 +: 4];

endmodule
