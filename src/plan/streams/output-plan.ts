import { present } from '../../base/invariant.ts';
import type { AnswerPlan, LayerPlan, OutputPlan } from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../ir/quantized.ts';
import { edgeToAnswer } from './topology.ts';
import type { Topology } from './topology.ts';

/** The output of a design: its answers in the order of the model, so many words a beat. */
export function outputPlan(
  graph: QuantizedGraph,
  topology: Topology,
  layers: readonly LayerPlan[],
  wordsPerBeat: number,
): OutputPlan {
  const answers = graph.outputs.map(({ name }, index): AnswerPlan => {
    const edge = edgeToAnswer(topology, index);
    const layer = present(graph.layers[edge.from], 'an answer is the result of a layer');
    const { channels, height, width } = layer.layer.outputShape;
    return {
      name,
      edge,
      channels,
      height,
      width,
      beatsPerSite: present(layers[edge.from], 'a plan for every layer').output.maximumBeats,
      scale: answerScale(layer),
    };
  });
  const total = (of: (answer: AnswerPlan) => number): number =>
    answers.reduce((sum, answer) => sum + answer.height * answer.width * of(answer), 0);
  return {
    beatBits: 32 * wordsPerBeat,
    wordsPerBeat,
    words: total(({ channels }) => channels),
    beatsPerInference: total(({ beatsPerSite }) => beatsPerSite),
    answers,
  };
}

/** By channel: what an integer of the answer is worth. */
function answerScale(layer: QuantizedLayer): readonly number[] {
  if (layer.outputFormat !== null) {
    const { scale } = layer.outputFormat;
    return Array.from({ length: layer.layer.outputShape.channels }, () => scale);
  }
  const { weightScale, inputFormat } = windowOf(layer);
  return Array.from(weightScale, (scale) => scale * inputFormat.scale);
}
