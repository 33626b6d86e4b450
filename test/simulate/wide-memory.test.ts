import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourcesOf } from '../hdl/lint/tools.ts';

/** Words of the memory, and the width of one: wider than what Verilator takes apart. */
const depth = 33;
const width = 8192;
const addressBits = 6;

/**
 * Reads the last word and then past it. Whatever is allocated ends where memory ends, so that a
 * read past the model's memory is a segmentation fault wherever the model lies.
 */
const program = `
#include <sys/mman.h>
#include <cstdio>
#include <new>
#include "Vread.h"

void* operator new(std::size_t bytes) {
  const std::size_t page = 4096;
  const std::size_t guard = 64 * page;
  const std::size_t pages = (bytes + page - 1) / page * page;
  void* area = mmap(nullptr, pages + guard, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) throw std::bad_alloc();
  char* start = static_cast<char*>(area);
  mprotect(start + pages, guard, PROT_NONE);
  return start + (pages - bytes) / 16 * 16;
}
void operator delete(void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}

int main() {
  static Vread top;
  for (const int address : {${depth - 1}, ${2 ** addressBits - 1}}) {
    top.read_address_i = address;
    for (const int clock : {0, 1}) {
      top.clk_i = clock;
      top.eval();
    }
    if (address < ${depth}) std::printf("%x\\n", top.read_data_o[0]);
  }
  return 0;
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-wide-memory-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['weight_memory', `-GFile="words.mem"`],
  ['simple_memory', '-GBlockMemory=1'],
])('%s of wide words in Verilator', (name, parameter) => {
  it('is not read past its end', () => {
    const words = Array.from({ length: depth }, (_, word) => (0x20 + word).toString(16));
    writeFileSync(join(folder, 'words.mem'), `${words.join('\n')}\n`);
    writeFileSync(join(folder, 'main.cpp'), program);
    const built = spawnSync(
      'verilator',
      [
        ...['--cc', '--exe', '--build', '-O3', '--x-assign', 'fast', '-Wno-fatal'],
        ...['--prefix', 'Vread', '--top-module', name, '--Mdir', name],
        ...[`-GWidth=${width}`, `-GDepth=${depth}`, `-GAddressBits=${addressBits}`, parameter],
        ...['-CFLAGS', '-O0', ...sourcesOf(name), 'main.cpp', '-o', 'read'],
      ],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, MAKEFLAGS: '' } },
    );
    expect(built.status, built.stdout + built.stderr).toBe(0);
    const run = spawnSync(join(folder, name, 'read'), { cwd: folder, encoding: 'utf8' });
    expect(run.signal).toBeNull();
    expect(run.stdout).toBe(`${name === 'weight_memory' ? (words.at(-1) ?? '') : '0'}\n`);
  });
});
