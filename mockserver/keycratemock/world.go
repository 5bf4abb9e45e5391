package keycratemock

import (
	"cmp"
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func init() {
	core.Register(core.Vendor{Name: "keycrate", New: func(env core.Env) (core.World, any) {
		w := &World{env: env, state: newState()}
		return &vendor{state: w.state}, w
	}})
}

// World is the Keycrate vendor of one mock server, seen from behind the curtain:
// what a team does in the vendor's dashboard, what end users do with their
// licenses, and what the state is. Get it from the server's Keycrate method.
//
// A new World has one team with one app and one API key that may use every app
// of the team. There is no subscription and no license yet.
//
// Methods are safe for concurrent use. When one is asked for what cannot be (a
// license of a subscription that does not exist, a key that is taken), it
// changes nothing and ends the test at once, with a text that says what to do;
// on a server without a test it panics.
type World struct {
	env   core.Env
	state *state
}

// APIKey returns the first API key, which may use every app. It is the same in
// every server, and looks like no real one.
func (w *World) APIKey() string { return defaultAPIKey }

// AppID returns the id of the first app. It is the same in every server.
func (w *World) AppID() string { return defaultAppID }

// AuthResult is what an end user's program is told.
type AuthResult struct {
	Success bool
	Code    string // [CodeVerified], [CodeLicenseExpired], ...
}

// Auth is an end user's program that asks to be let in with a license on a
// device, in the license's own app; an empty hwid is a program that sends none.
// It is what binds devices and starts durations. The checks and their order are
// those of POST /auth, whose answer Code is; a refusal changes nothing.
func (w *World) Auth(key, hwid string) AuthResult {
	return w.enter(ActAuth, func(t *turn) AuthResult { return t.logIn(t.atHome(Login{License: key, HWID: hwid})) })
}

// AuthWith does what Auth does, with all that a program can send: a username
// and a password, an app of its own.
func (w *World) AuthWith(l Login) AuthResult {
	l.AppID = cmp.Or(l.AppID, defaultAppID)
	return w.enter(ActAuth, func(t *turn) AuthResult { return t.logIn(l) })
}

// Register is an end user who gives a license a username and a password, with
// which to log in from then on. The checks are those of POST /register, in the
// license's own app, and its answer is Code: [CodeRegistered] or what is wrong.
func (w *World) Register(key, username, password string) AuthResult {
	return w.enter(ActRegister, func(t *turn) AuthResult {
		return t.signUp(t.atHome(Login{License: key, Username: username, Password: password}))
	})
}

// enter runs what an end user's program does.
func (w *World) enter(action string, do func(*turn) AuthResult) (result AuthResult) {
	w.env.Act(action, func(ct *core.Turn) {
		t := newTurn(ct, w.state)
		result = do(&t)
	})
	return result
}

// atHome lets a login that names no app go to that of its license, or else to
// the first app.
func (t *turn) atHome(l Login) Login {
	if r := t.state.licenses.byKey[l.License]; r != nil {
		l.AppID = cmp.Or(l.AppID, r.AppID)
	}
	l.AppID = cmp.Or(l.AppID, defaultAppID)
	return l
}

func (t *turn) logIn(l Login) AuthResult {
	code, _, fail := t.auth(l)
	return resultOf(code, fail)
}

func (t *turn) signUp(l Login) AuthResult { return resultOf(CodeRegistered, t.register(l)) }

func resultOf(code string, fail *failure) AuthResult {
	if fail != nil {
		return AuthResult{Code: fail.code}
	}
	return AuthResult{Success: true, Code: code}
}

// License returns a license of any app by its exact key, and whether it exists.
// Looking does not use it.
func (w *World) License(key string) (l License, found bool) {
	w.look(func(s *state) {
		if r := s.licenses.byKey[key]; r != nil {
			l, found = r.public(), true
		}
	})
	return l, found
}

// Licenses returns the licenses of an app, oldest first and those of one moment
// by their keys; without an argument those of the first app.
func (w *World) Licenses(appID ...string) (list []License) {
	w.look(func(s *state) {
		for _, id := range orDefault(appID) {
			for r := range s.licenses.ofApp[id].All() {
				list = append(list, r.public())
			}
		}
	})
	return list
}

// Subscription returns a subscription of any app by its id, and whether it
// exists.
func (w *World) Subscription(id string) (sub Subscription, found bool) {
	w.look(func(s *state) {
		if held := s.subscriptions.Get(id); held != nil {
			sub, found = *held, true
		}
	})
	return sub, found
}

// Subscriptions returns the subscriptions of an app, by level and then by name;
// without an argument those of the first app.
func (w *World) Subscriptions(appID ...string) (list []Subscription) {
	w.look(func(s *state) {
		for _, id := range orDefault(appID) {
			for _, sub := range s.subscriptionsOf(id) {
				list = append(list, *sub)
			}
		}
	})
	return list
}

func orDefault(appIDs []string) []string {
	if len(appIDs) == 0 {
		return []string{defaultAppID}
	}
	return appIDs
}

// DurationStart says when the duration of a license starts.
type DurationStart int

const (
	// AtFirstUse lets a duration start with the first successful
	// authentication. It is what a new World does.
	AtFirstUse DurationStart = iota
	// AtCreation lets it start when the license is made.
	AtCreation
)

// SetDurationStart says when the durations of licenses start that are made from
// now on. Which of them the vendor does is not known.
func (w *World) SetDurationStart(at DurationStart) {
	w.act(ActSetDurationStart, func(t *turn) error {
		if at != AtFirstUse && at != AtCreation {
			return fmt.Errorf("%d is no start of a duration: pass AtFirstUse or AtCreation", at)
		}
		t.state.FromCreation = at == AtCreation
		return nil
	})
}

// SetMismatchSpelling chooses how the vendor spells the code for a wrong device:
// [CodeHWIDMismatch], as its own clients expect and as a new World does, or
// [CodeHWIDMismatchDoubleS], as one of its pages has it.
func (w *World) SetMismatchSpelling(code string) {
	w.act(ActSetMismatchSpelling, func(t *turn) error {
		if code != CodeHWIDMismatch && code != CodeHWIDMismatchDoubleS {
			return fmt.Errorf("%q is neither %s nor %s", code, CodeHWIDMismatch, CodeHWIDMismatchDoubleS)
		}
		t.state.DoubleS = code == CodeHWIDMismatchDoubleS
		return nil
	})
}

// SetRateLimit lets each API key make n calls in a window of the given length,
// and all end users together as many; further ones are answered 429 and change
// nothing. A window begins with the first call after the last one ended. The
// vendor publishes no figures, so the limit is off until set; n = 0 switches it
// off again. Setting it begins new windows. While the clock is frozen it is
// refused, since a window would never end.
func (w *World) SetRateLimit(n int, per time.Duration) {
	w.act(ActSetRateLimit, func(t *turn) error { return t.setRateLimit(core.RateLimit{Calls: n, Per: per}) })
}

// SetRetryAfter says whether a 429 tells in Retry-After when to come again, as
// at first it does. The vendor does not document the header.
func (w *World) SetRetryAfter(sent bool) {
	w.act(ActSetRetryAfter, func(t *turn) error {
		t.state.NoRetryAfter = !sent
		return nil
	})
}

// act runs an action, which either is done or changes nothing and says why not.
func (w *World) act(action string, do func(*turn) error) {
	w.env.Act(action, func(ct *core.Turn) {
		t := newTurn(ct, w.state)
		if err := do(&t); err != nil {
			t.Refuse("%v", err)
		}
	})
}

// look reads the state when it is this caller's turn, and leaves no trace.
func (w *World) look(do func(*state)) {
	w.env.Act("", func(*core.Turn) { do(w.state) })
}
