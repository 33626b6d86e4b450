/** What the test files of a run are told, in a file. */
export interface TestState {
  /** Numbers of mutants are below. */
  readonly mutants: number;
  /** Number of the mutant that is on; null: none. */
  readonly active: number | null;
  /** Calls of its switch after which a test file is taken to be in a loop without end. */
  readonly limit: number;
  /** File that gets a line of `ReachedFile` from every test file; null: not wanted. */
  readonly record: string | null;
}

/** A test and how often it asks which mutants. */
export interface ReachedTest {
  /** Suites and test, a blank and `>` between them. */
  readonly name: string;
  readonly milliseconds: number;
  readonly reached: readonly (readonly [id: number, count: number])[];
}

export interface ReachedFile {
  readonly tests: readonly ReachedTest[];
  /** Outside of all tests, for all of them. */
  readonly common: readonly (readonly [id: number, count: number])[];
}
