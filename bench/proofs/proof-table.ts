import { templateNames } from '../../test/hdl/lint/tools.ts';
import { allProofs, propertiesOf } from '../../test/support/proofs/all.ts';
import type { Proof } from '../../test/support/prove.ts';
import { faults } from '../../test/support/proofs/faults.ts';
import { checkedOtherwise } from './checked-otherwise.ts';

const introduction = `# What is proved

Modules of [hdl-templates](../hdl-templates/README.md) that state properties of themselves (\`ifdef FORMAL_<module>\` in their files), and
the parameters for which they are proved: by ABC or by \`yosys-smtbmc\` with z3, from what Yosys makes of the file. This page is written by
\`npm run docs:proofs\`, which runs all of these proofs first, and the tests run them too.

- **Induction**: for runs of any length. No violation within the steps from reset, and from any state in which the properties held for
  as many steps they hold in the next.
- **Bounded**: no violation within the steps from reset, whatever the inputs do; nothing is said of longer runs. For modules with too much
  state for the other.
- In both, the environment does anything that the module's header allows, and covers show that what matters is reached. Only the module's
  own properties are taken: what a module inside of it assumes is not taken for granted.
- What leaves a unit that chooses winners is compared with what has to leave, stated once
  ([winners-check.v](../test/support/proofs/winners-check.v)): any channel of any of the first vectors is followed.
`;

const rest = `
## Modules without properties of their own

| Module | What checks it |
| --- | --- |
`;

/** The text of docs/proofs.md, before it is formatted. */
export function proofTable(): string {
  const modules = [...new Set(allProofs.map(({ module }) => module))].sort();
  const rows = modules.flatMap((module) => {
    const proofs = allProofs.filter((proof) => proof.module === module);
    return proofs.map((proof, index) => {
      const name = index === 0 ? `\`${module}\`` : '';
      const property = index === 0 ? (propertiesOf[module] ?? '') : '';
      return `| ${name} | ${property} | ${method(proof)} | ${parametersOf(proof)} |`;
    });
  });
  const others = templateNames.filter((name) => !modules.includes(name));
  const broken = [...new Set(faults.map(({ proof }) => proof.module))].sort();
  return [
    introduction,
    `${String(modules.length)} modules, ${String(allProofs.length)} proofs:`,
    '',
    '| Module | Properties | Method, steps | Parameters |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `${String(faults.length)} faults, one change of a template each, have to be found by the proofs of ${String(broken.length)} of them:`,
    `${broken.map((name) => `\`${name}\``).join(', ')}.`,
    rest.trimEnd(),
    ...others.map((name) => `| \`${name}\` | ${checkedOtherwise[name] ?? ''} |`),
    '',
  ].join('\n');
}

function method({ bounded, steps }: Proof): string {
  return `${bounded === true ? 'bounded' : 'induction'}, ${String(steps)}`;
}

function parametersOf({ parameters }: Proof): string {
  const parts = Object.entries(parameters).map(([name, value]) => `${name} ${String(value)}`);
  return parts.join(', ');
}
