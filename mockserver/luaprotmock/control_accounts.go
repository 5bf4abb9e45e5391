package luaprotmock

import (
	"net/http"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// accountSheet describes an account.
type accountSheet struct {
	ID            string  `json:"id"`
	IPWhitelisted bool    `json:"ipWhitelisted"` // the address that its calls come from
	APIKey        *string `json:"apiKey"`        // the oldest; nil: it has none
}

func (v *vendor) controlledAccounts() core.Kind[*customer, accountSheet] {
	return core.Kind[*customer, accountSheet]{
		Name:   "accounts",
		Noun:   "account",
		All:    v.state.customers.All,
		Find:   v.state.customers.Find,
		Show:   func(_ *core.Turn, c *customer) accountSheet { return v.state.showAccount(c) },
		Blank:  func() accountSheet { return accountSheet{IPWhitelisted: true, APIKey: new(string)} },
		Create: func(t *core.Turn, d accountSheet) (*customer, error) { return v.turn(t).createAccount(d) },
		Change: func(t *core.Turn, c *customer, d accountSheet) (*customer, error) {
			v.turn(t).setIPWhitelisted(c, d.IPWhitelisted)
			return c, nil
		},
		Remove: func(t *core.Turn, c *customer) error {
			if c.ID == defaultAccount {
				return &core.ControlError{Status: http.StatusConflict, Detail: "the default account cannot be deleted; reset makes it as new"}
			}
			v.turn(t).removeAccount(c)
			return nil
		},
		Fixed: []string{"id", "apiKey"},
	}
}

func (s *state) showAccount(c *customer) accountSheet {
	d := accountSheet{ID: c.ID, IPWhitelisted: !c.Refused}
	for k := range s.apiKeys.Only(func(k *apiKey) bool { return k.Owner == c.ID }) {
		d.APIKey = &k.Secret
		break
	}
	return d
}

func (t *turn) createAccount(d accountSheet) (*customer, error) {
	c := &customer{ID: d.ID, Refused: !d.IPWhitelisted}
	var first *apiKey
	if d.APIKey != nil {
		first = &apiKey{Secret: *d.APIKey}
	}
	return c, t.addAccount(c, first)
}

// apiKeySheet describes an API key, which has no other name than itself.
type apiKeySheet struct {
	Key     string `json:"key"`
	Account string `json:"account"`
	Revoked bool   `json:"revoked"`
}

func (v *vendor) controlledAPIKeys() core.Kind[*apiKey, apiKeySheet] {
	return core.Kind[*apiKey, apiKeySheet]{
		Name:   "api-keys",
		Noun:   "API key",
		Keyed:  true,
		All:    v.state.apiKeys.All,
		Find:   v.state.apiKeys.Find,
		Show:   func(_ *core.Turn, k *apiKey) apiKeySheet { return apiKeySheet{k.Secret, k.Owner, k.Revoked} },
		Create: func(t *core.Turn, d apiKeySheet) (*apiKey, error) { return v.turn(t).createAPIKey(d) },
		Change: func(t *core.Turn, k *apiKey, d apiKeySheet) (*apiKey, error) {
			v.turn(t).setRevoked(k, d.Revoked)
			return k, nil
		},
		Remove: func(t *core.Turn, k *apiKey) error {
			v.turn(t).removeAPIKey(k)
			return nil
		},
		Filters: map[string]core.Test[*apiKey]{
			"account": func(_ *core.Turn, k *apiKey, want string) bool { return k.Owner == want },
			"revoked": func(_ *core.Turn, k *apiKey, want string) bool { return strconv.FormatBool(k.Revoked) == want },
		},
		Fixed: []string{"key", "account"},
	}
}

func (t *turn) createAPIKey(d apiKeySheet) (*apiKey, error) {
	owner, err := t.state.accountOf(d.Account)
	if err != nil {
		return nil, err
	}
	k := &apiKey{Secret: d.Key, Owner: owner.ID, Revoked: d.Revoked}
	return k, t.addAPIKey(k)
}
