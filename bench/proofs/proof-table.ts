import { templateNames } from '../../test/hdl/lint/tools.ts';
import { allProofs, propertiesOf } from '../../test/support/proofs/all.ts';
import type { Proof } from '../../test/support/prove.ts';

const introduction = `# What is proved

Modules of [hdl-templates](../hdl-templates/README.md) that state properties of themselves (\`ifdef FORMAL\` in their files), and the
parameters for which \`yosys-smtbmc\` with z3 has proved them. This page is written by \`npm run docs:proofs\`, which runs all of these
proofs first, and the tests run them too.

- **Induction**: for runs of any length. No violation within the steps from reset, and from any state in which the properties held for
  as many steps they hold in the next.
- **Bounded**: no violation within the steps from reset, whatever the inputs do; nothing is said of longer runs. For modules with too much
  state for the other.
- In both, the environment does anything that the module's header allows, and a cover shows that what matters is reached.
`;

const rest = `
## Not proved

These are tested alone (\`test/hdl\`) or in whole designs:
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
  return [
    introduction,
    `${String(modules.length)} modules, ${String(allProofs.length)} proofs:`,
    '',
    '| Module | Properties | Method, steps | Parameters |',
    '| --- | --- | --- | --- |',
    ...rows,
    rest,
    `${others.map((name) => `\`${name}\``).join(', ')}.`,
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
