// simple_memory: one write port, one synchronous read port, no initial contents.
//
// read_data_o in cycle t+1 is the word at read_address_i in cycle t; a word written in cycle t
// can be read from cycle t+1 on (reading it in cycle t itself gives either value: not used).
// Parameters: Width bits a word; Depth words; AddressBits >= log2(Depth);
//   BlockMemory 2: UltraRAM, 1: block memory, 0: distributed memory.
// Latency 1, initiation interval 1.
`default_nettype none

module simple_memory #(
  parameter Width = 8,
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter BlockMemory = 0
) (
  input  wire clk_i,
  input  wire write_i,
  input  wire [AddressBits-1:0] write_address_i,
  input  wire [Width-1:0] write_data_i,
  input  wire [AddressBits-1:0] read_address_i,
  output wire [Width-1:0] read_data_o
);

  generate
    if (Width < 1 || Depth < 1) begin : gen_illegal_sizes
      simple_memory_sizes_must_be_positive u_illegal ();
    end
    if (AddressBits < 1 || Depth > (1 << AddressBits)) begin : gen_illegal_address_bits
      simple_memory_address_bits_too_few u_illegal ();
    end
  endgenerate

  // What is read past the last word is never used, so hardware does not check. Verilator copies a
  // word of more than 2048 bits before it looks whether there is one: past the end of its memory.
`ifdef VERILATOR
  localparam [31:0] Words = Depth;
  wire stored = {1'b0, read_address_i} < Words[AddressBits:0];
`else
  wire stored = 1'b1;
`endif

  reg [Width-1:0] data_q;
  assign read_data_o = data_q;

  generate
    if (BlockMemory > 1) begin : gen_ultra
      (* ram_style = "ultra" *)
      reg [Width-1:0] words [0:Depth-1];
      always @(posedge clk_i) begin
        if (write_i) words[write_address_i] <= write_data_i;
        if (stored) data_q <= words[read_address_i];
      end
    end
    if (BlockMemory == 1) begin : gen_block
      (* ram_style = "block", ramstyle = "no_rw_check" *)
      reg [Width-1:0] words [0:Depth-1];
      always @(posedge clk_i) begin
        if (write_i) words[write_address_i] <= write_data_i;
        if (stored) data_q <= words[read_address_i];
      end
    end
    if (BlockMemory < 1) begin : gen_distributed
      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [Width-1:0] words [0:Depth-1];
      always @(posedge clk_i) begin
        if (write_i) words[write_address_i] <= write_data_i;
        if (stored) data_q <= words[read_address_i];
      end
    end
  endgenerate

`ifdef FORMAL_simple_memory
  // The word at any one address, followed: what was written there last is what is read.
  (* anyconst *) reg [AddressBits-1:0] place;
  wire written = write_i && write_address_i == place;
  reg known_q = 1'b0;
  reg [Width-1:0] word_f_q;
  reg due_q = 1'b0;
  reg [Width-1:0] due_word_q;
  wire [Width-1:0] kept;
  generate
    if (BlockMemory > 1) begin : gen_kept_ultra
      assign kept = gen_ultra.words[place];
    end
    if (BlockMemory == 1) begin : gen_kept_block
      assign kept = gen_block.words[place];
    end
    if (BlockMemory < 1) begin : gen_kept_distributed
      assign kept = gen_distributed.words[place];
    end
  endgenerate
  always @(*) begin
    assume (place < Depth);
    if (write_i) assume (write_address_i < Depth);
  end
  always @(posedge clk_i) begin
    if (written) begin
      known_q <= 1'b1;
      word_f_q <= write_data_i;
    end
    due_q <= known_q && read_address_i == place && !written;
    due_word_q <= word_f_q;
    if (known_q) assert (kept == word_f_q);
    if (due_q) assert (read_data_o == due_word_q);
    cover (due_q && due_word_q != $past(word_f_q, 2));
  end
`endif

endmodule

`default_nettype wire
