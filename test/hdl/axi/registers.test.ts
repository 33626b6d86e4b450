import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { templateInDesign } from '../../../src/emit/layer-events.ts';
import { emitAxiRegisters } from '../../../src/emit/emit-axi-registers.ts';
import { emitDesign } from '../../../src/emit/emit-design.ts';
import { emitDriver } from '../../../src/emit/driver/emit-driver.ts';
import { registerTable } from '../../../src/emit/driver/registers-markdown.ts';
import { axiBytes, withAxi } from '../../../src/plan/interfaces/plan-axi.ts';
import { counterCount, registerMap } from '../../../src/plan/interfaces/register-map.ts';
import { templateFolder } from '../lint/tools.ts';
import { randomCase } from '../../support/random-case.ts';

const { network } = randomCase(7, 'sparse-sparse', 1);
const plan = withAxi(network.plan, 64);
const map = registerMap(plan);
const steps = { channel: 1, row: 1, column: 1 };
const files = new Map(
  emitDriver(plan, {
    range: { minimum: -128, maximum: 127 },
    inputSteps: steps,
    answerSteps: plan.output.answers.map(() => steps),
    hostOperators: [],
  }).map(({ name, content }) => [name, content]),
);

describe('the register map', () => {
  it('has no two registers in one place, and none among the counters', () => {
    const offsets = map.registers.map(({ offset }) => offset);
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(Math.max(...offsets)).toBeLessThan(map.counterBase);
    expect(offsets.every((offset) => offset % 4 === 0)).toBe(true);
    for (const { name, fields } of map.registers) {
      const bits = fields.flatMap(({ bit, bits: many }) =>
        Array.from({ length: many }, (_, at) => bit + at),
      );
      expect(new Set(bits).size, name).toBe(bits.length);
    }
  });

  it('reaches all counters', () => {
    expect(map.counterBase + 8 * counterCount(map)).toBeLessThanOrEqual(2 ** map.addressBits);
  });

  it('reaches them in networks whose counters fill the addresses', () => {
    const [layer] = plan.layers;
    if (layer === undefined) throw new Error('a layer');
    for (const count of [1, 59, 123]) {
      const deep = { ...plan, layers: Array.from({ length: count }, () => layer) };
      const text = emitAxiRegisters(deep).content;
      const [, bits, value] = /WordCountersLast = (\d+)'h([0-9a-f]+);/.exec(text) ?? [];
      const { counterBase } = registerMap(deep);
      const last = counterBase + 8 * counterCount(registerMap(deep)) - 4;
      expect(Number.parseInt(value ?? '', 16), `${count} layers`).toBe(last / 4);
      expect(last / 4).toBeLessThan(2 ** Number(bits));
    }
  });

  it('lets no name of a model end a comment', () => {
    const name = 'x*\\ int evil(void){return 1;} **\\ y**// z';
    const facts = {
      range: { minimum: -128, maximum: 127 },
      inputSteps: steps,
      answerSteps: plan.output.answers.map(() => steps),
      hostOperators: [name],
    };
    const named = { ...plan, model: { ...plan.model, name } };
    const headers = emitDriver(named, facts).filter((file) => file.name.endsWith('.h'));
    expect(headers.length).toBeGreaterThan(1);
    for (const { name: file, content } of headers) {
      expect(content, file).toContain('evil');
      const code = content.replace(/\/\*[^]*?\*\//g, '');
      expect(code, file).not.toContain('evil');
    }
  });

  it('is the same in Verilog, C and Markdown', () => {
    const verilog = emitDesign(plan).find(({ name }) => name === 'nzflow_axi_registers.v');
    const header = files.get('nzflow_registers.h') ?? '';
    const markdown = files.get('registers.md') ?? '';
    for (const { name, offset, constant, fields } of map.registers) {
      const camel = name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect(verilog?.content).toMatch(
        new RegExp(`Word${camel} = \\d+'h${(offset / 4).toString(16)};`),
      );
      const hex = (value: number, digits: number): string =>
        value.toString(16).padStart(digits, '0');
      expect(header).toContain(`#define NZFLOW_${name.toUpperCase()} 0x${hex(offset, 4)}u`);
      expect(markdown).toContain(`| 0x${hex(offset, 3)}  | \`${name}\``);
      if (constant !== undefined) {
        expect(header).toContain(
          `#define NZFLOW_${name.toUpperCase()}_VALUE 0x${hex(constant, 8)}u`,
        );
        expect(markdown).toContain(`0x${hex(constant, 8)}`);
        expect(verilog?.content).toContain(`Word${camel}: word_q <= 32'h${hex(constant, 8)};`);
      }
      for (const field of fields) {
        const mask = (2 ** field.bits - 1) * 2 ** field.bit;
        expect(header).toContain(
          `#define NZFLOW_${name.toUpperCase()}_${field.name.toUpperCase()} 0x${hex(mask, 8)}u`,
        );
      }
    }
  });

  it('is the one in docs/interfaces.md', () => {
    const path = fileURLToPath(new URL('../../../docs/interfaces.md', import.meta.url));
    expect(readFileSync(path, 'utf8')).toContain(registerTable(map, false));
  });
});

describe('an inference on the bus', () => {
  it.each([8, 16, 32, 64, 128, 256, 512, 1024])('has all its bytes at %i bits', (dataBits) => {
    const { axi } = withAxi(network.plan, dataBits);
    if (axi === undefined) throw new Error('no interfaces');
    for (const [stream, { beatBits, beatsPerInference }] of [
      [axi.input, network.plan.input],
      [axi.output, network.plan.output],
    ] as const) {
      const { used, stride } = axiBytes(stream, dataBits);
      expect(stream.slotBits).toBeGreaterThanOrEqual(beatBits);
      expect(used * 8).toBe(beatsPerInference * stream.slotBits);
      expect(stride - used).toBeLessThan(dataBits / 8);
      expect(stride * 8).toBe(stream.beats * dataBits);
    }
  });
});

describe('a design without bus interfaces', () => {
  it('has nothing of them', () => {
    const text = emitDesign(network.plan)
      .map(({ name, content }) => name + content)
      .join('');
    expect(text).not.toMatch(/axi|event/i);
    const engine = readFileSync(join(templateFolder, 'window_engine.v'), 'utf8');
    expect(engine).toMatch(/events/i);
    expect(templateInDesign('window_engine.v', engine, network.plan)).not.toMatch(/events/i);
  });
});
