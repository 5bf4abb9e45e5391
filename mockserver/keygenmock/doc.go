// Package keygenmock is Keygen as the mock server emulates it: the HTTP API
// under https://api.keygen.sh/v1 for the keys of pooled policies, the pools, and
// what they need of policies, products, licenses and tokens, and behind it a
// [World] in which a test sets the stage and looks at the state.
//
// A test of a shop gets everything from one server:
//
//	s := mockserver.RunT(t)
//	world := s.Keygen()
//	client, err := keygen.New(keygen.Config{
//		Account:    world.Account(),
//		Credential: keygen.Token(world.Token()),
//		HTTPClient: s.Client(),
//	})
//
//	policy := world.AddPolicy(keygenmock.Policy{Pooled: true})
//	key := world.AddKey(keygenmock.Key{PolicyID: policy.ID})
//	keys := world.Pool(policy.ID) // what is left in the pool, the oldest first
//
// # Setting the stage
//
// [World.AddUser], [World.AddProduct], [World.AddPolicy], [World.AddKey],
// [World.AddLicense] and [World.AddToken] put objects into the default account,
// in any state. What an object leaves open is filled in, and parents that it
// does not name are made. The rules of the API do not apply: a test may add a
// key to a policy that is not pooled, or one with a text that the API refuses.
//
// A token acts for the user, product or license that it belongs to, with the
// rights of its role:
//
//	agent := world.AddUser(keygenmock.User{Role: keygenmock.RoleSalesAgent})
//	token := world.AddToken(keygenmock.Token{BearerID: agent.ID})
//
// [World.AddAccount] makes a second account, whose objects the first cannot
// reach. [Account.SetStatus] cancels an account. [World.SetRateLimit] switches
// throttles on, which the vendor leaves off unless they are set up.
//
// A whole world begins with a [Seed], in which objects refer to each other by name:
//
//	keygenmock.Seed{
//		Policies: []keygenmock.Policy{{Name: "Giveaway", Pooled: true}},
//		Keys:     []keygenmock.Key{{PolicyID: "Giveaway"}, {PolicyID: "Giveaway"}},
//	}
//
// The server's control plane does all this for programs in other languages: every
// kind of object can be made, shown, changed and removed below /__admin/keygen, or
// be part of a seed in JSON, in any account and with every attribute, past the
// rules of the API. What else a test can choose are settings there.
//
// The server's snapshot takes down the whole world and puts it back: objects,
// events, counts, throttles with what they counted, and what signatures will draw.
// The keys that sign follow from the ids of the accounts. Numbers in metadata and
// attributes are of type [encoding/json.Number] after that, as those are that came
// through the API.
//
// # Looking behind the curtain
//
// [World.Keys], [World.Pool] and [World.Licenses] show the state, the oldest
// first, and [World.Events] what the vendor would tell webhook endpoints.
// Nothing is ever sent to one. [World.PublicKey] verifies the signatures of
// answers, which are real: each account signs with keys of its own.
//
// # Time
//
// The world lives by the server's clock. Tokens and licenses have expired as
// soon as the clock reads their expiry. No two objects are created in the same
// microsecond, even if the clock stands still, since lists and pools go by the
// order of creation.
//
// # What is known and what is assumed
//
// The vendor publishes the source of its server, so that most of its behaviour
// is known from there, far beyond its manual. Every rule that the mock keeps is a
// row in the server's table of behaviours, marked documented (the manual says
// so), observed (the server does so) or assumed (inferred, or decided here); the
// journal tells which rows decided an answer.
//
// It is the community edition, for many accounts, which the vendor offers with
// its other edition only: there are no environments and no event logs to read.
// [World.SetSingleplayer] makes it a server of one account. Not emulated: users,
// machines, releases and everything else beyond the operations of this package,
// sessions, passwords and daily quotas.
package keygenmock
