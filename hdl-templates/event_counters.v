// event_counters: many counters of events, read from a copy that is made on request.
//
// Every cycle counter[i] += amount[i] (AmountBits each, 0 lowest), modulo 2^CounterBits; overflow_o
// tells in the next cycle that one wrapped. clear_i: all are 0 in the next cycle.
// snapshot_i copies them into a memory, counter i at the end of cycle i + 1 behind it; busy_o until
// it is done, when snapshot_i is not heard. A word is there one cycle after its index.
// read_high_i 0: bits 31:0, 1: the rest. Before the first snapshot a word is anything.
// Parameters: Counters, 2 or more; AmountBits; CounterBits, 33 to 64, more than AmountBits.
`default_nettype none

module event_counters #(
  parameter Counters = 8,
  parameter AmountBits = 4,
  parameter CounterBits = 48,
  parameter IndexBits = $clog2(Counters)
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire clear_i,
  input  wire snapshot_i,
  input  wire [Counters*AmountBits-1:0] amounts_i,
  output wire busy_o,
  output wire overflow_o,
  input  wire [IndexBits-1:0] read_index_i,
  input  wire read_high_i,
  output wire [31:0] read_data_o
);

  generate
    if (Counters < 2) begin : gen_illegal_counters
      event_counters_must_be_2_or_more u_illegal ();
    end
    if (CounterBits < 33 || CounterBits > 64 || CounterBits <= AmountBits) begin : gen_illegal_bits
      event_counters_must_have_33_to_64_bits u_illegal ();
    end
  endgenerate

  localparam [31:0] LastWord = Counters - 1;
  localparam [IndexBits-1:0] Last = LastWord[IndexBits-1:0];
  localparam [IndexBits:0] OneWord = {{IndexBits{1'b0}}, 1'b1};

  wire [Counters*CounterBits-1:0] counts;
  wire [Counters-1:0] carries;
  genvar counter;
  generate
    for (counter = 0; counter < Counters; counter = counter + 1) begin : gen_counter
      reg [CounterBits-1:0] count_q;
      wire [CounterBits:0] sum = {1'b0, count_q} +
          {{CounterBits+1-AmountBits{1'b0}}, amounts_i[counter*AmountBits +: AmountBits]};
      always @(posedge clk_i) begin
        if (!rst_ni || clear_i) count_q <= {CounterBits{1'b0}};
        else count_q <= sum[CounterBits-1:0];
      end
      assign counts[counter*CounterBits +: CounterBits] = count_q;
      assign carries[counter] = sum[CounterBits];
    end
  endgenerate

  reg overflow_q;
  reg busy_q;
  reg [IndexBits-1:0] index_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      overflow_q <= 1'b0;
      busy_q <= 1'b0;
      index_q <= {IndexBits{1'b0}};
    end else begin
      overflow_q <= |carries;
      if (!busy_q) begin
        busy_q <= snapshot_i;
        index_q <= {IndexBits{1'b0}};
      end else begin
        busy_q <= index_q != Last;
        index_q <= (index_q == Last) ? {IndexBits{1'b0}} : index_q + OneWord[IndexBits-1:0];
      end
    end
  end
  assign overflow_o = overflow_q;
  assign busy_o = busy_q;

  (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
  reg [CounterBits-1:0] copies [0:Counters-1];
  wire [CounterBits-1:0] chosen = counts[index_q*CounterBits +: CounterBits];
  reg [CounterBits-1:0] word_q;
  reg high_q;
  always @(posedge clk_i) begin
    if (busy_q) copies[index_q] <= chosen;
    word_q <= copies[read_index_i];
    high_q <= read_high_i;
  end
  wire [63:0] word;
  assign word[CounterBits-1:0] = word_q;
  generate
    if (CounterBits < 64) begin : gen_short
      assign word[63:CounterBits] = {64-CounterBits{1'b0}};
    end
  endgenerate
  assign read_data_o = high_q ? word[63:32] : word[31:0];

`ifdef FORMAL_event_counters
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);

  // One counter, any of them, beside a second one that counts the same.
  (* anyconst *) reg [IndexBits-1:0] which;
  always @(*) assume (which <= Last);
  wire [Counters*AmountBits-1:0] shifted = amounts_i >> (which * AmountBits);
  wire [Counters*CounterBits-1:0] shifted_counts = counts >> (which * CounterBits);
  reg [63:0] count_q;
  reg [63:0] kept_q;
  reg there_q;
  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) count_q <= 0;
    else count_q <= count_q + shifted[AmountBits-1:0];
    if (!rst_ni) there_q <= 0;
    else if (busy_q && index_q == which) there_q <= 1;
    if (busy_q && index_q == which) kept_q <= count_q;
    if (past_q && rst_ni) begin
      assert (shifted_counts[CounterBits-1:0] == count_q[CounterBits-1:0]);
      assert (index_q <= Last);
      if (there_q) assert (copies[which] == kept_q[CounterBits-1:0]);
      if ($past(rst_ni && there_q && read_index_i == which && !read_high_i)) begin
        assert (read_data_o == $past(kept_q[31:0]));
      end
      if ($past(rst_ni && there_q && read_index_i == which && read_high_i)) begin
        assert (read_data_o == $past(kept_q[CounterBits-1:32]));
      end
      if ($past(rst_ni && !busy_o && snapshot_i)) assert (busy_o);
      cover (there_q && !busy_o && read_data_o == 3);
    end
  end
`endif

endmodule

`default_nettype wire
