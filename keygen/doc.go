// Package keygen is a client for the pools of Keygen: the keys in them, the
// policies and products they belong to, and the licenses drawn from them.
//
//	client, err := keygen.New(keygen.Config{Account: "acme", Credential: keygen.Token(os.Getenv("KEYGEN_TOKEN"))})
//	if err != nil {
//		return err
//	}
//	license, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID, Name: "order 1042"})
//
// A policy that was created with UsePool has a pool of keys, strings of your
// own choice. They are put there with [KeysService.Create] and are no licenses
// yet. [LicensesService.Create] draws one and makes it the key of a license;
// [Pool.Pop] takes one out for you to hand out by other means. A [Client] is
// safe for concurrent use, and there is nothing to close.
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
//   - Once creates something or takes it away. It is repeated only if the
//     failed attempt provably had no effect: no connection was made, or the
//     vendor refused it for its rate limit.
//
// A call that failed may have taken effect all the same. Its Error.Outcome is
// [OutcomeUnknown] then, which [ErrUnknownOutcome] matches, or [OutcomeApplied],
// if the vendor said that it succeeded and the rest of the answer was lost. Its
// method tells how to find out, and has an example; [KeysService.Create] and
// [LicensesService.Create] do so by themselves. Only after [OutcomeNotApplied]
// may a call of class Once simply be made again. [Config.Retry] sets how often
// and how patiently calls are repeated.
//
// [RETRIES.md] has more on all of this, and how each vendor lets you find out.
//
// # Errors
//
// Every error of a method is an [*Error]; ask errors.Is for its kind:
//
//	var e *keygen.Error
//	switch {
//	case errors.As(err, &e) && e.Outcome != keygen.OutcomeNotApplied:
//		// find out before doing anything else: see the method
//	case errors.Is(err, keygen.ErrPoolEmpty):
//		// the pool has no key left
//	case errors.Is(err, keygen.ErrKeyTaken):
//		// another key has the same string
//	case errors.Is(err, keygen.ErrNotFound):
//		// there is no such thing, or the credential may not see it
//	case errors.Is(err, keygen.ErrRateLimited):
//		// come back after e.RetryAfter
//	}
//
// An error keeps all error objects of the vendor's answer in its Errors.
// Arguments are checked against the vendor's bounds before anything is sent,
// all of them at once; such an error matches [ErrInvalid], has no Attempts, and
// lists the faults in its Fields.
//
// # Lists
//
// The All methods walk over lists of any length; the List methods return one
// page of up to 100, by number or by cursor. See [KeysService.All] for what
// holds while others change the list, and [Page] for going on with a cursor of
// your own.
//
// # Signatures
//
// With [Config].PublicKey, nothing is believed that the account's own key did
// not sign. What is verified of each answer that decides a call, be it success
// or refusal:
//
//   - the header Keygen-Signature is there once, is made with ed25519 over
//     exactly the request target, host, date and digest, and fits the public
//     key; if Account is an id, also that it names that account;
//   - the method, path, query and host that were signed are those of the
//     request that was sent, as it left this package; the host may lack its
//     port;
//   - the digest that was signed is that of the body as it was received, where
//     that of an empty body, such as of a deletion, counts as well;
//   - the date that was signed is within [Config].SignatureMaxAge of
//     [Config].Now.
//
// Date and digest are taken from the headers Keygen-Date and Keygen-Digest, and
// from Date and Digest only where those are missing, since proxies rewrite
// these. The status and all other headers are not signed; of the status, all
// that is made sure is that a refusal has the body of one, and a success has
// not. The body of the request is not signed either, so that an answer of the
// last minutes could be played back to a request with the same method and
// address: that of one creation or pop to another. An answer that fails is an
// [ErrSignature]; it is not repeated, its status is no kind of the error, and
// after a call that changes something the outcome is unknown.
//
// The vendor signs nothing before it has found the account. Its refusal of an
// unknown account or a blocked address is therefore an ErrSignature too, with
// the vendor's words in Message. Rate limits (429) and failures of the vendor
// (408, 5xx) are never signed as a rule, and need not be: they say nothing about
// the account's data. But a 429 is believed to have changed nothing, so that
// whoever can forge one, or put one in the place of a success, can make a key be
// popped twice. A reverse proxy that changes the host or the path on the way to
// a server of your own breaks its signatures.
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
//   - Popping is a DELETE on the pool. It is Once here, as its method would not
//     let one think.
//   - A key is found by its id only. Its string finds nothing, and is no
//     credential either.
//   - What a credential may not see is not found, rather than forbidden; what
//     it may see but not change is forbidden.
//   - Strings are unique among the keys of the whole account, not of a pool.
//   - A key cannot be given the string of a license, but a license can be given
//     that of a key. Drawing that key then fails, and as it stays the next in
//     line, so does every other draw from that pool: see [ErrKeyConflict].
//   - The vendor hands out the newest key first, as a rule.
//   - Neither deleting a license nor anything else puts a key back.
//   - Page numbers end at 100. Cursors do not, but a cursor whose item was
//     deleted finds nothing; All knows how to go on.
//   - The environments of the vendor's enterprise edition are not covered: calls
//     go to what belongs to none.
//   - A member that the vendor does not know makes it refuse the whole
//     document. This package sends no member that it need not send.
//
// # What the vendor does not say
//
// The vendor's manual tells the fields and little of the behaviour; the rest is
// known from its server, whose source is public. This manual states some things
// plainly that are no more than an understanding of it. Where your business
// rests on one of them, try it out:
//
//   - which key is handed out first, and that two pops at the same moment may be
//     given the same one;
//   - that drawing a key that a license has the string of fails for ever;
//   - that an unknown id in a condition selects nothing;
//   - that [LicensesService.Get] does not find a key with a dot, nor
//     [ProductsService.Get] a code with one;
//   - whether the port of a server belongs to the host that it signs.
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
package keygen
