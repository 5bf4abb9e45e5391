package keygenmock

import (
	"cmp"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var accountStatuses = []string{StatusActive, StatusCanceled, StatusPaused}

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

func (v *vendor) createAccount(ct *core.Turn, s accountSheet) (*account, error) {
	if s.Admin != nil {
		if err := freeID(v.state, usersOf, "/admin/id", "user", s.Admin.ID); err != nil {
			return nil, err
		}
	}
	if err := v.checkAccount(s, nil); err != nil {
		return nil, err
	}
	t := &turn{ct, v.state}
	a, err := t.makeAccount(accountSeed{id: s.ID, slug: s.Slug, version: s.Version, empty: true})
	if err != nil {
		return nil, impossible(err)
	}
	a.status, a.legacy = cmp.Or(s.Status, StatusActive), s.Legacy
	if s.Admin != nil {
		t.seedAdmin(a, *s.Admin)
	}
	return a, nil
}

// seedAdmin gives a new account an admin, of whom nothing can be wrong any more.
func (t *turn) seedAdmin(a *account, s adminSheet) {
	admin, err := t.seedUser(a, User{ID: s.ID, Email: cmp.Or(s.Email, "admin@"+a.slug+".example"), Role: RoleAdmin})
	if err == nil {
		_, err = t.seedToken(a, Token{BearerID: admin.ID, Value: s.Token})
	}
	if err != nil {
		panic("keygenmock: " + err.Error()) // checked before: cannot be
	}
}

// checkAccount says what cannot be about an account; self is the one that is
// changed.
func (v *vendor) checkAccount(s accountSheet, self *account) error {
	if self == nil {
		if _, isID := canonicalUUID(s.ID); !isID && s.ID != "" {
			return core.BadMember("/id", "must be a UUID, or absent for a new one")
		}
		if v.state.account(s.ID) != nil {
			return taken("/id", "account")
		}
	}
	if s.Slug == "" {
		return core.BadMember("/slug", "is missing: it is the account's name in paths")
	}
	if _, isID := canonicalUUID(s.Slug); isID || !slugForm.MatchString(s.Slug) {
		return core.BadMember("/slug", "must have lower-case letters, digits and dashes, and be no UUID")
	}
	if other := v.state.account(s.Slug); other != nil && other != self {
		return taken("/slug", "account")
	}
	if s.Status != "" && !slices.Contains(accountStatuses, s.Status) {
		return core.BadMember("/status", "must be one of %s", strings.Join(accountStatuses, ", "))
	}
	if _, known := parseVersion(s.Version); s.Version != "" && !known {
		return core.BadMember("/version", "must be 1.0 to %v", newest)
	}
	return nil
}

func (v *vendor) changeAccount(t *core.Turn, a *account, s accountSheet) (*account, error) {
	if err := v.checkAccount(s, a); err != nil {
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
		return &core.ControlError{Status: http.StatusConflict, Detail: "the default account " + a.slug + " cannot be deleted; reset makes it as new"}
	}
	v.state.accounts = slices.DeleteFunc(v.state.accounts, func(other *account) bool { return other == a })
	t.Effect(EffectAccountDeleted, a.id, "")
	return nil
}

// filteredAccounts are the accounts of a list: the one that a filter names, or
// all.
func (s *state) filteredAccounts(filters url.Values) ([]*account, error) {
	if !filters.Has("account") {
		return s.accounts, nil
	}
	name := filters.Get("account")
	if a := s.account(name); a != nil {
		return []*account{a}, nil
	}
	return nil, core.BadParameter("account", "names no account that there is: %q", core.Clip(name, core.MaxName))
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
	accounts, err := v.state.filteredAccounts(filters)
	if err != nil {
		return nil, err
	}
	wanted := algorithms
	if filters.Has("algorithm") {
		wanted = []string{filters.Get("algorithm")}
	}
	items := []publicKeySheet{}
	for _, a := range accounts {
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
