import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';

/**
 * Blocks that Verilator built apart (copies of the network, engines) are evaluated twice a cycle and
 * whenever an input is written, whether or not anything can change. Rewrites the functions through
 * which they are, in the folders of the blocks in `objects`, so that blocks that stand still are left
 * alone (sim/still_block.h): most of the time all copies but one, when inferences run alone.
 * Wrappers that do not look as expected, of another version of Verilator, are left as they are.
 * `falls`: something in the design has registers of falling edges.
 */
export async function leaveStillBlocksAlone(objects: string, falls: boolean): Promise<void> {
  for (const folder of await readdir(objects)) {
    if (!folder.startsWith('V')) continue;
    const name = folder.slice(1);
    const wrapper = join(objects, folder, `${name}.cpp`);
    const there = await stat(wrapper).catch(() => null);
    if (there === null) continue;
    const header = await readFile(join(objects, folder, `V${name}___024root.h`), 'utf8').catch(
      () => '',
    );
    const rewritten = withStillBlock(await readFile(wrapper, 'utf8'), name, header, falls);
    if (rewritten !== null) await writeFileAtomic(wrapper, rewritten);
  }
}

/**
 * The wrapper of a block, rewritten, or null where it is not as Verilator 5 writes it. `header` is that
 * of its variables: where it has the level of the clock that the last evaluation saw, as Verilator 5.006
 * calls it, falling edges that change nothing need no evaluation. `falls`: they can change something.
 */
export function withStillBlock(
  wrapper: string,
  name: string,
  header: string,
  falls: boolean,
): string | null {
  const model = `V${name}`;
  const include = `#include "${model}.h"\n`;
  const member = '    long long m_seqnum;\n';
  const handle = 'handlep__V';
  const parts = wrapper.split(/^ {4}(?=long long \w+_protectlib_(?:combo|seq)_update\()/m);
  const [head, combo, sequential] = parts;
  if (parts.length !== 3 || combo === undefined || sequential === undefined) return null;
  const once = (text: string, from: string, to: string): string | null =>
    text.split(from).length === 2 ? text.replace(from, () => to) : null;
  const all = (text: string | undefined, ...steps: readonly [string, string][]): string | null =>
    steps.reduce<string | null>(
      (done, [from, to]) => (done === null ? null : once(done, from, to)),
      text ?? null,
    );

  const seenClock = '__Vtrigrprev__TOP__clk_i';
  const seen = new RegExp(`\\bCData\\b.*\\b${seenClock};`).test(header)
    ? `, &${handle}->rootp->${seenClock}`
    : '';
  const declared = all(
    head,
    [include, `#include "${model}__Syms.h"\n#include "still_block.h"\n`],
    [
      member,
      `${member}    nzflow::StillBlock<${model}, ${model}__Syms${falls ? ', true' : ''}> m_still;\n`,
    ],
  );
  const inputs = combo
    .replace(
      new RegExp(`^( *)${handle}->(\\w+) = (.*);$`, 'gm'),
      `$1${handle}->m_still.set(${handle}->$2, $3);`,
    )
    .replace(
      new RegExp(`^( *)(VL_SET_W_SVLV\\(\\d+, (${handle}->\\w+), .*\\));$`, 'gm'),
      `$1${handle}->m_still.set_wide($3, [&] { $2; });`,
    );
  const number: [string, string] = [
    `return ${handle}->m_seqnum++;`,
    `return ${handle}->m_still.number(${handle}->m_seqnum);`,
  ];
  const settled = all(
    inputs,
    [`${handle}->eval();`, `${handle}->m_still.settle(*${handle});`],
    number,
  );
  const clocked = all(
    sequential,
    [`        ${handle}->clk_i = clk_i;\n`, ''],
    [
      `${handle}->eval();`,
      `${handle}->m_still.clock(*${handle}, *${handle}->rootp->vlSymsp, clk_i${seen});`,
    ],
    number,
  );
  if (declared === null || settled === null || clocked === null) return null;
  // an input that changes unnoticed would leave its block asleep
  const before = (text: string, evaluation: string): readonly string[] =>
    text.slice(0, text.indexOf(`${handle}->m_still.${evaluation}(`)).split('\n');
  const unnoticed = [...before(settled, 'settle'), ...before(clocked, 'clock')].filter(
    (line) =>
      line.includes(`${handle}->`) &&
      !new RegExp(`^ *${handle}->m_still\\.set(?:_wide)?\\(`).test(line),
  );
  return unnoticed.length > 0 ? null : [declared, settled, clocked].join('    ');
}
