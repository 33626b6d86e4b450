import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { argumentKey, readArguments } from '../../bench/mutants/arguments.ts';
import { mutantsOfTypeScript } from '../../bench/mutants/core/mutate-typescript.ts';
import { mutantsPage } from '../../bench/mutants/mutants-page.ts';
import type { JudgedMutant } from '../../bench/mutants/mutants-page.ts';
import { templateMutants } from '../../bench/mutants/part.ts';

/** Keys of all changes of a file. */
function changesOf(file: string): readonly string[] {
  if (file.endsWith('.v')) {
    return templateMutants(file).map(({ shown }) =>
      argumentKey({ file, inside: '', change: shown }),
    );
  }
  const text = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
  return mutantsOfTypeScript(file, text).map(({ inside, shown }) =>
    argumentKey({ file, inside, change: shown }),
  );
}

describe('arguments why a change is not noticed', () => {
  const given = readArguments();

  it('are for changes that there are', () => {
    const all = new Set([...new Set(given.map(({ file }) => file))].flatMap(changesOf));
    expect(given.map(argumentKey).filter((key) => !all.has(key))).toEqual([]);
  });

  it('are one a change', () => {
    expect(new Set(given.map(argumentKey)).size).toBe(given.length);
  });
});

describe('docs/mutants.md', () => {
  const mutant = (kind: JudgedMutant['kind'], change: string): JudgedMutant => ({
    ...{ group: 'g', file: 'f.ts', inside: 'i', change, kind },
  });
  const section = (mutants: readonly JudgedMutant[]) => [
    { title: 'T', text: 'How.', mutants, reasons: new Map<string, string>() },
  ];
  const why = { file: 'f.ts', inside: 'i', change: 'a ⟦<→<=⟧ b', why: 'a is never b' };
  const all = new Set([argumentKey(why)]);

  it('counts what is judged, and says why what is not noticed is not', () => {
    const judged = [mutant('killed', 'x'), mutant('survived', why.change), mutant('apart', 'y')];
    const page = mutantsPage(section(judged), [why], all);
    expect(page).toContain('| **all** | 3 | 1 | 1 | 1 | 50.0 % |');
    expect(page).toContain('- `f.ts, i`: `a ⟦<→<=⟧ b`\n  a is never b');
  });

  it('is not written without an argument', () => {
    expect(() => mutantsPage(section([mutant('survived', why.change)]), [], all)).toThrow(
      'no argument',
    );
  });

  it('is not written with an argument for a change that is none any more', () => {
    expect(() => mutantsPage(section([]), [why], new Set())).toThrow('arguments for no change');
  });
});
