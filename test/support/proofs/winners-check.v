// winners_check: what leaves a k-winner-take-all unit is exactly the winners of what came, stated for a proof.
//
// Any one vector of the first four and any one channel is followed. The channel wins where it is used, is not 0, and fewer
// than K used channels of its group are ahead of it: larger, or as large with a lower number (KeepTies: larger only).
// It has to leave once, with its value, where it wins, and not at all where it does not.
// ByValue 1: tokens leave largest first, 0: in channel order, 2: in any.
`default_nettype none

module winners_check #(
  parameter N = 4,
  parameter K = 1,
  parameter KeepTies = 0,
  parameter Groups = 1,
  parameter R = 1,
  parameter T = 1,
  parameter OutBits = 2,
  parameter Signed = 0,
  parameter ChannelBits = 2,
  parameter ByValue = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  // a beat comes
  input  wire come_i,
  input  wire come_last_i,
  input  wire [R-1:0] used_i,
  input  wire [R*ChannelBits-1:0] channel_i,
  input  wire [R*OutBits-1:0] value_i,
  // a beat is taken
  input  wire give_i,
  input  wire give_last_i,
  input  wire [$clog2(T+1)-1:0] count_i,
  input  wire [T*(ChannelBits+OutBits)-1:0] data_i
);

  localparam TokenBits = ChannelBits + OutBits;
  localparam Own = N / Groups;
  localparam [OutBits-1:0] Flip = (Signed != 0) ? 1 << (OutBits - 1) : 0;

  // vectors up to the fourth
  (* anyconst *) reg [1:0] number;
  (* anyconst *) reg [ChannelBits-1:0] mark;
  (* anyconst *) reg [OutBits-1:0] own;  // the value that the channel followed is going to have
  reg [2:0] came_q;
  reg [2:0] went_q;
  wire counts = come_i && came_q == number;

  function groups_alike;
    input [ChannelBits-1:0] channel;
    integer g;
    begin
      groups_alike = 1'b0;
      for (g = 0; g < Groups; g = g + 1) begin
        if (channel >= g * Own && channel < (g + 1) * Own && mark >= g * Own && mark < (g + 1) * Own) groups_alike = 1'b1;
      end
    end
  endfunction

  // Channels of the vector that comes: none comes twice. Of the one followed: whether the channel is there, and
  // how many are ahead of it.
  reg [N-1:0] here_q;
  reg [N-1:0] here;
  reg used_q;
  reg used;
  reg [7:0] ahead_q;
  reg [7:0] ahead;
  reg tied_q;  // one is ahead by its number only
  reg tied;
  reg legal;
  integer r;
  reg [ChannelBits-1:0] channel;
  reg [OutBits-1:0] value;
  always @(*) begin
    here = here_q;
    used = used_q;
    ahead = ahead_q;
    tied = tied_q;
    legal = 1'b1;
    for (r = 0; r < R; r = r + 1) begin
      channel = channel_i[r*ChannelBits +: ChannelBits];
      value = value_i[r*OutBits +: OutBits];
      if (used_i[r]) begin
        if (channel >= N || here[channel]) legal = 1'b0;
        here[channel] = 1'b1;
        if (counts && channel == mark) begin
          used = 1'b1;
          if (value != own) legal = 1'b0;
        end
        if (counts && groups_alike(channel)) begin
          if ((value ^ Flip) > (own ^ Flip)) ahead = ahead + 8'd1;
          if (KeepTies == 0 && value == own && channel < mark) begin
            ahead = ahead + 8'd1;
            tied = 1'b1;
          end
        end
      end
    end
    if (come_i) assume (legal);
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      came_q <= 3'd0;
      went_q <= 3'd0;
      here_q <= {N{1'b0}};
      used_q <= 1'b0;
      ahead_q <= 8'd0;
      tied_q <= 1'b0;
    end else begin
      if (come_i) here_q <= come_last_i ? {N{1'b0}} : here;
      if (come_i && come_last_i && !came_q[2]) came_q <= came_q + 3'd1;
      if (give_i && give_last_i && !went_q[2]) went_q <= went_q + 3'd1;
      used_q <= used;
      ahead_q <= (ahead > K) ? K : ahead;
      tied_q <= tied;
    end
  end
  wire wins = used_q && own != {OutBits{1'b0}} && ahead_q < K;

  // tokens of the vector that leaves
  wire mine = went_q == number;
  reg seen_q;
  reg seen;
  reg wrong;    // with another value, or a second time
  reg ordered;
  reg first_q;  // no token of the vector has left
  reg [TokenBits-1:0] before_q;
  reg first;
  reg [TokenBits-1:0] before;
  integer t;
  reg [TokenBits-1:0] token;
  always @(*) begin
    seen = seen_q;
    wrong = 1'b0;
    ordered = 1'b1;
    first = first_q;
    before = before_q;
    for (t = 0; t < T; t = t + 1) begin
      token = data_i[t*TokenBits +: TokenBits];
      if (t < count_i) begin
        if (token[OutBits +: ChannelBits] == mark) begin
          if (seen || token[OutBits-1:0] != own) wrong = 1'b1;
          seen = 1'b1;
        end
        if (!first && ByValue == 0 && token[OutBits +: ChannelBits] <= before[OutBits +: ChannelBits]) ordered = 1'b0;
        if (!first && ByValue == 1
            && {token[OutBits-1:0] ^ Flip, ~token[OutBits +: ChannelBits]}
               >= {before[OutBits-1:0] ^ Flip, ~before[OutBits +: ChannelBits]}) ordered = 1'b0;
        first = 1'b0;
        before = token;
      end
    end
  end
  reg past_q = 1'b0;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    if (!rst_ni) begin
      seen_q <= 1'b0;
      first_q <= 1'b1;
    end else if (give_i) begin
      seen_q <= !give_last_i && seen;
      first_q <= give_last_i || first;
      before_q <= before;
    end
    if (past_q && rst_ni && give_i && mine) begin
      assert (came_q > number);
      assert (!wrong && ordered);
      if (give_last_i) assert (seen == wins);
      cover (give_last_i && number == 2'd1 && wins);
      if (KeepTies == 0) cover (give_last_i && used_q && tied_q && !wins && own != {OutBits{1'b0}});
    end
  end

endmodule

`default_nettype wire
