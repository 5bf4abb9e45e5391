package junkiemock

import (
	"net/http"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// accountSheet describes an account. It has nothing that could be changed.
type accountSheet struct {
	ID     int64   `json:"id"`
	APIKey *string `json:"apiKey"` // the oldest; nil if there is none
}

func (v *vendor) controlledAccounts() core.Collection {
	accounts := &v.state.accounts
	return core.Kind[account, accountSheet]{
		Name: "accounts", Noun: accounts.noun(),
		All: accounts.All, Find: accounts.find,
		Blank: func() accountSheet { return accountSheet{APIKey: new(string)} },
		Show: func(_ *core.Turn, a account) accountSheet {
			s := accountSheet{ID: a.ID}
			if keys := v.state.apiKeys.of(a.ID); len(keys) > 0 {
				s.APIKey = &keys[0].Value
			}
			return s
		},
		Create: func(t *core.Turn, s accountSheet) (account, error) { return v.turn(t).addAccount(s.ID, s.APIKey) },
		Remove: func(t *core.Turn, a account) error { return v.turn(t).removeAccount(a) },
	}.Collection()
}

// removeAccount takes an account out with all that is its own. That the vendor
// would do so is assumed.
func (t *turn) removeAccount(a account) error {
	if a.ID == defaultUserID {
		return &core.ControlError{Status: http.StatusConflict, Detail: "the default account " + decimal(a.ID) + " cannot be deleted; reset makes it as new"}
	}
	s := t.state
	t.deleteKeys(a.ID, s.keys.owned[a.ID].Select()...)
	for _, b := range s.bans.of(a.ID) {
		t.liftBan(b)
	}
	for _, f := range s.folders.of(a.ID) {
		drop(t, &s.folders, f, EffectFolderRemoved, decimal(f.ID))
	}
	for _, service := range s.services.of(a.ID) {
		drop(t, &s.services, service, EffectServiceRemoved, decimal(service.ID))
	}
	for _, p := range s.providers.of(a.ID) {
		drop(t, &s.providers, p, EffectProviderRemoved, decimal(p.ID))
	}
	for _, k := range s.apiKeys.of(a.ID) {
		drop(t, &s.apiKeys, k, EffectAPIKeyRemoved, decimal(a.ID))
	}
	drop(t, &s.accounts, a, EffectAccountRemoved, decimal(a.ID))
	return nil
}

// apiKeySheet describes an API key. A new one has the scope that it needs, unless
// it says others.
type apiKeySheet struct {
	sheetTop
	Value   string   `json:"value"`
	Scopes  []string `json:"scopes"`
	Revoked bool     `json:"revoked"`
}

func (v *vendor) controlledAPIKeys() core.Collection {
	keys := &v.state.apiKeys
	kind := tabled[*apiKey, apiKeySheet]{
		name: "api-keys", table: keys,
		blank: apiKeySheet{sheetTop: newTop, Scopes: []string{ScopeREST}},
		show: func(k *apiKey) apiKeySheet {
			return apiKeySheet{sheetTop{k.ID, k.UserID}, k.Value, append([]string{}, k.Scopes...), k.Revoked}
		},
		read: func(s apiKeySheet) *apiKey {
			return &apiKey{ID: s.ID, UserID: s.Account, Value: s.Value, Scopes: s.Scopes, Revoked: s.Revoked}
		},
		add:     (*turn).addAPIKey,
		changed: (*turn).changedAPIKey,
		remove: func(t *turn, k *apiKey) error {
			drop(t, keys, k, EffectAPIKeyRemoved, decimal(k.UserID))
			return nil
		},
		fixed: []string{"value"},
		filters: map[string]func(*apiKey) string{
			"value":   func(k *apiKey) string { return k.Value },
			"revoked": func(k *apiKey) string { return strconv.FormatBool(k.Revoked) },
		},
	}.of(v)
	kind.Keyed = true
	kind.Find = func(id string) (*apiKey, bool) {
		if core.IsDigits(id) {
			return keys.find(id)
		}
		k, found := keys.byMark[id]
		return k, found
	}
	return kind.Collection()
}

// changedAPIKey records a change. The calls of the window stay counted.
func (t *turn) changedAPIKey(was, is *apiKey, members string) {
	is.Window = was.Window
	effect := EffectAPIKeyChanged
	if is.Revoked && !was.Revoked {
		effect = EffectAPIKeyRevoked
	}
	t.Effect(effect, decimal(is.UserID), members)
}
