package keygenmock

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	s, ok := seed.(Seed)
	if !ok {
		return fmt.Errorf("%T is no keygenmock.Seed", seed)
	}
	t, a := &turn{ct, v.state}, v.state.accounts[0]
	for _, sow := range []func() error{
		sowing(t, a, "Users", s.Users, (*turn).seedUser),
		sowing(t, a, "Products", s.Products, (*turn).seedProduct),
		sowing(t, a, "Policies", s.Policies, (*turn).seedPolicy),
		sowing(t, a, "Keys", s.Keys, (*turn).seedKey),
		sowing(t, a, "Licenses", s.Licenses, (*turn).seedLicense),
		sowing(t, a, "Tokens", s.Tokens, (*turn).seedToken),
		sowing(t, a, "WebhookEndpoints", s.WebhookEndpoints, (*turn).seedWebhookEndpoint),
	} {
		if err := sow(); err != nil {
			return err
		}
	}
	return nil
}

// sowing makes one list of a seed, and says which object of it cannot be.
func sowing[T any](t *turn, a *account, list string, objects []T, add func(*turn, *account, T) (T, error)) func() error {
	return func() error {
		for i, object := range objects {
			if _, err := add(t, a, object); err != nil {
				return fmt.Errorf("%s[%d]: %w", list, i, err)
			}
		}
		return nil
	}
}

// Functions here put objects into an account as they are, in any state. What an
// object leaves open is filled in. They skip the rules of the API, and refuse
// only what can never be; then they change nothing.

// accountSeed is what an account may be told to be.
type accountSeed struct {
	id, slug string
	created  time.Time // zero: not so long ago as to be signed for as in former times
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
	a := t.state.newAccount(id, seed.slug)
	a.version, a.legacy = speaks, !seed.created.IsZero() && seed.created.Before(endOfLegacy)
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
	id, err := t.newID(u.ID, a.users.has)
	if u.Role == "" {
		u.Role = RoleUser
	}
	if err = cmp.Or(err, u.check(), keepable(u)); err != nil {
		return u, err
	}
	if u.Email == "" {
		u.Email = "user-" + id[:8] + "@" + a.slug + ".example"
	}
	u.ID = id
	t.stamp(&u.Created, &u.Updated)
	kept := u
	a.users.add(&kept)
	t.Effect(EffectUserAdded, u.ID, u.Role)
	return u, nil
}

// check says why there can be no such user.
func (u User) check() error {
	if roleOfUser[u.Role] == "" {
		return fmt.Errorf("%q is no role of a user: pass one of the Role constants", u.Role)
	}
	return nil
}

func (t *turn) seedProduct(a *account, p Product) (Product, error) {
	id, err := t.newID(p.ID, a.products.has)
	if err == nil && a.products.byText[p.Code] != nil {
		err = fmt.Errorf("the code %q is taken by another product: choose another, or none", p.Code)
	}
	if err = cmp.Or(err, keepable(p)); err != nil {
		return p, err
	}
	if p.Name == "" {
		p.Name = "Product " + id[:8]
	}
	p.ID = id
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.products.add(&kept)
	t.Effect(EffectProductCreated, p.ID, "")
	return p, nil
}

func (t *turn) seedPolicy(a *account, p Policy) (Policy, error) {
	id, err := t.newID(p.ID, a.policies.has)
	if err == nil {
		err = follow(&p.ProductID, "ProductID", "product", a.products)
	}
	if err = cmp.Or(err, p.check(), keepable(p)); err != nil {
		return p, err
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
		p.ExpirationStrategy = restrictAccess
	}
	p.ID = id
	t.stamp(&p.Created, &p.Updated)
	kept := p.clone()
	a.policies.add(&kept)
	t.Effect(EffectPolicyCreated, p.ID, "")
	return p, nil
}

// check says why there can be no such policy.
func (p Policy) check() error {
	if p.Duration < 0 || p.Duration%time.Second != 0 {
		return fmt.Errorf("a duration of %v cannot be: it is a whole number of seconds, or 0 for ever", p.Duration)
	}
	return nil
}

func (t *turn) seedKey(a *account, k Key) (Key, error) {
	id, err := t.newID(k.ID, a.keys.has)
	if err == nil {
		err = follow(&k.PolicyID, "PolicyID", "policy", a.policies)
	}
	if err == nil && a.keys.byText[k.Key] != nil {
		err = errors.New("another key of the account has that text: choose another, or leave it empty for a new one")
	}
	if err = cmp.Or(err, keepable(k)); err != nil {
		return k, err
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
	a.keys.add(&kept)
	t.Effect(EffectKeyCreated, k.ID, "")
	return k, nil
}

func (t *turn) seedLicense(a *account, l License) (License, error) {
	id, err := t.newID(l.ID, a.licenses.has)
	if err == nil {
		err = cmp.Or(follow(&l.PolicyID, "PolicyID", "policy", a.policies), follow(&l.OwnerID, "OwnerID", "user", a.users))
	}
	if err == nil && a.licenses.byText[l.Key] != nil {
		err = errors.New("another license of the account has that key: choose another, or leave it empty for a new one")
	}
	if err = cmp.Or(err, keepable(l)); err != nil {
		return l, err
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
	a.licenses.add(&kept)
	t.Effect(EffectLicenseCreated, l.ID, "")
	return l, nil
}

func (t *turn) seedToken(a *account, tok Token) (Token, error) {
	id, err := t.newID(tok.ID, a.tokens.has)
	if err == nil {
		err = follow(&tok.BearerID, "BearerID", "user, product or license", a.users, a.products, a.licenses)
	}
	role := a.bearerOf(&tok).role
	switch {
	case err != nil:
	case role == "":
		err = errors.New("BearerID names no user, product or license: say whose the token is")
	case a.tokens.byText[tok.Value] != nil:
		err = errors.New("the value is taken by another token: leave it empty for a new one")
	}
	if err = cmp.Or(err, keepable(tok)); err != nil {
		return tok, err
	}
	if tok.Value == "" {
		tok.Value = t.newSecret(role)
	}
	tok.ID = id
	t.stamp(&tok.Created, &tok.Updated)
	kept := tok
	a.tokens.add(&kept)
	t.Effect(EffectTokenCreated, tok.ID, kindOf[role].kind)
	return tok, nil
}

func (t *turn) seedWebhookEndpoint(a *account, e WebhookEndpoint) (WebhookEndpoint, error) {
	id, err := t.newID(e.ID, a.endpoints.has)
	if err = cmp.Or(err, e.check(), keepable(e)); err != nil {
		return e, err
	}
	if e.URL == "" {
		e.URL = "https://webhooks.example/" + id
	}
	e.ID = id
	var updated time.Time
	t.stamp(&e.Created, &updated)
	kept := e.clone()
	a.endpoints.add(&kept)
	t.Effect(EffectWebhookAdded, e.ID, "")
	return e, nil
}

// check says why there can be no such webhook endpoint.
func (w WebhookEndpoint) check() error {
	if slices.Contains(w.Subscriptions, "") {
		return errors.New("a subscription is empty: pass names of events, or none for all")
	}
	return nil
}

// keepable says why an object cannot be kept: the vendor knows all of it as JSON
// in UTF-8, and so do snapshots.
func keepable(object any) error {
	if _, err := json.Marshal(object); err != nil {
		return fmt.Errorf("it cannot be written as JSON: %w", err)
	}
	if !utf8.ValidString(fmt.Sprint(object)) {
		return errors.New("a text in it is not UTF-8")
	}
	return nil
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
