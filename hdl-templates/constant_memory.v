// constant_memory: weight_memory of constant words in logic, with one synchronous read port.
//
// read_data_o in cycle t+1 is the word at read_address_i in cycle t.
// A module of its own, so that synthesis does not make one function of the words and of what the address
// is made from: a bit of 128 words is then two look-up tables and a multiplexer, not ten.
// Parameters: Width bits a word; Depth words; AddressBits >= log2(Depth); File `.mem`, one
//   hexadecimal word a line. Latency 1, initiation interval 1.
`default_nettype none

(* keep_hierarchy = "yes" *)
module constant_memory #(
  parameter Width = 16,
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter File = "weights.mem"
) (
  input  wire clk_i,
  input  wire [AddressBits-1:0] read_address_i,
  output wire [Width-1:0] read_data_o
);

  weight_memory #(
    .Width(Width), .Depth(Depth), .AddressBits(AddressBits), .BlockMemory(0), .File(File)
  ) u_words (
    .clk_i(clk_i), .load_i(57'd0), .read_address_i(read_address_i), .read_data_o(read_data_o)
  );

endmodule

`default_nettype wire
