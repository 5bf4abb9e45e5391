// Package junkie is a client for the license keys of Junkie (REST API v2).
//
//	client, err := junkie.New(junkie.Config{APIKey: os.Getenv("JUNKIE_API_KEY")})
//	if err != nil {
//		return err
//	}
//	key, err := client.Keys.Create(ctx, junkie.CreateKeyParams{ProviderID: 7, Validity: 30 * 24 * time.Hour})
//
// A [Client] is safe for concurrent use, and there is nothing to close.
//
// # Repeated calls
//
// Whether a call is sent again after a failure depends on its operation, never
// on its HTTP method. Each method names the class of its operation:
//
//   - Read changes nothing and is repeated after lost connections, timeouts,
//     answers cut short, rate limits (429) and failures of the vendor (408 and
//     5xx except 501).
//   - Idempotent reaches the same state however often it is sent. It is
//     repeated like Read, but not after an answer that says success and
//     cannot be read.
//   - Once creates or resets something. It is repeated only if the failed
//     attempt provably had no effect: no connection was made, or the vendor
//     refused it for its rate limit.
//
// A call that failed may have taken effect all the same. Its Error.Outcome is
// [OutcomeUnknown] then, which [ErrUnknownOutcome] matches, or [OutcomeApplied],
// if the vendor said that it succeeded and the rest of the answer was lost. Its
// method tells how to find out, and has an example. Only after
// [OutcomeNotApplied] may a call of class Once simply be made again.
// [Config.Retry] sets how often and how patiently calls are repeated.
//
// [RETRIES.md] has more on all of this, and how each vendor lets you find out.
//
// # Errors
//
// Every error of a method is an [*Error]; ask errors.Is for its kind:
//
//	var e *junkie.Error
//	switch {
//	case errors.As(err, &e) && e.Outcome != junkie.OutcomeNotApplied:
//		// find out before doing anything else: see the method
//	case errors.Is(err, junkie.ErrNotFound):
//		// no such key
//	case errors.Is(err, junkie.ErrRateLimited):
//		// come back after e.RetryAfter
//	}
//
// Arguments are checked against the vendor's documented bounds before anything
// is sent, all of them at once; such an error matches [ErrInvalid], has no
// Attempts, and lists the faults in its Fields.
//
// # Time
//
// The context is the budget of a whole call, with its waits and repeats;
// [Config].AttemptTimeout bounds each attempt. Cancelling the context ends a
// call at once, wherever it is. The vendor counts validity in whole minutes;
// other durations are refused. Times are in UTC.
//
// # What the vendor does not say
//
// The vendor documents requests and successful answers, but no failures, no
// rate limits and hardly any behaviour. Failures are therefore read in every
// form that has been seen, every field of an answer may be missing, and new
// fields and values do no harm. An answer without its main part is an error,
// though, and never an empty result.
//
// This manual states some things plainly that are an understanding of the
// vendor's behaviour and confirmed by no document. Where your business rests
// on one of them, try it out:
//
//   - the four states of [Key.Status], as filters too;
//   - lists come newest first, conditions add up, and a page past the end is
//     empty;
//   - a batch creates all of its keys or none, and a bulk delete skips what it
//     does not find and takes every string for a value, also one of digits;
//   - Get has no effect on a key;
//   - devices bound by Create are no use of the key and are not held against
//     its limit, and a reset of devices changes nothing else;
//   - a new Validity counts from the same start as the old one, and ExpiresAt
//     wins over it.
//
// # Compatibility
//
// Until version 1.0 a new minor version may change this package's API, and the
// release notes say how; a new patch version does not. Fields may be added to
// any struct at any time, so write struct literals with field names.
//
// The User-Agent of every request carries this module's name and version.
//
// [RETRIES.md]: https://github.com/keysmith-go/keysmith/blob/main/RETRIES.md
package junkie
