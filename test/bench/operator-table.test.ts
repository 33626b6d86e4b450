import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { operatorRows, operatorTable } from '../../bench/operator-table/operator-table.ts';
import type { OnnxNode } from '../../src/ir/onnx.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { elementwiseModels } from '../support/operator-models/elementwise.ts';
import { hostModels } from '../support/operator-models/host.ts';
import { layoutModels } from '../support/operator-models/layout.ts';
import { encodeOperatorModel } from '../support/operator-models/operator-model.ts';
import { quantisedModels } from '../support/operator-models/quantised.ts';
import { windowModels } from '../support/operator-models/windows.ts';
import { winnerModels } from '../support/operator-models/winners.ts';
import { qonnxModel } from '../support/quantised/qonnx.ts';

const models = [
  ...windowModels,
  ...elementwiseModels,
  ...layoutModels,
  ...winnerModels,
  ...hostModels,
  ...quantisedModels,
];

/** Rows that no model can have: what they are about is always refused. */
const withoutModel: ReadonlySet<string> = new Set([
  'DynamicQuantizeLinear',
  // Values that would be refused if they were not these.
  'QuantizeLinear.block_size',
  'DequantizeLinear.block_size',
]);

function nameOf({ operator, domain }: OnnxNode): string {
  return domain === '' ? operator : `${domain}::${operator}`;
}

function coveredRows(): ReadonlySet<string> {
  const nodes = [...models.map((model) => encodeOperatorModel(model)), qonnxModel('qonnx')].flatMap(
    (bytes) => decodeOnnxModel(bytes, 'test.onnx').nodes,
  );
  return new Set(
    nodes.flatMap((node) => [
      nameOf(node),
      ...[...node.attributes.keys()].map((attribute) => `${nameOf(node)}.${attribute}`),
    ]),
  );
}

describe('the table of operators', () => {
  it('is what the rules say', async () => {
    const path = 'docs/operators.md';
    const options = await resolveConfig(path);
    const text = await format(operatorTable(), { ...options, parser: 'markdown' });
    expect(readFileSync(path, 'utf8'), 'npm run docs:operators writes it').toBe(text);
  });

  it('has a test model for every row', () => {
    const covered = coveredRows();
    const rows = operatorRows().map(({ operator, attribute }) =>
      attribute === null ? operator : `${operator}.${attribute}`,
    );
    expect(rows.filter((row) => !covered.has(row) && !withoutModel.has(row))).toEqual([]);
  });
});
