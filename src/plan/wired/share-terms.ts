import { present } from '../../base/invariant.ts';
import type { Term } from '../../ir/adder-graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { groupKey, groupName } from './group-key.ts';
import type { GroupKey } from './group-key.ts';

/** In sums of more terms only pairs are looked for: triples would be too many. */
const mostTerms = 24;
/**
 * Of an adder of three words, what a sum that has one term less saves: every other time an adder, and
 * a narrower one.
 */
const shareOfTerm = 0.6;

/** Terms that are added up, and how often all sums together have them. */
interface Group {
  count: number;
  readonly terms: readonly Term[];
  /** Nodes there were when the group was met first: what it takes is judged by them. */
  readonly made: number;
  /** Null until the group occurs twice: most never do. */
  takes: GroupCost | null;
}

/** What a group takes each time. */
interface GroupCost {
  readonly luts: number;
  readonly depth: number;
  /** Of two groups that are alike the one whose name comes first is taken. */
  readonly name: string;
}

/** A sum while terms are taken out of it and put in. */
interface OpenSum {
  readonly terms: Term[];
  readonly hasTriples: boolean;
}

/** Every group of two or three terms that occurs in some sum. */
class GroupTable {
  readonly #groups = new Map<GroupKey, Group>();
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** Counts the groups of a sum with one more term, or one less. */
  count({ terms, hasTriples }: OpenSum, term: Term, change: 1 | -1): void {
    for (const [index, other] of terms.entries()) {
      this.#count([term, other], change);
      if (!hasTriples) continue;
      for (let third = index + 1; third < terms.length; third += 1) {
        this.#count([term, other, present(terms[third], 'a term')], change);
      }
    }
  }

  /** The group that saves most LUTs when it is made once; null where none saves any. */
  best(): { readonly key: GroupKey; readonly group: Group; readonly luts: number } | null {
    let best: { key: GroupKey; group: Group; takes: GroupCost } | null = null;
    let saved = 0;
    for (const [key, group] of this.#groups) {
      if (group.count < 2) continue;
      const takes = (group.takes ??= this.#costOf(group));
      const saves = saving(group.terms.length, group.count, takes.luts);
      if (saves < saved || saves <= 0) continue;
      const better =
        best === null ||
        saves > saved ||
        takes.depth < best.takes.depth ||
        (takes.depth === best.takes.depth && takes.name < best.takes.name);
      if (!better) continue;
      best = { key, group, takes };
      saved = saves;
    }
    return best === null ? null : { key: best.key, group: best.group, luts: best.takes.luts };
  }

  /** A group turned out to occur too seldom. */
  drop(key: GroupKey): void {
    this.#groups.delete(key);
  }

  #count(terms: readonly Term[], change: 1 | -1): void {
    const key = groupKey(terms);
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.count += change;
      if (known.count === 0) this.#groups.delete(key);
      return;
    }
    const made = this.#builder.nodes.length;
    this.#groups.set(key, { count: change, terms, made, takes: null });
  }

  #costOf({ terms, made }: Group): GroupCost {
    const builder = this.#builder;
    return {
      luts: builder.cost(terms, made),
      depth: Math.max(...terms.map((term) => builder.depth(term))),
      name: groupName(terms),
    };
  }
}

/** A sum of three terms less is an adder less, and the group takes one. */
function saving(size: number, count: number, luts: number): number {
  return (count * (size === 3 ? 1 : shareOfTerm) - 1) * luts;
}

/**
 * Makes pairs and triples of terms that occur in several sums once, the one that saves most LUTs
 * first, until none saves any (greedy common subexpression elimination; Hartley 1996, over many
 * variables Hosangadi, Fallah and Kastner 2006; adders of three words: Kumm et al. 2013). What is left
 * of every sum has the same value.
 */
export function shareTerms(
  builder: GraphBuilder,
  sums: readonly (readonly Term[])[],
): readonly (readonly Term[])[] {
  const left = sums.map(({ length }): OpenSum => ({ terms: [], hasTriples: length <= mostTerms }));
  const table = new GroupTable(builder);
  const insert = (sum: OpenSum, term: Term): void => {
    table.count(sum, term, 1);
    sum.terms.push(term);
  };
  const remove = (sum: OpenSum, term: Term): void => {
    sum.terms.splice(sum.terms.indexOf(term), 1);
    table.count(sum, term, -1);
  };
  sums.forEach((terms, index) => {
    for (const term of terms) insert(present(left[index], 'a sum'), term);
  });
  for (let best = table.best(); best !== null; best = table.best()) {
    const { key, group, luts } = best;
    const found = left.map((sum) => occurrences(sum, key, group));
    const count = found.reduce((all, groups) => all + groups.length, 0);
    if (saving(group.terms.length, count, luts) <= 0) {
      table.drop(key);
      continue;
    }
    found.forEach((groups, index) => {
      const sum = present(left[index], 'a sum');
      for (const terms of groups) {
        for (const term of terms) remove(sum, term);
        insert(sum, builder.add(terms));
      }
    });
  }
  return left.map(({ terms }) => terms);
}

/** Groups of a sum that are the one of the key, none with a term of another. */
function occurrences(
  { terms, hasTriples }: OpenSum,
  key: GroupKey,
  { terms: wanted }: Pick<Group, 'terms'>,
): readonly (readonly Term[])[] {
  const size = wanted.length;
  if (size === 3 && !hasTriples) return [];
  const alike = terms.filter(({ node }) => wanted.some((term) => term.node === node));
  if (alike.length < size) return [];
  const groups: (readonly Term[])[] = [];
  const used = new Set<Term>();
  for (const group of choices(alike, size)) {
    if (group.some((term) => used.has(term)) || groupKey(group) !== key) continue;
    groups.push(group);
    for (const term of group) used.add(term);
  }
  return groups;
}

/** All pairs, or triples, of terms, in the order in which they stand. */
export function choices(terms: readonly Term[], size: number): readonly (readonly Term[])[] {
  const found: (readonly Term[])[] = [];
  terms.forEach((one, first) => {
    const behind = terms.slice(first + 1);
    behind.forEach((other, second) => {
      if (size === 2) found.push([one, other]);
      else for (const third of behind.slice(second + 1)) found.push([one, other, third]);
    });
  });
  return found;
}
