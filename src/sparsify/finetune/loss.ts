/** High and low part of ln 2: their sum has more digits than a double. */
const lnTwoHigh = 6.9314718036912381649e-1;
const lnTwoLow = 1.90821492927058770002e-10;

/** Terms of the series that a double can tell apart, for arguments up to ln 2 / 2. */
const seriesTerms = 14;

/** e^x for x <= 0 in additions and multiplications alone: the same on every machine. */
export function exponential(x: number): number {
  if (x < -700) return 0;
  const doublings = Math.round(x / Math.LN2);
  const rest = x - doublings * lnTwoHigh - doublings * lnTwoLow;
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= seriesTerms; n += 1) {
    term *= rest / n;
    sum += term;
  }
  for (let n = doublings; n < 0; n += 1) sum /= 2;
  return sum;
}

/** Share of a label's probability that is spread over all classes: keeps answers moderate. */
const smoothing = 0.05;

/** How much the teacher counts against the label where there is one. */
const teacherShare = 0.7;

/** What a few samples are to answer. */
export interface Targets {
  /** Class by sample. */
  readonly labels: ArrayLike<number>;
  /**
   * Probabilities that another network gives, [sample][class]: they tell more than a label, which
   * classes resemble each other (Hinton, Vinyals & Dean 2015). Null to learn from labels alone.
   */
  readonly teacher: Float64Array | null;
}

/** e^answer over the sum of all. */
export function softmax(answers: readonly number[]): readonly number[] {
  const largest = Math.max(...answers);
  const powers = answers.map((answer) => exponential(answer - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * Cross-entropy of the answers of some samples against their targets, mean over `batchSize`.
 * `answers` and the gradients written by them are [place][sample]; `places` says where class c is
 * (`classPlaces`), other places get no gradient. The result is for the eye only.
 */
export function crossEntropy(
  answers: Float64Array,
  gradients: Float64Array,
  places: readonly number[],
  { labels, teacher }: Targets,
  batchSize: number,
): number {
  const samples = labels.length;
  const classes = places.length;
  let loss = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const probabilities = softmax(places.map((place) => answers[place * samples + sample] ?? 0));
    places.forEach((place, n) => {
      const label = (labels[sample] === n ? 1 - smoothing : 0) + smoothing / classes;
      const taught = teacher?.[sample * classes + n] ?? label;
      const wanted = label + teacherShare * (taught - label);
      const probability = probabilities[n] ?? 0;
      loss -= (wanted * Math.log(Math.max(probability, Number.MIN_VALUE))) / batchSize;
      gradients[place * samples + sample] = (probability - wanted) / batchSize;
    });
  }
  return loss;
}
