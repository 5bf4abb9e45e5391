package keygenmock

import (
	"errors"
	"fmt"
	"slices"
)

// Account is one customer of the vendor, seen from behind the curtain. [World]
// has a default one and forwards to it; a second account is good for proving
// that one cannot reach what the other has.
type Account struct {
	world *World
	id    string
}

// ID returns the account's id, a UUID.
func (a *Account) ID() string { return a.id }

// Slug returns the account's name in paths, besides its id.
func (a *Account) Slug() (slug string) {
	a.look(func(a *account) { slug = a.slug })
	return slug
}

// Token returns the oldest token of the account's oldest admin.
func (a *Account) Token() (value string) {
	a.look(func(a *account) {
		admin := a.users.find(func(u *User) bool { return u.Role == RoleAdmin })
		if admin == nil {
			return
		}
		if t := a.tokens.find(func(t *Token) bool { return t.BearerID == admin.ID }); t != nil {
			value = t.Value
		}
	})
	return value
}

// SetStatus changes the account's status. While it is [StatusCanceled] or
// [StatusPaused], every call is answered 403.
func (a *Account) SetStatus(status string) {
	a.act(ActSetStatus, func(t *turn, a *account) error {
		if !slices.Contains([]string{StatusActive, StatusCanceled, StatusPaused}, status) {
			return fmt.Errorf("%q is no status of an account: pass StatusActive, StatusCanceled or StatusPaused", status)
		}
		if a.status != status {
			a.status = status
			t.Effect(EffectAccountChanged, a.id, status)
		}
		return nil
	})
}

// AddUser adds a user; see [User] for what is filled in.
func (a *Account) AddUser(u User) User {
	a.act(ActAddUser, func(t *turn, a *account) (err error) {
		u, err = t.seedUser(a, u)
		return err
	})
	return u
}

// AddProduct adds a product; see [Product] for what is filled in.
func (a *Account) AddProduct(p Product) Product {
	a.act(ActAddProduct, func(t *turn, a *account) (err error) {
		p, err = t.seedProduct(a, p)
		return err
	})
	return p
}

// AddPolicy adds a policy, and a product for it if it names none.
func (a *Account) AddPolicy(p Policy) Policy {
	a.act(ActAddPolicy, func(t *turn, a *account) (err error) {
		p, err = t.seedPolicy(a, p)
		return err
	})
	return p
}

// AddKey adds a key, and a pooled policy with a product for it if it names none.
// The text of the key may be any that no other key of the account has, and its
// policy need not be pooled.
func (a *Account) AddKey(k Key) Key {
	a.act(ActAddKey, func(t *turn, a *account) (err error) {
		k, err = t.seedKey(a, k)
		return err
	})
	return k
}

// AddLicense adds a license, and a policy with a product for it if it names
// none. Its key may be any that no other license of the account has; it is never
// taken from a pool.
func (a *Account) AddLicense(l License) License {
	a.act(ActAddLicense, func(t *turn, a *account) (err error) {
		l, err = t.seedLicense(a, l)
		return err
	})
	return l
}

// AddToken adds a token of the user, product or license that BearerID names.
func (a *Account) AddToken(tok Token) Token {
	a.act(ActAddToken, func(t *turn, a *account) (err error) {
		tok, err = t.seedToken(a, tok)
		return err
	})
	return tok
}

// AddWebhookEndpoint adds a webhook endpoint. Nothing is ever sent to it;
// [Account.Events] tells what would be.
func (a *Account) AddWebhookEndpoint(e WebhookEndpoint) WebhookEndpoint {
	a.act(ActAddWebhookEndpoint, func(t *turn, a *account) (err error) {
		e, err = t.seedWebhookEndpoint(a, e)
		return err
	})
	return e
}

// PublicKey returns the key with which the account's answers can be verified, of
// an algorithm such as [Ed25519]: 64 hexadecimal digits for that, PEM for the
// others. An unknown algorithm ends the test.
func (a *Account) PublicKey(algorithm string) (key string) {
	a.world.act("", func(t *turn) error {
		found := t.state.account(a.id)
		if found == nil {
			return errNoAccount
		}
		var err error
		key, err = found.signing.public(algorithm)
		return err
	})
	return key
}

// RemoveKey takes a key away, as somebody else could while a client is at work.
// It reports whether the key existed.
func (a *Account) RemoveKey(id string) (found bool) {
	a.act(ActRemoveKey, func(t *turn, a *account) error {
		k := a.keys.get(id)
		if found = k != nil; found {
			t.removeKey(a, k)
		}
		return nil
	})
	return found
}

// Key returns the key with this id, and whether it exists.
func (a *Account) Key(id string) (k Key, found bool) {
	a.look(func(a *account) {
		if at := a.keys.get(id); at != nil {
			k, found = *at, true
		}
	})
	return k, found
}

// Keys returns all keys, oldest first.
func (a *Account) Keys() (list []Key) {
	a.look(func(a *account) {
		for k := range a.keys.oldestFirst() {
			list = append(list, *k)
		}
	})
	return list
}

// Pool returns the keys of a policy, oldest first.
func (a *Account) Pool(policyID string) []Key {
	return slices.DeleteFunc(a.Keys(), func(k Key) bool { return k.PolicyID != policyID })
}

// License returns the license with this id, and whether it exists.
func (a *Account) License(id string) (l License, found bool) {
	a.look(func(a *account) {
		if at := a.licenses.get(id); at != nil {
			l, found = at.clone(), true
		}
	})
	return l, found
}

// Licenses returns all licenses, oldest first.
func (a *Account) Licenses() (list []License) {
	a.look(func(a *account) {
		for l := range a.licenses.oldestFirst() {
			list = append(list, l.clone())
		}
	})
	return list
}

// Policies returns all policies, oldest first.
func (a *Account) Policies() (list []Policy) {
	a.look(func(a *account) {
		for p := range a.policies.oldestFirst() {
			list = append(list, p.clone())
		}
	})
	return list
}

// Products returns all products, oldest first.
func (a *Account) Products() (list []Product) {
	a.look(func(a *account) {
		for p := range a.products.oldestFirst() {
			list = append(list, p.clone())
		}
	})
	return list
}

// Users returns all users, oldest first. The first is an admin.
func (a *Account) Users() (list []User) {
	a.look(func(a *account) {
		for u := range a.users.oldestFirst() {
			list = append(list, *u)
		}
	})
	return list
}

// Tokens returns all tokens, oldest first.
func (a *Account) Tokens() (list []Token) {
	a.look(func(a *account) {
		for t := range a.tokens.oldestFirst() {
			list = append(list, *t)
		}
	})
	return list
}

// Events returns what the API did that the vendor tells webhook endpoints of, in
// the order in which it happened. What a test adds by itself is no event.
func (a *Account) Events() (list []Event) {
	a.look(func(a *account) { list = slices.Clone(a.events) })
	return list
}

// Counts returns how often the vendor noted something in the background.
func (a *Account) Counts() (c Counts) {
	a.look(func(a *account) { c = a.counts.get() })
	return c
}

var errNoAccount = errors.New("the account is no more: it was there before a reset")

// act runs an action on the account.
func (a *Account) act(action string, do func(*turn, *account) error) {
	a.world.act(action, func(t *turn) error {
		found := t.state.account(a.id)
		if found == nil {
			return errNoAccount
		}
		return do(t, found)
	})
}

// look reads the account, if it still exists.
func (a *Account) look(do func(*account)) {
	a.world.look(func(s *state) {
		if found := s.account(a.id); found != nil {
			do(found)
		}
	})
}
