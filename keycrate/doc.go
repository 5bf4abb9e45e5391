// Package keycrate is a client for the licenses of Keycrate.
//
//	client, err := keycrate.New(keycrate.Config{APIKey: os.Getenv("KEYCRATE_API_KEY")})
//	if err != nil {
//		return err
//	}
//	license, err := client.Licenses.Create(ctx, keycrate.CreateLicenseParams{
//		AppID: app, SubscriptionID: tier, Duration: keycrate.Days(30), Tags: []string{"order-1042"},
//	})
//
// A license belongs to a subscription, which is a tier of an app. [Client] has
// the management API, for your side of the wire: [Client.Licenses],
// [Client.HWIDs] and [Client.Subscriptions]. [App] is what the program of an end
// user needs to check a license, and has no API key. Apps themselves, blacklists
// and webhooks are made in the vendor's dashboard. A Client and an App are safe
// for concurrent use, and there is nothing to close.
//
// # Repeated calls
//
// Every operation of this vendor is a POST, reads and deletions included.
// Whether a call is sent again after a failure therefore depends on its
// operation, never on its HTTP method. Each method names the class of its
// operation:
//
//   - Read changes nothing and is repeated after lost connections, timeouts,
//     answers cut short, rate limits and failures of the vendor (408 and 5xx
//     except 501).
//   - Idempotent reaches the same state however often it is sent. It is
//     repeated like Read, but not after an answer that says success and
//     cannot be read.
//   - Once creates, extends or toggles something. It is repeated only if the
//     failed attempt provably had no effect: no connection was made, or the
//     vendor refused it for its rate limit.
//
// The vendor advises to retry every call after network errors and after
// SERVER_ERROR. For what is Once this package does not follow: a lost answer
// does not mean a lost call, and the second delivery of an extension adds the
// time again. A repeated call may also fire webhooks again. The waits are the
// vendor's: 1 s, 4 s, 10 s, then the error is returned; [Config.Retry] sets
// others.
//
// A call that failed may have taken effect all the same. Its Error.Outcome is
// [OutcomeUnknown] then, which [ErrUnknownOutcome] matches, or [OutcomeApplied],
// if the vendor said that it succeeded and the rest of the answer was lost. Its
// method tells how to find out, and has an example. Only after
// [OutcomeNotApplied] may a call of class Once simply be made again.
//
// [RETRIES.md] has more on all of this, and how each vendor lets you find out.
//
// # Errors
//
// Every error of a method is an [*Error]; ask errors.Is for its kind:
//
//	var e *keycrate.Error
//	switch {
//	case errors.As(err, &e) && e.Outcome != keycrate.OutcomeNotApplied:
//		// find out before doing anything else: see the method
//	case errors.Is(err, keycrate.ErrLicenseNotFound):
//		// no such license
//	case errors.Is(err, keycrate.ErrNotFound):
//		// no such app or subscription
//	case errors.Is(err, keycrate.ErrRateLimited):
//		// come back after e.RetryAfter
//	}
//
// The vendor's codes decide what an error is, whatever HTTP status they come
// with. A code that this package does not know is in Error.Code as it came, and
// what the vendor sends along is returned by [FailureData]. Arguments are
// checked before anything is sent, all of them at once; such an error matches
// [ErrInvalid], has no Attempts, and lists the faults in its Fields.
//
// # Time
//
// The context is the budget of a whole call, with its waits and repeats;
// [Config].AttemptTimeout bounds each attempt. Cancelling the context ends a
// call at once, wherever it is. Times are in UTC.
//
// # No cache
//
// The vendor advises to cache answers. This package keeps none: a program that
// has a license cached goes on to show it as good after it was paused, deleted
// or extended elsewhere, which is worse than one more call. Where your program
// can do with an old answer it knows for how long, and can keep the [License],
// which is plain data.
//
// # Traps of this API
//
// What the types of this package keep from you, and what they cannot:
//
//   - [SubscriptionsService.Delete] deletes the licenses of the subscription
//     too.
//   - The time of a license begins with its first use. Until then ExpiresAt is
//     zero, as it is for ever if the Duration is [Lifetime]: see
//     [License.Unused].
//   - Expired is no status. An expired license is active still, and lists of
//     active licenses have it.
//   - Extend takes a time.Duration, Create a [Duration] of units. A month has
//     30 days.
//   - The time between two resets of a device is in days in the dashboard, in
//     seconds on the wire, and a time.Duration here.
//   - A license key is called license, license_key or key on the wire, depending
//     on the call. Here it is Key.
//   - The code for another device than the bound one is spelt in two ways; both
//     are [ErrHWIDMismatch].
//   - Calls that the vendor names toggles are setters here, and always send the
//     value that they set.
//   - Metadata hold 2,000 characters of JSON in all, and are replaced as a
//     whole. Put the ids of your own system there, or into Tags, which lists
//     can be filtered by.
//
// # What the vendor does not say
//
// The vendor documents the path and the purpose of every operation, example
// requests for five, and of the answers that lists are under data and errors
// have a text and a code. Everything else here is an understanding of its
// behaviour, taken from its own programs where they show it. So answers are read
// in every form that is likely; a field in another form is left out, named in
// Unread, and reachable in Raw; new fields and values do no harm. An answer
// without its main part is an error, though, and never an empty result. Where
// your business rests on one of the following, try it out:
//
//   - the names and bounds of most parameters, such as HWIDResetAllowed,
//     KeyFormat and the filters of a list; those that you do not set are not
//     sent;
//   - the clock of a license starts with its first use, pausing does not stop
//     it, and what extending does to unused and to expired licenses;
//   - bulk calls take effect as a whole or not at all;
//   - toggles set the value that they are sent;
//   - the interval between resets is sent in seconds;
//   - pages are counted from 1, and a list without a Status has licenses of
//     all statuses;
//   - setting metadata replaces all of it, and setting credentials accepts a
//     password;
//   - a HWID is cleared by null, and neither Set nor Clear counts as a reset;
//   - subscriptions can be paused, and may share their name;
//   - the HTTP status of every error, all codes but the seven that the vendor
//     lists and those that its own programs know, and the answers of Register.
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
package keycrate
