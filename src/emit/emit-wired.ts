import { present } from '../base/invariant.ts';
import type { DesignFile, EngineLayerPlan } from '../ir/plan.ts';
import { fileParameter } from '../plan/memories/memory-files.ts';
import { adderGraphText } from './adder-graph-text.ts';
import { eventPort, layerEvents } from './layer-events.ts';
import { layerModuleName, layerOutput, outputWires } from './layer-output.ts';
import { inputPorts, outputPorts } from './stream-wires.ts';
import { commentText, moduleFile, parameterLines } from './verilog.ts';

/** Parameters of the plan that the templates of a wired layer take. */
const windowParameters = [
  'Tokens',
  'TokenBits',
  'CountBitsIn',
  'RowBits',
  'ColumnBits',
  'SitesPerBeat',
  'ValuesPerSite',
  'AddressBits',
  'BlockStore',
  'ValueBits',
  'Channels',
  'InHeight',
  'InWidth',
  'KernelHeight',
  'KernelWidth',
  'StrideY',
  'StrideX',
  'PoolHeight',
  'PoolWidth',
  'GroupRows',
  'GroupColumns',
  'PadTop',
  'PadLeft',
  'Padded',
  'OutHeight',
  'Columns',
  'XBits',
  'LeadBits',
];
const outletParameters = [
  'DrainWidth',
  'ReadWidth',
  'SumBits',
  'OutChannels',
  'OutChannelBits',
  'BiasBits',
  'ShiftBits',
  'MinShift',
  'OutBits',
  'OutSigned',
  'Low',
  'High',
  'Leaky',
  'Tail',
  'Winners',
  'KeepTies',
  'WinnerGroups',
  'PermChars',
  'TailTokens',
  'BlockTail',
  'Vectors',
  'DenseWidth',
  'OutTokens',
  'OutTokenBits',
  'OutCountBits',
];

/**
 * A wired layer: the columns of inputs, their additions written out, the pool and the tails behind.
 */
export function emitWired(
  layer: EngineLayerPlan,
  headerLines: readonly string[],
  eventBits: number | null = null,
): DesignFile {
  const name = layerModuleName(layer.index);
  const { input, output, window, choice, drainBeats } = layer;
  const graph = present(layer.wired, 'a wired layer has a graph');
  const parameter = (key: string): number => present(layer.parameters[key], key);
  const pick = (keys: readonly string[]): Record<string, number> =>
    Object.fromEntries(keys.map((key) => [key, parameter(key)]));
  const file = (key: string): readonly string[] => present(layer.files[key], key);
  const sumBits = parameter('SumBits');
  const outputs = layer.outputChannels;
  const { values: windows, lanes } = choice;
  const columnBits = lanes * input.channels * input.valueBits;
  const pooled = (window.pool.height * window.pool.width) / windows;
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
${eventPort(eventBits)}${inputPorts('in', input)},
${outputPorts('out', output)}
);

  wire room, step, window_end, opens, held, column_valid, window_flag, first_flag, last_flag;
  wire [${columnBits - 1}:0] column;
  wired_window #(
        ${parameterLines({ ...pick(windowParameters), VectorBeats: drainBeats })}
  ) u_window (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(in_valid_i), .in_ready_o(in_ready_o),
    .in_last_i(in_last_i), .in_count_i(in_count_i), .in_data_i(in_data_i), .room_i(room),
    .step_o(step), .window_end_o(window_end), .opens_o(opens), .held_o(held),
    .valid_o(column_valid), .window_o(window_flag), .first_o(first_flag), .last_o(last_flag),
    .column_o(column)
  );

  // bit t: a step is in stage t of the additions
  wire [${graph.latency}:0] steps;
  reg [${graph.latency - 1}:0] steps_q;
  assign steps = {steps_q, column_valid};
  always @(posedge clk_i) steps_q <= rst_ni ? steps[${graph.latency - 1}:0] : ${graph.latency}'d0;
  wire unused_steps = &{1'b0, steps};
  wire [${windows * outputs * sumBits - 1}:0] sums;

${adderGraphText(graph, {
  inputs: 'column',
  inputBits: input.valueBits,
  inputsSigned: input.valueSigned,
  steps: 'steps',
  outputs: 'sums',
  outputBits: sumBits,
})}

  wire sum_valid, beat_valid, beat_last;
  wire [${choice.drainWidth * sumBits - 1}:0] beat;
  wired_pool #(
    .Outputs(${outputs}), 
    .SumBits(${sumBits}), .AtOnce(${windows}), .Windows(${pooled}), .Latency(${graph.latency}), .DrainWidth(${choice.drainWidth}),
    .Beats(${drainBeats})
  ) u_pool (
    .clk_i(clk_i), .rst_ni(rst_ni), .window_i(window_flag), .first_i(first_flag),
    .last_i(last_flag), .sums_i(sums), .sum_valid_o(sum_valid), .beat_valid_o(beat_valid),
    .beat_last_o(beat_last), .beat_o(beat)
  );

${outputWires(output)}
  wired_outlet #(
        ${parameterLines({
          Tails: choice.engines,
          Beats: drainBeats,
          ...pick(outletParameters),
          ParamFile: fileParameter('ParamFile', file('ParamFile')),
          PermFile: fileParameter('PermFile', file('PermFile')),
        })}
  ) u_outlet (
    .clk_i(clk_i), .rst_ni(rst_ni), .opens_i(opens), .room_o(room), .beat_valid_i(beat_valid),
    .beat_last_i(beat_last), .beat_i(beat), .out_valid_o(out_valid), .out_ready_i(out_ready),
    .out_last_o(out_last), .out_count_o(out_count), .out_data_o(out_data)
  );
${layerOutput(layer)}
\`ifdef NZFLOW_PROBE
  engine_probe #(
    .Lanes(1), .ReadPorts(1), .Windows(${windows}), .DrainWidth(${outputs}), .SumBits(${sumBits})
  ) u_probe (
    .clk_i(clk_i), .rst_ni(rst_ni), .active_i(!held), .blocked_i(held),
    .window_end_i(window_end), .can_step_i(step), .work_i(1'b0), .read_i(step),
    .complete_i(1'b0), .sum_valid_i(sum_valid), .sum_i(sums)
  );
\`else
  wire unused_probe = &{1'b0, step, held, window_end, sum_valid};
\`endif
${layerEvents(layer, eventBits, "{step, 2'd0, step, window_end, held, !held}")}
endmodule
`;
  return {
    name: `${name}.v`,
    content: moduleFile(
      [
        `${name}: ${window.kernel.height}x${window.kernel.width} windows, ${input.channels} to ` +
          `${outputs} channels, weights wired, ${windows} window(s) a cycle, ${choice.engines} tail(s).`,
        `From: ${commentText(layer.origin.join(' '))}`,
        ...headerLines,
      ],
      body,
    ),
  };
}
