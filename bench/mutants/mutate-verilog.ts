/** One change to a Verilog file. */
export interface Mutant {
  /** From 1. */
  readonly line: number;
  /** Place of `before` in the text. */
  readonly at: number;
  readonly before: string;
  readonly after: string;
  /** The module it is in, and the innermost generate block, null outside of all. */
  readonly module: string;
  readonly block: string | null;
}

/** Operators between blanks, and what becomes of them. */
const swaps: readonly (readonly [string, string])[] = [
  [' == ', ' != '],
  [' != ', ' == '],
  [' < ', ' <= '],
  [' > ', ' >= '],
  [' >= ', ' > '],
  [' && ', ' || '],
  [' || ', ' && '],
  [' & ', ' | '],
  [' | ', ' & '],
  [' ^ ', ' & '],
  [' + ', ' - '],
  [' - ', ' + '],
];

const operand = String.raw`[!~]?[A-Za-z_]\w*(?:\[[^\][]*\])?`;

/** What is not swapped but taken away, negated or turned around; the groups of the pattern that stay. */
const patterns: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  // a term of a conjunction or a disjunction
  [new RegExp(String.raw` (?:&&?|\|\|?) ${operand}(?=[\s;,)}])`, 'g'), () => ''],
  [new RegExp(String.raw`(?<=[(=,?:{] ?)${operand} (?:&&?|\|\|?) `, 'g'), () => ''],
  [/[!~](?=[A-Za-z_(])/g, () => ''],
  [/\b1'b0\b/g, () => `1'b1`],
  [/\b1'b1\b/g, () => `1'b0`],
  [/\bif \((?!!?\w+\))/g, () => 'if (1 ^ '],
  [
    /\bif \((!?\w+)\)/g,
    ([, name = '']) => `if (${name.startsWith('!') ? name.slice(1) : `!${name}`})`,
  ],
  [/\b[a-z_]\w* \? /g, ([text]) => `!${text}`],
  // a register that never takes its value
  [/\b[a-z_]\w*(?:\[[^\][]*\])? <= [^;]*;/g, () => ';'],
];

/** A register or memory that loses its highest bit: what is added up or counted in it is cut. */
const narrower = /^(\s*reg(?: signed)? \[[^\]:]*)-1:0\]/;

/** Lines that declare, check parameters or say what is left unused. */
const declares =
  /^\s*(?:parameter|localparam|genvar|input|output|inout|module|integer|for \(|`)|unused|illegal|\binitial\b|\$readmem/;

/**
 * All changes of one operator, term, constant, condition, assignment or width of a register of a file that make sense:
 * outside of comments, attributes, other declarations and what is there for proofs, and not in conditions of parameters alone, which
 * choose between circuits when they are built.
 */
export function mutantsOf(text: string): readonly Mutant[] {
  const code = codeOf(text);
  const blocks = new Blocks(code);
  const found: Mutant[] = [];
  let at = 0;
  code.split('\n').forEach((line, index) => {
    const start = at;
    at += line.length + 1;
    const changed = new Set<string>();
    const add = (column: number, before: string, after: string): void => {
      const { module, block } = blocks.at(start + column);
      if (module === null) return;
      const result = line.slice(0, column) + after + line.slice(column + before.length);
      // two ways to the same text
      if (changed.size === changed.add(result.replaceAll(' ', '')).size) return;
      found.push({ line: index + 1, at: start + column, before, after, module, block });
    };
    const declared = narrower.exec(line)?.[1];
    if (declared !== undefined) add(declared.length, '-1:0]', '-2:0]');
    if (declares.test(line) || !/[=?]|\bif\b|\(/.test(line)) return;
    const isOfParameters = (column: number): boolean =>
      !/(?<![\w$])[a-z_]/.test(around(line, column));
    for (const [before, after] of swaps) {
      for (
        let column = line.indexOf(before);
        column >= 0;
        column = line.indexOf(before, column + 1)
      )
        if (!isOfParameters(column)) add(column, before, after);
    }
    for (const [pattern, change] of patterns) {
      for (const match of line.matchAll(pattern)) {
        const column = match.index;
        if (!isOfParameters(column + match[0].length))
          add(column, match[0], change(match as RegExpExecArray));
      }
    }
  });
  return found;
}

export function mutated(text: string, { at, before, after }: Mutant): string {
  if (text.slice(at, at + before.length) !== before) throw new Error('another text');
  return text.slice(0, at) + after + text.slice(at + before.length);
}

/** The innermost bracket around a place, or the line where there is none; words of Verilog left out. */
function around(line: string, column: number): string {
  let from = column;
  for (let depth = 0; from > 0; from -= 1) {
    const sign = line[from - 1] ?? '';
    if (')]}'.includes(sign)) depth += 1;
    if ('([{'.includes(sign) && depth-- === 0) break;
  }
  let to = column;
  for (let depth = 0; to < line.length; to += 1) {
    const sign = line[to] ?? '';
    if ('([{'.includes(sign)) depth += 1;
    if (')]}'.includes(sign) && depth-- === 0) break;
  }
  return line
    .slice(from, to)
    .replace(
      /\b(?:assign|wire|reg|if|else|begin|end|signed)\b|\d*'s?[bdh]\w+|\$clog2|\$signed/g,
      '',
    );
}

/** The text with blanks for comments, strings, attributes and what only proofs look at. */
function codeOf(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  return text
    .replace(/\/\/[^\n]*|\/\*[^]*?\*\/|"[^"\n]*"|\(\*(?!\))[^]*?\*\)/g, blank)
    .replace(/`ifdef (?:FORMAL\w*|NZFLOW_PROBE)\b[^]*?`endif/g, blank);
}

/** The module and the generate block that a place of a text is in. */
class Blocks {
  readonly #marks: {
    readonly at: number;
    readonly module: string | null;
    readonly block: string | null;
  }[] = [];

  constructor(code: string) {
    let module: string | null = null;
    const stack: (string | null)[] = [];
    const words = /\b(?:module\s+(\w+)|endmodule|begin(?:\s*:\s*(\w+))?|end|case[xz]?|endcase)\b/g;
    for (const match of code.matchAll(words)) {
      const [word = '', name, label] = match;
      if (name !== undefined) module = name;
      else if (word === 'endmodule') module = null;
      else if (word.startsWith('begin')) stack.push(label ?? null);
      else if (word.startsWith('case')) stack.push(null);
      else stack.pop();
      const block = stack.findLast((one) => one !== null) ?? null;
      this.#marks.push({ at: match.index, module, block });
    }
  }

  at(place: number): { readonly module: string | null; readonly block: string | null } {
    return this.#marks.findLast(({ at }) => at <= place) ?? { module: null, block: null };
  }
}
