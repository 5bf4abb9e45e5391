package keygenmock

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Seed is what the default account begins with, besides its admin. What an object
// leaves open is filled in, as by the methods of [World] of the same kind, and an
// object refers to another by its id or by its name: a key to a policy, a policy
// to a product (by name or code), a license to the email of its owner. Objects are
// made list by list, in the order of the lists here.
type Seed struct {
	Users            []User
	Products         []Product
	Policies         []Policy
	Keys             []Key
	Licenses         []License
	Tokens           []Token
	WebhookEndpoints []WebhookEndpoint
}

// Seed makes what a [Seed] describes.
func (v *vendor) Seed(ct *core.Turn, seed any) error {
	told, err := core.SeedOf[Seed](seed)
	if err != nil {
		return err
	}
	t := &turn{ct, v.state}
	return core.InOrder(
		core.Each("Users", told.Users, sowing(t, (*turn).seedUser)),
		core.Each("Products", told.Products, sowing(t, (*turn).seedProduct)),
		core.Each("Policies", told.Policies, sowing(t, (*turn).seedPolicy)),
		core.Each("Keys", told.Keys, sowing(t, (*turn).seedKey)),
		core.Each("Licenses", told.Licenses, sowing(t, (*turn).seedLicense)),
		core.Each("Tokens", told.Tokens, sowing(t, (*turn).seedToken)),
		core.Each("WebhookEndpoints", told.WebhookEndpoints, sowing(t, (*turn).seedWebhookEndpoint)),
	)
}

// sowing adds objects to the default account.
func sowing[T any](t *turn, add func(*turn, *account, T) (T, error)) func(T) error {
	return core.Adding(func(object T) (T, error) { return add(t, t.state.accounts[0], object) })
}

// Functions here put objects into an account as they are, in any state. What an
// object leaves open is filled in. They skip the rules of the API, and refuse
// only what can never be; then they change nothing.

// accountSeed is what an account is told to be.
type accountSeed struct {
	id, slug string
	status   string // empty: active
	version  string // of the API; empty: the newest
	legacy   bool
	admin    *User  // id and email, which may be open; nil: it has none
	token    string // of the admin; empty: a new one
}

var accountStatuses = []string{StatusActive, StatusCanceled, StatusPaused}

func (t *turn) makeAccount(seed accountSeed) (*account, error) {
	if err := t.state.admitAccount(seed, nil); err != nil {
		return nil, err
	}
	a := t.state.newAccount(t.idOr(seed.id), seed.slug)
	a.status, a.legacy = cmp.Or(seed.status, StatusActive), seed.legacy
	if seed.version != "" {
		a.version, _ = parseVersion(seed.version)
	}
	t.state.accounts = append(t.state.accounts, a)
	t.Effect(EffectAccountAdded, a.id, a.slug)
	if seed.admin == nil {
		return a, nil
	}
	admin, err := t.seedUser(a, User{ID: seed.admin.ID, Email: cmp.Or(seed.admin.Email, "admin@"+a.slug+".example"), Role: RoleAdmin})
	if err == nil {
		_, err = t.seedToken(a, Token{BearerID: admin.ID, Value: seed.token})
	}
	return a, err
}

// admitAccount says what about an account cannot be. self is the one that is to be
// so; nil: it is a new one.
func (s *state) admitAccount(seed accountSeed, self *account) error {
	_, isID := canonicalUUID(seed.slug)
	_, known := parseVersion(seed.version)
	other := s.account(seed.slug)
	switch {
	case seed.slug == "":
		return core.BadMember("/slug", "is missing: it is the account's name in paths")
	case isID || !core.IsSlug(seed.slug):
		return core.BadMember("/slug", "must have lower-case letters, digits and dashes, and be no UUID")
	case other != nil && other != self:
		return core.Taken("/slug", "account")
	case seed.status != "" && !slices.Contains(accountStatuses, seed.status):
		return core.BadMember("/status", "must be one of %s", strings.Join(accountStatuses, ", "))
	case seed.version != "" && !known:
		return core.BadMember("/version", "must be 1.0 to %v", newest)
	case self != nil:
		return nil
	}
	if id, _ := canonicalUUID(seed.id); id != "" && s.account(id) != nil {
		return core.Taken("/id", "account")
	}
	return cmp.Or(checkID("/id", seed.id), freeID(s, usersOf, "/admin/id", "user", core.OrZero(seed.admin).ID))
}

func (t *turn) seedUser(a *account, u User) (User, error) {
	u.Role = cmp.Or(u.Role, RoleUser)
	if err := cmp.Or(freeID(t.state, usersOf, "/id", "user", u.ID), a.admitUser(&u, User{})); err != nil {
		return u, err
	}
	u.ID = t.idOr(u.ID)
	u.Email = cmp.Or(u.Email, "user-"+u.ID[:8]+"@"+a.slug+".example")
	t.stamp(&u.Created, &u.Updated)
	kept := u
	a.users.add(&kept)
	t.Effect(EffectUserAdded, u.ID, u.Role)
	return u, nil
}

func (t *turn) seedProduct(a *account, p Product) (Product, error) {
	if err := cmp.Or(freeID(t.state, productsOf, "/id", "product", p.ID), a.admitProduct(&p, Product{})); err != nil {
		return p, err
	}
	p.ID = t.idOr(p.ID)
	p.Name = cmp.Or(p.Name, "Product "+p.ID[:8])
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.products.add(&kept)
	t.Effect(EffectProductCreated, p.ID, "")
	return p, nil
}

func (t *turn) seedPolicy(a *account, p Policy) (Policy, error) {
	if err := cmp.Or(freeID(t.state, policiesOf, "/id", "policy", p.ID), a.admitPolicy(&p, Policy{})); err != nil {
		return p, err
	}
	p.ID = t.idOr(p.ID)
	if p.ProductID == "" {
		product, _ := t.seedProduct(a, Product{}) // a new one cannot be refused
		p.ProductID = product.ID
	}
	p.Name = cmp.Or(p.Name, "Policy "+p.ID[:8])
	p.AuthenticationStrategy = cmp.Or(p.AuthenticationStrategy, AuthToken)
	p.ExpirationStrategy = cmp.Or(p.ExpirationStrategy, restrictAccess)
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.policies.add(&kept)
	t.Effect(EffectPolicyCreated, p.ID, "")
	return p, nil
}

func (p Policy) checkDuration() error {
	if p.Duration < 0 || p.Duration%time.Second != 0 {
		return core.BadMember("/duration", "cannot be %v: it is a whole number of seconds, or 0 for ever", p.Duration)
	}
	return nil
}

func (t *turn) seedKey(a *account, k Key) (Key, error) {
	if err := cmp.Or(freeID(t.state, keysOf, "/id", "key", k.ID), a.admitKey(&k, Key{})); err != nil {
		return k, err
	}
	k.ID = t.idOr(k.ID)
	if k.PolicyID == "" {
		policy, _ := t.seedPolicy(a, Policy{Pooled: true}) // a new one cannot be refused
		k.PolicyID = policy.ID
	}
	if k.Key == "" {
		k.Key = t.newText()
	}
	t.stamp(&k.Created, &k.Updated)
	kept := k
	a.keys.add(&kept)
	t.Effect(EffectKeyCreated, k.ID, "")
	return k, nil
}

func (t *turn) seedLicense(a *account, l License) (License, error) {
	if err := cmp.Or(freeID(t.state, licensesOf, "/id", "license", l.ID), a.admitLicense(&l, License{})); err != nil {
		return l, err
	}
	l.ID = t.idOr(l.ID)
	if l.PolicyID == "" {
		policy, _ := t.seedPolicy(a, Policy{}) // a new one cannot be refused
		l.PolicyID = policy.ID
	}
	if l.Key == "" {
		l.Key = t.newText()
	}
	t.stamp(&l.Created, &l.Updated)
	kept := l.clone()
	a.licenses.add(&kept)
	t.Effect(EffectLicenseCreated, l.ID, "")
	return l, nil
}

func (t *turn) seedToken(a *account, tok Token) (Token, error) {
	if err := cmp.Or(freeID(t.state, tokensOf, "/id", "token", tok.ID), a.admitToken(&tok, Token{})); err != nil {
		return tok, err
	}
	role := a.bearerOf(&tok).role
	if role == "" {
		return tok, core.BadMember("/bearer", "is missing: say which user, product or license the token is of")
	}
	tok.ID = t.idOr(tok.ID)
	if tok.Value == "" {
		tok.Value = t.newSecret(role)
	}
	t.stamp(&tok.Created, &tok.Updated)
	kept := tok
	a.tokens.add(&kept)
	t.Effect(EffectTokenCreated, tok.ID, kindOf[role].kind)
	return tok, nil
}

func (t *turn) seedWebhookEndpoint(a *account, e WebhookEndpoint) (WebhookEndpoint, error) {
	if err := cmp.Or(freeID(t.state, endpointsOf, "/id", "webhook endpoint", e.ID), a.admitWebhookEndpoint(&e, WebhookEndpoint{})); err != nil {
		return e, err
	}
	e.ID = t.idOr(e.ID)
	e.URL = cmp.Or(e.URL, "https://webhooks.example/"+e.ID)
	var updated time.Time
	t.stamp(&e.Created, &updated)
	kept := e.clone()
	a.endpoints.add(&kept)
	t.Effect(EffectWebhookAdded, e.ID, "")
	return e, nil
}

// checkID refuses an id that is none. An empty one stands for a new id.
func checkID(pointer, id string) error {
	if _, isID := canonicalUUID(id); id != "" && !isID {
		return core.BadMember(pointer, "must be a UUID, or absent for a new one")
	}
	return nil
}

// freeID says why a new object cannot have an id, which is given once in all
// accounts.
func freeID[T any](s *state, in func(*account) *table[T], pointer, noun, id string) error {
	canonical, isID := canonicalUUID(id)
	if isID && slices.ContainsFunc(s.accounts, func(a *account) bool { return in(a).has(canonical) }) {
		return core.Taken(pointer, noun)
	}
	return checkID(pointer, id)
}

// idOr returns an id as the world writes it, or a new one in the place of none.
func (t *turn) idOr(id string) string {
	if id == "" {
		return t.Rand.UUID()
	}
	canonical, _ := canonicalUUID(id)
	return canonical
}

// Tables of an account, as functions that are told which object is meant.

func usersOf(a *account) *table[User]                { return a.users }
func productsOf(a *account) *table[Product]          { return a.products }
func policiesOf(a *account) *table[Policy]           { return a.policies }
func keysOf(a *account) *table[Key]                  { return a.keys }
func licensesOf(a *account) *table[License]          { return a.licenses }
func tokensOf(a *account) *table[Token]              { return a.tokens }
func endpointsOf(a *account) *table[WebhookEndpoint] { return a.endpoints }

// newText draws the text of a key.
func (t *turn) newText() string {
	digits := t.Rand.Hex(15)
	text := ""
	for i := 0; i < len(digits); i += 6 {
		text += digits[i:i+6] + "-"
	}
	return strings.ToUpper(text) + "V3"
}

// newSecret draws the value of a token.
func (t *turn) newSecret(r role) string {
	n := 32
	if r == roleLicense {
		n = 16
	}
	return kindOf[r].prefix + "-" + t.Rand.Hex(n) + "v3"
}

// stamp fills in when an object was made and last changed.
func (t *turn) stamp(created, updated *time.Time) {
	if created.IsZero() {
		*created = t.moment()
	}
	if updated.IsZero() {
		*updated = *created
	}
	*created, *updated = created.UTC(), updated.UTC()
}
