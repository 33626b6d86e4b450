import { present } from '../../../src/base/invariant.ts';
import type { EngineLayerPlan, MemoryPlan } from '../../../src/ir/plan.ts';
import type { MemoryImage } from '../../../src/plan/memories/memory-images.ts';
import { fieldOf, imageFields, textOf, withField, wordsOf } from './image-fields.ts';
import type { Field, FieldKind } from './image-fields.ts';

/** A changed memory image. */
export interface ImageMutant {
  readonly change: string;
  readonly words: readonly bigint[];
  /** What differs, where it is one field: its word and value. */
  readonly place: { readonly word: number; readonly field: Field } | null;
}

/** A number from 0 to bound - 1. */
export type Draw = (bound: number) => number;

/** Gives a mutant, or null where the place that was drawn has nothing to change. */
type Change = (image: Words, draw: Draw) => Omit<ImageMutant, 'change'> | null;

interface Words {
  readonly words: readonly bigint[];
  readonly fields: readonly Field[];
  /** Two neighbouring sets share a multiplier: the weight of the second one is less a borrow. */
  readonly paired: boolean;
}

/** All changes there are to an image, by what it is for. */
const changes: Readonly<Record<MemoryPlan['purpose'], Readonly<Record<string, Change>>>> = {
  weights: {
    'a bit of a weight flipped': inField('weight', flipped),
    'a kid one more': inField('kid', (value) => value + 1n),
    'two kids swapped': swapped('kid'),
    ...rows(),
  },
  pointers: {
    'a start one more': inField('start', (value) => value + 1n),
    'a start one less': inField('start', (value) => value - 1n),
    'a count one more': inField('count', (value) => value + 1n),
    'a count one less': inField('count', (value) => value - 1n),
    ...rows(),
  },
  turns: { 'a bit of a turn flipped': inField('turn', flipped) },
  requantise: {
    'a bit of a bias flipped': inField('bias', flipped),
    'a bias without its highest bit': inField('bias', withoutHighest),
    'a bit of a multiplier flipped': inField('multiplier', flipped),
    'a multiplier without its highest bit': inField('multiplier', withoutHighest),
    'a shift one more': inField('shift', (value) => value + 1n),
    'a shift one less': inField('shift', (value) => value - 1n),
    'a channel one more': inField('channel', (value) => value + 1n),
    'a channel left out': inField('exists', () => 0n),
    ...rows(),
  },
  permutation: {
    'a position one more': inField('position', (value) => value + 1n),
    'two positions swapped': swapped('position'),
    ...rows(),
  },
};

/** Names of the changes of an image. */
export function changesOf(purpose: MemoryPlan['purpose']): readonly string[] {
  return Object.keys(changes[purpose]);
}

/** A drawn change of a kind, other than those in `known` (texts); null where there seems to be none. */
export function drawMutant(
  image: MemoryImage,
  layer: EngineLayerPlan,
  change: string,
  draw: Draw,
  known: ReadonlySet<string>,
): ImageMutant | null {
  const words = wordsOf(image.text);
  const fields = imageFields(layer, image.purpose);
  const paired = layer.parameters['PairWeights'] === 1;
  const make = present(changes[image.purpose][change], change);
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const mutant = make({ words, fields, paired }, draw);
    if (mutant === null) continue;
    if (isSameTo({ words, fields, paired }, mutant.words)) continue;
    if (!known.has(textOf(mutant.words, image.widthBits))) return { change, ...mutant };
  }
  return null;
}

/** Whether other words are the same to the hardware: apart from kids of slots without a weight. */
function isSameTo({ words, fields, paired }: Words, others: readonly bigint[]): boolean {
  const kids = fields.filter(({ kind }) => kind === 'kid');
  const withoutEmpty = (word: bigint): bigint =>
    kids.reduce((rest, kid) => {
      return weightOf(word, fields, kid.slot, paired) === 0n ? withField(rest, kid, 0n) : rest;
    }, word);
  return words.every((word, at) => withoutEmpty(word) === withoutEmpty(others[at] ?? -1n));
}

function flipped(value: bigint, { bits }: Field, draw: Draw): bigint {
  return value ^ (1n << BigInt(draw(bits)));
}

function withoutHighest(value: bigint): bigint {
  return value === 0n ? 0n : value & ~(1n << BigInt(value.toString(2).length - 1));
}

/** A field of one word with another value. */
function inField(
  kind: FieldKind,
  change: (value: bigint, field: Field, draw: Draw) => bigint,
): Change {
  return ({ words, fields, paired }, draw) => {
    const own = fields.filter((field) => field.kind === kind && field.bits > 0);
    const word = draw(words.length);
    const field = own[draw(own.length)];
    if (field === undefined) return null;
    const before = present(words[word], 'a word');
    if (!matters(before, fields, field, paired)) return null;
    const after = withField(before, field, change(fieldOf(before, field), field, draw));
    return { words: words.with(word, after), place: { word, field } };
  };
}

/**
 * Whether the hardware looks at a field at all, by what else is in its slot: not at the kid of an
 * empty slot, the start of no words, or at a channel that does not exist.
 */
function matters(
  word: bigint,
  fields: readonly Field[],
  { kind, slot }: Field,
  paired: boolean,
): boolean {
  const beside = (other: FieldKind): bigint => {
    const field = fields.find((one) => one.kind === other && one.slot === slot);
    return field === undefined ? 1n : fieldOf(word, field);
  };
  if (kind === 'kid') return weightOf(word, fields, slot, paired) !== 0n;
  if (kind === 'start') return beside('count') !== 0n;
  return beside('exists') !== 0n;
}

/** The weight of a slot as it multiplies. */
function weightOf(word: bigint, fields: readonly Field[], slot: number, paired: boolean): bigint {
  const stored = (at: number): bigint => {
    const field = fields.find((one) => one.kind === 'weight' && one.slot === at);
    return field === undefined ? 0n : BigInt.asIntN(field.bits, fieldOf(word, field));
  };
  const borrows = paired && slot % 2 === 1 && stored(slot - 1) < 0n;
  return stored(slot) + (borrows ? 1n : 0n);
}

/** The values of two slots of a word exchanged. */
function swapped(kind: FieldKind): Change {
  return ({ words, fields, paired }, draw) => {
    const own = fields.filter((field) => field.kind === kind);
    const one = own[draw(own.length)];
    const other = own[draw(own.length)];
    const word = draw(words.length);
    const before = present(words[word], 'a word');
    if (one === undefined || other === undefined) return null;
    const either = [one, other].some((field) => matters(before, fields, field, paired));
    if (!either) return null;
    const half = withField(before, one, fieldOf(before, other));
    const after = withField(half, other, fieldOf(before, one));
    return { words: words.with(word, after), place: null };
  };
}

/** Whole words in a wrong place. */
function rows(): Readonly<Record<string, Change>> {
  return {
    'a row lost': ({ words }, draw) => {
      const row = draw(words.length);
      return { words: [...words.toSpliced(row, 1), 0n], place: null };
    },
    'a row twice': ({ words }, draw) => {
      const row = draw(words.length);
      const twice = words.toSpliced(row, 0, present(words[row], 'a word'));
      return { words: twice.slice(0, -1), place: null };
    },
    'two rows swapped': ({ words }, draw) => {
      const row = draw(words.length - 1);
      const [one, other] = [words[row], words[row + 1]];
      if (one === undefined || other === undefined) return null;
      return { words: words.with(row, other).with(row + 1, one), place: null };
    },
  };
}
