/** Of what lies in one file so much is run at once, in seconds. */
const slice = 6;
/** What a test file costs before its first test. */
const startSeconds = 1;
/** Runs for a change, until one notices it, and what they take; what would take longer is left out. */
const roundSeconds = [12, 25, 40];

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
  const rounds = [];
  let at = 0;
  for (const most of roundSeconds) {
    const round = [];
    for (let seconds = 0; at < ordered.length && seconds < most; at += 1) {
      round.push(ordered[at]);
      seconds += ordered[at].seconds;
    }
    if (round.length > 0) rounds.push(round);
  }
  const seconds = rounds.flat().reduce((sum, one) => sum + one.seconds, 0);
  return { rounds, seconds, leftOut: ordered.length - at, limit: 50 * most + 100_000 };
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
