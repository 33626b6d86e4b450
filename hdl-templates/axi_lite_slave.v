// axi_lite_slave: an AXI4-Lite slave of 32 bits as one write strobe and one read of fixed latency.
//
// A write whose address and data have both come is told once: write_o with address, data and byte
// strobes; its response follows. A read is told with read_o and read_address_o, which holds; the
// answer is what read_data_i is ReadLatency cycles later. Responses are OKAY. One write and one
// read are on their way at a time; address and data of a write come in any order.
// Parameters: AddressBits; ReadLatency, 1 or more: cycles from read_o to read_data_i.
// It does not decode addresses, and looks at no protection bits.
`default_nettype none

module axi_lite_slave #(
  parameter AddressBits = 12,
  parameter ReadLatency = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire awvalid_i,
  output wire awready_o,
  input  wire [AddressBits-1:0] awaddr_i,
  input  wire wvalid_i,
  output wire wready_o,
  input  wire [31:0] wdata_i,
  input  wire [3:0] wstrb_i,
  output wire bvalid_o,
  input  wire bready_i,
  output wire [1:0] bresp_o,
  input  wire arvalid_i,
  output wire arready_o,
  input  wire [AddressBits-1:0] araddr_i,
  output wire rvalid_o,
  input  wire rready_i,
  output wire [31:0] rdata_o,
  output wire [1:0] rresp_o,
  output wire write_o,
  output wire [AddressBits-1:0] write_address_o,
  output wire [31:0] write_data_o,
  output wire [3:0] write_strobe_o,
  output wire read_o,
  output wire [AddressBits-1:0] read_address_o,
  input  wire [31:0] read_data_i
);

  generate
    if (AddressBits < 2) begin : gen_illegal_address
      axi_lite_slave_address_bits_must_be_2_or_more u_illegal ();
    end
    if (ReadLatency < 1) begin : gen_illegal_latency
      axi_lite_slave_read_latency_must_be_1_or_more u_illegal ();
    end
  endgenerate

  // ---- writes
  reg open_q;
  reg address_there_q;
  reg data_there_q;
  reg answer_q;
  reg [AddressBits-1:0] write_address_q;
  reg [31:0] write_data_q;
  reg [3:0] write_strobe_q;

  // closed while in reset: a ready there would take what is forgotten
  assign awready_o = open_q && !address_there_q;
  assign wready_o = open_q && !data_there_q;
  assign write_o = address_there_q && data_there_q && !answer_q;
  assign bvalid_o = answer_q;
  assign bresp_o = 2'b00;
  assign write_address_o = write_address_q;
  assign write_data_o = write_data_q;
  assign write_strobe_o = write_strobe_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      address_there_q <= 1'b0;
      data_there_q <= 1'b0;
      answer_q <= 1'b0;
    end else begin
      open_q <= 1'b1;
      if (write_o) answer_q <= 1'b1;
      else if (bready_i) answer_q <= 1'b0;
      if (write_o) begin
        address_there_q <= 1'b0;
        data_there_q <= 1'b0;
      end else begin
        if (awvalid_i && awready_o) address_there_q <= 1'b1;
        if (wvalid_i && wready_o) data_there_q <= 1'b1;
      end
    end
    if (awready_o) write_address_q <= awaddr_i;
    if (wready_o) begin
      write_data_q <= wdata_i;
      write_strobe_q <= wstrb_i;
    end
  end

  // ---- reads
  reg read_q;
  reg [ReadLatency-1:0] wait_q;
  reg given_q;
  reg busy_q;
  reg [AddressBits-1:0] read_address_q;
  reg [31:0] read_data_q;

  assign arready_o = open_q && !busy_q;
  assign read_o = read_q;
  assign read_address_o = read_address_q;
  assign rvalid_o = given_q;
  assign rdata_o = read_data_q;
  assign rresp_o = 2'b00;

  wire [ReadLatency:0] waiting = {wait_q, read_q};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      read_q <= 1'b0;
      wait_q <= {ReadLatency{1'b0}};
      given_q <= 1'b0;
      busy_q <= 1'b0;
    end else begin
      read_q <= arvalid_i && arready_o;
      wait_q <= waiting[ReadLatency-1:0];
      if (wait_q[ReadLatency-1]) given_q <= 1'b1;
      else if (rready_i) given_q <= 1'b0;
      if (arvalid_i && arready_o) busy_q <= 1'b1;
      else if (given_q && rready_i) busy_q <= 1'b0;
    end
    if (arready_o) read_address_q <= araddr_i;
    if (wait_q[ReadLatency-1]) read_data_q <= read_data_i;
  end
  wire unused = &{1'b0, waiting[ReadLatency]};

`ifdef FORMAL_axi_lite_slave
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  reg before_q = 1'b0;
  always @(posedge clk_i) before_q <= rst_ni;
  wire both = past_q && rst_ni && before_q;

  // The master holds what it offers.
  always @(posedge clk_i) begin
    if (both && $past(awvalid_i && !awready_o)) assume (awvalid_i && $stable(awaddr_i));
    if (both && $past(wvalid_i && !wready_o)) assume (wvalid_i && $stable({wdata_i, wstrb_i}));
    if (both && $past(arvalid_i && !arready_o)) assume (arvalid_i && $stable(araddr_i));
  end

  // Requests without response, counted apart from the unit.
  reg [1:0] addresses_q, datas_q, reads_q;
  reg [7:0] since_q;
  wire address_taken = awvalid_i && awready_o;
  wire data_taken = wvalid_i && wready_o;
  wire write_answered = bvalid_o && bready_i;
  wire read_taken = arvalid_i && arready_o;
  wire read_answered = rvalid_o && rready_i;
  reg written_q;
  (* anyconst *) reg [AddressBits-1:0] an_address;
  (* anyconst *) reg [31:0] a_word;
  reg address_mark_q, word_mark_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      addresses_q <= 0;
      datas_q <= 0;
      reads_q <= 0;
      since_q <= 0;
      written_q <= 0;
    end else begin
      addresses_q <= addresses_q + address_taken - write_answered;
      datas_q <= datas_q + data_taken - write_answered;
      reads_q <= reads_q + read_taken - read_answered;
      if (read_taken) since_q <= 0;
      else if (since_q != 8'hff) since_q <= since_q + 1'b1;
      if (write_o) written_q <= 1;
      else if (write_answered) written_q <= 0;
    end
    if (address_taken) address_mark_q <= awaddr_i == an_address;
    if (data_taken) word_mark_q <= wdata_i == a_word;
  end
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      // a response never without both halves of its request; none is lost
      assert (addresses_q == {1'b0, address_there_q} + {1'b0, answer_q});
      assert (datas_q == {1'b0, data_there_q} + {1'b0, answer_q});
      assert (reads_q == {1'b0, busy_q});
      if (bvalid_o) assert (addresses_q != 0 && datas_q != 0);
      if (rvalid_o) assert (reads_q != 0);
      // one write strobe a response
      assert (written_q == answer_q);
      if (write_o) begin
        assert (address_mark_q == (write_address_o == an_address));
        assert (word_mark_q == (write_data_o == a_word));
      end
      if (address_there_q) assert (address_mark_q == (write_address_q == an_address));
      if (data_there_q) assert (word_mark_q == (write_data_q == a_word));
      // exactly one of the states of a read
      assert (busy_q == (read_q || wait_q != 0 || given_q));
      assert (read_q + given_q + (wait_q != 0) <= 1);
      assert ((wait_q & (wait_q - 1'b1)) == 0);
      if (read_q) assert (since_q == 0);
      if (both && $past(rvalid_o && !rready_i)) begin
        assert (rvalid_o);
        assert ($stable({rdata_o, rresp_o}));
      end
      if (both && $past(bvalid_o && !bready_i)) begin
        assert (bvalid_o);
        assert ($stable(bresp_o));
      end
      if (both && rvalid_o && !$past(rvalid_o)) assert (rdata_o == $past(read_data_i));
      cover (write_answered && $past(write_answered, 3));
      cover (read_answered && reads_q == 1 && since_q > ReadLatency + 1);
    end
    if (past_q && !$past(rst_ni)) assert (!bvalid_o && !rvalid_o);
  end
`endif

endmodule

`default_nettype wire
