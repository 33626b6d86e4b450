import type { OperatorRule } from '../../src/passes/operator-rule.ts';
import { constantFolds } from '../../src/passes/operators/constant-folds.ts';
import { insteadOf, operatorRules } from '../../src/passes/operators/table.ts';

/** A row of the table: an operator, or one of its attributes. */
export interface OperatorRow {
  readonly operator: string;
  /** Null for the operator itself. */
  readonly attribute: string | null;
  readonly accepted: string;
}

/** All rows, from the rules that translate the operators; other names of one rule's are left out. */
export function operatorRows(): readonly OperatorRow[] {
  const seen = new Set<OperatorRule>();
  return [...operatorRules].flatMap(([operator, rule]) => {
    if (seen.has(rule)) return [];
    seen.add(rule);
    return [
      { operator, attribute: null, accepted: rule.accepted },
      ...Object.entries(rule.attributes).map(([attribute, accepted]) => ({
        operator,
        attribute,
        accepted,
      })),
    ];
  });
}

/** Other names of operators that have the rule of one in the table. */
function otherNames(): readonly (readonly [string, string])[] {
  const first = new Map<OperatorRule, string>();
  const others: (readonly [string, string])[] = [];
  for (const [operator, rule] of operatorRules) {
    const known = first.get(rule);
    if (known === undefined) first.set(rule, operator);
    else others.push([operator, known]);
  }
  return others;
}

/** docs/operators.md. */
export function operatorTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = operatorRows().map(({ operator, attribute, accepted }) =>
    attribute === null
      ? `| **${operator}** | | ${cell(accepted)} |`
      : `| | \`${attribute}\` | ${cell(accepted)} |`,
  );
  return [
    '# Operators',
    '',
    '> Written by `npm run docs:operators` from the rules in [src/passes/operators](../src/passes/operators); do not edit.',
    '',
    'ONNX operator sets 9 to 21. A node that is not accepted is refused by name with what would be, all such nodes at once.',
    'Every row has a test model in [test/support/operator-models](../test/support/operator-models), compared with ONNX Runtime where we compute it.',
    'An attribute that is not listed is refused.',
    '',
    '| Operator | Attribute | Accepted |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '## Other names',
    '',
    ...otherNames().map(([name, known]) => `- \`${name}\` is \`${known}\``),
    '',
    '## Of constants alone',
    '',
    'What depends on no input is computed while compiling, also by these operators, broadcast as ONNX does:',
    `${[...constantFolds.keys()].join(', ')}.`,
    '',
    '## Refused, and what to use instead',
    '',
    '| Operator | Instead |',
    '| --- | --- |',
    ...[...insteadOf].map(([operator, instead]) => `| ${operator} | ${instead} |`),
    '',
  ].join('\n');
}
