import { hasEngines } from '../ir/plan.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import { eventEngines } from '../plan/interfaces/plan-axi.ts';

/** Numbers of events a layer tells in a cycle, see hdl-templates/layer_events.v. */
export const eventKinds = [
  'windows',
  'busyCycles',
  'starvedCycles',
  'blockedCycles',
  'steps',
  'issues',
  'beats',
  'tokens',
] as const;

/** Port of events; `bits` null in a design without counters. */
export function eventPort(bits: number | null, layers = 1): string {
  if (bits === null) return '';
  return `  output wire [${layers * eventKinds.length * bits - 1}:0] events_o,\n`;
}

/**
 * `layer_events` at the end of a layer; `engines` is what stands for {read, complete, work, step,
 * window_end, blocked, active} of all engines.
 */
export function layerEvents(layer: LayerPlan, bits: number | null, engines: string): string {
  if (bits === null) return '';
  const { countBits, kind } = layer.output;
  const facts = hasEngines(layer)
    ? eventEngines(layer)
    : { engines: 1, lanes: 1, readPorts: 1, windows: 1 };
  // words of an answer are no tokens: the simulation does not count them either
  const give = kind === 'logits' ? "1'b0" : 'out_valid_o & out_ready_i';
  return `
  layer_events #(
    .Engines(${facts.engines}), .Lanes(${facts.lanes}), .ReadPorts(${facts.readPorts}), .Windows(${facts.windows}),
    .CountBits(${countBits}), .Bits(${bits})
  ) u_events (
    .clk_i(clk_i), .rst_ni(rst_ni), .engines_i(${engines}), .give_i(${give}),
    .count_i(out_count_o), .events_o(events_o)
  );
`;
}

/** What a layer without engines gives `layer_events`. */
export const noEngines = "7'd0";

/** Wires that take the events of every engine of a layer. */
export function engineEvents(layer: LayerPlan, bits: number | null): string {
  if (bits === null || !hasEngines(layer)) return '';
  return `  wire [Engines*${engineEventBits(layer)}-1:0] engine_events;\n`;
}

/** Bits of the events of one engine. */
function engineEventBits(layer: LayerPlan): number {
  if (!hasEngines(layer)) return 0;
  const { lanes, readPorts } = eventEngines(layer);
  return 3 + 3 * lanes + readPorts;
}

/** Connection of the events of engine `engine`. */
export function connectEngineEvents(layer: LayerPlan, bits: number | null): string {
  if (bits === null) return '';
  const width = engineEventBits(layer);
  return ` .events_o(engine_events[engine*${width} +: ${width}]),`;
}

/** Connection of the events of layer `index` inside a copy. */
export function connectLayerEvents({ axi }: Plan, index: number): string {
  if (axi === undefined) return '';
  const bits = eventKinds.length * axi.eventBits;
  return ` .events_o(events_o[${(index + 1) * bits - 1}:${index * bits}]),`;
}

/** Events of all copies at the top: each adds its own to those of the copies before. */
export function topEvents({ axi, layers }: Plan): {
  readonly port: string;
  readonly wires: string;
  readonly connection: string;
  readonly adder: string;
  readonly result: string;
} {
  if (axi === undefined) return { port: '', wires: '', connection: '', adder: '', result: '' };
  const fields = layers.length * eventKinds.length;
  const bits = fields * axi.eventBits;
  return {
    port: eventPort(axi.eventBits, layers.length),
    wires: `  // what all copies do, for the counters: a register at each copy, on a way past all of them
  localparam EventBits = ${bits};
  wire [Copies*EventBits-1:0] copy_events;
  wire [(Copies+1)*EventBits-1:0] event_sums;
  assign event_sums[EventBits-1:0] = {EventBits{1'b0}};

`,
    connection: '\n        .events_o(copy_events[copy*EventBits +: EventBits]),',
    adder: `
      event_adder #(.Fields(${fields}), .Bits(${axi.eventBits})) u_events (
        .clk_i(clk_i), .before_i(event_sums[copy*EventBits +: EventBits]),
        .own_i(copy_events[copy*EventBits +: EventBits]),
        .sum_o(event_sums[(copy+1)*EventBits +: EventBits])
      );`,
    result: '  assign events_o = event_sums[Copies*EventBits +: EventBits];\n',
  };
}

/** A template as the design has it: engines have their port of events where they are counted. */
export function templateInDesign(name: string, text: string, { axi }: Plan): string {
  if (name !== 'window_engine.v') return text;
  if (axi === undefined) {
    return text
      .replace(/^`ifdef NZFLOW_EVENTS\n[\s\S]*?^`endif\n/gm, '')
      .replace(/^\/\/ NZFLOW_EVENTS.*\n/m, '');
  }
  return `\`define NZFLOW_EVENTS\n${text}\`undef NZFLOW_EVENTS\n`;
}
