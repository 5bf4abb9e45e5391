package keygenmock

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// userRoles are what a user can be.
var userRoles = []string{RoleAdmin, RoleDeveloper, RoleSalesAgent, RoleSupportAgent, RoleReadOnly, RoleUser}

type userSheet struct {
	sheetTop
	Email  string `json:"email"`
	Role   string `json:"role"`
	Banned bool   `json:"banned"`
	sheetTimes
}

func (v *vendor) users() core.Collection {
	return belongings[User, userSheet, *userSheet]{
		Kind: core.Kind[owned[User], userSheet]{
			Name: "users", Noun: "user",
			Show:   showUser,
			Filled: []string{"email", "role"},
			Filters: map[string]core.Test[owned[User]]{
				"role":  func(_ *core.Turn, u owned[User], want string) bool { return u.object.Role == want },
				"email": func(_ *core.Turn, u owned[User], want string) bool { return u.object.Email == want },
			},
		},
		changed: EffectUserChanged,
		table:   usersOf,
		times:   func(u *User) (*time.Time, *time.Time) { return &u.Created, &u.Updated },
		read:    readUser,
		admit:   (*account).admitUser,
		add:     (*turn).seedUser,
		remove:  (*turn).removeUser,
	}.of(v)
}

func showUser(_ *core.Turn, of owned[User]) userSheet {
	u := of.object
	return userSheet{sheetTop{u.ID, of.account.id}, u.Email, u.Role, u.Banned, timesOf(u.Created, u.Updated)}
}

func readUser(_ *turn, _ *account, s userSheet, _ User) (User, error) {
	return User{ID: s.ID, Email: s.Email, Role: s.Role, Banned: s.Banned, Created: s.Created.Time, Updated: s.Updated.Time}, nil
}

// tokenSheet describes a token. A new one names its bearer, or a role: then it
// is that of the oldest bearer there is, or of a new one.
type tokenSheet struct {
	sheetTop
	Bearer bearerSheet `json:"bearer"`
	Role   string      `json:"role"`
	Kind   string      `json:"kind"`
	Name   *string     `json:"name"`
	Token  string      `json:"token"`
	Expiry *instant    `json:"expiry"`
	sheetTimes
}

type bearerSheet struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// bearerTypes are what a token can be of; bearers that are no users have a role
// of the same name.
var bearerTypes = []string{"user", "product", "license"}

func (v *vendor) tokens() core.Collection {
	return belongings[Token, tokenSheet, *tokenSheet]{
		Kind: core.Kind[owned[Token], tokenSheet]{
			Name: "tokens", Noun: "token", Keyed: true,
			Show:    showToken,
			Derived: []string{"kind"},
			Fixed:   []string{"role"},
			Filled:  []string{"name", "token"},
			Filters: map[string]core.Test[owned[Token]]{
				"bearer": func(_ *core.Turn, t owned[Token], want string) bool {
					return t.account.isBearer(want, t.object.BearerID)
				},
				"role": func(_ *core.Turn, t owned[Token], want string) bool {
					return roleName(t.account.bearerOf(t.object)) == want
				},
			},
		},
		changed: EffectTokenChanged,
		table:   tokensOf,
		times:   func(t *Token) (*time.Time, *time.Time) { return &t.Created, &t.Updated },
		read:    readToken,
		admit:   (*account).admitToken,
		add:     (*turn).seedToken,
		remove:  (*turn).removeToken,
	}.of(v)
}

// isBearer reports whether a text refers to the bearer of an id.
func (a *account) isBearer(text, id string) bool {
	return a.users.means(text, id) || a.products.means(text, id) || a.licenses.means(text, id)
}

// roleName is the role of a bearer as the control plane writes it.
func roleName(b *bearer) string { return strings.ReplaceAll(string(b.role), " ", "-") }

func showToken(_ *core.Turn, of owned[Token]) tokenSheet {
	t, b := of.object, of.account.bearerOf(of.object)
	s := tokenSheet{
		sheetTop{t.ID, of.account.id}, bearerSheet{"user", t.BearerID}, roleName(b), kindOf[b.role].kind,
		core.OrNil(t.Name), t.Value, orNil(t.Expiry), timesOf(t.Created, t.Updated),
	}
	if b.user == nil {
		s.Bearer.Type = s.Role
	}
	return s
}

func readToken(t *turn, a *account, s tokenSheet, was Token) (tok Token, err error) {
	tok = Token{
		ID: s.ID, Value: s.Token, Name: core.OrZero(s.Name), Expiry: exact(was.Expiry, orZero(s.Expiry)),
		Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if was.BearerID == "" {
		tok.BearerID, err = t.newBearerOf(a, s, tok)
		return tok, err
	}
	tok.BearerID = was.BearerID
	if id, err := a.findBearer(s.Bearer); err != nil || id != was.BearerID {
		return tok, core.BadMember("/bearer", "cannot be changed")
	}
	return tok, nil
}

// newBearerOf finds whose a new token is to be, or makes somebody unless something
// else is wrong with the token.
func (t *turn) newBearerOf(a *account, s tokenSheet, tok Token) (id string, err error) {
	switch known := append(slices.Clone(userRoles), bearerTypes[1:]...); {
	case s.Role == "":
		return a.findBearer(s.Bearer)
	case s.Bearer != bearerSheet{}:
		return "", core.BadMember("/role", "cannot be given beside bearer")
	case !slices.Contains(known, s.Role):
		return "", core.BadMember("/role", "must be one of %s", strings.Join(known, ", "))
	}
	if id = a.oldestBearer(s.Role); id != "" {
		return id, nil
	}
	if err := cmp.Or(freeID(t.state, tokensOf, "/id", "token", tok.ID), a.admitToken(&tok, Token{})); err != nil {
		return "", err
	}
	return t.newBearer(a, s.Role), nil
}

// findBearer finds the bearer that a sheet names.
func (a *account) findBearer(s bearerSheet) (id string, err error) {
	in, known := map[string]lookup{"user": a.users, "product": a.products, "license": a.licenses}[s.Type]
	switch {
	case s == bearerSheet{}:
		return "", core.BadMember("/bearer", "is missing: say whose the token is, or give a role instead")
	case !known:
		return "", core.BadMember("/bearer/type", "must be one of %s", strings.Join(bearerTypes, ", "))
	case s.ID == "":
		return "", core.BadMember("/bearer/id", "is missing")
	}
	err = follow(&s.ID, "/bearer/id", s.Type, in)
	return s.ID, err
}

// oldestBearer is the id of the oldest bearer that has a role; "" if none has.
func (a *account) oldestBearer(role string) string {
	switch role {
	case "product":
		for p := range a.products.oldestFirst() {
			return p.ID
		}
	case "license":
		for l := range a.licenses.oldestFirst() {
			return l.ID
		}
	default:
		if u := a.users.find(func(u *User) bool { return u.Role == role }); u != nil {
			return u.ID
		}
	}
	return ""
}

// newBearer makes a bearer that has a role. Nothing can be wrong with a new one.
func (t *turn) newBearer(a *account, role string) string {
	switch role {
	case "product":
		p, _ := t.seedProduct(a, Product{})
		return p.ID
	case "license":
		l, _ := t.seedLicense(a, License{})
		return l.ID
	default:
		u, _ := t.seedUser(a, User{Role: role})
		return u.ID
	}
}
