package luaprotmock

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// kept is the whole state as a snapshot has it: the objects as they are, in the
// order in which they came. Whatever finds them is made anew from that.
type kept struct {
	LastAccount  int64           `json:"lastAccount"`
	Accounts     []customer      `json:"accounts"`
	APIKeys      []apiKey        `json:"apiKeys"`
	Hubs         []hub           `json:"hubs"`
	Scripts      []script        `json:"scripts"`
	DiscordData  []discordRecord `json:"discordData"`
	Keys         []*record       `json:"keys"` // of the accounts in their order, oldest first
	Limits       []RateWindow    `json:"limits"`
	NoRetryAfter bool            `json:"noRetryAfter"`
}

// Snapshot takes the state down.
func (v *vendor) Snapshot() (document func() any) {
	s := v.state
	taken := kept{
		LastAccount:  s.lastCustomer,
		Accounts:     copies(&s.customers),
		APIKeys:      copies(&s.apiKeys),
		Hubs:         copies(&s.hubs),
		Scripts:      copies(&s.scripts),
		DiscordData:  copies(&s.discord),
		Limits:       slices.Clone(s.limits),
		NoRetryAfter: s.noRetryAfter,
	}
	for i := range taken.APIKeys {
		taken.APIKeys[i].Calls = slices.Clone(taken.APIKeys[i].Calls)
	}
	keys := s.viewKeys()
	return func() any {
		taken.Keys = core.ListAll(keys)
		return taken
	}
}

func copies[T any](of *core.Roll[string, *T]) []T {
	list := []T{}
	for object := range of.All() {
		list = append(list, *object)
	}
	return list
}

// Restore reads what Snapshot wrote.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var told kept
	if err := core.ReadKept(document, &told); err != nil {
		return nil, err
	}
	s := emptyState()
	if err := told.fill(s); err != nil {
		return nil, err
	}
	return func() { *v.state = *s }, nil
}

// fill puts what was taken down into an empty state, and the objects become its
// own. A state that the world could not have come to is refused.
func (k *kept) fill(s *state) error {
	return core.InOrder(
		core.Each("accounts", k.Accounts, s.restoreAccount),
		core.Each("apiKeys", k.APIKeys, s.restoreAPIKey),
		core.Each("hubs", k.Hubs, s.restoreHub),
		core.Each("scripts", k.Scripts, s.restoreScript),
		core.Each("discordData", k.DiscordData, s.restoreDiscord),
		core.Each("keys", k.Keys, s.restoreKey),
		func() error { return k.settings(s) },
	)
}

// mostAccounts is a number that no world comes to, so that counting on from it
// has room.
const mostAccounts = 1 << 53

func (k *kept) settings(s *state) error {
	switch {
	case s.customers.Get(defaultAccount) == nil:
		return fmt.Errorf("accounts: there is no %q, which is the default one", defaultAccount)
	case k.LastAccount < 0 || k.LastAccount > mostAccounts:
		return fmt.Errorf("lastAccount: %d is no number of accounts", k.LastAccount)
	}
	if err := checkLimits(k.Limits); err != nil {
		return fmt.Errorf("limits: %w", err)
	}
	s.lastCustomer, s.limits, s.noRetryAfter = k.LastAccount, k.Limits, k.NoRetryAfter
	return nil
}

func (s *state) restoreAccount(c customer) error {
	if err := s.checkAccountID(c.ID); err != nil {
		return err
	}
	s.customers.Put(c.ID, &c)
	return nil
}

func (s *state) restoreAPIKey(k apiKey) error {
	if k.Secret == "" {
		return core.BadMember("/key", "is missing")
	}
	if err := cmp.Or(s.isAccount(k.Owner), s.checkSecret("key", k.Secret)); err != nil {
		return err
	}
	if !slices.IsSortedFunc(k.Calls, time.Time.Compare) {
		return errors.New("its calls are not in the order in which they came")
	}
	s.apiKeys.Put(k.Secret, &k)
	return nil
}

func (s *state) isAccount(id string) error {
	if s.customers.Get(id) == nil {
		return core.NoAccount(id)
	}
	return nil
}

func (s *state) restoreHub(h hub) error {
	if h.ID == "" {
		return core.BadMember("/id", "is missing")
	}
	if err := cmp.Or(s.isAccount(h.Owner), s.checkHub(h.Hub)); err != nil {
		return err
	}
	s.hubs.Put(h.ID, &h)
	return nil
}

func (s *state) restoreScript(of script) error {
	if of.ID == "" {
		return core.BadMember("/id", "is missing")
	}
	owner, err := s.ownerOf(of.HubID)
	if err != nil {
		return err
	}
	if err := s.checkScript(owner, &of); err != nil {
		return err
	}
	s.scripts.Put(of.ID, &of)
	return nil
}

// ownerOf is the account that a hub belongs to.
func (s *state) ownerOf(hubID string) (owner string, err error) {
	h := s.hubs.Get(hubID)
	if h == nil {
		return "", core.Nowhere("/hub", "hub", hubID)
	}
	return h.Owner, nil
}

func (s *state) restoreDiscord(d discordRecord) error {
	if s.discord.Get(d.DiscordID) != nil {
		return core.Taken("/discordId", "record")
	}
	if err := checkDiscord(&d); err != nil {
		return err
	}
	d.normalize()
	s.discord.Put(d.DiscordID, &d)
	return nil
}

func (s *state) restoreKey(k *record) error {
	if k == nil || k.Value == "" {
		return core.BadMember("/key", "is missing")
	}
	owner, err := s.ownerOf(k.HubID)
	if err != nil {
		return err
	}
	if err := s.checkKey(owner, k); err != nil {
		return err
	}
	k.normalize()
	s.keys.add(owner, k)
	return nil
}
