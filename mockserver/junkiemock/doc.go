// Package junkiemock is the Junkie key system as the mock server emulates it:
// all nine operations of the REST API v2 under https://api.jnkie.com/api/v2,
// and behind them a [World] in which a test sets the stage, plays the end users
// and looks at the state.
//
// A test of a shop gets everything from one server:
//
//	s := mockserver.RunT(t)
//	world := s.Junkie()
//	client, err := junkie.New(junkie.Config{APIKey: world.APIKey(), HTTPClient: s.Client()})
//
//	provider := world.AddProvider("shop")                        // only the dashboard can do this
//	key, err := client.Keys.Create(ctx, junkie.CreateKeyParams{ProviderID: provider.ID, Validity: time.Hour})
//
//	world.Verify(key.Value, "device-1")                          // KEY_VALID: the buyer starts the program
//	s.Advance(time.Hour)
//	world.Verify(key.Value, "device-1")                          // KEY_EXPIRED
//	state, ok := world.Key(key.ID)                               // what the vendor remembers of it
//
// # Setting the stage
//
// Providers, services, folders and bans come from [World.AddProvider],
// [World.AddService], [World.AddFolder] and [World.BanDevice]; the vendor's API
// can use but not make them. [World.AddKey] puts a key in any state into the
// world, such as an expired one or one with devices. [World.AddAPIKey] makes API
// keys, with or without the needed scope, and [World.AddAccount] a second
// customer, whose keys the first cannot reach. [World.SetRateLimit] switches
// on the limit that the vendor has but does not publish.
//
// A whole stage at once is a [Seed].
//
// Numbers start apart: keys at 1, accounts at 1001, providers at 2001, services
// at 3001, folders at 4001, API keys at 5001, bans at 6001. A client that mixes up
// two of them is told 404. A seed may give others, such as those that an
// application has in its configuration.
//
// # End users
//
// [World.Verify] is an end user's program asking whether a key lets it in on a
// device. It is what makes keys used, binds devices and starts clocks; no
// operation of the API does. [World.Redeem] is a Discord user redeeming a key.
//
// # Over HTTP, and as a file
//
// Programs in any language do all of this below /__admin/junkie on an endpoint of
// the server: objects of every kind are listed, made, changed and deleted there, in
// states that the methods here do not lead to, and POST to verify and redeem is what
// Verify and Redeem are. A JSON seed for the server has the same documents, under
// the same names of kinds. A snapshot of the server has the whole world: the next
// numbers, and the calls that a rate limit has counted, too.
//
// # Time
//
// The world lives by the server's clock, to the millisecond. A key has expired
// as soon as the clock reads its deadline; nothing needs to happen for that.
//
// # What is known and what is assumed
//
// The vendor publishes its requests and answers, but few of its rules: what an
// error looks like, whether limits are refused or lowered, in which order lists
// come. Where nothing is known the mock decides, and every rule it keeps is a
// row in the server's table of behaviours, marked documented, observed or
// assumed; the journal tells which rows decided an answer. Do not build on
// assumed ones.
//
// Not emulated: the vendor's own endpoints for end users (Verify and Redeem
// stand for them), services, providers and bans over HTTP, keyless weekdays,
// and whatever an inactive provider may mean.
//
// Unknown fields and parameters, bodies where none belong and a wrong
// Content-Type are ignored, as the vendor would; each is a finding on the
// server, which fails the test at its end.
package junkiemock
