import { InvalidArgumentError } from 'commander';
import { suggestion } from '../base/suggest.ts';
import type { VariantName } from '../ir/variant.ts';
import { variantNames } from '../ir/variant.ts';
import type { AxiOptions, KwtaRule, Optimization, SynthesisTool, WeightMode } from '../options.ts';
import { axiDataBits } from '../plan/interfaces/plan-axi.ts';
import { ExpectationError, parseExpectations } from '../read/expectation.ts';
import { kwtaRules, optimizations, synthesisTools, weightModes } from '../options.ts';

/** Parsers of option values for commander: the value, or what would be accepted. */

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It needs a whole number from 1 up.');
  }
  return value;
}

/** Comma-separated seeds, each once. */
export function seedList(text: string): readonly number[] {
  return [...new Set(text.split(',').map((word) => seedNumber(word.trim())))];
}

function seedNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw new InvalidArgumentError('It needs a whole number from 0 to 4294967295.');
  }
  return value;
}

/** `1000000`, `1e6` and `2.5` are numbers; `k` and `M` are not understood, and said so. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It needs a number above 0, for example 250 or 1e6.');
  }
  return value;
}

export function clockMegahertz(text: string): number {
  const value = positiveNumber(text);
  if (value > 2000) throw new InvalidArgumentError('It is in MHz and needs to be at most 2000.');
  return value;
}

/** Bits of the data streams of AXI interfaces. */
export function axiInterfaces(text: string): AxiOptions {
  const dataBits = Number(text);
  const { minimum, maximum } = axiDataBits;
  if (
    !/^\d+$/.test(text) ||
    dataBits < minimum ||
    dataBits > maximum ||
    !Number.isInteger(Math.log2(dataBits))
  ) {
    throw new InvalidArgumentError(`It needs a power of two from ${minimum} to ${maximum}.`);
  }
  return { dataBits };
}

export function nonEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

/** Comma-separated names, each once. */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty.');
  return [...new Set(names)];
}

/** Expectations with commas between them, as they were written: whether they can be read is checked. */
export function expectationList(text: string): readonly string[] {
  try {
    return parseExpectations(text).map((one) => one.text);
  } catch (error) {
    if (!(error instanceof ExpectationError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}

/** A share in per cent, from 0 up. */
export function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('It needs a number from 0 up, in per cent.');
  }
  return value;
}

/** Comma-separated variants, each once, in order of presentation. */
export function variantList(text: string): readonly VariantName[] {
  const words = text.split(',').map((word) => word.trim());
  for (const word of words) {
    if (!variantNames.some((name) => name === word)) {
      throw new InvalidArgumentError(
        `Unknown variant "${word}": ${suggestion(word, variantNames)}`,
      );
    }
  }
  return variantNames.filter((name) => words.includes(name));
}

export function synthesisTool(text: string): SynthesisTool {
  const tool = synthesisTools.find((name) => name === text);
  if (tool === undefined) {
    throw new InvalidArgumentError(`Unknown tool: ${suggestion(text, synthesisTools)}`);
  }
  return tool;
}

export function kwtaRule(text: string): KwtaRule {
  const rule = kwtaRules.find((name) => name === text);
  if (rule === undefined) {
    throw new InvalidArgumentError(`Unknown rule: ${suggestion(text, kwtaRules)}`);
  }
  return rule;
}

export function optimization(text: string): Optimization {
  const what = optimizations.find((name) => name === text);
  if (what === undefined) {
    throw new InvalidArgumentError(`It is ${optimizations.join(' or ')}.`);
  }
  return what;
}

export function weightMode(text: string): WeightMode {
  const mode = weightModes.find((name) => name === text);
  if (mode === undefined) {
    throw new InvalidArgumentError(`It is ${weightModes.join(' or ')}.`);
  }
  return mode;
}
