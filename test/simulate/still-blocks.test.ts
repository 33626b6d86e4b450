import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withStillBlock } from '../../src/simulate/still-blocks.ts';

/**
 * A block with a hidden timer, once evaluated always and once left alone by sim/still_block.h. A request
 * starts the timer, `done` tells its end, 1 to 60 cycles later; requests come after pauses of 0 to 400
 * cycles. Prints evaluations of both, and in how many cycles they differed. Argument: `counter` for a
 * block that also counts cycles, `inside` for one with a block inside that is evaluated, `probe` for one
 * that calls a probe when its timer is at 0.
 */
const program = `
#include <cstdio>
#include <cstdlib>
#include <string>
#include "still_block.h"

struct State {
  unsigned clock = 0, before = 0, timer = 0, cycles = 0;
  unsigned request = 0, done = 0;
};
struct Model {
  State state;
  std::string kind;
  unsigned& clk_i = state.clock;
  unsigned long evaluations = 0, calls = 0;
  void eval() {
    ++evaluations;
    if (state.clock == 1 && state.before == 0) {
      state.done = state.timer == 1;
      state.timer = state.timer > 0 ? state.timer - 1 : state.request;
      if (kind == "counter") ++state.cycles;
      if (kind == "inside") ++nzflow::block_events;
      if (kind == "probe" && state.timer == 0) { ++calls; ++nzflow::block_events; }
    }
    state.before = state.clock;
  }
};

int main(int, char** arguments) {
  Model always, still;
  always.kind = still.kind = arguments[1];
  nzflow::StillBlock<Model, State> block;
  unsigned long differences = 0;
  unsigned request = 0;
  int wait = 100;
  std::srand(7);
  for (int cycle = 0; cycle < 20000; ++cycle) {
    for (const unsigned clock : {0u, 1u}) {
      always.clk_i = clock;
      always.eval();
      block.clock(still, still.state, clock);
      // inputs change after either edge
      if (static_cast<unsigned>(cycle & 1) == clock && --wait < 0) {
        request = request != 0 ? 0 : 1 + std::rand() % 60;
        wait = request != 0 ? 1 : std::rand() % 400;
      }
      always.state.request = request;
      always.eval();
      block.set(still.state.request, request);
      block.settle(still);
      differences += always.state.done != still.state.done;
    }
  }
  std::printf("%lu %lu %lu %d", always.evaluations, still.evaluations, differences,
              always.calls == still.calls);
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-still-'));
  writeFileSync(join(folder, 'main.cpp'), program);
  execFileSync(
    'g++',
    ['-std=c++17', `-I${resolve('sim')}`, 'main.cpp', '-o', 'still', '-Wall', '-Wextra'],
    { cwd: folder },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(kind: string): { always: number; still: number; same: boolean } {
  const text = execFileSync(join(folder, 'still'), [kind], { encoding: 'utf8' });
  const [always = 0, still = 0, differences = 1, calls = 0] = text.split(' ').map(Number);
  return { always, still, same: differences === 0 && calls === 1 };
}

describe('a block that stands still', () => {
  it('is left alone and behaves as if it were not', () => {
    const { always, still, same } = run('plain');
    expect(same).toBe(true);
    expect(still).toBeLessThan(always / 4);
  });

  it.each(['counter', 'inside', 'probe'])(
    'is evaluated at every edge while more happens than in its state: %s',
    (kind) => {
      const { always, still, same } = run(kind);
      expect(same).toBe(true);
      // half of all evaluations are for inputs that did not change
      expect(still).toBeGreaterThanOrEqual(always / 2);
    },
  );
});

const wrapper = `#include "Vpart.h"
class Vpart_container: public Vpart {
  public:
    long long m_seqnum;
};
extern "C" {
    long long part_protectlib_combo_update(
        void* vhandlep__V
        , svLogic go_i
    )
    {
        Vpart_container* const handlep__V = static_cast<Vpart_container*>(vhandlep__V);
        handlep__V->go_i = go_i;
        VL_SET_W_SVLV(512, handlep__V->data_i, data_i + 0);
        handlep__V->eval();
        return handlep__V->m_seqnum++;
    }
    long long part_protectlib_seq_update(
        void* vhandlep__V
        , svLogic clk_i
    )
    {
        Vpart_container* const handlep__V = static_cast<Vpart_container*>(vhandlep__V);
        handlep__V->clk_i = clk_i;
        handlep__V->eval();
        return handlep__V->m_seqnum++;
    }
}
`;

describe('withStillBlock', () => {
  it('has inputs, clock and order of a block decided by a StillBlock', () => {
    const rewritten = withStillBlock(wrapper, 'part') ?? '';
    const body = rewritten.split('\n').filter((line) => line.includes('m_still'));
    expect(body.map((line) => line.trim())).toEqual([
      'nzflow::StillBlock<Vpart, Vpart__Syms> m_still;',
      'handlep__V->m_still.set(handlep__V->go_i, go_i);',
      'handlep__V->m_still.set_wide(handlep__V->data_i, [&] { VL_SET_W_SVLV(512, handlep__V->data_i, data_i + 0); });',
      'handlep__V->m_still.settle(*handlep__V);',
      'return handlep__V->m_still.number(handlep__V->m_seqnum);',
      'handlep__V->m_still.clock(*handlep__V, *handlep__V->rootp->vlSymsp, clk_i);',
      'return handlep__V->m_still.number(handlep__V->m_seqnum);',
    ]);
    expect(rewritten).not.toContain('->eval()');
  });

  it('leaves a wrapper alone that is written otherwise', () => {
    for (const part of ['handlep__V->eval();', 'handlep__V->clk_i = clk_i;', 'm_seqnum++']) {
      expect(withStillBlock(wrapper.replace(part, 'other'), 'part')).toBeNull();
    }
    expect(withStillBlock(wrapper.replace('go_i = go_i;', 'go_i = go_i'), 'part')).toBeNull();
  });
});
