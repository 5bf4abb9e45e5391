package keygenmock

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Functions here put objects into an account as they are, in any state. What an
// object leaves open is filled in. They skip the rules of the API, and refuse
// only what can never be; then they change nothing.

// accountSeed is what an account may be told to be.
type accountSeed struct {
	id, slug string
	created  time.Time // zero: now, and not so old as to be signed for as in former times
	version  string    // of the API; empty: the newest
	empty    bool      // without an admin
	token    string    // of the admin; empty: a new one
}

// endOfLegacy is the day from which on new accounts have no X-Signature.
var endOfLegacy = time.Date(2021, 6, 11, 0, 0, 0, 0, time.UTC)

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func (t *turn) makeAccount(seed accountSeed) (*account, error) {
	id, err := t.newID(seed.id, func(id string) bool { return t.state.account(id) != nil })
	switch {
	case err != nil:
		return nil, err
	case !slugForm.MatchString(seed.slug):
		return nil, fmt.Errorf("%q is no slug of an account: it has lower-case letters, digits and dashes", seed.slug)
	case t.state.account(seed.slug) != nil:
		return nil, fmt.Errorf("the slug %s is taken: choose another", seed.slug)
	}
	speaks, known := newest, true
	if seed.version != "" {
		speaks, known = parseVersion(seed.version)
	}
	if !known {
		return nil, fmt.Errorf("%q is no version of the API: it has 1.0 to %v", seed.version, newest)
	}
	legacy := !seed.created.IsZero() && seed.created.Before(endOfLegacy)
	var updated time.Time
	t.stamp(&seed.created, &updated)
	a := t.state.newAccount(id, seed.slug, seed.created)
	a.version, a.legacy = speaks, legacy
	t.state.accounts = append(t.state.accounts, a)
	t.Effect(EffectAccountAdded, a.id, a.slug)
	if seed.empty {
		return a, nil
	}
	admin, err := t.seedUser(a, User{Email: "admin@" + a.slug + ".example", Role: RoleAdmin})
	if err == nil {
		_, err = t.seedToken(a, Token{BearerID: admin.ID, Value: seed.token})
	}
	return a, err
}

func (t *turn) seedUser(a *account, u User) (User, error) {
	id, err := t.newID(u.ID, func(id string) bool { return a.users.get(id) != nil })
	if err != nil {
		return u, err
	}
	if u.Role == "" {
		u.Role = RoleUser
	}
	if roleOfUser[u.Role] == "" {
		return u, fmt.Errorf("%q is no role of a user: pass one of the Role constants", u.Role)
	}
	if u.Email == "" {
		u.Email = "user-" + id[:8] + "@" + a.slug + ".example"
	}
	u.ID = id
	t.stamp(&u.Created, &u.Updated)
	a.addUser(&u)
	t.Effect(EffectUserAdded, u.ID, u.Role)
	return u, nil
}

func (t *turn) seedProduct(a *account, p Product) (Product, error) {
	id, err := t.newID(p.ID, func(id string) bool { return a.products.get(id) != nil })
	if err != nil {
		return p, err
	}
	if p.Code != "" && a.products.find(func(other *Product) bool { return other.Code == p.Code }) != nil {
		return p, fmt.Errorf("the code %q is taken by another product: choose another, or none", p.Code)
	}
	if p.Name == "" {
		p.Name = "Product " + id[:8]
	}
	p.ID = id
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.addProduct(&kept)
	t.Effect(EffectProductCreated, p.ID, "")
	return p, nil
}

func (t *turn) seedPolicy(a *account, p Policy) (Policy, error) {
	id, err := t.newID(p.ID, func(id string) bool { return a.policies.get(id) != nil })
	switch {
	case err != nil:
		return p, err
	case p.ProductID != "" && a.products.get(p.ProductID) == nil:
		return p, fmt.Errorf("the account has no product %q: add it with AddProduct, or leave it empty for a new one", p.ProductID)
	case p.Duration < 0 || p.Duration%time.Second != 0:
		return p, fmt.Errorf("a duration of %v cannot be: it is a whole number of seconds, or 0 for ever", p.Duration)
	}
	if p.ProductID == "" {
		product, _ := t.seedProduct(a, Product{}) // a new one cannot be refused
		p.ProductID = product.ID
	}
	if p.Name == "" {
		p.Name = "Policy " + id[:8]
	}
	if p.AuthenticationStrategy == "" {
		p.AuthenticationStrategy = AuthToken
	}
	if p.ExpirationStrategy == "" {
		p.ExpirationStrategy = "RESTRICT_ACCESS"
	}
	p.ID = id
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.addPolicy(&kept)
	t.Effect(EffectPolicyCreated, p.ID, "")
	return p, nil
}

func (t *turn) seedKey(a *account, k Key) (Key, error) {
	id, err := t.newID(k.ID, func(id string) bool { return a.keys.get(id) != nil })
	switch {
	case err != nil:
		return k, err
	case a.byKey[k.Key] != nil:
		return k, fmt.Errorf("another key of the account has that text: choose another, or leave it empty for a new one")
	case k.PolicyID != "" && a.policies.get(k.PolicyID) == nil:
		return k, noPolicy(k.PolicyID)
	}
	if k.PolicyID == "" {
		policy, _ := t.seedPolicy(a, Policy{Pooled: true}) // a new one cannot be refused
		k.PolicyID = policy.ID
	}
	if k.Key == "" {
		k.Key = t.newText()
	}
	k.ID = id
	t.stamp(&k.Created, &k.Updated)
	kept := k
	a.addKey(&kept)
	t.Effect(EffectKeyCreated, k.ID, "")
	return k, nil
}

func (t *turn) seedLicense(a *account, l License) (License, error) {
	id, err := t.newID(l.ID, func(id string) bool { return a.licenses.get(id) != nil })
	switch {
	case err != nil:
		return l, err
	case a.byLicense[l.Key] != nil:
		return l, fmt.Errorf("another license of the account has that key: choose another, or leave it empty for a new one")
	case l.PolicyID != "" && a.policies.get(l.PolicyID) == nil:
		return l, noPolicy(l.PolicyID)
	case l.OwnerID != "" && a.users.get(l.OwnerID) == nil:
		return l, fmt.Errorf("the account has no user %q: add it with AddUser, or leave the owner empty", l.OwnerID)
	}
	if l.PolicyID == "" {
		policy, _ := t.seedPolicy(a, Policy{}) // a new one cannot be refused
		l.PolicyID = policy.ID
	}
	if l.Key == "" {
		l.Key = t.newText()
	}
	l.ID = id
	t.stamp(&l.Created, &l.Updated)
	kept := l.clone()
	a.addLicense(&kept)
	t.Effect(EffectLicenseCreated, l.ID, "")
	return l, nil
}

func (t *turn) seedToken(a *account, tok Token) (Token, error) {
	id, err := t.newID(tok.ID, func(id string) bool { return a.tokens.get(id) != nil })
	role := a.bearerOf(&tok).role
	switch {
	case err != nil:
		return tok, err
	case role == "":
		return tok, fmt.Errorf("the account has no user, product or license %q: add it first, and pass its id as BearerID", tok.BearerID)
	case a.byToken[tok.Value] != nil:
		return tok, fmt.Errorf("the value is taken by another token: leave it empty for a new one")
	}
	if tok.Value == "" {
		tok.Value = t.newSecret(role)
	}
	tok.ID = id
	t.stamp(&tok.Created, &tok.Updated)
	kept := tok
	a.addToken(&kept)
	t.Effect(EffectTokenCreated, tok.ID, kindOf[role].kind)
	return tok, nil
}

func (t *turn) seedWebhookEndpoint(a *account, e WebhookEndpoint) (WebhookEndpoint, error) {
	id, err := t.newID(e.ID, func(id string) bool { return a.endpoints.get(id) != nil })
	if err != nil {
		return e, err
	}
	if slices.Contains(e.Subscriptions, "") {
		return e, errors.New("a subscription is empty: pass names of events, or none for all")
	}
	if e.URL == "" {
		e.URL = "https://webhooks.example/" + id
	}
	e.ID = id
	var updated time.Time
	t.stamp(&e.Created, &updated)
	kept := e.clone()
	a.endpoints.add(e.ID, e.Created, &kept)
	t.Effect(EffectWebhookAdded, e.ID, "")
	return e, nil
}

func noPolicy(id string) error {
	return fmt.Errorf("the account has no policy %q: add it with AddPolicy, or leave it empty for a new one", id)
}

// newID returns the id that an object is to have, or a new one if that is empty.
func (t *turn) newID(wanted string, taken func(string) bool) (string, error) {
	if wanted == "" {
		return t.Rand.UUID(), nil
	}
	id, ok := canonicalUUID(wanted)
	switch {
	case !ok:
		return "", fmt.Errorf("%q is no UUID: leave the id empty for a new one", wanted)
	case taken(id):
		return "", fmt.Errorf("the id %s is taken: leave it empty for a new one, or take another", id)
	}
	return id, nil
}

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
