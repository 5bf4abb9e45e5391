package luaprotmock

import (
	"iter"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data. Its objects name each
// other by their ids and have no hidden parts, so that a snapshot can write them
// as they are.
type state struct {
	customers    core.Roll[string, *customer] // the default one first
	apiKeys      core.Roll[string, *apiKey]
	hubs         core.Roll[string, *hub]
	scripts      core.Roll[string, *script]
	discord      core.Roll[string, *discordRecord]
	keys         keyStore
	limits       []RateWindow // none: no rate limit
	noRetryAfter bool
	lastCustomer int64 // number of the latest account that got one
}

// customer is one account. The vendor's API never names one.
type customer struct {
	ID      string
	Refused bool // the callers' address is not on the whitelist
}

// apiKey is one credential of an account.
type apiKey struct {
	Secret  string
	Owner   string // id of the account
	Revoked bool
	Calls   []time.Time // that count for a rate limit, oldest first
}

type hub struct {
	Hub
	Owner string // id of the account
}

type script struct {
	Script
	Executions int64
}

// discordRecord is what the vendor knows of a Discord user.
type discordRecord struct {
	DiscordID string // that was looked up
	DiscordData
}

// What the default account is known by. The API key looks like no real one.
const (
	defaultAccount = "1"
	defaultAPIKey  = "mock-luaprot-api-key-1"
)

func newState() *state {
	s := emptyState()
	s.customers.Put(defaultAccount, &customer{ID: s.newCustomerID()})
	s.apiKeys.Put(defaultAPIKey, &apiKey{Secret: defaultAPIKey, Owner: defaultAccount})
	return s
}

// emptyState has not even the default account.
func emptyState() *state { return &state{keys: newKeyStore()} }

// newCustomerID numbers accounts. A number is not given twice, since the handle
// of a deleted account must not come to life again.
func (s *state) newCustomerID() string {
	for {
		s.lastCustomer++
		if id := strconv.FormatInt(s.lastCustomer, 10); s.customers.Get(id) == nil {
			return id
		}
	}
}

// oldestHub is the first hub of an account, or nil.
func (s *state) oldestHub(owner string) *hub {
	for h := range s.hubsOf(owner) {
		return h
	}
	return nil
}

// hubsOf are the hubs of an account, oldest first.
func (s *state) hubsOf(owner string) iter.Seq[*hub] {
	return s.hubs.Only(func(h *hub) bool { return h.Owner == owner })
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
		if t.state.hubs.Get(id) == nil && t.state.scripts.Get(id) == nil {
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
