import { signedBits } from '../../base/bits.ts';
import type { Diagnostic } from '../../base/diagnostics.ts';
import { UserError, fail } from '../../base/diagnostics.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan, LayerPlan, Plan } from '../../ir/plan.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import { windowPlan } from '../lower/lower-layer.ts';
import { shiftRange } from '../lower/lower-tail.ts';
import { differencesBetween } from './plan-differences.ts';
import { layerStructure } from './plan-structure.ts';
import { planNetwork } from '../plan-network.ts';
import type { PlannedNetwork } from '../plan-network.ts';
import { repackLayer } from './repack.ts';
import { topologyOf } from '../streams/topology.ts';

/** What is known about the other weights besides the network. */
export interface FitContext {
  readonly modelSha256: string;
  readonly maximumBeatBits: number;
}

/**
 * The plan and memory images of another model on the hardware of `plan`, which has a load stream:
 * the same numbers but for what the images hold. Throws `UserError`, one diagnostic a layer and
 * quantity, when the graph has another structure or its weights do not fit.
 */
export function fitWeights(graph: QuantizedGraph, plan: Plan, context: FitContext): PlannedNetwork {
  const load = present(plan.load, 'a plan with a load stream');
  checkGraph(graph, plan);
  const problems: Diagnostic[] = [];
  const packings: (Packing | null)[] = [];
  const layers = graph.layers.map((layer, index) => {
    const planned = present(plan.layers[index], 'a plan for every layer');
    if (layer.kind !== 'window' || planned.kind !== 'window') {
      packings.push(null);
      return layer;
    }
    const packing = repackLayer(layer, planned, plan.variant);
    packings.push(packing);
    if (packing === null) problems.push(masksDoNotFit(layer, planned));
    problems.push(...misfits(layer, planned));
    const number = parameterOf(planned);
    const room = {
      loadBits: load.beatBits,
      sumBits: number('SumBits'),
      biasBits: number('BiasBits'),
      minimumShift: number('MinShift'),
      shiftBits: number('ShiftBits'),
    };
    return { ...layer, room };
  });
  if (problems.length > 0) throw new UserError(problems);
  const fitted = planNetwork(
    { ...graph, layers },
    packings,
    {
      copies: plan.copies,
      layers: plan.layers.map(({ choice }) => choice),
      answerWords: plan.output.wordsPerBeat,
    },
    {
      tool: plan.tool,
      modelSha256: context.modelSha256,
      board: { name: plan.board, maximumBeatBits: context.maximumBeatBits },
      clockMHz: plan.clockMHz,
      variant: plan.variant,
    },
  );
  const differences = planDifferences(plan, fitted.plan);
  if (differences.length > 0) throw new UserError(differences);
  invariant(fitted.plan.load?.structure === load.structure, 'equal plans have equal structures');
  return { plan: onHardwareOf(plan, fitted.plan), images: fitted.images };
}

const otherStructure = 'compile the model as a design of its own with `nzflow compile`';

/** Layers, windows and connections; what follows can then be planned at all. */
function checkGraph(graph: QuantizedGraph, plan: Plan): void {
  const wanted = plan.layers.length;
  if (graph.layers.length !== wanted || graph.outputs.length !== plan.output.answers.length) {
    fail(
      'weights/structure',
      `the model has ${graph.layers.length} layers and ${graph.outputs.length} outputs, ` +
        `the design was made for ${wanted} and ${plan.output.answers.length}`,
      { place: graph.name, remedy: otherStructure },
    );
  }
  const { givers, answers } = topologyOf(graph);
  const problems = graph.layers.flatMap((layer, index): Diagnostic[] => {
    const planned = present(plan.layers[index], 'a plan for every layer');
    const found = {
      kind: layer.kind,
      outputChannels: layer.layer.outputShape.channels,
      inputs: givers[index],
      ...(layer.kind === 'window' && planned.kind === 'window'
        ? {
            window: windowPlan(layer, planned.input, planned.choice),
            weights: layer.weightBits,
          }
        : {}),
    };
    const design = {
      kind: planned.kind,
      outputChannels: planned.outputChannels,
      inputs: planned.inputs.map(({ from }) => from),
      ...(planned.kind === 'window' ? { window: planned.window, weights: planned.weightBits } : {}),
    };
    return differencesBetween(design, found).map((difference) => ({
      code: 'weights/structure',
      message: `another structure than layer ${planned.name} of the design: ${difference}`,
      place: layer.name,
      remedy: otherStructure,
    }));
  });
  if (problems.length > 0) throw new UserError(problems);
  const places = plan.output.answers.map(({ edge }) => edge.from);
  if (answers.some((from, index) => from !== places[index])) {
    fail('weights/structure', 'the outputs are results of other layers than in the design', {
      place: graph.name,
      remedy: otherStructure,
    });
  }
}

function masksDoNotFit(layer: QuantizedWindow, plan: EngineLayerPlan): Diagnostic {
  const { sets, setSize, depth } = plan;
  return {
    code: 'weights/masks',
    message:
      `its non-zero weights were not packed into the ${sets} sets of the design, ` +
      `up to ${setSize} kernels a set and ${depth} word(s) an input index`,
    place: layer.name,
    remedy: 'train with the masks of the first model, prune further, or compile a new design',
  };
}

/** Numbers of the images that are wider than their fields. */
function misfits(layer: QuantizedWindow, plan: EngineLayerPlan): readonly Diagnostic[] {
  const number = parameterOf(plan);
  const needs: string[] = [];
  const { accumulatorBits } = layer;
  if (accumulatorBits > number('SumBits')) {
    needs.push(`sums need ${accumulatorBits} bits, the design has ${number('SumBits')}`);
  }
  const bias = signedBits(Math.min(0, ...layer.bias), Math.max(0, ...layer.bias));
  if (bias > number('BiasBits')) {
    needs.push(`biases need ${bias} bits, the design has ${number('BiasBits')}`);
  }
  const { low, high } = shiftRange(layer);
  const least = number('MinShift');
  const greatest = least + 2 ** number('ShiftBits') - 1;
  if (layer.requantization !== null && (low < least || high > greatest)) {
    needs.push(`shifts are ${low} to ${high}, the design has ${least} to ${greatest}`);
  }
  return needs.map((message) => ({
    code: 'weights/range',
    message,
    place: layer.name,
    remedy:
      'scale the weights of this layer like those of the first model, or compile a new design',
  }));
}

function parameterOf(plan: EngineLayerPlan): (name: string) => number {
  return (name) => present(plan.parameters[name], `parameter ${name} of ${plan.name}`);
}

/** Everything else in which the hardware for the other weights would differ. */
function planDifferences(design: Plan, wanted: Plan): readonly Diagnostic[] {
  const stream = differencesBetween(design.input.stream, wanted.input.stream);
  const problems = stream.map((difference) => differs(wanted.model.name, `input: ${difference}`));
  wanted.layers.forEach((layer, index) => {
    const planned = present(design.layers[index], 'as many layers');
    for (const difference of differencesBetween(layerStructure(planned), layerStructure(layer))) {
      problems.push(differs(layer.name, difference));
    }
  });
  return problems;
}

function differs(place: string, message: string): Diagnostic {
  return {
    code: 'weights/hardware',
    message: `needs other hardware: ${message}`,
    place,
    remedy: 'calibrate with the same kind of data as the first model, or compile a new design',
  };
}

/** The plan of the hardware as it is, with names, scales and images of the other model. */
function onHardwareOf(design: Plan, fitted: Plan): Plan {
  return {
    ...design,
    model: fitted.model,
    input: { ...design.input, scale: fitted.input.scale },
    output: {
      ...design.output,
      answers: design.output.answers.map((answer, index) => {
        const { name, scale } = present(fitted.output.answers[index], 'as many answers');
        return { ...answer, name, scale };
      }),
    },
    layers: design.layers.map((layer, index): LayerPlan => {
      const other = present(fitted.layers[index], 'as many layers');
      const { name, origin } = other;
      if (!hasEngines(layer)) return { ...layer, name, origin };
      invariant(hasEngines(other), `${name} has engines`);
      const { slots, packingEfficiency } = other;
      return { ...layer, name, origin, slots, packingEfficiency };
    }),
    memories: fitted.memories,
  };
}
