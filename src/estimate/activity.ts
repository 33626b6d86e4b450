import { present } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import type { LayerActivityCounts, LayerCircumstances, LayerZeros } from './circumstances.ts';
import { toggleShare } from './circumstances.ts';
import type { EventCount } from './energy-event.ts';
import { countEngines, laneControlBits } from './engine-activity.ts';
import { countJoin, countMap } from './join-activity.ts';
import { Ledger } from './ledger.ts';

/** What the counts assume, one sentence each, for the report. */
export const activityAssumptions: readonly string[] = [
  'Multiplies, memory accesses, accumulator updates and beats are counted in the RTL simulation; ' +
    `each is charged with half of its bits toggling, a lane step with ${laneControlBits} bits of control. ` +
    'A multiplier that gets a zero, and the sums of zeros behind it, change as much less as there are zeros. ' +
    'A weight word is read with its kernel ids, a token with its channel, a value with its scale and bias.',
  'Wired weights are charged as the additions they are: half of all full adders and of their registers a step, ' +
    'glitches included as for every LUT.',
  'Multiplier blocks and block memories are charged for every cycle in which they do nothing.',
  'The clock tree drives every flip-flop of the resource model in every cycle, used or not: no clock gating.',
];

/** What a design does in an inference, layer by layer. */
export interface InferenceActivity {
  readonly counts: readonly LayerActivityCounts[];
  readonly zeros: readonly LayerZeros[];
  /** Cycles between two inferences of one copy, which idle blocks and the clock tree are charged for. */
  readonly oneCopyCycles: number;
  /** Beats of streamed weights. */
  readonly weightBeats: number;
}

/** Events of all layers per inference. */
export function countEvents(
  plan: Plan,
  { counts, zeros, oneCopyCycles, weightBeats }: InferenceActivity,
  board: Board,
): readonly EventCount[] {
  const resources = planResources(plan, board.family);
  const layers = plan.layers.flatMap((layer, index) => {
    const activity = present(counts[index], 'every layer has its counts');
    const beatsIn = layer.inputs.map(({ from }) => {
      return from === -1 ? plan.input.streamBeats : (counts[from]?.beats ?? 0);
    });
    const ledger = new Ledger(layer.name, board.family);
    countLayer(ledger, plan, layer, {
      activity,
      zeros: present(zeros[index], 'every layer has its zeros'),
      beatsIn,
      oneCopyCycles,
      board,
      resources: present(resources.byLayer[index], 'every layer has resources').resources,
    });
    return ledger.events;
  });
  const ports = new Ledger(null, board.family);
  const bits =
    plan.input.beatsPerInference * plan.input.beatBits +
    plan.output.beatsPerInference * plan.output.beatBits;
  // Slice at the top, buffer in, buffer out.
  ports.add('ff-toggle', 'control', 2 * toggleShare * bits);
  ports.add('lutram-bit', 'control', 2 * plan.input.beatsPerInference * plan.input.beatBits);
  const inLayers = resources.byLayer.reduce((sum, layer) => sum + layer.resources.ff, 0);
  const outside = resources.perCopy.ff - inLayers + resources.shared.ff / plan.copies;
  ports.add('clock-ff-cycle', 'clock', Math.max(0, outside) * oneCopyCycles);
  countWeightStream(ports, plan, weightBeats, oneCopyCycles / plan.copies);
  return [...layers, ...ports.events];
}

/** Every beat is read beside the device, passes the FIFO and three registers, and goes to all copies. */
function countWeightStream(
  ledger: Ledger,
  { weightStream }: Plan,
  beats: number,
  cycles: number,
): void {
  if (weightStream === undefined) return;
  const width = weightStream.beatBits;
  ledger.add('dram-bit', 'dram', beats * width);
  const depth = weightStream.fifoDepth;
  ledger.access('weights', { kind: 'block', reads: beats, writes: beats, width, depth, cycles });
  ledger.add('ff-toggle', 'weights', toggleShare * 3 * beats * width);
}

function countLayer(
  ledger: Ledger,
  plan: Plan,
  layer: LayerPlan,
  circumstances: LayerCircumstances,
): void {
  if (hasEngines(layer)) countEngines(ledger, plan, layer, circumstances);
  else if (layer.kind === 'winners') countMap(ledger, layer, circumstances);
  else countJoin(ledger, layer, circumstances);
  countFifos(ledger, layer, circumstances);
  const { activity, oneCopyCycles, resources } = circumstances;
  const beatBits = layer.output.tokensPerBeat * layer.output.tokenBits;
  // Merge, register slice and the wires to the next layer's engines.
  ledger.add('ff-toggle', 'control', 2 * toggleShare * activity.beats * beatBits);
  ledger.add('lut-toggle', 'control', toggleShare * activity.beats * beatBits);
  ledger.add('clock-ff-cycle', 'clock', resources.ff * oneCopyCycles);
  // what requantises or scales, in the cycles in which it does not; multipliers have theirs
  const dspEvents = ['multiply-dsp', 'multiply-dsp-wide', 'dsp-idle-cycle'] as const;
  const told = dspEvents.reduce((sum, event) => sum + ledger.total(event), 0);
  ledger.add('dsp-idle-cycle', 'activations', resources.dsp * oneCopyCycles - told);
}

/** Every beat is written into a FIFO and read again. */
function countFifos(
  ledger: Ledger,
  layer: LayerPlan,
  { beatsIn, oneCopyCycles }: LayerCircumstances,
): void {
  inputStreamsOf(layer).forEach((stream, input) => {
    const edge = layer.inputs[input];
    if (edge === undefined || edge.fifoDepth === 0) return;
    const beats = beatsIn[input] ?? 0;
    ledger.access('activations', {
      kind: edge.blockFifo ? 'block' : 'logic',
      reads: beats,
      writes: beats,
      width: 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits,
      depth: edge.fifoDepth,
      cycles: oneCopyCycles,
    });
  });
}
