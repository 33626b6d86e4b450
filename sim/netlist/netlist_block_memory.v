// The memory behind RAMB18E2 and RAMB36E2 as Yosys infers them (brams_xcu_map.v): two ports of at most
// PortBits bits, or one that reads and one that writes twice as many; no output registers.
// A port narrower than a byte sees data bits alone; wider ones have a parity bit for every byte.
module netlist_block_memory #(
  parameter PortBits = 36,
  parameter AddressBits = 15,
  parameter DataBits = 32768,
  parameter [DataBits-1:0] Data = 0,
  parameter [DataBits/8-1:0] Parity = 0,
  parameter integer ReadA = 0,
  parameter integer ReadB = 0,
  parameter integer WriteA = 0,
  parameter integer WriteB = 0,
  parameter HoldA = 0,  // what is read stays while a port writes (NO_CHANGE)
  parameter HoldB = 0,
  parameter [PortBits-1:0] InitA = 0,
  parameter [PortBits-1:0] InitB = 0,
  parameter [PortBits-1:0] ResetA = 0,
  parameter [PortBits-1:0] ResetB = 0
) (
  input clk_a, clk_b, enable_a, enable_b, reset_a, reset_b,
  input [AddressBits-1:0] address_a, address_b,
  input [PortBits*8/9-1:0] data_a, data_b,
  input [PortBits/9-1:0] parity_a, parity_b,
  input [PortBits/9-1:0] write_a,
  input [PortBits*2/9-1:0] write_b,
  output [PortBits*8/9-1:0] read_a, read_b,
  output [PortBits/9-1:0] read_parity_a, read_parity_b
);

  localparam Full = 2 * PortBits;
  localparam DataWide = Full * 8 / 9;
  localparam ParityWide = Full / 9;
  localparam DataOne = PortBits * 8 / 9;
  localparam ParityOne = PortBits / 9;
  localparam Wide = ReadA == Full || WriteB == Full;

  // bytes, and the parity bit of each
  localparam Bytes = DataBits / 8;
  reg [8:0] memory [0:Bytes-1];
  integer index;
  initial begin
    if (!known(ReadA) || !known(ReadB) || !known(WriteA) || !known(WriteB)) unsupported("a width");
    // one side wide, the other narrow: bytes would be told apart in another way
    if (Wide && (ReadB != 0 || WriteA != 0)) unsupported("a third port");
    if (ReadB == Full || WriteA == Full) unsupported("a wide port the other way round");
    for (index = 0; index < Bytes; index = index + 1) begin
      memory[index] = {Parity[index], Data[index*8 +: 8]};
    end
  end

  function known;
    input integer width;
    known = width == 0 || width == 1 || width == 2 || width == 4 || width == 9 || width == 18 ||
            width == 36 || width == Full;
  endfunction

  task unsupported;
    input [8*40-1:0] what;
    begin
      $display("UNSUPPORTED block memory %m: %0s", what);
      $finish;
    end
  endtask

  // the word of a width at an address: bits of an address below the width do not count
  function [Full-1:0] word_at;
    input integer width;
    input [AddressBits-1:0] address;
    integer byte_at, lane;
    reg [Full-1:0] found;
    begin
      found = {Full{1'b0}};
      byte_at = address >> 3;
      if (width < 9) begin
        found = {{(Full-8){1'b0}}, memory[byte_at][7:0]} >> (address[2:0] & ~(width - 1));
      end else begin
        byte_at = byte_at & ~(width / 9 - 1);
        for (lane = 0; lane < width / 9; lane = lane + 1) begin
          found[lane*8 +: 8] = memory[byte_at + lane][7:0];
          found[DataWide + lane] = memory[byte_at + lane][8];
        end
      end
      word_at = found;
    end
  endfunction

  // parity lies above the data of a word, whatever its width
  function [Full-1:0] spread;
    input [PortBits-1:0] value;
    spread = {{(ParityWide-ParityOne){1'b0}}, value[PortBits-1:DataOne],
              {(DataWide-DataOne){1'b0}}, value[DataOne-1:0]};
  endfunction

  reg [Full-1:0] a_q, b_q;
  initial begin
    a_q = spread(InitA);
    b_q = spread(InitB);
  end

  wire a_writes = WriteA != 0 && |write_a;
  wire b_writes = WriteB != 0 && |write_b;
  wire [DataWide-1:0] in_b = Wide ? {data_b, data_a} : {{(DataWide-DataOne){1'b0}}, data_b};
  wire [ParityWide-1:0] parity_in_b = Wide ? {parity_b, parity_a}
                                           : {{(ParityWide-ParityOne){1'b0}}, parity_b};

  // both ports read before either writes
  always @(posedge clk_a) begin
    if (enable_a && reset_a) a_q <= spread(ResetA);
    else if (enable_a && ReadA != 0 && !(a_writes && HoldA)) a_q <= word_at(ReadA, address_a);
  end

  always @(posedge clk_b) begin
    if (enable_b && reset_b) b_q <= spread(ResetB);
    else if (enable_b && ReadB != 0 && !(b_writes && HoldB)) b_q <= word_at(ReadB, address_b);
  end

  localparam BytesA = WriteA / 9;
  localparam BytesB = WriteB / 9;
  genvar lane;
  generate
    for (lane = 0; lane < BytesA; lane = lane + 1) begin : gen_bytes_a
      always @(posedge clk_a) if (enable_a && write_a[lane]) begin
        memory[(address_a >> 3 & ~(BytesA - 1)) + lane] <= {parity_a[lane], data_a[lane*8 +: 8]};
      end
    end
    for (lane = 0; lane < BytesB; lane = lane + 1) begin : gen_bytes_b
      always @(posedge clk_b) if (enable_b && write_b[lane]) begin
        memory[(address_b >> 3 & ~(BytesB - 1)) + lane] <= {parity_in_b[lane], in_b[lane*8 +: 8]};
      end
    end
    for (lane = 0; lane < WriteA && WriteA < 9; lane = lane + 1) begin : gen_bits_a
      always @(posedge clk_a) if (enable_a && write_a[0]) begin
        memory[address_a >> 3][(address_a[2:0] & ~(WriteA - 1)) + lane] <= data_a[lane];
      end
    end
    for (lane = 0; lane < WriteB && WriteB < 9; lane = lane + 1) begin : gen_bits_b
      always @(posedge clk_b) if (enable_b && write_b[0]) begin
        memory[address_b >> 3][(address_b[2:0] & ~(WriteB - 1)) + lane] <= data_b[lane];
      end
    end
  endgenerate

  assign read_a = a_q[DataOne-1:0];
  assign read_parity_a = a_q[DataWide +: ParityOne];
  assign read_b = ReadA == Full ? a_q[DataOne +: DataOne] : b_q[DataOne-1:0];
  assign read_parity_b = ReadA == Full ? a_q[DataWide + ParityOne +: ParityOne]
                                       : b_q[DataWide +: ParityOne];

endmodule
