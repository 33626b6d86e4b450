import { present } from '../base/invariant.ts';
import { hasEngines } from '../ir/plan.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import { streamWordBits, weightStreamFile } from '../plan/streams/weight-stream.ts';

/** Ports of the weight stream of `nzflow_top`; nothing where the device holds all weights. */
export function weightPorts({ weightStream }: Plan): string {
  if (weightStream === undefined) return '';
  return `  input  wire weight_valid_i,
  output wire weight_ready_o,
  input  wire [${weightStream.beatBits - 1}:0] weight_data_i,
`;
}

/** `weight_stream` of a top; words go to all of `copies` copies at once. */
export function weightSource({ weightStream, copies }: Plan): string {
  if (weightStream === undefined) return '';
  const { beatBits, fifoDepth, sections } = weightStream;
  const constants = (of: 'words' | 'beatsPerWord'): string =>
    `{${sections
      .map((section) => `32'd${section[of]}`)
      .reverse()
      .join(', ')}}`;
  const wordBits = streamWordBits(weightStream);
  return `  // weights from memory beside the device, to all copies at once
  wire [${sections.length - 1}:0] weight_valid;
  wire [${wordBits - 1}:0] weight_word;
  wire [${copies - 1}:0] weight_want;
  weight_stream #(
    .BeatBits(${beatBits}), .FifoDepth(${fifoDepth}), .BlockFifo(1),
    .WordBeats(${wordBits / beatBits}), .Sections(${sections.length}),
    .SectionWords(${constants('words')}),
    .SectionBeats(${constants('beatsPerWord')})
  ) u_weights (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(weight_valid_i), .ready_o(weight_ready_o),
    .data_i(weight_data_i), .want_i(|weight_want), .valid_o(weight_valid), .word_o(weight_word)
  );

`;
}

/** Ports of a copy. */
export function copyWeightPorts({ weightStream }: Plan): string {
  if (weightStream === undefined) return '';
  return `  input  wire [${weightStream.sections.length - 1}:0] weight_valid_i,
  input  wire [${streamWordBits(weightStream) - 1}:0] weight_word_i,
  output wire weight_want_o,
`;
}

/** What a top connects to copy number `copy`. */
export function connectCopyWeights({ weightStream }: Plan, copy: string): string {
  if (weightStream === undefined) return '';
  return ` .weight_valid_i(weight_valid), .weight_word_i(weight_word),
        .weight_want_o(weight_want[${copy}]),`;
}

/** In a copy: some layer wants words. */
export function copyWants({ weightStream }: Plan): string {
  if (weightStream === undefined) return '';
  const { sections } = weightStream;
  return `  wire [${sections.length - 1}:0] weight_want;
  assign weight_want_o = |weight_want;
  wire unused_weights = &{1'b0, weight_word_i};

`;
}

/** Port of a layer whose weights are streamed. */
export function layerWeightPorts(layer: LayerPlan): string {
  const bits = streamedBits(layer);
  if (bits === null) return '';
  return `  input  wire weight_valid_i,
  input  wire [${bits - 1}:0] weight_i,
  output wire weight_want_o,
`;
}

/** What a copy connects to a layer: the valid of its section, its bits of the word. */
export function connectLayerWeights({ weightStream }: Plan, layer: LayerPlan): string {
  const bits = streamedBits(layer);
  if (bits === null) return '';
  const stream = present(weightStream, 'a stream for streamed weights');
  const at = stream.sections.findIndex((section) => section.layer === layer.index);
  const { beatsPerWord } = present(stream.sections[at], 'a section for every streamed layer');
  // a shorter word lies at the most significant end
  const low = streamWordBits(stream) - beatsPerWord * stream.beatBits;
  return ` .weight_valid_i(weight_valid_i[${at}]), .weight_i(weight_word_i[${low + bits - 1}:${low}]),
    .weight_want_o(weight_want[${at}]),`;
}

/** What a layer connects to its engine number `engine`; an engine without streamed weights has the ports too. */
export function connectEngineWeights(layer: LayerPlan): string {
  return streamedBits(layer) === null
    ? ".weight_valid_i(1'b0), .weight_i(1'b0), .weight_want_o(unused_want[engine]),"
    : '.weight_valid_i(weight_valid_i), .weight_i(weight_i), .weight_want_o(engine_want[engine]),';
}

/** The wires for it. */
export function engineWants(layer: LayerPlan): string {
  return streamedBits(layer) === null
    ? '  wire [Engines-1:0] unused_want;\n'
    : '  wire [Engines-1:0] engine_want;\n  assign weight_want_o = |engine_want;\n';
}

function streamedBits(layer: LayerPlan): number | null {
  return hasEngines(layer) ? (layer.parameters['StreamBits'] ?? null) : null;
}

/** What the header of `nzflow_top` says. */
export function weightRules({ weightStream }: Plan): readonly string[] {
  if (weightStream === undefined) return [];
  return [
    `Weights: the ${weightStream.beats} beats of ${weightStream.beatBits} bits in ${weightStreamFile}, again and`,
    'again (docs/weights.md); after a reset from the first one. The stream stands while nobody works.',
  ];
}
