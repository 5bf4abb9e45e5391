// Package keycratemock is the Keycrate licensing service as the mock server
// emulates it: all 22 operations of the management API under
// https://api.keycrate.dev, the two that end users' programs call, and behind
// them a [World] in which a test sets the stage, plays the end users and looks
// at the state.
//
// A test of a shop gets everything from one server:
//
//	s := mockserver.RunT(t)
//	world := s.Keycrate()
//	client, err := keycrate.New(keycrate.Config{APIKey: world.APIKey(), HTTPClient: s.Client()})
//
//	sub := world.AddSubscription(keycratemock.Subscription{Name: "pro"})
//	license := world.AddLicense(keycratemock.License{
//		SubscriptionID: sub.ID, DurationUnit: keycratemock.UnitDays, DurationValue: 7, HWIDLock: true,
//	})
//
//	world.Auth(license.Key, "device-1")            // the buyer starts the program: seven days begin
//	world.Auth(license.Key, "device-2")            // HWID_MISMATCH
//	s.Advance(7 * 24 * time.Hour)
//	world.Auth(license.Key, "device-1")            // LICENSE_EXPIRED
//	state, ok := world.License(license.Key)        // what the vendor remembers of it
//
// # Setting the stage
//
// A new world has one team with one app, [World.AppID], and one API key that may
// use every app, [World.APIKey]. [World.AddApp] adds apps, and
// [World.AddAPIKey] keys that may use some of them or none. [World.AddLicense]
// puts a license in any state into the world, such as one that has expired or
// has a device. [World.SetAppEnabled], [World.SetTeamEnabled],
// [World.Blacklist] and [World.OrphanLicenses] lead to the refusals that no call
// of the API can cause. Rate limits are off until [World.SetRateLimit].
//
// A [Seed] says in one value what a world begins with. Programs in other languages
// have the same and more over HTTP, below /__admin/keycrate of the server: apps,
// api-keys, subscriptions, licenses and the blacklist as collections, of which the
// objects are made, found, changed and deleted, in any state and past the
// validation of the API; settings for what the Set methods switch; and what end
// users do as auth, register, portal-reset and orphan-licenses. There an object
// refers to another by its id or its name, and a user can be given a password.
//
// A snapshot of the server holds all of this world, down to rate windows and
// hashed passwords: put back, it lets the same users log in.
//
// # End users
//
// [World.Auth] is an end user's program asking to be let in; over HTTP that is
// POST /auth, with the same checks and the same outcome. It is what binds
// devices by their use and starts durations; no management call does, though
// /hwid/edit sets a device. [World.Register] gives a license a username and a
// password. [World.PortalReset] is the end user in the vendor's portal, which has
// no API.
//
// # Time
//
// The world lives by the server's clock, to the millisecond. A license has
// expired as soon as the clock reads its end; nothing needs to happen for that,
// and its status does not change. Durations start with the first use, or at the
// creation with [World.SetDurationStart].
//
// # What is known and what is assumed
//
// The vendor publishes the paths of its management API, a few requests and its
// common error codes, but hardly an answer. Where nothing is known the mock
// decides, and every rule it keeps is a row in the server's table of
// behaviours, marked documented, observed or assumed; the journal tells which
// rows decided an answer. Do not build on assumed ones. Those that would hurt
// most if the vendor does otherwise: that the toggles take the value to set,
// that the cooldown in a request is in seconds, that a duration starts with the
// first use, and that bulk calls are all or nothing.
//
// Not emulated: webhooks, the permissions of team members, the portal's other
// pages and its login.
//
// Unknown fields, query parameters, a missing Content-Type, an API key in an end
// user's call and a duration_value of a lifetime are findings on the server,
// which fail the test at its end, whatever the answer was.
package keycratemock
