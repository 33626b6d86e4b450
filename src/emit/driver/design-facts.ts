import { present } from '../../base/invariant.ts';
import type { Plan } from '../../ir/plan.ts';
import type { DriverFacts, MapSteps } from '../../plan/interfaces/driver-facts.ts';
import { axiBytes } from '../../plan/interfaces/plan-axi.ts';
import { registerMap } from '../../plan/interfaces/register-map.ts';
import { provenance } from '../provenance.ts';
import { commentText } from '../verilog.ts';

/** Numbers of a design that its drivers need, whatever language they are in. */
interface DesignFacts {
  readonly input: Readonly<Record<string, number>>;
  readonly output: Readonly<Record<string, number>>;
}

function designFacts(plan: Plan, { range }: DriverFacts): DesignFacts {
  const axi = present(plan.axi, 'a plan with bus interfaces');
  const { stream, valuesPerBeat, scale } = plan.input;
  const { channels, height, width, sitesPerBeat, valuesPerSite, valueBits } = stream;
  const input = axiBytes(axi.input, axi.dataBits);
  const output = axiBytes(axi.output, axi.dataBits);
  return {
    input: {
      values: channels * height * width,
      channels,
      height,
      width,
      minimum: range.minimum,
      maximum: range.maximum,
      scale,
      value_bits: valueBits,
      // rows are filled up to whole beats, sites to whole values
      row_sites: Math.ceil(width / sitesPerBeat) * sitesPerBeat,
      site_values: valuesPerSite,
      beat_values: valuesPerBeat,
      beat_bytes: axi.input.slotBits / 8,
      bytes: input.used,
      stride: input.stride,
    },
    output: {
      words: plan.output.words,
      beat_words: plan.output.wordsPerBeat,
      beat_bytes: axi.output.slotBits / 8,
      bytes: output.used,
      stride: output.stride,
    },
  };
}

function stepList({ channel, row, column }: MapSteps): readonly number[] {
  return [channel, row, column];
}

/** `nzflow_design.json`: what the Python driver knows of a design. */
export function designJson(plan: Plan, facts: DriverFacts): string {
  const { input, output } = designFacts(plan, facts);
  const map = registerMap(plan);
  const text = {
    tool: plan.tool,
    model: plan.model,
    variant: plan.variant,
    hostOperators: facts.hostOperators,
    input: { ...input, steps: stepList(facts.inputSteps) },
    output: {
      ...output,
      outputs: plan.output.answers.map((answer, index) => ({
        name: answer.name,
        channels: answer.channels,
        height: answer.height,
        width: answer.width,
        site_beats: answer.beatsPerSite,
        steps: stepList(present(facts.answerSteps[index], 'steps of every answer')),
        scale: answer.scale,
      })),
    },
    registers: map.registers,
    counters: {
      offset: map.counterBase,
      design: map.designCounters.map(({ name }) => name),
      layer: map.layerCounters.map(({ name }) => name),
      layers: map.layers,
    },
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/** A number as C writes a double: never an integer. */
function real(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The value of a macro: a scale is a double, and a sign has its brackets. */
function numberText(name: string, value: number): string {
  if (name === 'scale') return real(value);
  return value < 0 ? `(${value})` : String(value);
}

/** Many numbers, a few a line, as lines of a macro. */
function inMacroLines(items: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < items.length; at += 4) lines.push(items.slice(at, at + 4).join(', '));
  return lines.join(', \\\n    ');
}

/** `nzflow_design.h`: what the C driver knows of a design. */
export function designHeader(plan: Plan, facts: DriverFacts): string {
  const { input, output } = designFacts(plan, facts);
  const names = ['channel', 'row', 'column'];
  const defines = [
    // sizes that are registers as well have their macros with those
    ...Object.entries(input).filter(([name]) => !['bytes', 'stride'].includes(name)),
    ...stepList(facts.inputSteps).map((step, axis) => [`${names[axis] ?? ''}_step`, step] as const),
  ].map(([name, value]) => `#define NZFLOW_INPUT_${name.toUpperCase()} ${numberText(name, value)}`);
  const answers = plan.output.answers.map((answer, index) => {
    const steps = stepList(present(facts.answerSteps[index], 'steps of every answer'));
    const shape = [answer.channels, answer.height, answer.width, answer.beatsPerSite, ...steps];
    return `{${shape.join(', ')}}`;
  });
  const scales = plan.output.answers.flatMap(({ scale }) => scale.map(real));
  const host =
    facts.hostOperators.length === 0
      ? ''
      : ` * Left to the caller, in this order: ${facts.hostOperators.map(commentText).join(', ')}.\n`;
  return `/*
 * What the driver knows of the design: shapes, scales, places in the streams.
${provenance(plan)
  .map((line) => ` * ${line}\n`)
  .join('')}${host} */
#ifndef NZFLOW_DESIGN_H
#define NZFLOW_DESIGN_H

#include <stdint.h>

/* Input: real value = integer * scale; STEPs lead through the order of the model. */
${defines.join('\n')}

/* Outputs: real value = integer * scale of its channel. */
typedef struct {
  uint32_t channels, height, width, site_beats;
  uint32_t channel_step, row_step, column_step;
} nzflow_output;
#define NZFLOW_OUTPUT_BEAT_WORDS ${output['beat_words'] ?? 1}u
#define NZFLOW_OUTPUT_BEAT_BYTES ${output['beat_bytes'] ?? 4}u
#define NZFLOW_OUTPUTS { ${inMacroLines(answers)} }
#define NZFLOW_OUTPUT_SCALES { ${inMacroLines(scales)} }

#endif
`;
}
