package junkiemock

import (
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// account is one customer of the vendor, as the world holds it.
type account struct{ ID int64 }

func (account) noun() string                { return "account" }
func (a account) top() (id, userID int64)   { return a.ID, a.ID }
func (a account) numbered(id int64) account { return account{id} }
func (account) mark() (member, text string) { return "", "" }
func (account) check() error                { return nil }

// apiKey is one credential of an account.
type apiKey struct {
	ID      int64
	UserID  int64
	Value   string // the secret text
	Scopes  []string
	Revoked bool
	Window  core.Window
}

func (*apiKey) noun() string                  { return "API key" }
func (k *apiKey) top() (id, userID int64)     { return k.ID, k.UserID }
func (k *apiKey) numbered(id int64) *apiKey   { k.ID = id; return k }
func (k *apiKey) mark() (member, text string) { return "value", k.Value }
func (*apiKey) check() error                  { return nil }

// clone returns a copy that shares nothing with the API key.
func (k *apiKey) clone() *apiKey {
	c := *k
	c.Scopes = slices.Clone(k.Scopes)
	return &c
}

// addAccount adds an account, with an API key that works unless apiKeyValue is
// nil; an empty one is drawn.
func (t *turn) addAccount(id int64, apiKeyValue *string) (account, error) {
	accounts := &t.state.accounts
	if err := checkID(accounts.noun(), id, maxID, accounts.Has(id)); err != nil {
		return account{}, err
	}
	if apiKeyValue != nil {
		if _, found := t.state.apiKeys.byMark[*apiKeyValue]; found {
			return account{}, core.Taken("/apiKey", t.state.apiKeys.noun())
		}
	}
	a := accounts.insert(account{id})
	t.Effect(EffectAccountAdded, decimal(a.ID), "")
	if apiKeyValue == nil {
		return a, nil
	}
	_, err := t.addAPIKey(&apiKey{UserID: a.ID, Value: *apiKeyValue, Scopes: []string{ScopeREST}})
	return a, err
}

// addAPIKey adds an API key; an empty value is drawn.
func (t *turn) addAPIKey(told *apiKey) (*apiKey, error) {
	k := told.clone()
	if err := t.state.apiKeys.admits(t.state, k, maxID); err != nil {
		return nil, err
	}
	if k.Value == "" {
		k.Value = t.Rand.UUID()
	}
	t.Effect(EffectAPIKeyAdded, decimal(k.UserID), strings.Join(k.Scopes, " "))
	return t.state.apiKeys.insert(k), nil
}

func (t *turn) revoke(k *apiKey) {
	if !k.Revoked {
		k.Revoked = true
		t.Effect(EffectAPIKeyRevoked, decimal(k.UserID), "")
	}
}
