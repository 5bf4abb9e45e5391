package keygenmock

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// lookup is a table in which something may be meant.
type lookup interface {
	keyed() bool
	has(id string) bool
	meant(text string) (ids []string)
}

// follow makes a reference, which may be a name, the id of the one object that it
// leads to. None at all is left for a new object. A refusal does not repeat what may
// be the key of a license that there is not.
func follow(reference *string, pointer, noun string, in ...lookup) (err error) {
	if *reference == "" {
		return nil
	}
	var ids []string
	keyed := false
	id, _ := canonicalUUID(*reference)
	for _, table := range in {
		keyed = keyed || table.keyed()
		if table.has(id) { // whatever else is called so
			*reference = id
			return nil
		}
		ids = append(ids, table.meant(*reference)...)
	}
	shown := *reference
	if keyed && len(ids) == 0 {
		shown = "***"
	}
	*reference, err = core.Refer(pointer, noun+" of the account", shown, ids)
	return err
}

// Functions here follow the references of an object, and say what about it can never
// be, whoever asks for it. was is the object in the place of which it is to be; all
// zero: it is a new one.

func (a *account) admitUser(u *User, _ User) error {
	if u.Role != "" && roleOfUser[u.Role] == "" {
		return core.BadMember("/role", "must be one of %s", strings.Join(userRoles, ", "))
	}
	return core.CheckWritable(*u)
}

func (a *account) admitProduct(p *Product, was Product) error {
	return cmp.Or(a.products.own("/code", "product of the account", p.Code, was.Code), core.CheckWritable(*p))
}

func (a *account) admitPolicy(p *Policy, _ Policy) error {
	return cmp.Or(p.checkDuration(), follow(&p.ProductID, "/product", "product", a.products), core.CheckWritable(*p))
}

func (a *account) admitKey(k *Key, was Key) error {
	return cmp.Or(
		a.keys.own("/key", "key of the account", k.Key, was.Key),
		follow(&k.PolicyID, "/policy", "policy", a.policies),
		core.CheckWritable(*k),
	)
}

func (a *account) admitLicense(l *License, was License) error {
	return cmp.Or(
		a.licenses.own("/key", "license of the account", l.Key, was.Key),
		follow(&l.PolicyID, "/policy", "policy", a.policies),
		follow(&l.OwnerID, "/owner", "user", a.users),
		core.CheckWritable(*l),
	)
}

func (a *account) admitToken(t *Token, was Token) error {
	return cmp.Or(
		a.tokens.own("/token", "token of the account", t.Value, was.Value),
		follow(&t.BearerID, "/bearer", "user, product or license", a.users, a.products, a.licenses),
		core.CheckWritable(*t),
	)
}

func (a *account) admitWebhookEndpoint(e *WebhookEndpoint, _ WebhookEndpoint) error {
	if slices.Contains(e.Subscriptions, "") {
		return core.BadMember("/subscriptions", "must not contain an empty name: give names of events, or none for all")
	}
	return core.CheckWritable(*e)
}
