import { argumentKey } from './arguments.ts';
import type { MutantArgument } from './arguments.ts';

/** A change, what became of it and where it is counted. */
export interface JudgedMutant {
  readonly group: string;
  readonly file: string;
  readonly inside: string;
  readonly change: string;
  /** `apart`: invalid, not in any network, never read: not in the share. */
  readonly kind: 'killed' | 'survived' | 'apart';
}

export interface MutantSection {
  readonly title: string;
  /** How it was made, and what was left apart. */
  readonly text: string;
  readonly mutants: readonly JudgedMutant[];
  /** Why changes that were not noticed were not, where the run itself has worked it out. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * docs/mutants.md. Throws where a change that was not noticed has neither an argument nor a reason, and where
 * there is an argument for a change that is none any more (`all`: keys of all changes).
 */
export function mutantsPage(
  sections: readonly MutantSection[],
  given: readonly MutantArgument[],
  all: ReadonlySet<string>,
): string {
  const gone = given.filter((argument) => !all.has(argumentKey(argument)));
  if (gone.length > 0) {
    throw new Error(`arguments for no change: ${gone.map(argumentKey).join(', ')}`);
  }
  const why = new Map(given.map((argument) => [argumentKey(argument), argument.why]));
  return `${head}\n${sections.map((section) => sectionText(section, why)).join('\n')}`;
}

const head = `# Mutants

What the checks of this project notice when something is wrong on purpose, one change at a time: in the templates, in the
memory images and in the TypeScript that packs, plans and evaluates. This page is written by \`npm run docs:mutants\` from the runs of
\`npm run verify:mutants\`, \`verify:mutants-images\` and \`verify:mutants-core\`; it fails where a change that was not noticed has
no argument. Arguments are written by hand, in \`bench/mutants/arguments.yaml\`.
`;

function sectionText(
  { title, text, mutants, reasons }: MutantSection,
  why: ReadonlyMap<string, string>,
): string {
  const groups = [...new Set(mutants.map(({ group }) => group))].sort();
  const rows = groups.map(
    (group) => [group, mutants.filter((mutant) => mutant.group === group)] as const,
  );
  const lines = [...rows, ['**all**', mutants] as const].map(([name, some]) =>
    tableRow(name, some),
  );
  const survivors = mutants.filter(({ kind }) => kind === 'survived');
  const argued = survivors.map((mutant) => {
    const key = argumentKey(mutant);
    const reason = why.get(key) ?? reasons.get(key);
    if (reason === undefined) throw new Error(`not noticed, and no argument: ${key}`);
    const place = mutant.inside === '' ? mutant.file : `${mutant.file}, ${mutant.inside}`;
    return `- \`${place}\`: \`${mutant.change}\`\n  ${reason.trim()}\n`;
  });
  return `## ${title}

${text}

| | Changes | Apart | Noticed | Not | Share |
| --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

${argued.length === 0 ? 'All are noticed.' : `Not noticed:\n\n${argued.join('')}`}
`;
}

function tableRow(name: string, mutants: readonly JudgedMutant[]): string {
  const count = (kind: JudgedMutant['kind']): number =>
    mutants.filter((mutant) => mutant.kind === kind).length;
  const [killed, survived] = [count('killed'), count('survived')];
  const share =
    killed + survived === 0 ? '' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`;
  return `| ${name} | ${mutants.length} | ${count('apart')} | ${killed} | ${survived} | ${share} |`;
}
