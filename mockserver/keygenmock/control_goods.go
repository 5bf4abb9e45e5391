package keygenmock

import (
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type productSheet struct {
	sheetTop
	Name     string         `json:"name"`
	Code     *string        `json:"code"`
	URL      *string        `json:"url"`
	Metadata map[string]any `json:"metadata"`
	sheetFurther
	sheetTimes
}

// MarshalJSON writes the further attributes among the members.
func (s productSheet) MarshalJSON() ([]byte, error) {
	type plain productSheet
	return beside(plain(s), s.Further)
}

func (v *vendor) products() core.Collection {
	return belongings[Product, productSheet, *productSheet]{
		Kind: core.Kind[owned[Product], productSheet]{
			Name: "products", Noun: "product",
			Show:   showProduct,
			Filled: []string{"name", "code", "url"},
			Filters: map[string]core.Test[owned[Product]]{
				"code": func(_ *core.Turn, p owned[Product], want string) bool { return p.object.Code == want },
			},
		},
		changed: EffectProductChanged,
		table:   productsOf,
		times:   func(p *Product) (*time.Time, *time.Time) { return &p.Created, &p.Updated },
		further: attributesBut(createProductSchema, "name", "code", "url", "metadata"),
		read:    readProduct,
		admit:   (*account).admitProduct,
		add:     (*turn).seedProduct,
		remove:  (*turn).removeProduct,
	}.of(v)
}

func showProduct(_ *core.Turn, of owned[Product]) productSheet {
	p := of.object
	return productSheet{
		sheetTop{p.ID, of.account.id}, p.Name, core.OrNil(p.Code), core.OrNil(p.URL), orEmpty(p.Metadata),
		sheetFurther{p.Attributes}, timesOf(p.Created, p.Updated),
	}
}

func readProduct(_ *turn, _ *account, s productSheet, _ Product) (Product, error) {
	return Product{
		ID: s.ID, Name: s.Name, Code: core.OrZero(s.Code), URL: core.OrZero(s.URL), Metadata: s.Metadata, Attributes: s.Further,
		Created: s.Created.Time, Updated: s.Updated.Time,
	}, nil
}

type policySheet struct {
	sheetTop
	Product                string         `json:"product"`
	Name                   string         `json:"name"`
	UsePool                bool           `json:"usePool"`
	Duration               *int64         `json:"duration"` // seconds
	Protected              bool           `json:"protected"`
	AuthenticationStrategy string         `json:"authenticationStrategy"`
	ExpirationStrategy     string         `json:"expirationStrategy"`
	Metadata               map[string]any `json:"metadata"`
	sheetFurther
	sheetTimes
}

// MarshalJSON writes the further attributes among the members.
func (s policySheet) MarshalJSON() ([]byte, error) {
	type plain policySheet
	return beside(plain(s), s.Further)
}

func (v *vendor) policies() core.Collection {
	return belongings[Policy, policySheet, *policySheet]{
		Kind: core.Kind[owned[Policy], policySheet]{
			Name: "policies", Noun: "policy",
			Show:   showPolicy,
			Filled: []string{"product", "name", "authenticationStrategy", "expirationStrategy"},
			Filters: map[string]core.Test[owned[Policy]]{
				"product": func(_ *core.Turn, p owned[Policy], want string) bool {
					return p.account.products.means(want, p.object.ProductID)
				},
			},
		},
		changed: EffectPolicyChanged,
		table:   policiesOf,
		times:   func(p *Policy) (*time.Time, *time.Time) { return &p.Created, &p.Updated },
		further: attributesBut(createPolicySchema, "name", "usePool", "duration", "protected", "authenticationStrategy", "expirationStrategy", "metadata"),
		read:    readPolicy,
		admit:   (*account).admitPolicy,
		add:     (*turn).seedPolicy,
		remove:  (*turn).removePolicy,
	}.of(v)
}

func showPolicy(_ *core.Turn, of owned[Policy]) policySheet {
	p := of.object
	return policySheet{
		sheetTop{p.ID, of.account.id}, p.ProductID, p.Name, p.Pooled, core.Nullable(int64(p.Duration/time.Second), p.Duration != 0), p.Protected,
		p.AuthenticationStrategy, p.ExpirationStrategy, orEmpty(p.Metadata), sheetFurther{p.Attributes}, timesOf(p.Created, p.Updated),
	}
}

// longest is the longest duration in seconds that can be kept: 292 years.
const longest = int64(1<<63-1) / int64(time.Second)

func readPolicy(_ *turn, _ *account, s policySheet, _ Policy) (Policy, error) {
	p := Policy{
		ID: s.ID, ProductID: s.Product, Name: s.Name, Pooled: s.UsePool, Protected: s.Protected, Metadata: s.Metadata, Attributes: s.Further,
		AuthenticationStrategy: s.AuthenticationStrategy, ExpirationStrategy: s.ExpirationStrategy,
		Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if s.Duration != nil {
		if *s.Duration < 1 || *s.Duration > longest {
			return p, core.BadMember("/duration", "must be 1 to %d seconds, or null for ever", longest)
		}
		p.Duration = time.Duration(*s.Duration) * time.Second
	}
	return p, nil
}

type keySheet struct {
	sheetTop
	Policy  string `json:"policy"`
	Product string `json:"product"`
	Key     string `json:"key"`
	sheetTimes
}

func (v *vendor) keys() core.Collection {
	return belongings[Key, keySheet, *keySheet]{
		Kind: core.Kind[owned[Key], keySheet]{
			Name: "keys", Noun: "key", Keyed: true,
			Show:    showKey,
			Derived: []string{"product"},
			Filled:  []string{"policy", "key"},
			Filters: map[string]core.Test[owned[Key]]{
				"policy": func(_ *core.Turn, k owned[Key], want string) bool {
					return k.account.policies.means(want, k.object.PolicyID)
				},
				"product": func(_ *core.Turn, k owned[Key], want string) bool {
					return k.account.ofProduct(k.object.PolicyID, want)
				},
				"key": func(_ *core.Turn, k owned[Key], want string) bool { return k.object.Key == want },
			},
		},
		changed: EffectKeyUpdated,
		table:   keysOf,
		times:   func(k *Key) (*time.Time, *time.Time) { return &k.Created, &k.Updated },
		read:    readKey,
		admit:   (*account).admitKey,
		add:     (*turn).seedKey,
		remove:  (*turn).removeKey,
	}.of(v)
}

// ofProduct reports whether a policy is of the product that a text refers to.
func (a *account) ofProduct(policyID, text string) bool {
	return a.products.means(text, a.policies.get(policyID).ProductID)
}

func showKey(_ *core.Turn, of owned[Key]) keySheet {
	k := of.object
	return keySheet{sheetTop{k.ID, of.account.id}, k.PolicyID, of.account.policies.get(k.PolicyID).ProductID, k.Key, timesOf(k.Created, k.Updated)}
}

func readKey(_ *turn, _ *account, s keySheet, _ Key) (Key, error) {
	return Key{ID: s.ID, PolicyID: s.Policy, Key: s.Key, Created: s.Created.Time, Updated: s.Updated.Time}, nil
}

type licenseSheet struct {
	sheetTop
	Policy    string         `json:"policy"`
	Product   string         `json:"product"`
	Owner     *string        `json:"owner"`
	Key       string         `json:"key"`
	Name      *string        `json:"name"`
	Expiry    *instant       `json:"expiry"`
	Suspended bool           `json:"suspended"`
	Protected bool           `json:"protected"`
	Metadata  map[string]any `json:"metadata"`
	sheetFurther
	sheetTimes
}

// MarshalJSON writes the further attributes among the members.
func (s licenseSheet) MarshalJSON() ([]byte, error) {
	type plain licenseSheet
	return beside(plain(s), s.Further)
}

func (v *vendor) licenses() core.Collection {
	return belongings[License, licenseSheet, *licenseSheet]{
		Kind: core.Kind[owned[License], licenseSheet]{
			Name: "licenses", Noun: "license", Keyed: true,
			Show:    showLicense,
			Derived: []string{"product"},
			Filled:  []string{"policy", "owner", "key", "name"},
			Filters: map[string]core.Test[owned[License]]{
				"policy": func(_ *core.Turn, l owned[License], want string) bool {
					return l.account.policies.means(want, l.object.PolicyID)
				},
				"product": func(_ *core.Turn, l owned[License], want string) bool {
					return l.account.ofProduct(l.object.PolicyID, want)
				},
				"owner": func(_ *core.Turn, l owned[License], want string) bool {
					return l.account.users.means(want, l.object.OwnerID)
				},
				"key": func(_ *core.Turn, l owned[License], want string) bool { return l.object.Key == want },
			},
		},
		changed: EffectLicenseChanged,
		table:   licensesOf,
		times:   func(l *License) (*time.Time, *time.Time) { return &l.Created, &l.Updated },
		further: slices.Concat(attributesBut(createLicenseSchema, "name", "key", "expiry", "suspended", "protected", "metadata"), licenseStates),
		read:    readLicense,
		admit:   (*account).admitLicense,
		add:     (*turn).seedLicense,
		remove:  (*turn).removeLicense,
	}.of(v)
}

// licenseStates are attributes of a license that no operation sets.
var licenseStates = []schema{
	{name: "status", shape: aString},
	{name: "uses", shape: anInteger},
	{name: "scheme", shape: aString},
	{name: "encrypted", shape: aBoolean},
	{name: "strict", shape: aBoolean},
	{name: "floating", shape: aBoolean},
	{name: "version", shape: aString},
	{name: "requireHeartbeat", shape: aBoolean},
	{name: "requireCheckIn", shape: aBoolean},
	{name: "lastValidated", shape: aTime},
	{name: "lastCheckIn", shape: aTime},
	{name: "nextCheckIn", shape: aTime},
	{name: "lastCheckOut", shape: aTime},
}

func showLicense(_ *core.Turn, of owned[License]) licenseSheet {
	l := of.object
	return licenseSheet{
		sheetTop{l.ID, of.account.id}, l.PolicyID, of.account.policies.get(l.PolicyID).ProductID, core.OrNil(l.OwnerID), l.Key, core.OrNil(l.Name),
		orNil(l.Expiry), l.Suspended, l.Protected, orEmpty(l.Metadata), sheetFurther{l.Attributes}, timesOf(l.Created, l.Updated),
	}
}

func readLicense(_ *turn, _ *account, s licenseSheet, was License) (License, error) {
	return License{
		ID: s.ID, PolicyID: s.Policy, OwnerID: core.OrZero(s.Owner), Key: s.Key, Name: core.OrZero(s.Name), Expiry: exact(was.Expiry, orZero(s.Expiry)),
		Suspended: s.Suspended, Protected: s.Protected, Metadata: s.Metadata, Attributes: s.Further, Created: s.Created.Time, Updated: s.Updated.Time,
	}, nil
}
