// Package bench holds benchmarks that compare: the clients with hand-written
// code and with other libraries, the mock with bare handlers and other mocks,
// and each with itself as the work grows. README.md has what they found.
//
// It is a module of its own, since it names peers that no user should build.
//
// Machines are noisy: the same code takes up to twice as long from one minute to
// the next. So the contestants of a benchmark take short turns, one after the
// other, round by round; a ratio is taken inside one round, and what is reported
// is the median of all rounds. See [Compare].
package bench
