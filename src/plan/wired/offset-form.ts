import { ceilLog2, signedBits, trailingZeros } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import { oncePer } from '../../base/once-per.ts';
import type { AdderGraph, GraphNode, Term } from '../../ir/adder-graph.ts';

/** An operand of a sum, in bits of the sum: bits of a node, or those turned over, from `shift` on. */
export interface Word {
  readonly node: number;
  readonly shift: number;
  readonly bits: number;
  /** 2^bits - 1 - the node takes the place of what is subtracted. */
  readonly complement: boolean;
  /** Number above the bits of the node. */
  readonly above: number;
}

/**
 * How a node is kept: its value plus `offset`, a number from 0 on that no sign has to be extended of.
 * It is the sum of its words and `constant`, modulo 2^bits. Results have an offset of 0, and are in
 * two's complement.
 */
export interface StoredForm {
  readonly offset: number;
  readonly bits: number;
  readonly words: readonly Word[];
  /** From 0 to 2^bits - 1; 0 unless a result. */
  readonly constant: number;
}

/** By node. Numbers that offsets add up to are taken off once, in the results. */
export const storedForms = oncePer(({ nodes }: AdderGraph): readonly StoredForm[] => {
  const forms: StoredForm[] = [];
  for (const node of nodes) forms.push(storedForm(node, forms));
  return forms;
});

function storedForm(node: GraphNode, forms: readonly StoredForm[]): StoredForm {
  const { minimum, maximum } = node.range;
  switch (node.kind) {
    case 'input': {
      // the sign turned over
      const offset = minimum < 0 ? 2 ** (signedBits(minimum, maximum) - 1) : 0;
      return { offset, bits: bitsUpTo(maximum + offset), words: [], constant: 0 };
    }
    case 'delay':
      return { ...present(forms[node.a], 'a node'), words: [] };
    case 'add': {
      const words = node.terms.map((term) => wordOf(term, forms));
      return withoutWaste(words, offsetOf(words, forms), node.range);
    }
    case 'result': {
      const words = node.terms.map((term) => wordOf(term, forms));
      const bits = signedBits(minimum, maximum);
      const size = 2 ** bits;
      const constant = (size - (offsetOf(words, forms) % size)) % size;
      return { offset: 0, bits, words, constant };
    }
  }
}

function bitsUpTo(maximum: number): number {
  return Math.max(1, ceilLog2(maximum + 1));
}

function wordOf({ node, shift, negative }: Term, forms: readonly StoredForm[]): Word {
  const { bits } = present(forms[node], 'a node');
  return { node, shift, bits, complement: negative, above: 0 };
}

/** What a sum of words is above the sum of the values. */
function offsetOf(words: readonly Word[], forms: readonly StoredForm[]): number {
  return words.reduce((sum, { node, shift, bits, complement }) => {
    const { offset } = present(forms[node], 'a node');
    return sum + (complement ? 2 ** bits - 1 - offset : offset) * 2 ** shift;
  }, 0);
}

/**
 * The sum of words with its least number brought near 0, where that saves a bit: constants above the
 * bits of the shortest word take no adder of their own.
 */
function withoutWaste(
  words: readonly Word[],
  offset: number,
  { minimum, maximum }: GraphNode['range'],
): StoredForm {
  const tops = words.map(({ shift, bits }) => shift + bits);
  const top = Math.min(...tops);
  const unit = 2 ** top;
  const waste = Math.floor((minimum + offset) / unit) * unit;
  const bits = bitsUpTo(maximum + offset - waste);
  if (bits === bitsUpTo(maximum + offset)) return { offset, bits, words, constant: 0 };
  const size = 2 ** Math.max(0, bits - top);
  const above = (size - ((waste / unit) % size)) % size;
  const shortest = tops.indexOf(top);
  return {
    offset: offset - waste,
    bits,
    words: words.map((word, index) => (index === shortest ? { ...word, above } : word)),
    constant: 0,
  };
}

/** Bits of a sum in which an adder is needed, at least one: low < high <= bits. */
export interface AddedBits {
  /** Bits below it are those of one word, or of the constant. */
  readonly low: number;
  /** From it on there is one word and the carries of the others. */
  readonly high: number;
  /** Words and the constant, where it is not 0. */
  readonly words: number;
}

export function addedBits({ bits, words, constant }: StoredForm): AddedBits {
  const lows = words.map(({ shift }) => shift);
  const tops = words.map((word) => (word.above === 0 ? word.shift + word.bits : bits));
  if (constant !== 0) {
    lows.push(trailingZeros(constant));
    tops.push(bits);
  }
  const [, second = bits] = lows.sort((one, other) => one - other);
  const [, top = bits] = tops.sort((one, other) => other - one);
  const low = Math.min(second, bits - 1);
  return { low, high: Math.min(Math.max(top, low + 1), bits), words: lows.length };
}

/** LUTs of a sum: one a bit, also for three words. */
export function sumLuts(form: StoredForm): number {
  const { low, high, words } = addedBits(form);
  if (words < 2) return 0;
  // the carries of three words go one bit further
  return Math.max(1, Math.min(high + words - 2, form.bits) - low);
}

/** Full adders of a sum: two a bit for three words. */
export function sumAdders(form: StoredForm): number {
  return sumLuts(form) * Math.max(0, addedBits(form).words - 1);
}

/** LUTs of a graph. */
export function graphLuts(graph: AdderGraph): number {
  return storedForms(graph).reduce((sum, form) => sum + sumLuts(form), 0);
}

/** Full adders of a graph. */
export function graphAdders(graph: AdderGraph): number {
  return storedForms(graph).reduce((sum, form) => sum + sumAdders(form), 0);
}
