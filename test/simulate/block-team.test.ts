import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Blocks in a ring, each with two blocks inside, as Verilator connects them: at an edge every block takes what
 * its neighbour gave before the edge, and some fall asleep. Arguments: threads, steps of work in a
 * block, and \`fail\` for a block that throws. Prints a hash of all outputs of all cycles, and how many threads
 * evaluated blocks.
 */
const program = `
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include "still_block.h"

static bool fails = false;
static int work = 0;
static std::mutex mutex;
static std::set<std::thread::id> threads;

struct Inner {
  struct State {
    unsigned clock = 0, in = 0, sum = 0;
    unsigned char before = 0;
  } state;
  // falling edges need no evaluation
  unsigned char* seen() { return &state.before; }
  unsigned& clk_i = state.clock;
  void eval() {
    if (state.clock == 1 && state.before == 0) {
      // without input it stands still
      for (int step = 0; state.in != 0 && step < work; ++step) state.sum = state.sum * 1103515245 + state.in;
    }
    state.before = state.clock;
  }
};

template <typename Model>
struct Wrapped {
  Model model;
  nzflow::StillBlock<Model, typename Model::State> still;
  void combo(unsigned in) {
    still.set(model.state.in, in);
    still.settle(model);
  }
  void edge(unsigned clock) { still.clock(model, model.state, clock, model.seen()); }
};

struct Outer {
  struct State {
    unsigned clock = 0, before = 0, in = 0, count = 0, out = 0;
  } state;
  unsigned char* seen() { return nullptr; }
  unsigned& clk_i = state.clock;
  Wrapped<Inner> inner[2];
  void eval() {
    for (auto& one : inner) one.combo(state.in & 0xff);
    if (state.clock != state.before) {
      for (auto& one : inner) one.edge(state.clock);
      if (state.clock == 1 && state.in % 4 != 0) {
        if (fails && ++state.count == 400) throw std::runtime_error("block");
        if (!fails) ++state.count;
        const std::lock_guard<std::mutex> lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      state.before = state.clock;
    }
    state.out = inner[0].model.state.sum + 3 * inner[1].model.state.sum + state.count;
  }
};

int main(int count, char** arguments) {
  nzflow::BlockTeam team(std::atoi(arguments[1]));
  work = std::atoi(arguments[2]);
  fails = count > 3;
  constexpr int kBlocks = 7;
  Wrapped<Outer> blocks[kBlocks];
  unsigned long long hash = 0;
  unsigned seen[kBlocks] = {};
  try {
    for (unsigned cycle = 0; cycle < 9000; ++cycle) {
      for (int at = 0; at < kBlocks; ++at) {
        const bool busy = (cycle / 300 + at / 2) % 4 < 2;
        blocks[at].combo(busy ? seen[(at + 1) % kBlocks] ^ cycle : 0);
      }
      for (auto& block : blocks) block.edge(0);
      for (int at = 0; at < kBlocks; ++at) {
        blocks[at].edge(1);
        // at once, as the design around does
        seen[at] = blocks[at].model.state.out;
        hash = hash * 31 + seen[at];
      }
    }
  } catch (const std::exception& error) {
    std::printf("error %s", error.what());
    return 1;
  }
  std::printf("%llx %zu", hash, threads.size());
}
`;

/** Not every machine has the library of the sanitizer, or a memory layout that it knows. */
const hasSanitizer =
  spawnSync('sh', [
    '-c',
    'cd "$(mktemp -d)" && echo "int main() {}" > a.cpp && g++ -fsanitize=thread a.cpp -o a && ./a',
  ]).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-team-'));
  writeFileSync(join(folder, 'team.cpp'), program);
  for (const sanitizer of hasSanitizer ? [[], ['-fsanitize=thread', '-g']] : [[]]) {
    const name = sanitizer.length === 0 ? 'team' : 'watched';
    execFileSync(
      'g++',
      [
        ...['-std=c++17', '-pthread', `-I${resolve('sim')}`, '-O1', '-Wall', '-Wextra'],
        ...sanitizer,
        ...['team.cpp', resolve('sim/block_team.cpp'), '-o', name],
      ],
      { cwd: folder },
    );
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...parameters: readonly string[]): readonly string[] {
  return execFileSync(join(folder, program), parameters, { encoding: 'utf8' }).split(' ');
}

describe('a team of threads', () => {
  it.each(['2', '400'])(
    'evaluates blocks of %s steps as one thread does',
    (work) => {
      const [hash, threads] = run('team', '1', work);
      expect(threads).toBe('1');
      for (const count of [2, 3, 4, 16]) {
        const [same, used] = run('team', String(count), work);
        expect(same).toBe(hash);
        expect(Number(used)).toBeLessThanOrEqual(count);
        // small ones are left to one thread
        if (work === '400' && availableParallelism() > 1) expect(Number(used)).toBeGreaterThan(1);
      }
    },
    60_000,
  );

  it.runIf(hasSanitizer)(
    'does so without a data race',
    () => {
      const { status, stderr, stdout } = spawnSync(join(folder, 'watched'), ['3', '50'], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout.split(' ')[0]).toBe(run('team', '1', '50')[0]);
    },
    120_000,
  );

  it.each(['1', '2', '4'])('hands on what a block throws, with %s threads', (threads) => {
    const { status, stdout } = spawnSync(join(folder, 'team'), [threads, '50', 'fail'], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(stdout).toBe('error block');
    expect(status).toBe(1);
  });
});
