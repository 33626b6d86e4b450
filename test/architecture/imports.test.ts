import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom, lowest first: a file imports from its own folder and from lower ranks.
 * Folders of equal rank do not see each other.
 */
const ranks: readonly (readonly string[])[] = [
  ['base'],
  ['ir'],
  ['evaluate'],
  ['read', 'passes'],
  ['pack'],
  ['plan', 'sparsify'],
  ['emit'],
  ['simulate', 'estimate', 'synthesize'],
  ['report'],
  // Files directly in src/ but the front door: the pipeline and its options.
  ['compile'],
  ['explore'],
  ['index'],
  ['cli'],
];

/** Folders without I/O, clock, randomness or environment. */
const pure = ['ir', 'passes', 'evaluate', 'pack', 'plan', 'emit'];

const source = fileURLToPath(new URL('../../src/', import.meta.url));

interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  readonly area: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly string[];
}

function areaOf(path: string): string {
  const [first = ''] = path.split('/');
  if (first !== path) return first;
  return path === 'index.ts' ? 'index' : 'compile';
}

function rankOf(area: string): number {
  return ranks.findIndex((areas) => areas.includes(area));
}

function parse(path: string, text: string): SourceFile {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      imports.push(node.moduleSpecifier.text);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier !== undefined && ts.isStringLiteral(specifier)) imports.push(specifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(syntax);
  return { path, area: areaOf(path), syntax, imports };
}

function readSources(): readonly SourceFile[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => parse(path, readFileSync(join(source, path), 'utf8')));
}

/** Path of a relative import, relative to src/; null for packages. */
function target(file: SourceFile, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return relative(source, resolve(source, dirname(file.path), specifier)).replaceAll('\\', '/');
}

function upwardImports(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((specifier) => {
      const path = target(file, specifier);
      if (path === null || areaOf(path) === file.area) return [];
      const [from, to] = [rankOf(file.area), rankOf(areaOf(path))];
      return from > to && to >= 0 ? [] : [`${file.path} imports ${path}`];
    }),
  );
}

function impureImports(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => pure.includes(file.area))
    .flatMap((file) =>
      file.imports
        // Hashing is a function of its input.
        .filter((specifier) => target(file, specifier) === null && specifier !== 'node:crypto')
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
}

/** Calls that make a result depend on anything but the arguments. */
function impureCalls(files: readonly SourceFile[]): readonly string[] {
  const found: string[] = [];
  for (const file of files.filter(({ area }) => pure.includes(area))) {
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
        const text = `${node.expression.text}.${node.name.text}`;
        if (/^(Math\.random|Date\.now|performance\.now|process\..*|globalThis\..*)$/.test(text)) {
          found.push(`${file.path} uses ${text}`);
        }
      }
      if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
        found.push(`${file.path} uses new Date`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file.syntax);
  }
  return found;
}

/** One cycle of imports as `a -> b -> a`, or null. */
function importCycle(files: readonly SourceFile[]): string | null {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const stack: string[] = [];
  const visit = (path: string): string | null => {
    if (stack.includes(path)) return [...stack.slice(stack.indexOf(path)), path].join(' -> ');
    const file = byPath.get(path);
    if (file === undefined || done.has(path)) return null;
    stack.push(path);
    for (const specifier of file.imports) {
      const next = target(file, specifier);
      const cycle = next === null ? null : visit(next);
      if (cycle !== null) return cycle;
    }
    stack.pop();
    done.add(path);
    return null;
  };
  for (const file of files) {
    const cycle = visit(file.path);
    if (cycle !== null) return cycle;
  }
  return null;
}

function defaultExports(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ syntax }) =>
      syntax.statements.some(
        (statement) =>
          ts.isExportAssignment(statement) ||
          (ts.canHaveModifiers(statement) &&
            (ts.getModifiers(statement) ?? []).some(
              ({ kind }) => kind === ts.SyntaxKind.DefaultKeyword,
            )),
      ),
    )
    .map((file) => file.path);
}

describe('the sources', () => {
  const files = readSources();

  it('live in known folders', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => rankOf(file.area) < 0).map((file) => file.path)).toEqual([]);
  });

  it('import downwards only', () => {
    expect(upwardImports(files)).toEqual([]);
  });

  it('have no import cycles', () => {
    expect(importCycle(files)).toBeNull();
  });

  it('import what exists', () => {
    const paths = new Set(files.map((file) => file.path));
    const missing = files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const path = target(file, specifier);
        return path === null || paths.has(path) ? [] : [`${file.path} imports ${path}`];
      }),
    );
    expect(missing).toEqual([]);
  });

  it('export by name only', () => {
    expect(defaultExports(files)).toEqual([]);
  });

  it('keep the pure stages pure', () => {
    expect(impureImports(files)).toEqual([]);
    expect(impureCalls(files)).toEqual([]);
  });
});

describe('these rules', () => {
  it('notice an upward and a sideways import', () => {
    const up = parse('plan/a.ts', "import { run } from '../compile.ts';");
    const sideways = parse('simulate/a.ts', "export type { X } from '../estimate/x.ts';");
    const down = parse(
      'cli/a.ts',
      "import { run } from '../compile.ts'; import { x } from './b.ts';",
    );
    expect(upwardImports([up, sideways, down])).toEqual([
      'plan/a.ts imports compile.ts',
      'simulate/a.ts imports estimate/x.ts',
    ]);
  });

  it('notice a cycle', () => {
    const a = parse('ir/a.ts', "import type { B } from './b.ts';");
    const b = parse('ir/b.ts', "const a = await import('./a.ts');");
    expect(importCycle([a, b])).toBe('ir/a.ts -> ir/b.ts -> ir/a.ts');
  });

  it('notice a default export', () => {
    const assigned = parse('ir/a.ts', 'const x = 1; export default x;');
    const declared = parse('ir/b.ts', 'export default function f() {}');
    expect(defaultExports([assigned, declared, parse('ir/c.ts', 'export const x = 1;')])).toEqual([
      'ir/a.ts',
      'ir/b.ts',
    ]);
  });

  it('notice impurity', () => {
    const file = parse(
      'plan/a.ts',
      "import { readFile } from 'node:fs/promises'; Math.random(); new Date();",
    );
    expect(impureImports([file])).toEqual(['plan/a.ts imports node:fs/promises']);
    expect(impureCalls([file])).toEqual(['plan/a.ts uses Math.random', 'plan/a.ts uses new Date']);
  });
});
