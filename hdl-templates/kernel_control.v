// kernel_control: the registers of an XRT kernel (ap_ctrl_hs) with a number and two pointers.
//
//   0x00  control: bit 0 start (write 1; reads 1 while it runs), 1 done and 3 ready (cleared by
//         reading), 2 idle
//   0x04  interrupts are told (bit 0); 0x08 which: 0 done, 1 ready; 0x0c they happened (write 1:
//         toggles)
//   0x10  count; 0x18, 0x1c first pointer; 0x24, 0x28 second pointer
//   0x30  errors of the last run: bit 0 reading, 1 writing memory
// start_o is high for a cycle; done_i ends the run. Count and pointers hold while it runs.
// Other addresses read 0. Parameters: none.
`default_nettype none

module kernel_control (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire awvalid_i,
  output wire awready_o,
  input  wire [11:0] awaddr_i,
  input  wire wvalid_i,
  output wire wready_o,
  input  wire [31:0] wdata_i,
  input  wire [3:0] wstrb_i,
  output wire bvalid_o,
  input  wire bready_i,
  output wire [1:0] bresp_o,
  input  wire arvalid_i,
  output wire arready_o,
  input  wire [11:0] araddr_i,
  output wire rvalid_o,
  input  wire rready_i,
  output wire [31:0] rdata_o,
  output wire [1:0] rresp_o,
  output wire start_o,
  input  wire done_i,
  input  wire read_error_i,
  input  wire write_error_i,
  output wire [31:0] count_o,
  output wire [63:0] first_o,
  output wire [63:0] second_o,
  output wire interrupt_o
);

  wire write, read;
  wire [11:0] write_address, read_address;
  wire [31:0] write_data;
  wire [3:0] write_strobe;
  reg [31:0] word_q;
  axi_lite_slave #(.AddressBits(12), .ReadLatency(1)) u_slave (
    .clk_i(clk_i), .rst_ni(rst_ni), .awvalid_i(awvalid_i), .awready_o(awready_o),
    .awaddr_i(awaddr_i), .wvalid_i(wvalid_i), .wready_o(wready_o), .wdata_i(wdata_i),
    .wstrb_i(wstrb_i), .bvalid_o(bvalid_o), .bready_i(bready_i), .bresp_o(bresp_o),
    .arvalid_i(arvalid_i), .arready_o(arready_o), .araddr_i(araddr_i), .rvalid_o(rvalid_o),
    .rready_i(rready_i), .rdata_o(rdata_o), .rresp_o(rresp_o), .write_o(write),
    .write_address_o(write_address), .write_data_o(write_data), .write_strobe_o(write_strobe),
    .read_o(read), .read_address_o(read_address), .read_data_i(word_q)
  );
  wire [31:0] mask = {
    {8{write_strobe[3]}}, {8{write_strobe[2]}}, {8{write_strobe[1]}}, {8{write_strobe[0]}}
  };
  wire [31:0] bits = write_data & mask;
  wire [9:0] at = write_address[11:2];

  reg running_q, done_q, ready_q, enabled_q;
  reg [1:0] errors_q, which_q, happened_q;
  reg [31:0] count_q;
  reg [63:0] first_q, second_q;
  wire start = write && at == 10'h000 && bits[0] && !running_q;
  wire look = read && read_address[11:2] == 10'h000;
  assign start_o = start;
  assign count_o = count_q;
  assign first_o = first_q;
  assign second_o = second_q;
  assign interrupt_o = enabled_q && happened_q != 2'b00;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
      done_q <= 1'b0;
      ready_q <= 1'b0;
      enabled_q <= 1'b0;
      which_q <= 2'b00;
      happened_q <= 2'b00;
      errors_q <= 2'b00;
    end else begin
      if (start) running_q <= 1'b1;
      else if (done_i) running_q <= 1'b0;
      done_q <= done_i || (done_q && !look && !start);
      ready_q <= done_i || (ready_q && !look && !start);
      errors_q <= start ? 2'b00 : errors_q | {write_error_i, read_error_i};
      if (write && at == 10'h001 && mask[0]) enabled_q <= write_data[0];
      if (write && at == 10'h002 && mask[0]) which_q <= write_data[1:0];
      happened_q <= (happened_q ^ ((write && at == 10'h003) ? bits[1:0] : 2'b00))
                  | (done_i ? which_q : 2'b00);
    end
    // a run keeps its own
    if (write && !running_q) begin
      case (at)
        10'h004: count_q <= bits | (count_q & ~mask);
        10'h006: first_q[31:0] <= bits | (first_q[31:0] & ~mask);
        10'h007: first_q[63:32] <= bits | (first_q[63:32] & ~mask);
        10'h009: second_q[31:0] <= bits | (second_q[31:0] & ~mask);
        10'h00a: second_q[63:32] <= bits | (second_q[63:32] & ~mask);
        default: ;
      endcase
    end
    case (read_address[11:2])
      10'h000: word_q <= {28'd0, ready_q, !running_q, done_q, running_q};
      10'h001: word_q <= {31'd0, enabled_q};
      10'h002: word_q <= {30'd0, which_q};
      10'h003: word_q <= {30'd0, happened_q};
      10'h004: word_q <= count_q;
      10'h006: word_q <= first_q[31:0];
      10'h007: word_q <= first_q[63:32];
      10'h009: word_q <= second_q[31:0];
      10'h00a: word_q <= second_q[63:32];
      10'h00c: word_q <= {30'd0, errors_q};
      default: word_q <= 32'd0;
    endcase
  end
  wire unused = &{1'b0, write_address[1:0], read_address[1:0]};

endmodule

`default_nettype wire
