package luaprotmock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	customers    []*customer // account n is the n-th
	apiKeys      map[string]*apiKey
	hubs         map[string]*hub
	scripts      map[string]*script
	discord      map[string]DiscordData // by the Discord id that was looked up
	keys         keyStore
	limits       []RateWindow // none: no rate limit
	noRetryAfter bool
}

// customer is one account.
type customer struct {
	number  int64
	hubs    []string // ids, oldest first
	refused bool     // the callers' address is not on the whitelist
}

// apiKey is one credential of an account.
type apiKey struct {
	owner   *customer
	revoked bool
	calls   []time.Time // that count for a rate limit, oldest first
}

type hub struct {
	Hub
	owner *customer
}

type script struct {
	Script
	executions int64
}

// defaultAPIKey looks like no real one.
const defaultAPIKey = "mock-luaprot-api-key-1"

func newState() *state {
	s := &state{
		apiKeys: map[string]*apiKey{},
		hubs:    map[string]*hub{},
		scripts: map[string]*script{},
		discord: map[string]DiscordData{},
		keys:    newKeyStore(),
	}
	s.apiKeys[defaultAPIKey] = &apiKey{owner: s.addCustomer()}
	return s
}

func (s *state) addCustomer() *customer {
	c := &customer{number: int64(len(s.customers) + 1)}
	s.customers = append(s.customers, c)
	return c
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

// newID draws the id of a hub or script: 20 digits, and more than 64 bits hold.
func (t *turn) newID() string {
	for {
		id := string('2'+byte(t.Rand.IntN(8))) + t.Rand.Digits(19)
		if t.state.hubs[id] == nil && t.state.scripts[id] == nil {
			return id
		}
	}
}

// newValue draws a key that does not exist yet.
func (t *turn) newValue() string {
	for {
		value := t.Rand.Hex(12)
		if t.state.keys.byValue[value] == nil {
			return value
		}
	}
}
