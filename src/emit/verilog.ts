import { printable } from '../base/diagnostics.ts';

/** Text from a model for a Verilog line comment: one line, printable ASCII, bounded. */
export function commentText(text: string): string {
  return (
    printable(text, 120)
      .replace(/[^\x20-\x7e]/g, '?')
      .replace(/\\/g, '/')
      // neither may it end a comment of C
      .replace(/\*(?=\/)/g, '* ')
  );
}

/** `.Name(value)` lines of a parameter list, in the order given. */
export function parameterLines(parameters: Readonly<Record<string, number | string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `.${name}(${String(value)})`)
    .join(',\n        ');
}

/** Sized two's complement constant. */
export function sizedConstant(value: number, bits: number): string {
  const modulus = 2n ** BigInt(bits);
  const wrapped = ((BigInt(value) % modulus) + modulus) % modulus;
  return `${String(bits)}'d${wrapped.toString()}`;
}

/** A module between the guards every file of the design has. */
export function moduleFile(header: readonly string[], body: string): string {
  const comments = header.map((line) => (line === '' ? '//' : `// ${line}`)).join('\n');
  return `${comments}\n\`default_nettype none\n\n${body}\n\`default_nettype wire\n`;
}
