// Multiplier of UltraScale+ as Yosys infers it (xcu_dsp_map.v, xilinx_dsp): a signed product of 27 and 18
// bits, with or without the registers of A, B, M and P. Any other use ends the simulation.
module DSP48E2 (
  input CLK,
  input [29:0] A, ACIN,
  input [17:0] B, BCIN,
  input [47:0] C, PCIN,
  input [26:0] D,
  input [3:0] ALUMODE,
  input [4:0] INMODE,
  input [8:0] OPMODE,
  input [2:0] CARRYINSEL,
  input CARRYIN, CARRYCASCIN, MULTSIGNIN,
  input CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED, CEINMODE, CEM, CEP,
  input RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP,
  output [47:0] P
);

  parameter integer ACASCREG = 1;
  parameter integer ADREG = 1;
  parameter integer ALUMODEREG = 1;
  parameter AMULTSEL = "A";
  parameter integer AREG = 1;
  parameter A_INPUT = "DIRECT";
  parameter integer BCASCREG = 1;
  parameter BMULTSEL = "B";
  parameter integer BREG = 1;
  parameter B_INPUT = "DIRECT";
  parameter integer CARRYINREG = 1;
  parameter integer CARRYINSELREG = 1;
  parameter integer CREG = 1;
  parameter integer DREG = 1;
  parameter integer INMODEREG = 1;
  parameter integer MREG = 1;
  parameter integer OPMODEREG = 1;
  parameter integer PREG = 1;
  parameter USE_MULT = "MULTIPLY";
  parameter USE_SIMD = "ONE48";

  initial begin
    if (ADREG != 0 || ALUMODEREG != 0 || CARRYINREG != 0 || CARRYINSELREG != 0 || CREG != 0 ||
        DREG != 0 || INMODEREG != 0 || OPMODEREG != 0) unsupported("a register of a control or of C or D");
    if (AREG > 1 || BREG > 1 || MREG > 1 || PREG > 1) unsupported("two registers in a row");
    if (AMULTSEL != "A" || BMULTSEL != "B" || A_INPUT != "DIRECT" || B_INPUT != "DIRECT") unsupported("an input");
    if (USE_MULT != "MULTIPLY" || USE_SIMD != "ONE48") unsupported("a mode");
  end

  // P = M: the pattern of OPMODE, and nothing else is added
  wire usual = OPMODE === 9'h005 && ALUMODE === 4'h0 && INMODE === 5'h00 && CARRYIN === 1'b0 &&
               CARRYINSEL === 3'h0;
  initial #1 if (!usual) unsupported("an operation");
  always @(negedge usual) if ($time > 1) unsupported("an operation");

  task unsupported;
    input [8*40-1:0] what;
    begin
      $display("UNSUPPORTED DSP48E2 %m: %0s", what);
      $finish;
    end
  endtask

  reg signed [26:0] a_q = 27'd0;
  reg signed [17:0] b_q = 18'd0;
  reg signed [44:0] m_q = 45'd0;
  reg [47:0] p_q = 48'd0;
  wire signed [26:0] a = AREG == 0 ? A[26:0] : a_q;
  wire signed [17:0] b = BREG == 0 ? B : b_q;
  wire signed [44:0] product = a * b;
  wire signed [44:0] m = MREG == 0 ? product : m_q;
  wire [47:0] sum = {{3{m[44]}}, m};

  always @(posedge CLK) begin
    if (RSTA) a_q <= 27'd0; else if (CEA2) a_q <= A[26:0];
    if (RSTB) b_q <= 18'd0; else if (CEB2) b_q <= B;
    if (RSTM) m_q <= 45'd0; else if (CEM) m_q <= product;
    if (RSTP) p_q <= 48'd0; else if (CEP) p_q <= sum;
  end

  assign P = PREG == 0 ? sum : p_q;

endmodule
