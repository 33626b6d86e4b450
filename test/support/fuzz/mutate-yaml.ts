import { integerBetween } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { mutateBytes, oneOf } from './mutate-bytes.ts';
import { oddNames, oddNumbers } from './odd-values.ts';

/** What a value may be in place of a sensible one. */
const oddValues: readonly string[] = [
  '',
  '~',
  'null',
  'yes',
  '.nan',
  '-.inf',
  '0x7fffffffffffffff',
  '1e999',
  '2001-12-14t21:59:43.10-05:00',
  '!!binary aGk=',
  '!!js/function "x"',
  '!unknown tag',
  '&a [*a]',
  '*missing',
  '{ a: { b: { c: d } } }',
  '[[[[[[[[[[]]]]]]]]]]',
  '"\\u0000"',
  '"unfinished',
  "'it''s'",
  '|\n  block\n   more',
  '>-\n  folded',
  '? complex\n: value',
  '<<: *a',
  '%YAML 9.9',
  '---\nsecond: document',
  '...',
  '\ttab',
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  `${'{a: '.repeat(500)}1${'}'.repeat(500)}`,
  ...oddNumbers.map(String),
  ...oddNames.map((name) => JSON.stringify(name)),
];

/** Each list is ten of the one before: 10^9 where they are followed. */
const bomb = Array.from({ length: 9 }, (_, level) => {
  const inner = level === 0 ? '"x"' : `*l${level - 1}`;
  return `l${level}: &l${level} [${Array.from({ length: 10 }, () => inner).join(', ')}]`;
}).join('\n');

/** YAML text with a few lines or values changed. */
export function mutateYaml(random: Random, text: string): string {
  if (random() < 0.15) return Buffer.from(mutateBytes(random, Buffer.from(text))).toString('utf8');
  if (random() < 0.002) return `${text}\n${bomb}\nboard: *l8\n`;
  const lines = text.split('\n');
  for (let changes = integerBetween(random, 1, 3); changes > 0; changes -= 1) {
    const at = integerBetween(random, 0, lines.length - 1);
    const line = lines[at] ?? '';
    const key = /^(\s*[\w-]+:)/.exec(line)?.[1];
    switch (integerBetween(random, 0, 5)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, oneOf(random, lines));
        break;
      case 2:
        lines[at] = `${' '.repeat(integerBetween(random, 0, 6))}${line.trimStart()}`;
        break;
      case 3:
        lines[at] = `${oneOf(random, oddNames.slice(1, -1)).replaceAll('\n', ' ')}: ${line.trim()}`;
        break;
      default:
        lines[at] = `${key ?? line} ${oneOf(random, oddValues)}`;
    }
  }
  return lines.join('\n');
}
