package conformance

import (
	"crypto/ed25519"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenBackstage is what happens behind the curtain, where no rule of the
// vendor is in the way. There are two of them: the mock's Go methods, and its
// control plane.
type keygenBackstage interface {
	// open makes an account and returns its id.
	open(slug string) string
	setStatus(slug, status string)
	// add makes a User, Product, Policy, Key, License or WebhookEndpoint, and
	// whatever it needs that it does not name.
	add(slug string, object any)
	// token makes one of the oldest who has this role.
	token(slug, role string) keygenmock.Token
	look(slug string) keygenWorld
	noted(slug string) keygenNotes
	publicKey(slug string) ed25519.PublicKey
}

// keygenWorld is an account as it is at a moment, each list oldest first.
type keygenWorld struct {
	Users    []keygenmock.User
	Products []keygenmock.Product
	Policies []keygenmock.Policy
	Keys     []keygenmock.Key
	Licenses []keygenmock.License
}

// keygenNotes is what the vendor notes in the background.
type keygenNotes struct {
	keygenmock.Counts
	Events []string // names, oldest first
}

// ids lists the ids of one kind of objects.
func (w keygenWorld) ids(kind string) []string {
	ids := []string{}
	switch kind {
	case "users":
		for _, u := range w.Users {
			ids = append(ids, u.ID)
		}
	case "products":
		for _, p := range w.Products {
			ids = append(ids, p.ID)
		}
	case "policies":
		for _, p := range w.Policies {
			ids = append(ids, p.ID)
		}
	case "keys":
		for _, k := range w.Keys {
			ids = append(ids, k.ID)
		}
	case "licenses":
		for _, l := range w.Licenses {
			ids = append(ids, l.ID)
		}
	default:
		panic("there are no " + kind)
	}
	return ids
}

func (w keygenWorld) policy(id string) keygenmock.Policy {
	i := slices.IndexFunc(w.Policies, func(p keygenmock.Policy) bool { return p.ID == id })
	return w.Policies[i]
}

// keysOf are the keys of one policy, newest first.
func (w keygenWorld) keysOf(policyID string) []keygenmock.Key {
	var keys []keygenmock.Key
	for _, k := range slices.Backward(w.Keys) {
		if k.PolicyID == policyID {
			keys = append(keys, k)
		}
	}
	return keys
}

var rowReference = regexp.MustCompile(`\$(\w+)\[(-?\d+)\]`)

// expand puts ids in the place of what names objects: $keys[-1] is the newest
// key.
func (w keygenWorld) expand(t testing.TB, text string) string {
	t.Helper()
	return rowReference.ReplaceAllStringFunc(text, func(found string) string {
		parts := rowReference.FindStringSubmatch(found)
		ids := w.ids(parts[1])
		i, _ := strconv.Atoi(parts[2])
		if i < 0 {
			i += len(ids)
		}
		require.Less(t, i, len(ids), "%s of %d", found, len(ids))
		return ids[i]
	})
}

// rowPlace is an account in which a situation comes about.
type rowPlace struct {
	keygenBackstage
	slug string
}

// latest is the newest policy.
func (p rowPlace) latest() keygenmock.Policy {
	policies := p.look(p.slug).Policies
	return policies[len(policies)-1]
}

// rowFixture is a part of a situation.
type rowFixture func(rowPlace)

// rowElsewhere has something come about in test2.
func rowElsewhere(fixture rowFixture) rowFixture {
	return func(p rowPlace) { fixture(rowPlace{p.keygenBackstage, test2}) }
}

// rowCanceled ends the account's subscription.
func rowCanceled(p rowPlace) { p.setStatus(p.slug, keygenmock.StatusCanceled) }

// rowWebhooks are endpoints that are told everything.
func rowWebhooks(n int) rowFixture {
	return func(p rowPlace) {
		for i := range n {
			p.add(p.slug, keygenmock.WebhookEndpoint{URL: "https://hooks.example/" + strconv.Itoa(i)})
		}
	}
}

// rowUser is a customer.
func rowUser(p rowPlace) { p.add(p.slug, keygenmock.User{Role: keygenmock.RoleUser}) }

// rowProduct is a product of which every attribute has a value.
func rowProduct(p rowPlace) {
	p.add(p.slug, keygenmock.Product{
		Name: "Example App", Code: "example-app", URL: "https://app.example", Metadata: map[string]any{"team": "blue"},
		Attributes: map[string]any{"platforms": []any{"linux", "windows"}},
	})
}

// rowPolicy is a policy that was not made for the oldest product.
func rowPolicy(p rowPlace) { p.add(p.slug, rowUsualPolicy(false)) }

// rowPool is a pooled policy, with keys.
func rowPool(keys int) rowFixture { return rowKeysOf(rowUsualPolicy(true), keys) }

// rowOwnPool is a pool of the oldest product.
func rowOwnPool(keys int) rowFixture {
	return func(p rowPlace) {
		policy := rowUsualPolicy(true)
		policy.ProductID = p.look(p.slug).Products[0].ID
		rowKeysOf(policy, keys)(p)
	}
}

// rowUsualPolicy is a floating policy of two weeks, of a product of its own.
func rowUsualPolicy(pooled bool) keygenmock.Policy {
	return keygenmock.Policy{
		Name: "Beta", Pooled: pooled, Duration: 14 * 24 * time.Hour, Attributes: map[string]any{"floating": true},
	}
}

// rowKeysOf is a policy and its keys, pooled or not.
func rowKeysOf(policy keygenmock.Policy, n int) rowFixture {
	return func(p rowPlace) {
		p.add(p.slug, policy)
		for range n {
			p.add(p.slug, keygenmock.Key{PolicyID: p.latest().ID})
		}
	}
}

// rowKeys are keys, each in a pool of its own, of a product of its own.
func rowKeys(n int) rowFixture {
	return func(p rowPlace) {
		for range n {
			p.add(p.slug, keygenmock.Key{})
		}
	}
}

// rowKeyOf is a key of this text in the newest policy.
func rowKeyOf(text string) rowFixture {
	return func(p rowPlace) { p.add(p.slug, keygenmock.Key{Key: text, PolicyID: p.latest().ID}) }
}

// rowLicense is a license of a policy of its own, with this key if it is given.
func rowLicense(key string) rowFixture {
	return func(p rowPlace) { p.add(p.slug, keygenmock.License{Key: key}) }
}

// rowLicenseOf is a license of the newest policy, owned by the newest customer
// if owned.
func rowLicenseOf(owned bool) rowFixture {
	return func(p rowPlace) {
		license := keygenmock.License{PolicyID: p.latest().ID}
		if owned {
			users := p.look(p.slug).Users
			license.OwnerID = users[len(users)-1].ID
		}
		p.add(p.slug, license)
	}
}
