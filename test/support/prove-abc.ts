import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of the properties a model is made of. */
export type Subject = 'assertions' | 'covers';

/** A cover as an assertion that fails where it is reached. */
const coverMap = `(* techmap_celltype = "$cover" *)
module cover_reached (input wire A, input wire EN);
  \\$assert _TECHMAP_REPLACE_ (.A(~A), .EN(EN));
endmodule
`;

/** Yosys script from a flat design to `<subject>.aig`, one each; registers without a first value may have any. */
export function aigScript(folder: string): string {
  writeFileSync(join(folder, 'cover-map.v'), coverMap);
  return (
    'formalff -clk2ff -ff2anyinit; setundef -undriven -anyseq; delete -output; opt_clean; ' +
    'techmap; opt -fast; dffunmap; abc -g AND -fast; opt_clean; ' +
    'design -push-copy; chformal -cover -remove; opt_clean; ' +
    'write_aiger -I -B -zinit assertions.aig; design -pop; ' +
    'chformal -assert -remove; techmap -map cover-map.v; simplemap; opt_clean; ' +
    'write_aiger -I -B -zinit covers.aig'
  );
}

/** Arguments of ABC for the first `steps` cycles from reset: of assertions until one fails, of covers all. */
export function abcArguments(subject: Subject, steps: number): readonly string[] {
  const all = subject === 'covers' ? '-a ' : '';
  return ['-c', `read_aiger ${subject}.aig; fold; strash; bmc3 ${all}-F ${steps}`];
}

/** Assertions or covers that the model has. */
export function countOf(folder: string, subject: Subject): number {
  const header = readFileSync(join(folder, `${subject}.aig`), 'latin1').split('\n', 1)[0] ?? '';
  return Number(header.split(' ')[6]);
}

/** How many of them a run breaks or reaches, as ABC tells. */
export function reachedOf(text: string): number {
  return new Set([...text.matchAll(/Output +(\d+) .*was asserted/gu)].map(([, n]) => n)).size;
}

/** ABC went through all steps without a broken assertion. */
export function unbroken(text: string, steps: number): boolean {
  return text.includes(`No output asserted in ${steps} frames`);
}
