// weight_memory: read-only words initialised from a file, one synchronous read port.
//
// read_data_o in cycle t+1 is the word at read_address_i in cycle t.
// Parameters: Width bits a word; Depth words; AddressBits >= log2(Depth); File `.mem`, one
//   hexadecimal word a line; BlockMemory 1: block memory, 0: logic or distributed memory.
// Latency 1, initiation interval 1.
`default_nettype none

module weight_memory #(
  parameter Width = 16,
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter BlockMemory = 0,
  parameter File = "weights.mem"
) (
  input  wire clk_i,
  input  wire [AddressBits-1:0] read_address_i,
  output wire [Width-1:0] read_data_o
);

  generate
    if (Width < 1 || Depth < 1) begin : gen_illegal_sizes
      weight_memory_sizes_must_be_positive u_illegal ();
    end
    if (AddressBits < 1 || Depth > (1 << AddressBits)) begin : gen_illegal_address_bits
      weight_memory_address_bits_too_few u_illegal ();
    end
  endgenerate

  reg [Width-1:0] data_q;
  assign read_data_o = data_q;

  generate
    if (BlockMemory != 0) begin : gen_block
      (* rom_style = "block", ram_style = "block", ramstyle = "M20K" *)
      reg [Width-1:0] words [0:Depth-1];
      initial $readmemh(File, words);
      always @(posedge clk_i) data_q <= words[read_address_i];
    end else begin : gen_distributed
      (* rom_style = "distributed", ram_style = "logic", ramstyle = "logic" *)
      reg [Width-1:0] words [0:Depth-1];
      initial $readmemh(File, words);
      always @(posedge clk_i) data_q <= words[read_address_i];
    end
  endgenerate

endmodule

`default_nettype wire
