/**
 * Verilator flattens a design: 200 equal engines become 200 copies of the same C++ code, which
 * takes minutes to compile and runs out of the instruction cache. Modules that are kept whole
 * share their code, provided no instance is special: an input that is replaced by the expression
 * its parent connects to it (a path of that one instance) makes the code different everywhere.
 * Ports declared readable from outside are not replaced. Measured on 8 x 25 engines of 32
 * multipliers: 60 MB of C++ and 3,100 cycles/s become 2.7 MB and 18,700 cycles/s.
 */

/** Modules inside a copy that are instantiated several times with equal parameters. */
const sharedModule = /^(?:nzflow_layer\d+|window_engine)$/;

/**
 * A Verilator configuration file that makes equal instances share code, for the given Verilog
 * sources. A copy of the network and every kind of engine are verilated once, as blocks of their
 * own (`--hierarchical`), so that building does not depend on how many there are. Not with waves,
 * which end at such a block: there the engines are kept whole and share what they can.
 * The clock stays out: a readable clock would be a clock domain of its own.
 */
export function sharedModulesConfig(
  sources: readonly string[],
  options: { readonly copiesApart: boolean },
): string {
  const lines = ['`verilator_config'];
  if (options.copiesApart) {
    for (const name of ['nzflow_copy', 'window_engine']) lines.push(`hier_block -module "${name}"`);
  }
  for (const source of sources) {
    for (const { name, ports } of modulesOf(source)) {
      if (!sharedModule.test(name)) continue;
      // a layer stays whole in any case: its probe goes by the name of the instance
      if (options.copiesApart && name === 'window_engine') continue;
      lines.push(`no_inline -module "${name}"`);
      if (options.copiesApart) continue;
      for (const port of ports) {
        if (port !== 'clk_i') lines.push(`public_flat_rd -module "${name}" -var "${port}"`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

interface ModuleNames {
  readonly name: string;
  /** Declared in the house style, `_i`, `_o` or `_ni`. */
  readonly ports: readonly string[];
}

function modulesOf(source: string): readonly ModuleNames[] {
  const code = source.replace(/\/\/.*$/gm, '');
  return Array.from(code.matchAll(/^module\s+(\w+)([\s\S]*?)^endmodule/gm), (match) => {
    const body = match[2] ?? '';
    const ports = body.matchAll(
      /^\s*(?:input|output)\s+(?:wire|reg)\s+(?:signed\s+)?(?:\[[^\n]*?\]\s*)?(\w+_(?:i|o|ni))\b/gm,
    );
    return { name: match[1] ?? '', ports: Array.from(ports, (port) => port[1] ?? '') };
  });
}
