// weight_memory: words with one synchronous read port, initialised from a file or loaded.
//
// read_data_o in cycle t+1 is the word at read_address_i in cycle t.
// Parameters: Width bits a word; Depth words; AddressBits >= log2(Depth); File `.mem`, one
//   hexadecimal word a line; BlockMemory 2: UltraRAM (loaded only), 1: block memory, 0: logic or
//   distributed memory.
//   LoadBits  0: read-only, the words of File. Otherwise the words come over load_i, so many bits
//             a cycle, and start undefined; LoadImage is the number of the image of this memory
// load_i (see weight_loader): {write, image (16), part (16), address (24), data (LoadBits)}; writes
//   bits part * LoadBits .. of the word at the address. A word read while it is written is
//   undefined: weight_loader writes only while nothing reads that matters.
// Latency 1, initiation interval 1.
`default_nettype none

module weight_memory #(
  parameter Width = 16,
  parameter Depth = 16,
  parameter AddressBits = 4,
  parameter BlockMemory = 0,
  parameter File = "weights.mem",
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire [56+LoadBits:0] load_i,
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
    if (LoadBits != 0 && AddressBits > 24) begin : gen_illegal_load_address
      weight_memory_loaded_has_at_most_24_address_bits u_illegal ();
    end
    if (LoadBits == 0 && BlockMemory > 1) begin : gen_illegal_ultra
      weight_memory_ultra_ram_has_no_initial_words u_illegal ();
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

  genvar p;
  generate
    if (LoadBits != 0) begin : gen_loaded
      localparam Parts = (Width + LoadBits - 1) / LoadBits;
      localparam [31:0] Image = LoadImage;
      wire write = load_i[56+LoadBits] && load_i[40+LoadBits +: 16] == Image[15:0];
      wire [15:0] part = load_i[24+LoadBits +: 16];
      wire [AddressBits-1:0] address = load_i[LoadBits +: AddressBits];
      wire unused_load = &{1'b0, load_i, stored};
      for (p = 0; p < Parts; p = p + 1) begin : gen_part
        localparam [31:0] Part = p;
        localparam PartBits = (Width - p * LoadBits < LoadBits) ? Width - p * LoadBits : LoadBits;
        simple_memory #(
          .Width(PartBits), .Depth(Depth), .AddressBits(AddressBits), .BlockMemory(BlockMemory)
        ) u_words (
          .clk_i(clk_i), .write_i(write && part == Part[15:0]), .write_address_i(address),
          .write_data_i(load_i[PartBits-1:0]), .read_address_i(read_address_i),
          .read_data_o(read_data_o[p*LoadBits +: PartBits])
        );
      end
    end else begin : gen_fixed
      reg [Width-1:0] data_q;
      assign read_data_o = data_q;
      wire unused_load = &{1'b0, load_i, LoadImage[0]};
      if (BlockMemory != 0) begin : gen_block
        (* rom_style = "block", ram_style = "block", romstyle = "M20K", ramstyle = "M20K" *)
        reg [Width-1:0] words [0:Depth-1];
        initial $readmemh(File, words);
        always @(posedge clk_i) if (stored) data_q <= words[read_address_i];
      end else begin : gen_distributed
        (* rom_style = "distributed", ram_style = "logic", romstyle = "logic", ramstyle = "logic" *)
        reg [Width-1:0] words [0:Depth-1];
        initial $readmemh(File, words);
        always @(posedge clk_i) if (stored) data_q <= words[read_address_i];
      end
    end
  endgenerate

`ifdef FORMAL_weight_memory
  generate
    if (LoadBits != 0) begin : gen_formal_loaded
      // One part of the word at any one address, followed: what was loaded there last, for this image, is
      // what is read.
      localparam Parts = (Width + LoadBits - 1) / LoadBits;
      localparam [31:0] Image = LoadImage;
      (* anyconst *) reg [AddressBits-1:0] place;
      (* anyconst *) reg [15:0] number;
      wire [23:0] address = load_i[LoadBits +: 24];
      wire mine = load_i[56+LoadBits] && load_i[40+LoadBits +: 16] == Image[15:0];
      wire written = mine && load_i[24+LoadBits +: 16] == number && address == place;
      always @(*) begin
        assume (place < Depth && number < Parts);
        if (mine) assume (address < Depth);
      end
      wire [Parts*LoadBits-1:0] used = {Width{1'b1}};
      wire [LoadBits-1:0] mask = used >> (number * LoadBits);
      wire [Width-1:0] read = read_data_o >> (number * LoadBits);
      reg known_q = 1'b0;
      reg due_q = 1'b0;
      reg [LoadBits-1:0] word_q;
      reg [LoadBits-1:0] due_word_q;
      always @(posedge clk_i) begin
        if (written) begin
          known_q <= 1'b1;
          word_q <= load_i[LoadBits-1:0];
        end
        due_q <= known_q && read_address_i == place && !written;
        due_word_q <= word_q;
        if (due_q) assert (((read ^ due_word_q) & mask) == 0);
        cover (due_q && number == Parts - 1 && $past(known_q, 4) && ((due_word_q ^ $past(word_q, 4)) & mask) != 0);
      end
    end else begin : gen_formal_fixed
      // the words of the file
      reg [Width-1:0] words_f [0:Depth-1];
      initial $readmemh(File, words_f);
      reg due_q = 1'b0;
      reg [Width-1:0] due_word_q;
      always @(*) assume (read_address_i < Depth);
      always @(posedge clk_i) begin
        due_q <= 1'b1;
        due_word_q <= words_f[read_address_i];
        if (due_q) assert (read_data_o == due_word_q);
        cover (due_q && due_word_q != $past(due_word_q));
      end
    end
  endgenerate
`endif

endmodule

`default_nettype wire
