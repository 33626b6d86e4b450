import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { checkedOtherwise } from '../../bench/proofs/checked-otherwise.ts';
import { proofTable } from '../../bench/proofs/proof-table.ts';
import { templateFolder, templateNames } from '../hdl/lint/tools.ts';
import { allProofs, propertiesOf } from '../support/proofs/all.ts';

const file = new URL('../../docs/proofs.md', import.meta.url);

it('docs/proofs.md is the table of the proofs that are run', async () => {
  const options = { ...(await resolveConfig(file)), parser: 'markdown' };
  expect(readFileSync(file, 'utf8')).toBe(await format(proofTable(), options));
});

it('every module that states properties is proved, and says in words what', () => {
  const stating = templateNames.filter((name) =>
    readFileSync(join(templateFolder, `${name}.v`), 'utf8').includes('`ifdef FORMAL'),
  );
  const proved = [...new Set(allProofs.map(({ module }) => module))].sort();
  expect(proved).toEqual(stating);
  expect(Object.keys(propertiesOf).sort()).toEqual(stating);
});

it('every other template says what checks it', () => {
  const proved = new Set(allProofs.map(({ module }) => module));
  const others = templateNames.filter((name) => !proved.has(name));
  expect(Object.keys(checkedOtherwise).sort()).toEqual(others);
});
