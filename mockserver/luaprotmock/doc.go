// Package luaprotmock is the LuaProt key system as the mock server emulates it:
// all eight key operations of the HTTP API under https://luaprot.net, and behind
// them a [World] in which a test sets the stage, plays the end users and looks
// at the state.
//
// A test of a shop gets everything from one server:
//
//	s := mockserver.RunT(t)
//	world := s.LuaProt()
//	client, err := luaprot.New(luaprot.Config{APIKey: world.APIKey(), HTTPClient: s.Client()})
//
//	hub := world.AddHub("Main Hub")                               // only the dashboard can do this
//	script := world.AddScript(hub.ID, "loader")
//	key := world.AddKey(luaprotmock.Key{ExpiresAt: s.Now().Add(time.Hour)})
//
//	world.Check(script.ID, key.Value, "device-1")                 // VALID: the buyer starts the script
//	s.Advance(time.Hour)
//	world.Check(script.ID, key.Value, "device-1")                 // EXPIRED
//	state, ok := world.Key(key.Value)                             // what the vendor remembers of it
//
// # Setting the stage
//
// Hubs and scripts come from [World.AddHub] and [World.AddScript]; the API uses
// but does not make them. [World.AddKey] puts a key in any state into the world,
// such as an expired one, one with a device or one from an advertisement.
// [World.SetDiscordData] is what the vendor knows of a Discord user.
// [World.AddAPIKey] makes API keys, [World.AddAccount] a second customer, whose
// keys the first cannot reach, and [World.SetIPWhitelisted] takes the callers'
// address off the whitelist. [World.BlacklistGlobally] is the vendor's staff.
//
// The vendor documents its rate limits; [World.SetRateLimit] switches them on:
//
//	world.SetRateLimit(luaprotmock.DocumentedLimits()...)
//
// A [Seed] describes all of this at once, for a world to begin with. Programs in
// other languages do the same over HTTP: below /__admin/luaprot the server's
// control plane makes, shows, changes and removes accounts, API keys, hubs,
// scripts, records of Discord users, and keys, by the vendor's own names and past
// the validation of its API; there a check and what the vendor's staff does are
// deeds, and Retry-After is a setting. The server's snapshots hold the whole
// world, rate windows included.
//
// Ids of hubs and scripts have 20 digits and fit no 64 bits, as the vendor's. A
// client that reads one as a number will not find it again.
//
// # End users
//
// [World.Check] is an end user's script asking whether a key lets it in on a
// device. It is what binds devices, activates keys and counts executions; no
// operation of the API does.
//
// # Time
//
// The world lives by the server's clock, to the second. A key has expired as
// soon as the clock reads its deadline; nothing needs to happen for that. Rate
// windows slide with the exact time.
//
// # What is known and what is assumed
//
// The vendor publishes its requests and answers, but few of its rules: what
// exactly the filters find, what a repeated field or a wrong value is answered,
// in which order lists come. Where nothing is known the mock decides, and every
// rule it keeps is a row in the server's table of behaviours, marked documented,
// observed or assumed; the journal tells which rows decided an answer. Do not
// build on assumed ones.
//
// Not emulated: the vendor's other routes (hubs, blacklists, sessions, storage,
// status), its loaders (Check stands for them), and resets that end users ask
// for themselves.
//
// Unknown fields and parameters, bodies where none belong, a missing
// Content-Type and Bearer before the API key are findings on the server, which
// fail the test at its end, whatever the answer was.
package luaprotmock
