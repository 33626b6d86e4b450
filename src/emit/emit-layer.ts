import { present } from '../base/invariant.ts';
import type { DesignFile, LayerPlan, Plan } from '../ir/plan.ts';
import { commentText, moduleFile, parameterLines, sizedConstant } from './verilog.ts';

export function layerModuleName(index: number): string {
  return `nzflow_layer${String(index).padStart(2, '0')}`;
}

/** Bits of a beat without `last`: count and tokens. */
export function beatBits(stream: LayerPlan['input']): number {
  return stream.countBits + stream.tokensPerBeat * stream.tokenBits;
}

/** Where each engine starts, as one packed constant, engine 0 least significant. */
function packedStarts(plan: LayerPlan, field: 'top' | 'left', bits: number): string {
  const constants = plan.starts.map((start) => sizedConstant(start[field], bits));
  return `{${constants.reverse().join(', ')}}`;
}

/**
 * A layer: the input stream goes to every engine's store, the engines' streams are put in order
 * again and pass a register slice.
 */
export function emitLayer(layer: LayerPlan, headerLines: readonly string[]): DesignFile {
  const name = layerModuleName(layer.index);
  const { input, output } = layer;
  const { engines } = layer.choice;
  const inBits = input.tokensPerBeat * input.tokenBits;
  const outBits = output.tokensPerBeat * output.tokenBits;
  const leadBits = present(layer.parameters['LeadBits'], 'LeadBits');
  const xBits = present(layer.parameters['XBits'], 'XBits');
  const files = Object.entries(layer.files).map(([parameter, names]) => {
    const strings = names.map((file) => `"${file}"`);
    return [parameter, strings.length === 1 ? strings.join('') : `{${strings.join(', ')}}`];
  });
  const parameters = { ...layer.parameters, ...Object.fromEntries(files) } as Record<
    string,
    number | string
  >;
  const outPayload = `{out_last, out_count, out_data}`;
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [${input.countBits - 1}:0] in_count_i,
  input  wire [${inBits - 1}:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [${output.countBits - 1}:0] out_count_o,
  output wire [${outBits - 1}:0] out_data_o
);

  localparam Engines = ${engines};
  localparam LeadBits = ${leadBits};
  localparam XBits = ${xBits};

  wire [Engines*LeadBits-1:0] start_top = ${packedStarts(layer, 'top', leadBits)};
  wire [Engines*XBits-1:0] start_left = ${packedStarts(layer, 'left', xBits)};
  wire [Engines-1:0] engine_in_ready, engine_valid, engine_ready, engine_last;
  wire [Engines*${output.countBits}-1:0] engine_count;
  wire [Engines*${outBits}-1:0] engine_data;

  // every engine keeps the rows it needs; a beat is taken when all of them can
  assign in_ready_o = &engine_in_ready;
  wire in_take = in_valid_i & in_ready_o;

  genvar engine;
  generate
    for (engine = 0; engine < Engines; engine = engine + 1) begin : gen_engine
      window_engine #(
        ${parameterLines(parameters)}
      ) u_engine (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .start_top_i(start_top[engine*LeadBits +: LeadBits]),
        .start_left_i(start_left[engine*XBits +: XBits]),
        .in_valid_i(in_take), .in_ready_o(engine_in_ready[engine]), .in_last_i(in_last_i),
        .in_count_i(in_count_i), .in_data_i(in_data_i),
        .out_valid_o(engine_valid[engine]), .out_ready_i(engine_ready[engine]),
        .out_last_o(engine_last[engine]),
        .out_count_o(engine_count[engine*${output.countBits} +: ${output.countBits}]),
        .out_data_o(engine_data[engine*${outBits} +: ${outBits}])
      );
    end
  endgenerate

  wire out_valid, out_ready, out_last;
  wire [${output.countBits - 1}:0] out_count;
  wire [${outBits - 1}:0] out_data;
  site_merge #(.Ports(Engines), .CountBits(${output.countBits}), .DataBits(${outBits})) u_merge (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(engine_valid), .in_ready_o(engine_ready),
    .in_last_i(engine_last), .in_count_i(engine_count), .in_data_i(engine_data),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_last_o(out_last),
    .out_count_o(out_count), .out_data_o(out_data)
  );
  stream_register #(.Width(${1 + output.countBits + outBits})) u_slice (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(out_valid), .ready_o(out_ready),
    .data_i(${outPayload}), .valid_o(out_valid_o), .ready_i(out_ready_i),
    .data_o({out_last_o, out_count_o, out_data_o})
  );
${tokenProbe(layer)}
endmodule
`;
  return {
    name: `${name}.v`,
    content: moduleFile(
      [
        `${name}: ${layer.window.kernel.height}x${layer.window.kernel.width} windows, ` +
          `${input.channels} to ${layer.outputChannels} channels, ${engines} engine(s) of ` +
          `${layer.choice.lanes} lane(s) x ${layer.choice.setsParallel} set(s).`,
        `From: ${commentText(layer.origin.join(' '))}`,
        ...headerLines,
      ],
      body,
    ),
  };
}

/** What leaves the layer, for the simulation to compare. */
function tokenProbe(layer: LayerPlan): string {
  const { output } = layer;
  if (output.kind === 'logits') return '';
  return `
\`ifdef NZFLOW_PROBE
  nzflow_token_probe #(
    .T(${output.tokensPerBeat}), .ChannelBits(${output.channelBits}), .ValueBits(${output.valueBits}),
    .ValueSigned(${Number(output.valueSigned)}), .Dense(${Number(output.kind === 'dense')})
  ) u_token_probe (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(out_valid_o), .ready_i(out_ready_i),
    .last_i(out_last_o), .count_i(out_count_o), .data_i(out_data_o)
  );
\`endif
`;
}

/** Lines of provenance every generated file carries: no date, no path. */
export function provenance(plan: Plan): readonly string[] {
  return [
    `Generated by ${plan.tool.name} ${plan.tool.version} from model ${commentText(plan.model.name)}`,
    `sha256 ${plan.model.sha256}, variant ${plan.variant}.`,
  ];
}
