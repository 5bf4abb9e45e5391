package luaprotmock

import (
	"fmt"
	"iter"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keySheet describes a key by the vendor's own names. Where the vendor has null,
// it has nil.
type keySheet struct {
	Key                 string        `json:"key"`
	Account             string        `json:"account"`
	Hub                 string        `json:"hub"` // id; in requests also the name
	AdvertiseID         *string       `json:"advertiseId"`
	DiscordID           *string       `json:"discordId"`
	Note                *string       `json:"note"`
	Status              string        `json:"status"` // of the moment
	Created             core.Instant  `json:"created"`
	Expire              *core.Instant `json:"expire"`
	Activated           bool          `json:"activated"`
	HWID                *string       `json:"hwid"`
	HWIDResetCount      int64         `json:"hwidResetCount"`
	LastHWIDReset       *core.Instant `json:"lastHwidReset"`
	ExecutionCount      int64         `json:"executionCount"`
	LastExecution       *core.Instant `json:"lastExecution"`
	Blacklisted         bool          `json:"blacklisted"`
	BlacklistReason     *string       `json:"blacklistReason"`
	GloballyBlacklisted bool          `json:"globallyBlacklisted"`
	LimitedScripts      *[]string     `json:"limitedScripts"` // ids; in requests also names
}

func (v *vendor) controlledKeys() core.Kind[*record, keySheet] {
	return core.Kind[*record, keySheet]{
		Name:  "keys",
		Noun:  "key",
		Keyed: true,
		All:   v.state.allKeys,
		Find: func(id string) (*record, bool) {
			k := v.state.keys.byValue[id]
			return k, k != nil
		},
		Show:   func(t *core.Turn, k *record) keySheet { return v.turn(t).showKey(k) },
		Create: func(t *core.Turn, d keySheet) (*record, error) { return v.turn(t).createKey(d) },
		Change: func(t *core.Turn, k *record, d keySheet) (*record, error) { return v.turn(t).changeKey(k, d) },
		Remove: func(t *core.Turn, k *record) error {
			v.turn(t).deleteKeys(v.state.hubs.Get(k.HubID).Owner, k)
			return nil
		},
		Filters: map[string]core.Test[*record]{
			"account":   func(_ *core.Turn, k *record, want string) bool { return v.state.hubs.Get(k.HubID).Owner == want },
			"hub":       func(_ *core.Turn, k *record, want string) bool { return answersTo(v.state.hubs.Get(k.HubID), want) },
			"key":       func(_ *core.Turn, k *record, want string) bool { return k.Value == want },
			"discordId": func(_ *core.Turn, k *record, want string) bool { return k.DiscordID == want },
			"hwid":      func(_ *core.Turn, k *record, want string) bool { return k.HWID == want },
			"status":    func(t *core.Turn, k *record, want string) bool { return k.status(moment(t.Now)) == want },
		},
		Derived: []string{"status"},
		Fixed:   []string{"key", "account"},
	}
}

// viewKeys are the keys of all accounts as they are now, those of each oldest first.
func (s *state) viewKeys() (views []core.View[*record]) {
	for c := range s.customers.All() {
		views = append(views, s.keys.owned[c.ID].View())
	}
	return views
}

// allKeys iterates over the keys of all accounts, those of each oldest first.
func (s *state) allKeys() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for c := range s.customers.All() {
			for k := range s.keys.owned[c.ID].All() {
				if !yield(k) {
					return
				}
			}
		}
	}
}

func (t *turn) showKey(k *record) keySheet {
	return keySheet{
		Key:                 k.Value,
		Account:             t.state.hubs.Get(k.HubID).Owner,
		Hub:                 k.HubID,
		AdvertiseID:         core.OrNil(k.AdvertiseID),
		DiscordID:           core.OrNil(k.DiscordID),
		Note:                core.Nullable(k.Note, k.Noted),
		Status:              k.status(t.now),
		Created:             core.Instant{Time: k.CreatedAt},
		Expire:              core.InstantOrNil(k.ExpiresAt),
		Activated:           k.Activated,
		HWID:                core.OrNil(k.HWID),
		HWIDResetCount:      k.HWIDResets,
		LastHWIDReset:       core.InstantOrNil(k.LastHWIDResetAt),
		ExecutionCount:      k.Executions,
		LastExecution:       core.InstantOrNil(k.LastExecutionAt),
		Blacklisted:         k.Blacklisted,
		BlacklistReason:     core.Nullable(k.BlacklistReason, k.Reasoned),
		GloballyBlacklisted: k.GloballyBlacklisted,
		LimitedScripts:      core.Nullable(slices.Clone(k.LimitedScripts), len(k.LimitedScripts) > 0),
	}
}

// record is the key that a sheet describes, but for what the sheet refers to.
func (d keySheet) record() *record {
	return &record{
		Key: Key{
			Value:               d.Key,
			AdvertiseID:         core.OrZero(d.AdvertiseID),
			DiscordID:           core.OrZero(d.DiscordID),
			Note:                core.OrZero(d.Note),
			CreatedAt:           d.Created.Time,
			ExpiresAt:           d.Expire.OrZero(),
			Activated:           d.Activated,
			HWID:                core.OrZero(d.HWID),
			HWIDResets:          d.HWIDResetCount,
			LastHWIDResetAt:     d.LastHWIDReset.OrZero(),
			Executions:          d.ExecutionCount,
			LastExecutionAt:     d.LastExecution.OrZero(),
			Blacklisted:         d.Blacklisted,
			BlacklistReason:     core.OrZero(d.BlacklistReason),
			GloballyBlacklisted: d.GloballyBlacklisted,
		},
		Noted:    d.Note != nil,
		Reasoned: d.BlacklistReason != nil,
	}
}

// read returns the key that a sheet describes, and whose it is.
func (t *turn) read(d keySheet) (k *record, owner string, err error) {
	c, err := t.state.accountOf(d.Account)
	if err != nil {
		return nil, "", err
	}
	k = d.record()
	if k.HubID, err = t.state.referToHub(c.ID, d.Hub); err != nil {
		return nil, "", err
	}
	k.LimitedScripts, err = t.state.referToScripts(t.state.hubOf(c.ID, k.HubID), core.OrZero(d.LimitedScripts))
	return k, c.ID, err
}

// referToScripts finds the scripts of a hub that a sheet names.
func (s *state) referToScripts(hubID string, texts []string) (ids []string, err error) {
	inHub := s.scripts.Only(func(of *script) bool { return of.HubID == hubID })
	for i, text := range texts {
		of, err := core.Refer(fmt.Sprintf("/limitedScripts/%d", i), scriptPlace, text, meant(inHub, text))
		if err != nil {
			return nil, err
		}
		ids = append(ids, of.ID)
	}
	return ids, nil
}

func (t *turn) createKey(d keySheet) (*record, error) {
	k, owner, err := t.read(d)
	if err != nil {
		return nil, err
	}
	return k, t.seedKey(owner, k)
}

// changeKey puts a key in the place of what it was. The reason of a blacklisting
// goes with it, as in the vendor's API.
func (t *turn) changeKey(was *record, d keySheet) (*record, error) {
	switch {
	case d.Hub == "":
		return nil, core.BadMember("/hub", "cannot be empty: a key is always in one")
	case was.Blacklisted && !d.Blacklisted && d.GloballyBlacklisted:
		return nil, core.BadMember("/blacklisted", "cannot be false while globallyBlacklisted is true")
	case was.Blacklisted && !d.Blacklisted && was.BlacklistReason == core.OrZero(d.BlacklistReason):
		d.BlacklistReason = nil
	}
	is, owner, err := t.read(d)
	if err != nil {
		return nil, err
	}
	keys := &t.state.keys
	keys.remove(owner, was)
	if err := t.completeSeed(owner, is); err != nil {
		keys.add(owner, was)
		return nil, err
	}
	keys.add(owner, is)
	t.noteChanges(was, is)
	return is, nil
}
