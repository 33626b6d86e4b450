import { present } from '../../base/invariant.ts';
import type { Term } from '../../ir/adder-graph.ts';
import { aligned, inOrder, keyOf } from './graph-builder.ts';

/** Equal for two or three terms that are equal up to a common shift and sign, and for no others. */
export type GroupKey = number | string;

/** Nodes, and shifts beside the least one, that a number has room for. */
const keyNodes = 2 ** 14;
const keyShifts = 2 ** 4;
const keyTerms = keyNodes * keyShifts * 2;

/** A number where there is room for all in one, as nearly always: a name takes many times as long. */
export function groupKey(terms: readonly Term[]): GroupKey {
  let first = present(terms[0], 'a term');
  let second = present(terms[1], 'a term');
  let third = terms[2];
  if (inOrder(second, first) < 0) [first, second] = [second, first];
  if (third !== undefined) {
    if (inOrder(third, second) < 0) [second, third] = [third, second];
    if (inOrder(second, first) < 0) [first, second] = [second, first];
  }
  const isSmall = ({ node, shift }: Term): boolean =>
    node < keyNodes && shift - first.shift < keyShifts;
  const numberOf = ({ node, shift, negative }: Term): number =>
    (node * keyShifts + shift - first.shift) * 2 + Number(negative !== first.negative);
  if (!isSmall(first) || !isSmall(second)) return groupName(terms);
  const pair = first.node * keyTerms + numberOf(second);
  // pairs are below 0
  if (third === undefined) return -1 - pair;
  return isSmall(third) ? pair * keyTerms + numberOf(third) : groupName(terms);
}

/** The same as text. */
export function groupName(terms: readonly Term[]): string {
  return keyOf('', aligned(terms).inner);
}
