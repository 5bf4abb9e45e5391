package keygenmock

import (
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// accountSheet describes an account.
type accountSheet struct {
	ID        string      `json:"id"`
	Slug      string      `json:"slug"`
	Status    string      `json:"status"`
	Version   string      `json:"version"` // of the API
	Admin     *adminSheet `json:"admin"`
	PublicKey string      `json:"publicKey"` // for Ed25519
	Legacy    bool        `json:"legacy"`    // signs as accounts from before 2021-06-11 do besides
}

// adminSheet describes the oldest admin of an account.
type adminSheet struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Token string `json:"token"` // the oldest; empty if there is none
}

func (v *vendor) accounts() core.Collection {
	return core.Kind[*account, accountSheet]{
		Name: "accounts", Noun: "account",
		All:    func() iter.Seq[*account] { return slices.Values(v.state.accounts) },
		Find:   func(id string) (*account, bool) { a := v.state.account(id); return a, a != nil },
		Show:   showAccount,
		Blank:  func() accountSheet { return accountSheet{Admin: &adminSheet{}} },
		Read:   v.readAccount,
		Create: v.createAccount,
		Change: v.changeAccount,
		Remove: v.removeAccount,
		Filters: map[string]core.Test[*account]{
			"slug":   func(_ *core.Turn, a *account, want string) bool { return a.slug == want },
			"status": func(_ *core.Turn, a *account, want string) bool { return a.status == want },
		},
		Derived: []string{"publicKey"},
		Fixed:   []string{"id", "admin"},
	}.Collection()
}

func showAccount(_ *core.Turn, a *account) accountSheet {
	key, _ := a.signing.public(Ed25519) // an algorithm that there is
	s := accountSheet{ID: a.id, Slug: a.slug, Status: a.status, Version: a.version.String(), PublicKey: key, Legacy: a.legacy}
	if admin := a.users.find(func(u *User) bool { return u.Role == RoleAdmin }); admin != nil {
		s.Admin = &adminSheet{ID: admin.ID, Email: admin.Email}
		if t := a.tokens.find(func(t *Token) bool { return t.BearerID == admin.ID }); t != nil {
			s.Admin.Token = t.Value
		}
	}
	return s
}

// readAccount reads a sheet, with the id in the spelling in which it is shown.
func (v *vendor) readAccount(doc core.Document, s *accountSheet) error {
	err := doc.Into(s)
	if id, ok := canonicalUUID(s.ID); ok {
		s.ID = id
	}
	return err
}

func (v *vendor) createAccount(t *core.Turn, s accountSheet) (*account, error) {
	seed := accountSeed{id: s.ID, slug: s.Slug, status: s.Status, version: s.Version, legacy: s.Legacy}
	if s.Admin != nil {
		seed.admin = &User{ID: s.Admin.ID, Email: s.Admin.Email}
		seed.token = s.Admin.Token
	}
	return (&turn{t, v.state}).makeAccount(seed)
}

func (v *vendor) changeAccount(t *core.Turn, a *account, s accountSheet) (*account, error) {
	if err := v.state.admitAccount(accountSeed{slug: s.Slug, status: s.Status, version: s.Version}, a); err != nil {
		return nil, err
	}
	before := showAccount(t, a)
	a.slug, a.status, a.legacy = s.Slug, s.Status, s.Legacy
	a.version, _ = parseVersion(s.Version)
	if len(core.Differences(before, showAccount(t, a))) > 0 {
		t.Effect(EffectAccountChanged, a.id, a.status)
	}
	return a, nil
}

// removeAccount takes an account out with all that belongs to it.
func (v *vendor) removeAccount(t *core.Turn, a *account) error {
	if a == v.state.accounts[0] {
		return core.Stays("account", a.slug)
	}
	v.state.accounts = slices.DeleteFunc(v.state.accounts, func(other *account) bool { return other == a })
	t.Effect(EffectAccountDeleted, a.id, "")
	return nil
}

// vetAccount refuses a filter that names no account.
func (v *vendor) vetAccount(filters url.Values) error {
	return core.VetAccount(func(text string) bool { return v.state.account(text) != nil })(filters)
}

// filteredAccounts are the accounts of a list: the one that a filter names, or
// all.
func (s *state) filteredAccounts(filters url.Values) []*account {
	if !filters.Has("account") {
		return s.accounts
	}
	return []*account{s.account(filters.Get("account"))}
}

type publicKeySheet struct {
	Account   string `json:"account"`
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"`
}

// publicKeys shows the keys that verify answers. The slow ones are made when they
// are first asked for.
func (v *vendor) publicKeys() core.Collection {
	return core.Collection{Name: "public-keys", Filters: []string{"account", "algorithm"}, List: v.listPublicKeys}
}

func (v *vendor) listPublicKeys(_ *core.Turn, filters url.Values) (any, error) {
	if err := v.vetAccount(filters); err != nil {
		return nil, err
	}
	wanted := algorithms
	if filters.Has("algorithm") {
		wanted = []string{filters.Get("algorithm")}
	}
	items := []publicKeySheet{}
	for _, a := range v.state.filteredAccounts(filters) {
		for _, algorithm := range wanted {
			key, err := a.signing.public(algorithm)
			if err != nil {
				return nil, core.BadParameter("algorithm", "must be one of %s", strings.Join(algorithms, ", "))
			}
			items = append(items, publicKeySheet{a.id, algorithm, key})
		}
	}
	return map[string]any{"items": items}, nil
}
