import type { Plan } from '../../ir/plan.ts';
import { registerMap } from '../../plan/register-map.ts';
import type { Counter, Register, RegisterAccess, RegisterMap } from '../../plan/register-map.ts';
import { provenance } from '../provenance.ts';

const accessWords: Readonly<Record<RegisterAccess, string>> = {
  read: 'read',
  'read-write': 'read, write',
  pulse: 'write 1: does it; reads 0',
  clear: 'sticky; write 1: clears it',
};

function offset(value: number): string {
  return `0x${value.toString(16).padStart(3, '0')}`;
}

/** Text of a cell: no bars. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function rows(register: Register): readonly string[] {
  const { name, access, description, constant, reset } = register;
  const value =
    constant === undefined ? String(reset ?? '') : `0x${constant.toString(16).padStart(8, '0')}`;
  const head = `| ${offset(register.offset)} | \`${name}\` | | ${
    access === 'fields' ? '' : accessWords[access]
  } | ${value} | ${cell(description)} |`;
  return [
    head,
    ...register.fields.map((field) => {
      const bits = field.bits === 1 ? `${field.bit}` : `${field.bit + field.bits - 1}:${field.bit}`;
      return `| | \`${field.name}\` | ${bits} | ${accessWords[field.access]} | | ${cell(field.description)} |`;
    }),
  ];
}

function counterRows(map: RegisterMap): readonly string[] {
  let at = map.counterBase;
  const row = (of: string, { name, description }: Counter): string => {
    const text = `| ${offset(at)} | ${of} | \`${name}\` | ${cell(description)} |`;
    at += 8;
    return text;
  };
  return [
    ...map.designCounters.map((counter) => row('design', counter)),
    ...map.layers.flatMap((layer) =>
      map.layerCounters.map((counter) => row(cell(`layer ${layer}`), counter)),
    ),
  ];
}

/** `registers.md`: the register map for people. */
export function registersMarkdown(plan: Plan): string {
  const map = registerMap(plan);
  return `# Registers of nzflow_axi

${provenance(plan).join('\n')}

32 bits each, AXI4-Lite, addresses of ${map.addressBits} bits. An address that is not here reads 0.

| Offset | Name | Bits | Access | Value | Meaning |
| ------ | ---- | ---- | ------ | ----- | ------- |
${map.registers.flatMap(rows).join('\n')}

## Counters

Of ${map.counterBits} bits: the low word at the offset, the rest 4 bytes behind it. They are read from a copy, made by
\`control.snapshot\`; counter i is copied i cycles behind the first.

| Offset | Of | Name | Counts |
| ------ | -- | ---- | ------ |
${counterRows(map).join('\n')}
`;
}
