package keycratemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	settings
	endUsers   core.Window // all of them share one
	lastAPIKey int         // number of the latest API key

	apps          core.Roll[string, *App]          // by id
	subscriptions core.Roll[string, *Subscription] // by id, oldest first
	apiKeys       core.Roll[string, *apiKey]       // by their texts
	licenses      store
	blacklist     core.Roll[BlacklistLine, BlacklistLine]
}

// settings are what a test chooses.
type settings struct {
	TeamOff      bool
	Origin       Origin
	FromCreation bool // durations of new licenses start at their creation
	DoubleS      bool // HWID_MISSMATCH in place of HWID_MISMATCH
	Limit        core.RateLimit
	NoRetryAfter bool
}

// apiKey is one credential of the team.
type apiKey struct {
	APIKey
	Number int // names the key in the ledger
	Window core.Window
}

// The credentials and the app of a new world look like no real ones.
const (
	defaultAPIKey = "kc_mock_keycrate_api_key_1"
	defaultAppID  = "00000000-0000-4000-8000-00000000a991"
)

func newState() *state {
	s := &state{licenses: newStore(), lastAPIKey: 1}
	s.apps.Put(defaultAppID, &App{ID: defaultAppID, Name: "default"})
	s.apiKeys.Put(defaultAPIKey, &apiKey{APIKey: APIKey{Key: defaultAPIKey, AllApps: true}, Number: 1})
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
