// Package luaprot is a client for the license keys of LuaProt.
//
//	client, err := luaprot.New(luaprot.Config{APIKey: os.Getenv("LUAPROT_API_KEY")})
//	if err != nil {
//		return err
//	}
//	key, err := client.Hub(hubID).Add(ctx, luaprot.AddKeyParams{DiscordID: user, ExpiresIn: 30 * 24 * time.Hour})
//
// Keys live in hubs. What concerns the keys of one hub is a method of [Hub];
// lists and bulk deletes, which cover all hubs of the account, are in
// [Client.Keys]. A [Client] is safe for concurrent use, and there is nothing
// to close.
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
//   - Once creates, extends or resets something. It is repeated only if the
//     failed attempt provably had no effect: no connection was made, or the
//     vendor refused it for its rate limit.
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
// # Rate limits
//
// The vendor documents two limits: 20 calls in 10 seconds and 60 in a minute.
// A client keeps both by itself, so that calls wait for their turn rather than
// being refused. A wait can take up to a minute and longer behind a queue, and
// ends with the context. [Config.Pacing] says more: how clients share the
// limits, how to set others, and how to switch pacing off.
//
// # Errors
//
// Every error of a method is an [*Error]; ask errors.Is for its kind:
//
//	var e *luaprot.Error
//	switch {
//	case errors.As(err, &e) && e.Outcome != luaprot.OutcomeNotApplied:
//		// find out before doing anything else: see the method
//	case errors.Is(err, luaprot.ErrAlreadyWhitelisted):
//		// the Discord user has a key: get it with luaprot.ByDiscordID
//	case errors.Is(err, luaprot.ErrNoHub):
//		// no such hub
//	case errors.Is(err, luaprot.ErrNotFound):
//		// no such key
//	case errors.Is(err, luaprot.ErrRateLimited):
//		// come back after e.RetryAfter
//	}
//
// The vendor has no error codes and gives status 400 to most refusals; this
// package tells them apart by their documented texts. Arguments are checked
// against the documented bounds before anything is sent, all of them at once;
// such an error matches [ErrInvalid], has no Attempts, and lists the faults in
// its Fields.
//
// # Time
//
// The context is the budget of a whole call, with its waits and repeats;
// [Config].AttemptTimeout bounds each attempt. Cancelling the context ends a
// call at once, wherever it is. Times are in UTC.
//
// # Traps of this API
//
// What the types of this package keep from you, and what they cannot:
//
//   - "expire" has three meanings at the vendor: seconds from now in requests
//     (ExpiresIn here, a time.Duration), a moment in answers (ExpiresAt, a
//     time.Time), and seconds that are left in the vendor's Lua SDK, which
//     this package does not speak to. An ExpiresAt does not fit into an
//     ExpiresIn, so what was read cannot be written back by mistake.
//   - Setting ExpiresIn in an update does not prolong a key but counts anew
//     from now, each time it is delivered.
//   - A key's fields depend on the method. Those that may be missing are an
//     [Opt]: after Update, a zero HWID says nothing about the device.
//   - Ids of hubs, scripts and ads are numbers of 20 digits, more than 64 bits
//     hold. They are strings here; keep them strings.
//   - Discord users occur twice in an update: in the [KeyRef] the one whose key
//     it is, in the parameters the one who gets it.
//   - Unassigned keys (no Discord user, no device) are limited to 300 in each
//     hub, whether Generate or Add makes them.
//   - There is no call to blacklist a key: it is an update, and an update of
//     other fields leaves the blacklisting alone.
//   - A reset of the device is forced: the time that the hub may demand
//     between two resets is for end users only.
//   - The key "x" stands for "no key" at the vendor; it is refused here.
//   - The API key goes into its header without "Bearer", unlike at most
//     vendors.
//
// # What the vendor does not say
//
// The vendor documents its routes with one example each, and little of their
// behaviour. Failures are therefore read in every form that may occur, every
// field of an answer may be missing, and new fields and values do no harm. An
// answer without its main part is an error, though, and never an empty result.
//
// This manual states some things plainly that are an understanding of the
// vendor's behaviour and confirmed by no document. Where your business rests
// on one of them, try it out:
//
//   - keys never expire if ExpiresIn is left out, or Null in an update; the
//     clock of generated keys starts with their creation;
//   - Null in an update empties a field, a new ExpiresIn counts from now and
//     has the same minimum, and a Discord user who has a key is refused as by
//     Add;
//   - Unblacklist drops the reason, and the vendor's own blacklisting is in the
//     way of nothing but Unblacklist;
//   - a reset counts even if no device was bound, and leaves all but the device
//     alone;
//   - keys made by Add without a Discord user count toward the 300;
//   - Discord ids have 17 to 20 digits;
//   - unassigned means neither a Discord user nor a device, active means
//     neither blacklisted nor expired nor unassigned, and Set(false) selects
//     the others;
//   - lists come newest first, conditions add up and match as a whole, and a
//     page past the end is empty;
//   - Generate creates all of its keys or none, and a bulk delete skips what it
//     does not find;
//   - Get has no effect on a key;
//   - the rate limits count by API key, and refused calls do not count;
//   - the answers to a wrong API key, to a hub that does not exist and to an IP
//     address that is not on the dashboard's list.
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
package luaprot
