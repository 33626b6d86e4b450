import type { CoreMutant } from './mutate-typescript.ts';

/** A mutant and the number it is switched on by. */
export interface NumberedMutant {
  readonly id: number;
  readonly mutant: CoreMutant;
}

/** Name of the function that says whether a mutant is on, and counts how often it is asked. */
export const switchName = '__nzflowMutant';

/**
 * A TypeScript file with all of some mutants in it, each switched on by its number. Lines stay where
 * they are. All of them in one text are compiled once, and tests tell which ones they reach.
 */
export function instrument(text: string, mutants: readonly NumberedMutant[]): string {
  const byRange = new Map<string, NumberedMutant[]>();
  for (const one of mutants) {
    const { start, end, replacement } = one.mutant;
    const range = `${start} ${end} ${replacement === null ? 'statement' : 'expression'}`;
    byRange.set(range, [...(byRange.get(range) ?? []), one]);
  }
  const groups = [...byRange.values()].map((own): Group => {
    const [first] = own;
    if (first === undefined) throw new Error('a group has a mutant');
    return { start: first.mutant.start, end: first.mutant.end, own };
  });
  // what is around comes first; ranges of syntax nest
  groups.sort((left, right) => left.start - right.start || right.end - left.end);
  const head = `const ${switchName} = globalThis.${switchName} ?? (() => false); `;
  return head + rendered(text, 0, text.length, groups);
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly own: readonly NumberedMutant[];
}

function rendered(text: string, from: number, to: number, groups: readonly Group[]): string {
  let result = '';
  let at = from;
  for (let next = 0; next < groups.length;) {
    const group = groups[next];
    if (group === undefined) break;
    let behind = next + 1;
    while ((groups[behind]?.start ?? Infinity) < group.end) behind += 1;
    const inner = rendered(text, group.start, group.end, groups.slice(next + 1, behind));
    result += text.slice(at, group.start) + switched(group, inner);
    at = group.end;
    next = behind;
  }
  return result + text.slice(at, to);
}

function switched({ own }: Group, inner: string): string {
  const [first] = own;
  if (first?.mutant.replacement === null) return `if (!${switchName}(${first.id})) { ${inner} }`;
  const cases = own.map(({ id, mutant }) => {
    return `${switchName}(${id}) ? (${oneLine(mutant.replacement ?? '')}) : `;
  });
  return `(${cases.join('')}(${inner}))`;
}

/** Comments to the end of a line would hide what follows. */
function oneLine(text: string): string {
  return text.replaceAll(/\/\/[^\n]*/g, '').replaceAll(/\s*\n\s*/g, ' ');
}
