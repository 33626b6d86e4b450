import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withStillBlock } from '../../src/simulate/still-blocks.ts';

/**
 * A block with a hidden timer, once evaluated always and once left alone by sim/still_block.h. A request
 * starts the timer, `done` tells its end, 1 to 60 cycles later; requests come after pauses of 0 to 400
 * cycles. Prints evaluations of both, and in how many cycles they differed. Argument: `counter` for a
 * block that also counts cycles, `inside` for one with a block inside that is evaluated, `probe` for one
 * that calls a probe when its timer is at 0, `falling` for one whose timer and input pass a register of
 * falling edges.
 */
const program = `
#include <cstdio>
#include <cstdlib>
#include <string>
#include "still_block.h"

struct State {
  unsigned clock = 0, timer = 0, cycles = 0;
  unsigned char before = 0;
  unsigned request = 0, done = 0, timer_half = 0, request_half = 0;
};
struct Model {
  State state;
  std::string kind;
  unsigned& clk_i = state.clock;
  unsigned long evaluations = 0, calls = 0;
  void eval() {
    ++evaluations;
    if (state.clock == 1 && state.before == 0) {
      const bool falling = kind == "falling";
      const unsigned timer = falling ? state.timer_half : state.timer;
      state.done = timer == 1;
      state.timer = timer > 0 ? timer - 1 : falling ? state.request_half : state.request;
      if (kind == "counter") ++state.cycles;
      if (kind == "inside") ++nzflow::block_events;
      if (kind == "probe" && state.timer == 0) { ++calls; ++nzflow::block_events; }
    }
    if (state.clock == 0 && state.before == 1) {
      state.timer_half = state.timer;
      state.request_half = state.request;
    }
    state.before = state.clock;
  }
};

template <bool Falls>
int run(const char* kind) {
  Model always, still;
  always.kind = still.kind = kind;
  nzflow::StillBlock<Model, State, Falls> block;
  unsigned long differences = 0;
  unsigned request = 0;
  int wait = 100;
  std::srand(7);
  for (int cycle = 0; cycle < 20000; ++cycle) {
    for (const unsigned clock : {0u, 1u}) {
      always.clk_i = clock;
      always.eval();
      block.clock(still, still.state, clock, Falls ? &still.state.before : nullptr);
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
  return 0;
}

int main(int, char** arguments) {
  return std::string(arguments[1]) == "falling" ? run<true>("falling") : run<false>(arguments[1]);
}
`;

/**
 * A block around one like it, as Verilator connects them: the outer one hears of the inner one's outputs from
 * two calls and takes those of the later, by their numbers. Both are left alone in one system and never in
 * the other; the input is wide and changes before and after edges. Prints cycles that differ, and those in
 * which the outer one was asleep.
 */
const nested = `
#include <cstdio>
#include <cstdlib>
#include "still_block.h"

struct Wide {
  unsigned words[4];
};
static bool operator!=(const Wide& left, const Wide& right) {
  return std::memcmp(&left, &right, sizeof(Wide)) != 0;
}

struct Inner {
  struct State {
    unsigned clock = 0, before = 0, timer = 0, memory = 0, out = 0;
    Wide in = {};
  } state;
  unsigned& clk_i = state.clock;
  void eval() {
    if (state.clock == 1 && state.before == 0) {
      if (state.timer > 0) {
        if (--state.timer == 0) state.memory = state.memory * 5 + 1;
      } else {
        state.timer = state.in.words[3];
      }
    }
    state.before = state.clock;
    state.out = (state.memory ^ state.in.words[3]) & 0xffff;
  }
};

/// A block and how it is called; \`Alone\` leaves it alone where it stands still.
template <typename Model, bool Alone>
struct Wrapped {
  Model model;
  nzflow::StillBlock<Model, typename Model::State> still;
  long long next = 0;
  long long combo(const Wide& in, unsigned& out) {
    if (Alone) {
      still.set_wide(model.state.in, [&] { model.state.in = in; });
      still.settle(model);
    } else {
      model.state.in = in;
      model.eval();
    }
    out = model.state.out;
    return Alone ? still.number(next) : next++;
  }
  long long edge(unsigned clock, unsigned& out) {
    if (Alone) {
      still.clock(model, model.state, clock);
    } else {
      model.clk_i = clock;
      model.eval();
    }
    out = model.state.out;
    return Alone ? still.number(next) : next++;
  }
};

template <bool Alone>
struct Outer {
  struct State {
    unsigned clock = 0, before = 0, count = 0, out = 0, from_combo = 0, from_edge = 0;
    Wide in = {}, inner_in = {{~0u, 0, 0, 0}};
    long long combo = 0, edge = 0;
  } state;
  unsigned& clk_i = state.clock;
  Wrapped<Inner, Alone> inner;
  void settle() {
    Wide in = state.in;
    in.words[3] = (in.words[3] & 3) != 0 ? in.words[3] ^ (state.count & 7) : 0;
    if (in != state.inner_in) {
      state.inner_in = in;
      state.combo = inner.combo(in, state.from_combo);
    }
  }
  void eval() {
    settle();
    if (state.clock != state.before) {
      state.edge = inner.edge(state.clock, state.from_edge);
      if (state.clock == 1 && state.in.words[3] > 8) ++state.count;
      state.before = state.clock;
      settle();
    }
    state.out = (state.edge > state.combo ? state.from_edge : state.from_combo) + state.count;
  }
};

int main() {
  long differences = 0, asleep = 0;
  for (int seed = 1; seed < 60; ++seed) {
    std::srand(seed);
    Wrapped<Outer<false>, false> always;
    Wrapped<Outer<true>, true> still;
    Wide in = {};
    int wait = 50;
    unsigned one = 0, other = 0;
    const auto maybe_change = [&] {
      if (std::rand() % 2 == 0 || --wait >= 0) return;
      in.words[3] = std::rand() % 3 != 0 ? std::rand() % 40 : 0;
      wait = std::rand() % 4 != 0 ? std::rand() % 6 : std::rand() % 500;
      always.combo(in, one);
      still.combo(in, other);
      differences += one != other;
    };
    for (int cycle = 0; cycle < 6000; ++cycle) {
      for (const unsigned clock : {0u, 1u}) {
        maybe_change();
        always.edge(clock, one);
        still.edge(clock, other);
        differences += one != other;
        asleep += clock == 1 && still.still.asleep();
        maybe_change();
      }
    }
  }
  std::printf("%ld %ld", differences, asleep);
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-still-'));
  for (const [name, text] of Object.entries({ still: program, nested })) {
    writeFileSync(join(folder, `${name}.cpp`), text);
    execFileSync(
      'g++',
      [
        ...['-std=c++17', '-pthread', `-I${resolve('sim')}`, '-O1', '-Wall', '-Wextra'],
        ...[`${name}.cpp`, resolve('sim/block_team.cpp'), '-o', name],
      ],
      { cwd: folder },
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(kind: string): { always: number; still: number; same: boolean } {
  const text = execFileSync(join(folder, 'still'), [kind], { encoding: 'utf8' });
  const [always = 0, still = 0, differences = 1, calls = 0] = text.split(' ').map(Number);
  return { always, still, same: differences === 0 && calls === 1 };
}

describe('a block that stands still', () => {
  it.each(['plain', 'falling'])('is left alone and behaves as if it were not: %s', (kind) => {
    const { always, still, same } = run(kind);
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

describe('a block around another one', () => {
  it('sleeps with it, wakes it, and takes the outputs of its last evaluation', () => {
    const text = execFileSync(join(folder, 'nested'), { encoding: 'utf8' });
    const [differences = 1, asleep = 0] = text.split(' ').map(Number);
    expect(differences).toBe(0);
    expect(asleep).toBeGreaterThan(30_000);
  });
});

const inputs = {
  clk_i: 1,
  go_i: 1,
  few_i: 8,
  more_i: 40,
  many_i: 100,
  last_i: 1,
};
const declared = (kind: 'reg' | 'wire'): string =>
  Object.entries(inputs)
    .map(([name, bits]) => `input wire ${bits === 1 ? '' : `[${bits - 1}:0] `}${name}`)
    .concat(`output ${kind} [99:0] out_o`)
    .join(', ');
const around = (name: string, inner: string): string => {
  const connected = [...Object.keys(inputs), 'out_o'].map((port) => `.${port}(${port})`);
  return `module ${name} (${declared('wire')}); ${inner} u_inner (${connected.join(', ')}); endmodule`;
};
/** A block inside a block. */
const design = `
module inner (${declared('reg')});
  always @(posedge clk_i) if (go_i) out_o <= last_i ? many_i : {60'd0, more_i} + {92'd0, few_i};
endmodule
${around('outer', 'inner')}
${around('top', 'outer')}
`;

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
    const rewritten = withStillBlock(wrapper, 'part', '', false) ?? '';
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
    expect(withStillBlock(wrapper, 'part', '', true)).toContain(
      'nzflow::StillBlock<Vpart, Vpart__Syms, true> m_still;',
    );
  });

  it('spares falling edges where it knows the clock that the block saw last', () => {
    const header = '        CData/*0:0*/ __Vtrigrprev__TOP__clk_i;\n';
    const clock = 'm_still.clock(*handlep__V, *handlep__V->rootp->vlSymsp, clk_i';
    const seen = ', &handlep__V->rootp->__Vtrigrprev__TOP__clk_i';
    expect(withStillBlock(wrapper, 'part', header, false)).toContain(`${clock}${seen});`);
    for (const other of [
      '',
      'CData __Vtrigrprev__TOP__clk_in;',
      'QData __Vtrigrprev__TOP__clk_i;',
    ]) {
      expect(withStillBlock(wrapper, 'part', other, false)).toContain(`${clock});`);
    }
  });

  it('knows the wrappers of the Verilator that is here', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nzflow-wrapper-'));
    try {
      writeFileSync(join(folder, 'top.v'), design);
      writeFileSync(
        join(folder, 'blocks.vlt'),
        '`verilator_config\nhier_block -module "inner"\nhier_block -module "outer"\n',
      );
      execFileSync(
        'verilator',
        ['--cc', '--hierarchical', '--prefix', 'Vtop', '-Mdir', 'obj', 'blocks.vlt', 'top.v'],
        { cwd: folder, env: { ...process.env, MAKEFLAGS: '' } },
      );
      for (const name of ['inner', 'outer']) {
        const text = readFileSync(join(folder, 'obj', `V${name}`, `${name}.cpp`), 'utf8');
        const header = readFileSync(
          join(folder, 'obj', `V${name}`, `V${name}___024root.h`),
          'utf8',
        );
        const rewritten = withStillBlock(text, name, header, false) ?? '';
        expect(rewritten.match(/m_still\.set\(/g)).toHaveLength(4);
        expect(rewritten.match(/m_still\.set_wide\(/g)).toHaveLength(1);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('leaves a wrapper alone that is written otherwise', () => {
    for (const part of ['handlep__V->eval();', 'handlep__V->clk_i = clk_i;', 'm_seqnum++']) {
      expect(withStillBlock(wrapper.replace(part, 'other'), 'part', '', false)).toBeNull();
    }
    for (const [from, to] of [
      ['go_i = go_i;', 'go_i = go_i'],
      ['VL_SET_W_SVLV(512', 'for (;;) VL_SET_W_SVLV(512'],
      ['handlep__V->go_i = go_i', 'handlep__V->go_i[0] = go_i'],
    ] as const) {
      expect(wrapper).toContain(from);
      expect(withStillBlock(wrapper.replace(from, to), 'part', '', false), to).toBeNull();
    }
  });
});
