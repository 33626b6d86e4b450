/** Of what lies in one file so much is run at once, in seconds. */
const slice = 6;
/** Start of a test file. */
const startSeconds = 2;
/** Tests that would take longer than this in all are left out. */
const mostSeconds = 60;

/**
 * Which tests to run for a mutant, cheap and telling ones first, and how many calls of its switch are
 * a loop without end. `files`: what each test file reaches; `history`: how often it was tried, and
 * noticed something; `unsound`: tests to leave out.
 */
export function testsFor(id, files, history, unsound) {
  const firsts = [];
  const rests = [];
  let most = 0;
  for (const [file, { tests, common }] of files) {
    const everywhere = countOf(common, id);
    const own = tests
      .map((test) => ({ ...test, count: everywhere + countOf(test.reached, id) }))
      .filter(({ name, count }) => count > 0 && !unsound.has(`${file} ${name}`))
      .sort((left, right) => left.milliseconds - right.milliseconds);
    if (own.length === 0) continue;
    most = Math.max(
      most,
      own.reduce((sum, { count }) => sum + count, everywhere),
    );
    const rounds = slices(file, own);
    firsts.push(rounds[0]);
    rests.push(...rounds.slice(1));
  }
  const worth = ({ file, seconds }) => {
    const { tried = 0, noticed = 0 } = history.get(file) ?? {};
    return (noticed + 1) / (tried + 2) / seconds;
  };
  const ordered = [firsts, rests].flatMap((some) => some.sort((a, b) => worth(b) - worth(a)));
  let seconds = 0;
  const rounds = ordered.filter((round) => {
    if (seconds + round.seconds > mostSeconds) return false;
    seconds += round.seconds;
    return true;
  });
  const leftOut = ordered.length - rounds.length;
  return { rounds, seconds, leftOut, limit: 50 * most + 100_000 };
}

function slices(file, tests) {
  const rounds = [];
  let names = [];
  let seconds = startSeconds;
  for (const { name, milliseconds } of tests) {
    if (names.length > 0 && seconds + milliseconds / 1000 > slice + startSeconds) {
      rounds.push({ file, names, seconds });
      names = [];
      seconds = startSeconds;
    }
    names.push(name);
    seconds += milliseconds / 1000;
  }
  rounds.push({ file, names, seconds });
  return rounds;
}

function countOf(reached, id) {
  return reached.find(([at]) => at === id)?.[1] ?? 0;
}
