import { present } from '../base/invariant.ts';
import type { DesignFile, EngineLayerPlan } from '../ir/plan.ts';
import { fileParameter } from '../plan/memories/memory-files.ts';
import { connectEngineEvents, engineEvents, eventPort, layerEvents } from './layer-events.ts';
import { layerModuleName, layerOutput, outputWires } from './layer-output.ts';
import { dataBits, inputPorts, outputPorts } from './stream-wires.ts';
import { layerLoadBits, loadPort, loadRegister } from './load-bus.ts';
import { connectEngineWeights, engineWants, layerWeightPorts } from './weight-bus.ts';
import { commentText, moduleFile, parameterLines, sizedConstant } from './verilog.ts';

/** Where each engine starts, as one packed constant, engine 0 least significant. */
function packedStarts(plan: EngineLayerPlan, field: 'top' | 'left', bits: number): string {
  const constants = plan.starts.map((start) => sizedConstant(start[field], bits));
  return `{${constants.reverse().join(', ')}}`;
}

/**
 * A layer of engines: the input stream goes to every engine's store, the engines' streams are put in order
 * again and pass a register slice.
 */
export function emitLayer(
  layer: EngineLayerPlan,
  headerLines: readonly string[],
  eventBits: number | null = null,
): DesignFile {
  const name = layerModuleName(layer.index);
  const { input, output } = layer;
  const { engines } = layer.choice;
  const outBits = dataBits(output);
  const leadBits = present(layer.parameters['LeadBits'], 'LeadBits');
  const xBits = present(layer.parameters['XBits'], 'XBits');
  const load = layerLoadBits(layer);
  const files = Object.entries(layer.files).map(([parameter, names]) => [
    parameter,
    fileParameter(parameter, names),
  ]);
  const parameters = { ...layer.parameters, ...Object.fromEntries(files) } as Record<
    string,
    number | string
  >;
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
${loadPort(load)}${layerWeightPorts(layer)}${eventPort(eventBits)}${inputPorts('in', input)},
${outputPorts('out', output)}
);

  localparam Engines = ${engines};
  localparam LeadBits = ${leadBits};
  localparam XBits = ${xBits};

  wire [Engines*LeadBits-1:0] start_top = ${packedStarts(layer, 'top', leadBits)};
  wire [Engines*XBits-1:0] start_left = ${packedStarts(layer, 'left', xBits)};
  wire [Engines-1:0] engine_in_ready, engine_valid, engine_ready, engine_last;
  wire [Engines*${output.countBits}-1:0] engine_count;
  wire [Engines*${outBits}-1:0] engine_data;
${engineWants(layer)}
${engineEvents(layer, eventBits)}${loadRegister(load)}  // every engine keeps the rows it needs; a beat is taken when all of them can
  assign in_ready_o = &engine_in_ready;
  wire in_take = in_valid_i & in_ready_o;

  genvar engine;
  generate
    for (engine = 0; engine < Engines; engine = engine + 1) begin : gen_engine
      window_engine #(
        ${parameterLines(parameters)}
      ) u_engine (
        .clk_i(clk_i), .rst_ni(rst_ni), .load_i(${load === null ? "57'd0" : 'load_q'}),
        ${connectEngineWeights(layer)}${connectEngineEvents(layer, eventBits)}
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

${outputWires(output)}
  site_merge #(.Ports(Engines), .CountBits(${output.countBits}), .DataBits(${outBits})) u_merge (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(engine_valid), .in_ready_o(engine_ready),
    .in_last_i(engine_last), .in_count_i(engine_count), .in_data_i(engine_data),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_last_o(out_last),
    .out_count_o(out_count), .out_data_o(out_data)
  );
${layerOutput(layer)}${layerEvents(layer, eventBits, 'engine_events')}
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
