import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Reads an image with sim/read_memory.cpp twice (the second time from what it kept) and with
 * Verilator's own function, and prints what is in memory: `ours`, `again`, `verilator`.
 */
const program = `
#include <vector>
#include "read_memory.h"
#undef VL_READMEM_N

static void print(const char* name, const std::vector<unsigned char>& memory) {
  std::printf("%s ", name);
  for (const unsigned char byte : memory) std::printf("%02x", byte);
  std::printf("\\n");
}

int main(int, char** arguments) {
  const int bits = std::atoi(arguments[1]);
  const QData depth = std::strtoull(arguments[2], nullptr, 10);
  const QData end = std::strtoull(arguments[3], nullptr, 10);
  const std::string file = arguments[4];
  // more than any word takes
  const std::size_t bytes = depth * (bits / 8 + 8);
  for (const char* name : {"ours", "again"}) {
    std::vector<unsigned char> memory(bytes, 0xa5);
    nzflow::read_memory(true, bits, depth, 0, file, memory.data(), 0, end == 0 ? ~0ULL : end);
    print(name, memory);
  }
  std::vector<unsigned char> memory(bytes, 0xa5);
  VL_READMEM_N(true, bits, depth, 0, file, memory.data(), 0, end == 0 ? ~0ULL : end);
  print("verilator", memory);
}
`;

let folder = '';
let binary = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-read-memory-'));
  binary = join(folder, 'read');
  const main = join(folder, 'main.cpp');
  writeFileSync(main, program);
  const root = execFileSync('verilator', ['--getenv', 'VERILATOR_ROOT'], { encoding: 'utf8' });
  const include = join(root.trim(), 'include');
  execFileSync('g++', [
    ...['-std=c++17', '-O0', '-DVM_COVERAGE=0', '-DVM_SC=0', '-DVM_TRACE=0', '-w'],
    ...[`-I${include}`, `-I${join(include, 'vltstd')}`, `-I${resolve('sim')}`],
    ...[main, resolve('sim/read_memory.cpp')],
    ...['verilated.cpp', 'verilated_threads.cpp'].map((name) => join(include, name)),
    ...['-pthread', '-o', binary],
  ]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Image {
  readonly bits: number;
  readonly depth: number;
  /** Last address to read, 0 for all. */
  readonly end?: number;
  readonly text: string;
}

function read({ bits, depth, end = 0, text }: Image): {
  readonly lines: ReadonlyMap<string, string>;
  readonly status: number | null;
} {
  const file = join(folder, 'image.mem');
  writeFileSync(file, text);
  const result = spawnSync(binary, [`${bits}`, `${depth}`, `${end}`, file], { encoding: 'utf8' });
  const lines = result.stdout.split('\n').map((line) => line.split(' '));
  const found = lines.map(([name = '', bytes = '']) => [name, bytes] as const);
  return { lines: new Map(found), status: result.status };
}

function words(count: number, digits: number): string {
  const line = (word: number): string =>
    Array.from({ length: digits }, (_, at) => ((word * 7 + at * 5 + 1) % 16).toString(16)).join('');
  return `${Array.from({ length: count }, (_, word) => line(word)).join('\n')}\n`;
}

describe('memory images in the simulator', () => {
  it.each([4, 8, 12, 16, 32, 40, 64, 72, 128, 1020])(
    'are read as Verilator reads them, %i bits',
    (bits) => {
      const { lines, status } = read({ bits, depth: 5, text: words(5, bits / 4) });
      expect(status).toBe(0);
      expect(lines.get('ours')).toContain('a5');
      expect(lines.get('ours')).not.toMatch(/^(?:a5)*$/);
      expect(lines.get('ours')).toBe(lines.get('verilator'));
      expect(lines.get('again')).toBe(lines.get('verilator'));
    },
  );

  it('have the first digit in the highest bits', () => {
    const { lines } = read({ bits: 72, depth: 1, text: '123456789abcdef012\n' });
    expect(lines.get('ours')?.slice(0, 24)).toBe('12f0debc9a78563412000000');
  });

  it.each([
    ['fewer words than the memory has', { bits: 12, depth: 5, text: words(3, 3) }],
    ['words with fewer digits', { bits: 40, depth: 3, text: '1\n22\n333\n' }],
    ['no line end behind the last word', { bits: 8, depth: 2, text: 'ab\ncd' }],
    ['addresses', { bits: 16, depth: 4, text: '@2\nbeef\ncafe\n' }],
    [
      'comments and underscores',
      { bits: 16, depth: 2, text: '// a comment\nbe_ef\n/* b */ cafe\n' },
    ],
    ['several words a line', { bits: 8, depth: 4, text: '01 02\n03 04\n' }],
    ['empty lines', { bits: 8, depth: 2, text: '01\n\n02\n' }],
    ['capital digits', { bits: 8, depth: 1, text: 'AB\n' }],
    ['bits that do not fit', { bits: 10, depth: 2, text: 'fff\n123\n' }],
    ['a last address', { bits: 8, depth: 4, end: 1, text: '01\n02\n' }],
  ] as const)('are read as Verilator reads them: %s', (_, image) => {
    const { lines, status } = read(image);
    expect(status).toBe(0);
    expect(lines.get('ours')).toBe(lines.get('verilator'));
    expect(lines.get('again')).toBe(lines.get('verilator'));
  });

  it('stop the simulation where they have more words than the memory', () => {
    const { lines, status } = read({ bits: 8, depth: 2, text: words(3, 2) });
    expect(status).not.toBe(0);
    expect(lines.has('ours')).toBe(false);
  });
});
