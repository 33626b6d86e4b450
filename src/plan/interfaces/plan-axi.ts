import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { AxiPlan, AxiStreamPlan, EngineLayerPlan, LayerPlan, Plan } from '../../ir/plan.ts';

/** Narrowest and widest data stream of AXI, bits. */
export const axiDataBits = { minimum: 8, maximum: 1024 } as const;

/** The plan with bus interfaces of `dataBits`, a power of two in the range of `axiDataBits`; `kernel`: for a card with XRT. */
export function withAxi(plan: Plan, dataBits: number, kernel = false): Plan {
  invariant(Number.isInteger(Math.log2(dataBits)), `${dataBits} is no power of two`);
  const axi: AxiPlan = {
    dataBits,
    input: axiStream(plan.input, dataBits),
    output: axiStream(plan.output, dataBits),
    ...(kernel ? { kernel } : {}),
    eventBits: ceilLog2(plan.copies * Math.max(...plan.layers.map(mostEvents)) + 1),
  };
  return { ...plan, axi };
}

/** Bits that a beat takes on a bus: whole bytes, a power of two of them. */
export function slotBits(beatBits: number): number {
  return 2 ** Math.max(3, ceilLog2(beatBits));
}

function axiStream(
  {
    beatBits,
    beatsPerInference,
  }: { readonly beatBits: number; readonly beatsPerInference: number },
  dataBits: number,
): AxiStreamPlan {
  const slot = slotBits(beatBits);
  const bytes = (beatsPerInference * slot) / 8;
  const beats = ceilDivide(bytes * 8, dataBits);
  return { slotBits: slot, beats, lastBytes: bytes - ((beats - 1) * dataBits) / 8 };
}

/** Bytes an inference has on the bus; inside a packet each begins with a bus beat. */
export function axiBytes(
  { beats, lastBytes }: AxiStreamPlan,
  dataBits: number,
): { readonly used: number; readonly stride: number } {
  const stride = (beats * dataBits) / 8;
  return { used: stride - dataBits / 8 + lastBytes, stride };
}

/** Weight memories of an engine that a cycle can read. */
export function readPorts({ parameters }: EngineLayerPlan): number {
  const lanes = parameters['Lanes'] ?? 1;
  const queues = parameters['Queues'] ?? 0;
  return queues > 0 ? lanes * queues : lanes;
}

/** Engines that events are told of: a wired layer is one. */
export function eventEngines(layer: EngineLayerPlan): {
  readonly engines: number;
  readonly lanes: number;
  readonly readPorts: number;
  readonly windows: number;
} {
  if (layer.wired !== undefined) {
    return { engines: 1, lanes: 1, readPorts: 1, windows: layer.choice.values };
  }
  const lanes = layer.parameters['Lanes'] ?? 1;
  return { engines: layer.choice.engines, lanes, readPorts: readPorts(layer), windows: 1 };
}

/** The largest number of events of one kind that a layer of one copy has in a cycle. */
function mostEvents(layer: LayerPlan): number {
  const tokens = layer.output.tokensPerBeat;
  if (!hasEngines(layer)) return tokens;
  const { engines, lanes, readPorts: ports, windows } = eventEngines(layer);
  return Math.max(tokens, engines * Math.max(lanes, ports, windows));
}
