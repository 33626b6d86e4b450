import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import { instrument } from '../../bench/mutants/core/instrument.ts';
import { mutantsOfTypeScript } from '../../bench/mutants/core/mutate-typescript.ts';

const text = `import { invariant } from './invariant.ts';
type Width = 3 | 4;
export function clamp(value: number, values: number[]): number {
  invariant(value < 5, 'never');
  if (value > 2 && value !== 7) return Math.max(value, values[0] ?? 0);
  const sorted = values.filter((one) => one >= 1);
  values.push(value);
  return -sorted.length * 2;
}
`;

const shown = (source: string): readonly string[] =>
  mutantsOfTypeScript('a.ts', source).map((mutant) => mutant.shown);

describe('changes to a TypeScript file', () => {
  it('are of operators, conditions, numbers, signs and calls', () => {
    expect(new Set(shown(text))).toEqual(
      new Set([
        'if (⟦value > 2 && value !== 7→true⟧) return Math.max(value, values[0] ?? 0);',
        'if (⟦value > 2 && value !== 7→false⟧) return Math.max(value, values[0] ?? 0);',
        'if (value > 2 ⟦&&→||⟧ value !== 7) return Math.max(value, values[0] ?? 0);',
        'if (value ⟦>→>=⟧ 2 && value !== 7) return Math.max(value, values[0] ?? 0);',
        'if (value ⟦>→<=⟧ 2 && value !== 7) return Math.max(value, values[0] ?? 0);',
        'if (value > ⟦2→3⟧ && value !== 7) return Math.max(value, values[0] ?? 0);',
        'if (value > 2 && value ⟦!==→===⟧ 7) return Math.max(value, values[0] ?? 0);',
        'if (value > 2 && value !== ⟦7→8⟧) return Math.max(value, values[0] ?? 0);',
        'if (value > 2 && value !== 7) return Math.⟦max→min⟧(value, values[0] ?? 0);',
        'if (value > 2 && value !== 7) return Math.max(value, values[⟦0→1⟧] ?? 0);',
        'const sorted = values.⟦filter→(no call)⟧((one) => one >= 1);',
        'const sorted = values.filter((one) => one ⟦>=→>⟧ 1);',
        'const sorted = values.filter((one) => one ⟦>=→<⟧ 1);',
        'const sorted = values.filter((one) => one >= ⟦1→2⟧);',
        '⟦values.push(value);→⟧',
        'return -sorted.length ⟦*→/⟧ 2;',
        'return ⟦-sorted.length→sorted.length⟧ * 2;',
        'return -sorted.length * ⟦2→3⟧;',
      ]),
    );
  });

  it('know their line and function, and are told apart where they look the same', () => {
    const twice = 'const f = () => {\n  g(1);\n  h();\n  g(1);\n};\n';
    const mutants = mutantsOfTypeScript('a.ts', twice);
    expect(mutants.map(({ line, inside, shown: change }) => [line, inside, change])).toEqual([
      [2, 'f', '⟦g(1);→⟧'],
      [2, 'f', 'g(⟦1→2⟧);'],
      [3, 'f', '⟦h();→⟧'],
      [4, 'f', '⟦g(1);→⟧ #2'],
      [4, 'f', 'g(⟦1→2⟧); #2'],
    ]);
  });

  it('are all in one text, and each is one switch away', () => {
    const source = text.replaceAll(/import.*\n|export /g, '').replace('invariant', 'void');
    const mutants = mutantsOfTypeScript('a.ts', source).map((mutant, id) => ({ id, mutant }));
    const compiled = (code: string): string =>
      ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023 } }).outputText;
    const all = compiled(instrument(source, mutants));
    const answers = (code: string, on: number | null): readonly unknown[] =>
      [1, 2, 3, 7].map((value) => {
        const values = [9, 1, 0];
        const context = { __nzflowMutant: (id: number) => id === on, value, values };
        return [runInNewContext(`${code};\nclamp(value, values)`, context), values];
      });
    expect(answers(all, null)).toEqual(answers(compiled(source), null));
    for (const { id, mutant } of mutants) {
      const { start, end, replacement } = mutant;
      const alone = source.slice(0, start) + (replacement ?? '') + source.slice(end);
      expect(answers(all, id), mutant.shown).toEqual(answers(compiled(alone), null));
    }
  });
});
