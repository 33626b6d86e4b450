import type { StreamPlan } from '../ir/plan.ts';

/** Expressions that stand for the five signals of a stream. */
export interface StreamWires {
  readonly valid: string;
  readonly ready: string;
  readonly last: string;
  readonly count: string;
  readonly data: string;
}

/** Bits of all tokens of a beat. */
export function dataBits(stream: StreamPlan): number {
  return stream.tokensPerBeat * stream.tokenBits;
}

/** Bits of a whole beat: last, count and tokens. */
export function beatBits(stream: StreamPlan): number {
  return 1 + stream.countBits + dataBits(stream);
}

/** Names of the wires of a stream. */
export function streamWires(suffix: string, prefix = ''): StreamWires {
  return {
    valid: `${prefix}valid${suffix}`,
    ready: `${prefix}ready${suffix}`,
    last: `${prefix}last${suffix}`,
    count: `${prefix}count${suffix}`,
    data: `${prefix}data${suffix}`,
  };
}

/** Declarations of the wires of a stream. */
export function declareWires(wires: StreamWires, stream: StreamPlan): string {
  return `  wire ${wires.valid}, ${wires.ready}, ${wires.last};
  wire [${stream.countBits - 1}:0] ${wires.count};
  wire [${dataBits(stream) - 1}:0] ${wires.data};`;
}

/** Port connections of a stream that goes into an instance. */
export function connectInput(port: string, wires: StreamWires): string {
  return `.${port}_valid_i(${wires.valid}), .${port}_ready_o(${wires.ready}),
    .${port}_last_i(${wires.last}), .${port}_count_i(${wires.count}), .${port}_data_i(${wires.data})`;
}

/** Port connections of a stream that leaves an instance. */
export function connectOutput(port: string, wires: StreamWires): string {
  return `.${port}_valid_o(${wires.valid}), .${port}_ready_i(${wires.ready}), .${port}_last_o(${wires.last}),
    .${port}_count_o(${wires.count}), .${port}_data_o(${wires.data})`;
}

/** Ports of a module that take a stream. */
export function inputPorts(port: string, stream: StreamPlan): string {
  return `  input  wire ${port}_valid_i,
  output wire ${port}_ready_o,
  input  wire ${port}_last_i,
  input  wire [${stream.countBits - 1}:0] ${port}_count_i,
  input  wire [${dataBits(stream) - 1}:0] ${port}_data_i`;
}

/** Ports of a module that give a stream. */
export function outputPorts(port: string, stream: StreamPlan): string {
  return `  output wire ${port}_valid_o,
  input  wire ${port}_ready_i,
  output wire ${port}_last_o,
  output wire [${stream.countBits - 1}:0] ${port}_count_o,
  output wire [${dataBits(stream) - 1}:0] ${port}_data_o`;
}
