import { shareText } from '../draw.mjs';

/** Prints shares and survivors; whether all of those have an argument. */
export function tell(mutants, verdictOf, isArgued) {
  const stageOf = ({ file }) => file.split('/')[1];
  const row = (title, some) => {
    const count = (test) => some.filter((mutant) => test(verdictOf(mutant))).length;
    const killed = count((verdict) => verdict?.kind === 'killed');
    const unreached = count((verdict) => verdict?.kind === 'survived' && verdict.tests === 0);
    const survived = count((verdict) => verdict?.kind === 'survived');
    const share = shareText(killed, killed + survived);
    const cells = [some.length, killed, survived, unreached, share];
    console.log(`${title.padEnd(12)}${cells.map((cell) => String(cell).padStart(12)).join('')}`);
  };
  const titles = ['changes', 'noticed', 'not', 'not reached', 'share'];
  console.log(`${''.padEnd(12)}${titles.map((title) => title.padStart(12)).join('')}`);
  for (const stage of [...new Set(mutants.map(stageOf))].sort()) {
    row(
      stage,
      mutants.filter((mutant) => stageOf(mutant) === stage),
    );
  }
  row('all', mutants);
  const survivors = mutants.filter((mutant) => verdictOf(mutant)?.kind === 'survived');
  if (survivors.length > 0) console.log('not noticed (+: without an argument in arguments.yaml):');
  for (const mutant of survivors) {
    const { tests, leftOut } = verdictOf(mutant);
    const more = leftOut > 0 ? `, ${leftOut} parts of files left out` : '';
    console.log(
      `${isArgued(mutant) ? ' ' : '+'} ${mutant.file}:${mutant.line} ${mutant.inside}: ${mutant.shown} (${tests} tests${more})`,
    );
  }
  return survivors.every(isArgued);
}
