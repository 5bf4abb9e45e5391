// Package mockserver emulates the vendors of this module in memory, with time
// and failure in the test's hands:
//
//	s := mockserver.RunT(t)
//	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
//	provider := s.Junkie().AddProvider("shop") // what the vendor offers in its dashboard only
//	key, err := client.Keys.Create(ctx, junkie.CreateKeyParams{ProviderID: provider.ID, Validity: 24 * time.Hour})
//	s.Advance(25 * time.Hour) // and the key has expired
//
// They are Junkie, behind [Server.Junkie], LuaProt, behind [Server.LuaProt],
// Keygen, behind [Server.Keygen], and Keycrate, behind [Server.Keycrate]. A vendor
// is emulated with its whole state and its own rules, error texts and status codes.
// What cannot be known from outside is assumed and says so: [Server.Behaviours]
// lists every rule and how well it is known.
//
// # Reaching it
//
// [Server.Client] and [Server.Transport] answer the vendors' real host names in
// process: no socket, no goroutine, no port, and any other host is refused. A
// program that needs a network gets one from [Server.Listen], on loopback unless
// [WithAdminToken] protects the control plane, and [Server.Serve] and
// [Server.Handler] fit the server into what is there already. Every way leads to
// the same state, and all of them fail alike.
//
// # Time
//
// All vendors live by one clock, [Server.Now]. It runs with the process's time,
// and so with the bubble's where testing/synctest made the server inside one;
// [Server.Advance] and [Server.SetTime] move it, [Server.Freeze] stops it.
// Nothing is ever waited for but injected latency.
//
// # Failure
//
// [Server.Inject] makes calls fail: by a status, a rate limit, latency, a lost
// connection, a spoilt answer. What matters most is the side of the commit. A
// connection that is lost before it leaves nothing behind, one lost after it
// leaves a key that the caller knows nothing of:
//
//	s.Inject(mockserver.Fault{
//		Op:    junkiemock.OpCreateKey,
//		Phase: mockserver.AfterCommit,
//		Do:    mockserver.ConnReset(),
//		Times: 1,
//	})
//
// # What happened
//
// Three records can be asked. The journal has every call as the server saw it,
// each attempt of a retrying client on its own, with what was asked and answered:
// [Server.Calls], [Server.AssertCalls], and [Server.AwaitCalls] for a program that
// works in the background. The ledger has every lasting change, whatever the
// caller was told: [Server.Effects], [Server.AssertEffects]. The findings have
// what was sent in vain, such as a misspelt parameter that the vendor silently
// ignores: [Server.Findings]. With [RunT] a finding fails the test when it ends,
// and so does a fault that never fired; a program asks for [Server.Complaints].
//
// The journal shows no API key, token, password or license key unless
// [WithJournalSecrets] says so; see [Message]. The ledger names objects as the
// vendor does, which with LuaProt and Keycrate is by the license key. [WithLogger]
// writes down what happens while it does.
//
// # The stage
//
// Objects are made by the methods of each vendor's world, or many at once by a
// seed: [WithSeedJSON], [Server.SeedJSON]. [Server.Snapshot] takes the whole world
// down, with its clock and what will be drawn at random, and [Server.Restore] puts
// it back, also into another server. Rate limits are off until a world's
// SetRateLimit or [WithDocumentedRateLimits] switches them on. [Server.Reset] makes
// everything as new; a server for each test is better, and costs less than a
// request over a network.
//
// # Other languages
//
// The program in cmd/mockserver serves the same vendors to anybody, or runs another
// program that finds them in its environment ([Endpoint.Environ]). Below /__admin,
// at every endpoint, lies the control plane: there a program in any language sets
// the stage and looks behind the curtain, in JSON over HTTP, as a Go test does by
// the methods of this package; README.md is the manual. Each vendor's objects, in any state, lie below its
// name, beside what its end users do, and how it behaves. The document
// admin.openapi.yaml describes it all:
//
//	curl -d '{"name":"shop"}' http://127.0.0.1:5397/__admin/junkie/providers
//
// Only programs on the machine can use it, and no web page: see [Server.Handler].
// For those on other machines there are [WithAdminToken] and [WithAllowedHosts].
//
// A Server is safe for concurrent use, takes microseconds to make, keeps nothing
// in files and never dials out. Ids, keys and tokens are drawn from a seed, so
// that a test gets the same ones every time.
package mockserver
