import { LineCounter, isMap, isNode, isScalar, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError, fail } from '../base/diagnostics.ts';
import { suggestion } from '../base/suggest.ts';

/** A text to check and how its mistakes are reported. */
export interface DocumentSource {
  /** Name of the file as the user wrote it, for messages. */
  readonly file: string;
  readonly text: string;
  /** First part of the diagnostic codes: `config` gives `config/unknown-key`. */
  readonly area: string;
}

type Path = readonly PropertyKey[];

/**
 * Parses YAML and checks it against a strict schema. Throws one `UserError` with every
 * mistake in it, each with `file:line:column`; unknown keys are refused by name.
 */
export function parseConfigDocument<Schema extends z.ZodType>(
  source: DocumentSource,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter();
  // YAML 1.2 core: `no` and `on` stay text; duplicate keys are errors.
  const document = parseDocument(source.text, {
    lineCounter: lines,
    prettyErrors: false,
    // its warnings would go to stderr past us
    logLevel: 'error',
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${source.file}:${String(line)}:${String(col)}`;
  };
  if (document.errors.length > 0) {
    throw new UserError(
      document.errors.map((error) => {
        const isSecond = error.code === 'MULTIPLE_DOCS';
        const first = error.message.split('\n')[0] ?? error.message;
        return {
          code: `${source.area}/not-yaml`,
          message: isSecond
            ? 'there is more than one document in it, parted by ---'
            : first.replace(/\.$/, ''),
          place: place(error.pos[0]),
          remedy: isSecond ? 'keep one of them' : null,
        };
      }),
    );
  }
  const value = valueOf(document, source, place);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UserError(
    result.error.issues.flatMap((issue) => diagnosticsOf(issue, source, schema, document, place)),
  );
}

/** What the document says, its aliases followed. */
function valueOf(
  document: Document,
  { file, area }: DocumentSource,
  place: (offset: number) => string,
): unknown {
  const unresolved: Diagnostic[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      unresolved.push({
        code: `${area}/bad-value`,
        message: `nothing before it has the anchor "${alias.source}"`,
        place: place(alias.range?.[0] ?? 0),
        remedy: 'write the value itself, in quotes if it begins with an asterisk',
      });
    },
  });
  if (unresolved.length > 0) throw new UserError(unresolved);
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    return fail(`${area}/bad-value`, 'its aliases stand for more than a file can mean', {
      place: file,
      remedy: 'write the values themselves',
      cause,
    });
  }
}

function diagnosticsOf(
  issue: z.core.$ZodIssue,
  source: DocumentSource,
  schema: z.ZodType,
  document: Document,
  place: (offset: number) => string,
): readonly Diagnostic[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      code: `${source.area}/unknown-key`,
      message: `unknown key "${key}"`,
      place: place(keyOffset(document, [...issue.path, key])),
      remedy: known.length === 0 ? null : suggestion(key, known),
    }));
  }
  const missing = issue.code === 'invalid_type' && document.getIn(issue.path) === undefined;
  const path = issue.path.map(String).join('.');
  return [
    {
      code: `${source.area}/${missing ? 'missing-key' : 'bad-value'}`,
      message: missing
        ? `key "${path}" is missing`
        : `${path === '' ? '' : `${path}: `}${lowerFirst(issue.message)}`,
      place: place(valueOffset(document, issue.path)),
      remedy: null,
    },
  ];
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

/** Where the value at `path` begins; for a missing one, where its innermost existing parent does. */
function valueOffset(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(document.contents) && document.contents.range ? document.contents.range[0] : 0;
}

function keyOffset(document: Document, path: Path): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path[path.length - 1];
  if (isMap(parent)) {
    for (const pair of parent.items) {
      if (isScalar(pair.key) && String(pair.key.value) === String(key) && pair.key.range)
        return pair.key.range[0];
    }
  }
  return valueOffset(document, path);
}

/** Names that a strict object schema accepts at `path`; empty where it cannot be told. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let current: unknown = schema;
  for (const step of path) {
    const shape = shapeOf(current);
    if (shape === null) return [];
    current = shape[String(step)];
  }
  const shape = shapeOf(current);
  return shape === null ? [] : Object.keys(shape);
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  let current = schema;
  // Unwrap optional and default.
  while (isRecord(current) && !isRecord(current['shape'])) {
    const definition: unknown = current['def'];
    if (!isRecord(definition) || definition['innerType'] === undefined) return null;
    current = definition['innerType'];
  }
  return isRecord(current) && isRecord(current['shape']) ? current['shape'] : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
