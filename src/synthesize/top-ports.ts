import type { Plan } from '../ir/plan.ts';
import { slotBits } from '../plan/interfaces/plan-axi.ts';
import { registerMap } from '../plan/interfaces/register-map.ts';
import { portOf, streamsOfTop } from './streams-of-top.ts';

/** A port of a module as part of an interface. */
export interface InterfacePort {
  /** Within the interface, in small letters: `tdata`, `awaddr`. */
  readonly role: string;
  readonly port: string;
  readonly direction: 'input' | 'output';
  readonly bits: number;
}

export interface BusInterface {
  readonly name: string;
  readonly kind: 'axi4-stream' | 'axi4-lite';
  /** Who begins transfers: the module (a master) or its partner. */
  readonly side: 'master' | 'slave';
  readonly ports: readonly InterfacePort[];
  readonly meaning: string;
}

/** What a design shows to the rest of a chip: the module to instantiate, and its ports bus by bus. */
export interface DesignBlock {
  readonly module: 'nzflow_axi' | 'nzflow_top';
  readonly clock: string;
  readonly reset: string;
  readonly buses: readonly BusInterface[];
  /** Ports that belong to no bus: levels that tell something. */
  readonly signals: readonly InterfacePort[];
}

/** `nzflow_axi` where the plan has bus interfaces, else `nzflow_top`, whose streams are AXI4-Stream as they are. */
export function designBlock(plan: Plan): DesignBlock {
  return plan.axi === undefined ? topBlock(plan) : axiBlock(plan, plan.axi.dataBits);
}

function topBlock(plan: Plan): DesignBlock {
  return {
    module: 'nzflow_top',
    clock: 'clk_i',
    reset: 'rst_ni',
    buses: streamsOfTop(plan).map((stream) => {
      const signals = [
        'valid',
        'ready',
        ...(stream.last ? (['last'] as const) : []),
        'data',
      ] as const;
      const into = stream.direction === 'input';
      return {
        name: `${into ? 's' : 'm'}_axis_${stream.name}`,
        kind: 'axi4-stream',
        side: into ? 'slave' : 'master',
        ports: signals.map((signal) => ({
          role: `t${signal}`,
          port: portOf(stream, signal),
          direction: into === (signal !== 'ready') ? 'input' : 'output',
          bits: signal === 'data' ? stream.beatBits : 1,
        })),
        meaning: stream.meaning,
      };
    }),
    signals:
      plan.load === undefined
        ? []
        : [
            { role: 'loaded', port: 'loaded_o', direction: 'output', bits: 1 },
            { role: 'load_error', port: 'load_error_o', direction: 'output', bits: 1 },
          ],
  };
}

function axiBlock(plan: Plan, dataBits: number): DesignBlock {
  const { load, weightStream } = plan;
  const data = { bits: dataBits, last: true, keep: true };
  return {
    module: 'nzflow_axi',
    clock: 'aclk',
    reset: 'aresetn',
    buses: [
      axiLite(registerMap(plan).addressBits),
      ...(load === undefined
        ? []
        : [
            axiStream('s_axis_load', 'slave', 'weights, once before the first inference', {
              bits: slotBits(load.beatBits),
              last: true,
              keep: false,
            }),
          ]),
      ...(weightStream === undefined
        ? []
        : [
            axiStream('s_axis_weights', 'slave', 'weights from memory, again and again', {
              bits: slotBits(weightStream.beatBits),
              last: false,
              keep: false,
            }),
          ]),
      axiStream('s_axis', 'slave', 'inputs, TLAST with the last beat of a packet', data),
      axiStream('m_axis', 'master', 'answers, TLAST with the last beat of a packet', data),
    ],
    signals: [],
  };
}

function axiStream(
  name: string,
  side: 'master' | 'slave',
  meaning: string,
  { bits, last, keep }: { readonly bits: number; readonly last: boolean; readonly keep: boolean },
): BusInterface {
  const ahead = side === 'slave' ? 'input' : 'output';
  const back = side === 'slave' ? 'output' : 'input';
  const ports: readonly (readonly [string, 'input' | 'output', number])[] = [
    ['tvalid', ahead, 1],
    ['tready', back, 1],
    ...(last ? [['tlast', ahead, 1] as const] : []),
    ...(keep ? [['tkeep', ahead, bits / 8] as const] : []),
    ['tdata', ahead, bits],
  ];
  return {
    name,
    kind: 'axi4-stream',
    side,
    meaning,
    ports: ports.map(([role, direction, width]) => ({
      role,
      port: `${name}_${role}`,
      direction,
      bits: width,
    })),
  };
}

function axiLite(addressBits: number): BusInterface {
  const ports: readonly (readonly [string, 'input' | 'output', number])[] = [
    ['awvalid', 'input', 1],
    ['awready', 'output', 1],
    ['awaddr', 'input', addressBits],
    ['awprot', 'input', 3],
    ['wvalid', 'input', 1],
    ['wready', 'output', 1],
    ['wdata', 'input', 32],
    ['wstrb', 'input', 4],
    ['bvalid', 'output', 1],
    ['bready', 'input', 1],
    ['bresp', 'output', 2],
    ['arvalid', 'input', 1],
    ['arready', 'output', 1],
    ['araddr', 'input', addressBits],
    ['arprot', 'input', 3],
    ['rvalid', 'output', 1],
    ['rready', 'input', 1],
    ['rdata', 'output', 32],
    ['rresp', 'output', 2],
  ];
  return {
    name: 's_axi',
    kind: 'axi4-lite',
    side: 'slave',
    meaning: 'control, status and counters',
    ports: ports.map(([role, direction, bits]) => ({
      role,
      port: `s_axi_${role}`,
      direction,
      bits,
    })),
  };
}
