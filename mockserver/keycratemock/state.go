package keycratemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	teamOff       bool
	apps          map[string]*app
	subscriptions map[string]*Subscription
	subscribed    []string // their ids, oldest first
	apiKeys       map[string]*apiKey
	licenses      store
	blacklist     map[entry]bool
	origin        Origin

	fromCreation bool // durations of new licenses start at their creation
	doubleS      bool // HWID_MISSMATCH in place of HWID_MISMATCH

	limit        rateLimit
	noRetryAfter bool
	endUsers     rateWindow // all of them share one
}

type app struct {
	App
	off bool
}

// apiKey is one credential of the team.
type apiKey struct {
	number  int             // names the key in the ledger
	apps    map[string]bool // that it may use; nil: all
	revoked bool
	window  rateWindow
}

func (k *apiKey) mayUse(appID string) bool { return k.apps == nil || k.apps[appID] }

// entry is one line of the blacklist.
type entry struct {
	by    BlacklistKind
	value string
}

// The credentials and the app of a new world look like no real ones.
const (
	defaultAPIKey = "kc_mock_keycrate_api_key_1"
	defaultAppID  = "00000000-0000-4000-8000-00000000a991"
)

func newState() *state {
	s := &state{
		apps:          map[string]*app{},
		subscriptions: map[string]*Subscription{},
		apiKeys:       map[string]*apiKey{},
		licenses:      newStore(),
		blacklist:     map[entry]bool{},
	}
	s.apps[defaultAppID] = &app{App: App{ID: defaultAppID, Name: "default"}}
	s.apiKeys[defaultAPIKey] = &apiKey{number: 1}
	return s
}

// turn is one call of the world, a request or an action of the Go API: what the
// server lets it see, the state, and the time as the world keeps it.
type turn struct {
	*core.Turn
	state *state
	now   time.Time
}

func newTurn(t *core.Turn, s *state) turn {
	return turn{Turn: t, state: s, now: moment(t.Now)}
}
