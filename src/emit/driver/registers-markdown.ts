import type { Plan } from '../../ir/plan.ts';
import { registerMap } from '../../plan/interfaces/register-map.ts';
import type {
  Counter,
  Register,
  RegisterAccess,
  RegisterMap,
} from '../../plan/interfaces/register-map.ts';
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

function rows(register: Register, constants: boolean): readonly (readonly string[])[] {
  const { name, access, description, constant, reset } = register;
  const always = constant === undefined ? '' : `0x${constant.toString(16).padStart(8, '0')}`;
  return [
    [
      offset(register.offset),
      `\`${name}\``,
      '',
      access === 'fields' ? '' : accessWords[access],
      ...(constants ? [constant === undefined ? String(reset ?? '') : always] : []),
      description,
    ],
    ...register.fields.map((field) => [
      '',
      `\`${field.name}\``,
      field.bits === 1 ? `${field.bit}` : `${field.bit + field.bits - 1}:${field.bit}`,
      accessWords[field.access],
      ...(constants ? [''] : []),
      field.description,
    ]),
  ];
}

/** Lines of a table, columns filled up to their widest cell. */
function table(header: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [header, ...body].map((line) => line.map(cell));
  const widths = header.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map(
    (line) => `| ${line.map((word, at) => word.padEnd(widths[at] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}

/** The registers; with their constants for a design, without for all of them. */
export function registerTable(map: RegisterMap, constants: boolean): string {
  return table(
    ['Offset', 'Name', 'Bits', 'Access', ...(constants ? ['Value'] : []), 'Meaning'],
    map.registers.flatMap((register) => rows(register, constants)),
  );
}

function counterRows(map: RegisterMap): readonly (readonly string[])[] {
  let at = map.counterBase;
  const row = (of: string, { name, description }: Counter): readonly string[] => {
    at += 8;
    return [offset(at - 8), of, `\`${name}\``, description];
  };
  return [
    ...map.designCounters.map((counter) => row('design', counter)),
    ...map.layers.flatMap((layer) =>
      map.layerCounters.map((counter) => row(`layer ${layer}`, counter)),
    ),
  ];
}

/** `registers.md`: the register map for people. */
export function registersMarkdown(plan: Plan): string {
  const map = registerMap(plan);
  return `# Registers of nzflow_axi

${provenance(plan).join('\n')}

32 bits each, AXI4-Lite, addresses of ${map.addressBits} bits. An address that is not here reads 0.

${registerTable(map, true)}

## Counters

Of ${map.counterBits} bits: the low word at the offset, the rest 4 bytes behind it. They are read from a copy, made by
\`control.snapshot\`; counter i is copied i cycles behind the first.

${table(['Offset', 'Of', 'Name', 'Counts'], counterRows(map))}
`;
}
