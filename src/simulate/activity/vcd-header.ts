/** A signal of a VCD file. */
export interface VcdSignal {
  readonly name: string;
  /** What stands for it where its value changes; signals that are one net share it. */
  readonly code: string;
  readonly width: number;
  /** Number of its least significant bit, and whether numbers fall from there; null for a scalar. */
  readonly range: { readonly least: number; readonly falling: boolean } | null;
}

/** A module, or a block within one, with what is in it. */
export interface VcdScope {
  readonly name: string;
  readonly signals: VcdSignal[];
  readonly scopes: VcdScope[];
}

/** Reads the declarations of a VCD file (IEEE 1364, 18.2) line by line; Verilator writes one a line. */
export class VcdHeader {
  readonly root: VcdScope = { name: '', signals: [], scopes: [] };
  readonly #open: VcdScope[] = [this.root];

  /** Whether there are more declarations to come. */
  take(line: string): boolean {
    const [command, ...words] = line.trim().split(/\s+/);
    const scope = this.#open.at(-1) ?? this.root;
    switch (command) {
      case '$scope': {
        const inner: VcdScope = { name: words[1] ?? '', signals: [], scopes: [] };
        scope.scopes.push(inner);
        this.#open.push(inner);
        break;
      }
      case '$upscope':
        this.#open.pop();
        break;
      case '$var': {
        const [, width, code, ...rest] = words;
        scope.signals.push(signalOf(Number(width), code ?? '', rest));
        break;
      }
      case '$enddefinitions':
        return false;
    }
    return true;
  }
}

/** `name`, `name [7:0]` or `name[7:0]`, before `$end`. */
function signalOf(width: number, code: string, words: readonly string[]): VcdSignal {
  const text = words.slice(0, words.indexOf('$end')).join('');
  const match = /^(.*?)\[(-?\d+):(-?\d+)\]$/.exec(text);
  if (match === null) {
    return { name: text, code, width, range: width > 1 ? { least: 0, falling: true } : null };
  }
  const [, name = '', most, least] = match;
  return {
    name,
    code,
    width,
    range: { least: Number(least), falling: Number(most) >= Number(least) },
  };
}

/** The first scope of a name, anywhere below another. */
export function findScope(scope: VcdScope, name: string): VcdScope | null {
  for (const inner of scope.scopes) {
    const found = inner.name === name ? inner : findScope(inner, name);
    if (found !== null) return found;
  }
  return null;
}
