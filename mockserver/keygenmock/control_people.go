package keygenmock

import (
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

var controlledUsers = controlled[User, userSheet, *userSheet]{
	name: "users", noun: "user", changed: EffectUserChanged,
	table: func(a *account) *table[User] { return a.users },
	times: func(u *User) (*time.Time, *time.Time) { return &u.Created, &u.Updated },
	add:   func(t *turn, a *account, _ *userSheet, u User) (User, error) { return t.seedUser(a, u) },
	remove: func(t *turn, a *account, u *User) {
		a.users.remove(u.ID)
		a.removeTokens(u.ID)
		for l := range a.licenses.oldestFirst() {
			if l.OwnerID == u.ID {
				l.OwnerID = ""
			}
		}
		t.Effect(EffectUserDeleted, u.ID, "")
	},
	filters: map[string]func(*account, *User) string{
		"role":  func(_ *account, u *User) string { return u.Role },
		"email": func(_ *account, u *User) string { return u.Email },
	},
}

func (s *userSheet) show(_ *account, u *User) {
	*s = userSheet{sheetTop{ID: u.ID}, u.Email, u.Role, u.Banned, timesOf(u.Created, u.Updated)}
}

func (s *userSheet) read(*account, *User) (User, error) {
	if s.Role != "" && !slices.Contains(userRoles, s.Role) {
		return User{}, core.BadMember("/role", "must be one of %s", strings.Join(userRoles, ", "))
	}
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

var controlledTokens = controlled[Token, tokenSheet, *tokenSheet]{
	name: "tokens", noun: "token", changed: EffectTokenChanged,
	table: func(a *account) *table[Token] { return a.tokens },
	times: func(t *Token) (*time.Time, *time.Time) { return &t.Created, &t.Updated },
	index: func(a *account, t *Token) (map[string]*Token, string) { return a.byToken, t.Value },
	add: func(t *turn, a *account, s *tokenSheet, tok Token) (Token, error) {
		if tok.BearerID == "" {
			tok.BearerID = t.newBearer(a, s.Role)
		}
		return t.seedToken(a, tok)
	},
	remove: func(t *turn, a *account, tok *Token) {
		a.tokens.remove(tok.ID)
		delete(a.byToken, tok.Value)
		t.Effect(EffectTokenDeleted, tok.ID, "")
	},
	derived: []string{"kind"},
	fixed:   []string{"bearer", "role"},
	filters: map[string]func(*account, *Token) string{
		"bearer": func(_ *account, t *Token) string { return t.BearerID },
		"role":   func(a *account, t *Token) string { return roleName(a.bearerOf(t)) },
	},
}

// roleName is the role of a bearer as the control plane writes it.
func roleName(b *bearer) string { return strings.ReplaceAll(string(b.role), " ", "-") }

func (s *tokenSheet) show(a *account, t *Token) {
	b := a.bearerOf(t)
	*s = tokenSheet{
		sheetTop{ID: t.ID}, bearerSheet{"user", t.BearerID}, roleName(b), kindOf[b.role].kind,
		textOrNil(t.Name), t.Value, orNil(t.Expiry), timesOf(t.Created, t.Updated),
	}
	if b.user == nil {
		s.Bearer.Type = s.Role
	}
}

func (s *tokenSheet) read(a *account, self *Token) (Token, error) {
	t := Token{
		ID: s.ID, Value: s.Token, Name: textOrEmpty(s.Name), BearerID: s.Bearer.ID, Expiry: orZero(s.Expiry),
		Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if other := a.byToken[s.Token]; other != nil && other != self {
		return t, taken("/token", "token")
	}
	if self != nil {
		return t, nil
	}
	var err error
	t.BearerID, err = s.findBearer(a)
	return t, err
}

// findBearer finds whose a new token is to be; nobody is yet to be made.
func (s *tokenSheet) findBearer(a *account) (id string, err error) {
	switch {
	case s.Role != "" && s.Bearer != bearerSheet{}:
		return "", core.BadMember("/role", "cannot be given beside bearer")
	case s.Role != "":
		if known := append(slices.Clone(userRoles), bearerTypes[1:]...); !slices.Contains(known, s.Role) {
			return "", core.BadMember("/role", "must be one of %s", strings.Join(known, ", "))
		}
		return a.oldestBearer(s.Role), nil
	case s.Bearer.Type == "":
		return "", core.BadMember("/bearer", "is missing: say whose the token is, or give a role instead")
	}
	id, _ = canonicalUUID(s.Bearer.ID)
	var found bool
	switch s.Bearer.Type {
	case "user":
		found = a.users.get(id) != nil
	case "product":
		found = a.products.get(id) != nil
	case "license":
		found = a.licenses.get(id) != nil
	default:
		return "", core.BadMember("/bearer/type", "must be one of %s", strings.Join(bearerTypes, ", "))
	}
	if !found {
		return "", nowhere("/bearer/id", s.Bearer.Type, s.Bearer.ID)
	}
	return id, nil
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

type endpointSheet struct {
	sheetTop
	URL           string   `json:"url"`
	Subscriptions []string `json:"subscriptions"`
	Created       instant  `json:"created"`
}

var controlledEndpoints = controlled[WebhookEndpoint, endpointSheet, *endpointSheet]{
	name: "webhook-endpoints", noun: "webhook endpoint", changed: EffectWebhookChanged,
	table: func(a *account) *table[WebhookEndpoint] { return a.endpoints },
	times: func(e *WebhookEndpoint) (*time.Time, *time.Time) { return &e.Created, new(time.Time) },
	add: func(t *turn, a *account, _ *endpointSheet, e WebhookEndpoint) (WebhookEndpoint, error) {
		return t.seedWebhookEndpoint(a, e)
	},
	remove: func(t *turn, a *account, e *WebhookEndpoint) {
		a.endpoints.remove(e.ID)
		t.Effect(EffectWebhookDeleted, e.ID, "")
	},
}

func (s *endpointSheet) show(_ *account, e *WebhookEndpoint) {
	*s = endpointSheet{sheetTop{ID: e.ID}, e.URL, append([]string{}, e.Subscriptions...), instant{e.Created}}
}

func (s *endpointSheet) read(*account, *WebhookEndpoint) (WebhookEndpoint, error) {
	e := WebhookEndpoint{ID: s.ID, URL: s.URL, Subscriptions: s.Subscriptions, Created: s.Created.Time}
	if slices.Contains(s.Subscriptions, "") {
		return e, core.BadMember("/subscriptions", "must not contain an empty name: give names of events, or none for all")
	}
	return e, nil
}
