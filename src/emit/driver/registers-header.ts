import type { Plan } from '../../ir/plan.ts';
import { registerMap } from '../../plan/interfaces/register-map.ts';
import type { Counter, Register, RegisterField } from '../../plan/interfaces/register-map.ts';
import { provenance } from '../provenance.ts';

/** C identifier of a register, a field or a counter. */
function macro(...names: readonly string[]): string {
  return ['nzflow', ...names].join('_').toUpperCase();
}

function define(name: string, value: string, comment = ''): string {
  const text = `#define ${name} ${value}`;
  return comment === '' ? text : `${text} /* ${comment} */`;
}

function hexadecimal(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}u`;
}

function fieldLine(register: Register, { name, bit, bits, description }: RegisterField): string {
  const mask = (2 ** bits - 1) * 2 ** bit;
  return define(macro(register.name, name), hexadecimal(mask, 8), description);
}

function registerLines(register: Register): readonly string[] {
  const { name, offset, description, constant } = register;
  return [
    define(macro(name), hexadecimal(offset, 4), description),
    ...(constant === undefined ? [] : [define(macro(name, 'value'), hexadecimal(constant, 8))]),
    ...register.fields.map((field) => fieldLine(register, field)),
  ];
}

function counterLines(prefix: string, counters: readonly Counter[]): readonly string[] {
  return counters.map(({ name, description }, index) =>
    define(macro(prefix, name), `${index}u`, description),
  );
}

/** `nzflow_registers.h`: the register map for C. */
export function registersHeader(plan: Plan): string {
  const map = registerMap(plan);
  return `/*
 * Registers of nzflow_axi: byte offsets, masks of fields, numbers of counters.
${provenance(plan)
  .map((line) => ` * ${line}\n`)
  .join('')} */
#ifndef NZFLOW_REGISTERS_H
#define NZFLOW_REGISTERS_H

/* NAME: offset, NAME_VALUE: what it always reads, NAME_FIELD: mask. */
${map.registers.flatMap(registerLines).join('\n')}

/* Counter i of the snapshot: low word at NZFLOW_COUNTERS + 8 i, then the rest of ${map.counterBits} bits. */
${define(macro('counters'), hexadecimal(map.counterBase, 4))}
${define(macro('design_counters'), `${map.designCounters.length}u`, 'of the whole design come first')}
${define(macro('layer_counters'), `${map.layerCounters.length}u`, 'then those of every layer')}
${counterLines('counter', map.designCounters).join('\n')}
${counterLines('layer_counter', map.layerCounters).join('\n')}

#endif
`;
}
