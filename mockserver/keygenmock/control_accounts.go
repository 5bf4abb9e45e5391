package keygenmock

import (
	"maps"
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

func (v *vendor) controlledAccounts() core.Collection {
	return core.Collection{
		Name:    "accounts",
		Filters: []string{"slug", "status"},
		List:    v.listAccounts,
		Create:  v.createAccount,
		Get: func(_ *core.Turn, id string) (any, error) {
			a, err := v.namedAccount(id)
			return sheetOf(a), err
		},
		Change: v.changeAccount,
		Delete: v.deleteAccount,
	}
}

func (v *vendor) namedAccount(name string) (*account, error) {
	if a := v.state.account(name); a != nil {
		return a, nil
	}
	return nil, core.Missing("account", name)
}

func sheetOf(a *account) *accountSheet {
	if a == nil {
		return nil
	}
	key, _ := a.signing.public(Ed25519) // an algorithm that there is
	s := &accountSheet{ID: a.id, Slug: a.slug, Status: a.status, Version: a.version.String(), PublicKey: key, Legacy: a.legacy}
	if admin := a.users.find(func(u *User) bool { return u.Role == RoleAdmin }); admin != nil {
		s.Admin = &adminSheet{ID: admin.ID, Email: admin.Email}
		if t := a.tokens.find(func(t *Token) bool { return t.BearerID == admin.ID }); t != nil {
			s.Admin.Token = t.Value
		}
	}
	return s
}

func (v *vendor) listAccounts(_ *core.Turn, filters url.Values) (any, error) {
	items := []*accountSheet{}
	for _, a := range v.state.accounts {
		if (!filters.Has("slug") || filters.Get("slug") == a.slug) && (!filters.Has("status") || filters.Get("status") == a.status) {
			items = append(items, sheetOf(a))
		}
	}
	return map[string]any{"items": items}, nil
}

func (v *vendor) createAccount(ct *core.Turn, doc core.Document) (any, error) {
	s := accountSheet{Status: StatusActive, Version: newest.String(), Admin: &adminSheet{}}
	if err := doc.Into(&s); err != nil {
		return nil, err
	}
	if doc.Has("publicKey") {
		return nil, core.BadMember("/publicKey", "cannot be given: it follows from the id")
	}
	if err := v.checkAccount(&s, nil); err != nil {
		return nil, err
	}
	t := &turn{ct, v.state}
	a, err := t.makeAccount(accountSeed{id: s.ID, slug: s.Slug, version: s.Version, empty: true})
	if err != nil {
		return nil, impossible(err)
	}
	a.status, a.legacy = s.Status, s.Legacy
	if s.Admin != nil {
		t.seedAdmin(a, *s.Admin)
	}
	return sheetOf(a), nil
}

// seedAdmin gives a new account an admin, of whom nothing can be wrong any more.
func (t *turn) seedAdmin(a *account, s adminSheet) {
	if s.Email == "" {
		s.Email = "admin@" + a.slug + ".example"
	}
	admin, err := t.seedUser(a, User{ID: s.ID, Email: s.Email, Role: RoleAdmin})
	if err == nil {
		_, err = t.seedToken(a, Token{BearerID: admin.ID, Value: s.Token})
	}
	if err != nil {
		panic("keygenmock: " + err.Error()) // checked before: cannot be
	}
}

// checkAccount says what cannot be about an account; self is the one that is
// changed.
func (v *vendor) checkAccount(s *accountSheet, self *account) error {
	if s.ID != "" && self == nil {
		if _, ok := canonicalUUID(s.ID); !ok {
			return core.BadMember("/id", "must be a UUID, or absent for a new one")
		}
		if v.state.account(s.ID) != nil {
			return &core.ControlError{Status: http.StatusConflict, Pointer: "/id", Detail: "id is taken by another account"}
		}
	}
	if s.Slug == "" {
		return core.BadMember("/slug", "is missing: it is the account's name in paths")
	}
	if _, isID := canonicalUUID(s.Slug); isID || !slugForm.MatchString(s.Slug) {
		return core.BadMember("/slug", "must have lower-case letters, digits and dashes, and be no UUID")
	}
	if other := v.state.account(s.Slug); other != nil && other != self {
		return &core.ControlError{Status: http.StatusConflict, Pointer: "/slug", Detail: "slug is taken by another account"}
	}
	if !slices.Contains(accountStatuses, s.Status) {
		return core.BadMember("/status", "must be one of %s", strings.Join(accountStatuses, ", "))
	}
	if _, ok := parseVersion(s.Version); !ok {
		return core.BadMember("/version", "must be 1.0 to %v", newest)
	}
	if s.Admin != nil && self == nil {
		if err := controlledUsers.checkID(v.state, s.Admin.ID); err != nil {
			refusal := err.(*core.ControlError) //nolint:errorlint // checkID gives no other
			refusal.Pointer = "/admin/id"
			return refusal
		}
	}
	return nil
}

func (v *vendor) changeAccount(t *core.Turn, id string, doc core.Document) (any, error) {
	a, err := v.namedAccount(id)
	if err != nil {
		return nil, err
	}
	s := sheetOf(a)
	before := members(s)
	if err := doc.Into(s); err != nil {
		return nil, err
	}
	after := members(s)
	for _, name := range []string{"id", "admin", "publicKey"} {
		if before[name] != after[name] {
			return nil, core.BadMember("/"+name, "cannot be changed")
		}
	}
	if err := v.checkAccount(s, a); err != nil {
		return nil, err
	}
	a.slug, a.status, a.legacy = s.Slug, s.Status, s.Legacy
	a.version, _ = parseVersion(s.Version)
	if !maps.Equal(before, members(sheetOf(a))) {
		t.Effect(EffectAccountChanged, a.id, a.status)
	}
	return sheetOf(a), nil
}

func (v *vendor) deleteAccount(t *core.Turn, id string) error {
	a, err := v.namedAccount(id)
	if err != nil {
		return err
	}
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

// controlledPublicKeys shows the keys that verify answers. The slow ones are
// made when they are first asked for.
func (v *vendor) controlledPublicKeys() core.Collection {
	return core.Collection{
		Name:    "public-keys",
		Filters: []string{"account", "algorithm"},
		List: func(_ *core.Turn, filters url.Values) (any, error) {
			accounts, err := v.state.filteredAccounts(filters)
			if err != nil {
				return nil, err
			}
			wanted := algorithms
			if filters.Has("algorithm") {
				wanted = []string{filters.Get("algorithm")}
			}
			type publicKey struct {
				Account   string `json:"account"`
				Algorithm string `json:"algorithm"`
				Key       string `json:"key"`
			}
			items := []publicKey{}
			for _, a := range accounts {
				for _, algorithm := range wanted {
					key, err := a.signing.public(algorithm)
					if err != nil {
						return nil, core.BadParameter("algorithm", "must be one of %s", strings.Join(algorithms, ", "))
					}
					items = append(items, publicKey{a.id, algorithm, key})
				}
			}
			return map[string]any{"items": items}, nil
		},
	}
}
