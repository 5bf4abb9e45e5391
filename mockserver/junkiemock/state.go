package junkiemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	accounts  []int64 // user ids
	apiKeys   map[string]*apiKey
	providers map[int64]Provider
	services  map[int64]Service
	folders   map[int64]Folder
	bans      map[banned]Ban
	keys      keyStore
	last      lastIDs
	limit     rateLimit
}

// lastIDs are the numbers given last. Each kind of object starts elsewhere, so
// that a client that mixes up two ids is told 404 and not by chance the truth.
type lastIDs struct{ account, provider, service, folder, key int64 }

// apiKey is one credential of an account.
type apiKey struct {
	userID  int64
	scopes  []string
	revoked bool
	window  rateWindow
}

// banned is the key of a ban: an account bans a device from its own services.
type banned struct {
	userID int64
	hwid   string
}

// defaultAPIKey looks like the vendor's keys and like no real one.
const defaultAPIKey = "00000000-0000-4000-8000-000000001001"

func newState() *state {
	s := &state{
		apiKeys:   map[string]*apiKey{},
		providers: map[int64]Provider{},
		services:  map[int64]Service{},
		folders:   map[int64]Folder{},
		bans:      map[banned]Ban{},
		keys:      newKeyStore(),
		last:      lastIDs{account: 1000, provider: 2000, service: 3000, folder: 4000},
	}
	s.apiKeys[defaultAPIKey] = &apiKey{userID: s.addAccount(), scopes: []string{ScopeREST}}
	return s
}

func (s *state) addAccount() int64 {
	id := next(&s.last.account)
	s.accounts = append(s.accounts, id)
	return id
}

func next(last *int64) int64 {
	*last++
	return *last
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
