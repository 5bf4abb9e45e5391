package luaprotmock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
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
	Keys         []record        `json:"keys"` // of the accounts in their order, oldest first
	Limits       []RateWindow    `json:"limits"`
	NoRetryAfter bool            `json:"noRetryAfter"`
}

// Snapshot takes the state down.
func (v *vendor) Snapshot() any {
	s := v.state
	taken := kept{
		LastAccount:  s.lastCustomer,
		Accounts:     copies(s.customers.objects),
		APIKeys:      copies(s.apiKeys.objects),
		Hubs:         copies(s.hubs.objects),
		Scripts:      copies(s.scripts.objects),
		DiscordData:  copies(s.discord.objects),
		Keys:         []record{},
		Limits:       slices.Clone(s.limits),
		NoRetryAfter: s.noRetryAfter,
	}
	for i := range taken.APIKeys {
		taken.APIKeys[i].Calls = slices.Clone(taken.APIKeys[i].Calls)
	}
	for k := range s.allKeys() {
		taken.Keys = append(taken.Keys, *k.clone())
	}
	return taken
}

func copies[T any](objects []*T) []T {
	list := make([]T, len(objects))
	for i, object := range objects {
		list[i] = *object
	}
	return list
}

// Restore reads what Snapshot wrote.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var told kept
	strict := json.NewDecoder(bytes.NewReader(document))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&told); err != nil {
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
	return firstError(
		func() error { return each("accounts", k.Accounts, s.restoreAccount) },
		func() error { return each("apiKeys", k.APIKeys, s.restoreAPIKey) },
		func() error { return each("hubs", k.Hubs, s.restoreHub) },
		func() error { return each("scripts", k.Scripts, s.restoreScript) },
		func() error { return each("discordData", k.DiscordData, s.restoreDiscord) },
		func() error { return each("keys", k.Keys, s.restoreKey) },
		func() error { return k.settings(s) },
	)
}

// firstError does one thing after the other, up to one that fails.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// each puts the objects of a list in, up to one that cannot be.
func each[T any](list string, objects []T, put func(*T) error) error {
	for i := range objects {
		if err := put(&objects[i]); err != nil {
			return fmt.Errorf("%s[%d]: %w", list, i, err)
		}
	}
	return nil
}

// mostAccounts is a number that no world comes to, so that counting on from it
// has room.
const mostAccounts = 1 << 53

func (k *kept) settings(s *state) error {
	switch {
	case s.customers.get(defaultAccount) == nil:
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

var errNameless = errors.New("it has nothing to be known by")

func (s *state) restoreAccount(c *customer) error {
	if err := s.checkAccountID(c.ID); err != nil {
		return err
	}
	s.customers.add(c)
	return nil
}

func (s *state) restoreAPIKey(k *apiKey) error {
	if k.Secret == "" {
		return errNameless
	}
	if err := cmp.Or(s.isAccount(k.Owner), s.checkSecret("key", k.Secret)); err != nil {
		return err
	}
	if !slices.IsSortedFunc(k.Calls, time.Time.Compare) {
		return errors.New("its calls are not in the order in which they came")
	}
	s.apiKeys.add(k)
	return nil
}

func (s *state) isAccount(id string) error {
	if s.customers.get(id) == nil {
		return fmt.Errorf("there is no account %q", id)
	}
	return nil
}

func (s *state) restoreHub(h *hub) error {
	if h.ID == "" {
		return errNameless
	}
	if err := cmp.Or(s.isAccount(h.Owner), s.checkHub(h.Hub)); err != nil {
		return err
	}
	s.hubs.add(h)
	return nil
}

func (s *state) restoreScript(of *script) error {
	if of.ID == "" {
		return errNameless
	}
	owner, err := s.ownerOf(of.HubID)
	if err != nil {
		return err
	}
	if err := s.checkScript(owner, of); err != nil {
		return err
	}
	s.scripts.add(of)
	return nil
}

// ownerOf is the account that a hub belongs to.
func (s *state) ownerOf(hubID string) (owner string, err error) {
	h := s.hubs.get(hubID)
	if h == nil {
		return "", fmt.Errorf("there is no hub %q", hubID)
	}
	return h.Owner, nil
}

func (s *state) restoreDiscord(d *discordRecord) error {
	if s.discord.get(d.DiscordID) != nil {
		return errors.New("there is another of this Discord user")
	}
	if err := checkDiscord(d); err != nil {
		return err
	}
	d.normalize()
	s.discord.add(d)
	return nil
}

func (s *state) restoreKey(k *record) error {
	if k.Value == "" {
		return errNameless
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
