package junkiemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	accounts  table[account]
	apiKeys   table[*apiKey]
	providers table[Provider]
	services  table[Service]
	folders   table[Folder]
	bans      table[Ban]
	keys      keyStore
	limit     core.RateLimit
}

// Every server has this account, with this API key, which looks like the vendor's
// keys and like no real one.
const (
	defaultUserID = 1001
	defaultAPIKey = "00000000-0000-4000-8000-000000001001"
)

func newState() *state {
	s := emptyState()
	s.accounts.put(account{s.accounts.ids.claim(defaultUserID)})
	s.apiKeys.put(&apiKey{ID: s.apiKeys.ids.claim(0), UserID: defaultUserID, Value: defaultAPIKey, Scopes: []string{ScopeREST}})
	return s
}

// emptyState has not even the default account. Each kind of object starts
// elsewhere, so that a client that mixes up two numbers is told 404 and not by
// chance the truth.
func emptyState() *state {
	return &state{
		accounts:  newTable[account](1000),
		apiKeys:   newTable[*apiKey](5000),
		providers: newTable[Provider](2000),
		services:  newTable[Service](3000),
		folders:   newTable[Folder](4000),
		bans:      newTable[Ban](6000),
		keys:      newKeyStore(),
	}
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

// newValue draws a key value that no key has yet.
func (t *turn) newValue(p Provider) string {
	for {
		value := t.Rand.UUID()
		if p.KeyPrefix != "" {
			value = p.KeyPrefix + "-" + value
		}
		if t.state.keys.byValue[value] == nil {
			return value
		}
	}
}
