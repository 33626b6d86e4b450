import type { Random } from '../../evaluate/random-graph.ts';
import { oneOf } from './mutate-bytes.ts';

/** Names that would end, begin or escape something if they were not treated as plain text. */
export const oddNames: readonly string[] = [
  '',
  ' ',
  'a b',
  '"',
  "'",
  '\\',
  '../../../etc/passwd',
  '/dev/zero',
  '$(touch nzflow-was-here)',
  '`touch nzflow-was-here`',
  ';touch nzflow-was-here',
  '| cat',
  'endmodule',
  'module',
  'begin',
  '*/ endmodule',
  '`include "x"',
  '$finish',
  '[exit]',
  'naïve',
  '日本語',
  '\u202eabc',
  '\u0000',
  '\ud800',
  '\n',
  '\r\n',
  '\u001b[2J',
  '%s%n',
  '__proto__',
  'constructor',
  'toString',
  '<script>',
  '-rf',
  'a'.repeat(10_000),
];

/** Integers at which something may overflow. */
export const oddIntegers: readonly bigint[] = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  255n,
  65_536n,
  1n << 31n,
  (1n << 31n) - 1n,
  -(1n << 31n),
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 53n,
  1n << 60n,
  (1n << 63n) - 1n,
  -(1n << 63n),
];

export const oddNumbers: readonly number[] = [
  ...oddIntegers.map(Number),
  0.5,
  -0,
  NaN,
  Infinity,
  -Infinity,
  1e-320,
  1e308,
  1e39,
];

/** Something JSON can hold in place of what was there. */
export function oddJson(random: Random): unknown {
  switch (oneOf(random, [0, 1, 2, 3, 4, 5, 6, 7])) {
    case 0:
      return null;
    case 1:
      return oneOf(random, oddNames);
    case 2:
    case 3:
      return oneOf(random, oddNumbers.filter(Number.isFinite));
    case 4:
      return [];
    case 5:
      return {};
    case 6:
      return random() < 0.5;
    default:
      return JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`);
  }
}
