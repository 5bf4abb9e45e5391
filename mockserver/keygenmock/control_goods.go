package keygenmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// taken refuses what another object of the account has.
func taken(pointer, noun string) error {
	err := core.BadMember(pointer, "is taken by another %s of the account", noun)
	err.Status = http.StatusConflict
	return err
}

// nowhere refuses a reference to what is not there.
func nowhere(pointer, noun, id string) error {
	return core.BadMember(pointer, "names no %s of the account: %q", noun, core.Clip(id, core.MaxName))
}

type productSheet struct {
	sheetTop
	Name     string         `json:"name"`
	Code     *string        `json:"code"`
	URL      *string        `json:"url"`
	Metadata map[string]any `json:"metadata"`
	sheetFurther
	sheetTimes
}

var controlledProducts = controlled[Product, productSheet, *productSheet]{
	name: "products", noun: "product", changed: EffectProductChanged,
	table:   func(a *account) *table[Product] { return a.products },
	times:   func(p *Product) (*time.Time, *time.Time) { return &p.Created, &p.Updated },
	add:     func(t *turn, a *account, _ *productSheet, p Product) (Product, error) { return t.seedProduct(a, p) },
	remove:  (*turn).withdrawProduct,
	further: attributesBut(createProductSchema, "name", "code", "url", "metadata"),
	filters: map[string]func(*account, *Product) string{
		"code": func(_ *account, p *Product) string { return p.Code },
	},
}

// MarshalJSON writes the further attributes among the members.
func (s productSheet) MarshalJSON() ([]byte, error) {
	type plain productSheet
	return beside(plain(s), s.Further)
}

func (s *productSheet) show(_ *account, p *Product) {
	*s = productSheet{
		sheetTop{ID: p.ID}, p.Name, textOrNil(p.Code), textOrNil(p.URL), orEmpty(p.Metadata),
		sheetFurther{p.Attributes}, timesOf(p.Created, p.Updated),
	}
}

func (s *productSheet) read(a *account, self *Product) (Product, error) {
	p := Product{
		ID: s.ID, Name: s.Name, Code: textOrEmpty(s.Code), URL: textOrEmpty(s.URL), Metadata: s.Metadata, Attributes: s.Further,
		Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if other := a.productByCode(p.Code); other != nil && other != self {
		return p, taken("/code", "product")
	}
	return p, nil
}

// withdrawProduct takes a product out with its policies and tokens.
func (t *turn) withdrawProduct(a *account, p *Product) {
	of := only(a.policies.oldestFirst(), func(policy *Policy) bool { return policy.ProductID == p.ID })
	for _, policy := range slices.Collect(of) {
		t.withdrawPolicy(a, policy)
	}
	a.products.remove(p.ID)
	a.removeTokens(p.ID)
	t.Effect(EffectProductDeleted, p.ID, "")
}

// withdrawPolicy takes a policy out as the API does.
func (t *turn) withdrawPolicy(a *account, p *Policy) { (&call{turn: *t, account: a}).removePolicy(p) }

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

var controlledPolicies = controlled[Policy, policySheet, *policySheet]{
	name: "policies", noun: "policy", changed: EffectPolicyChanged,
	table:   func(a *account) *table[Policy] { return a.policies },
	times:   func(p *Policy) (*time.Time, *time.Time) { return &p.Created, &p.Updated },
	add:     func(t *turn, a *account, _ *policySheet, p Policy) (Policy, error) { return t.seedPolicy(a, p) },
	remove:  (*turn).withdrawPolicy,
	further: attributesBut(createPolicySchema, "name", "usePool", "duration", "protected", "authenticationStrategy", "expirationStrategy", "metadata"),
	filters: map[string]func(*account, *Policy) string{
		"product": func(_ *account, p *Policy) string { return p.ProductID },
	},
}

// MarshalJSON writes the further attributes among the members.
func (s policySheet) MarshalJSON() ([]byte, error) {
	type plain policySheet
	return beside(plain(s), s.Further)
}

func (s *policySheet) show(_ *account, p *Policy) {
	*s = policySheet{
		sheetTop{ID: p.ID}, p.ProductID, p.Name, p.Pooled, core.Nullable(int64(p.Duration/time.Second), p.Duration != 0), p.Protected,
		p.AuthenticationStrategy, p.ExpirationStrategy, orEmpty(p.Metadata), sheetFurther{p.Attributes}, timesOf(p.Created, p.Updated),
	}
}

// longest is the longest duration in seconds that can be kept: 292 years.
const longest = int64(1<<63-1) / int64(time.Second)

func (s *policySheet) read(a *account, _ *Policy) (p Policy, err error) {
	p = Policy{
		ID: s.ID, Name: s.Name, Pooled: s.UsePool, Protected: s.Protected, Metadata: s.Metadata, Attributes: s.Further,
		AuthenticationStrategy: s.AuthenticationStrategy, ExpirationStrategy: s.ExpirationStrategy,
		Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if s.Duration != nil {
		if *s.Duration < 1 || *s.Duration > longest {
			return p, core.BadMember("/duration", "must be 1 to %d seconds, or null for ever", longest)
		}
		p.Duration = time.Duration(*s.Duration) * time.Second
	}
	p.ProductID, err = refer(a.products, "/product", "product", s.Product)
	return p, err
}

// refer finds what a sheet refers to; nothing at all is yet to be made.
func refer[T any](in *table[T], pointer, noun, named string) (id string, err error) {
	if named == "" {
		return "", nil
	}
	id, _ = canonicalUUID(named)
	if in.get(id) == nil {
		return "", nowhere(pointer, noun, named)
	}
	return id, nil
}

type keySheet struct {
	sheetTop
	Policy  string `json:"policy"`
	Product string `json:"product"`
	Key     string `json:"key"`
	sheetTimes
}

var controlledKeys = controlled[Key, keySheet, *keySheet]{
	name: "keys", noun: "key", changed: EffectKeyUpdated,
	table: func(a *account) *table[Key] { return a.keys },
	times: func(k *Key) (*time.Time, *time.Time) { return &k.Created, &k.Updated },
	index: func(a *account, k *Key) (map[string]*Key, string) { return a.byKey, k.Key },
	add:   func(t *turn, a *account, _ *keySheet, k Key) (Key, error) { return t.seedKey(a, k) },
	remove: func(t *turn, a *account, k *Key) {
		a.removeKey(k)
		t.Effect(EffectKeyDeleted, k.ID, "")
	},
	derived: []string{"product"},
	filters: map[string]func(*account, *Key) string{
		"policy":  func(_ *account, k *Key) string { return k.PolicyID },
		"product": func(a *account, k *Key) string { return a.policies.get(k.PolicyID).ProductID },
		"key":     func(_ *account, k *Key) string { return k.Key },
	},
}

func (s *keySheet) show(a *account, k *Key) {
	*s = keySheet{sheetTop{ID: k.ID}, k.PolicyID, a.policies.get(k.PolicyID).ProductID, k.Key, timesOf(k.Created, k.Updated)}
}

func (s *keySheet) read(a *account, self *Key) (k Key, err error) {
	k = Key{ID: s.ID, Key: s.Key, Created: s.Created.Time, Updated: s.Updated.Time}
	if other := a.byKey[k.Key]; other != nil && other != self {
		return k, taken("/key", "key")
	}
	k.PolicyID, err = refer(a.policies, "/policy", "policy", s.Policy)
	return k, err
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

var controlledLicenses = controlled[License, licenseSheet, *licenseSheet]{
	name: "licenses", noun: "license", changed: EffectLicenseChanged,
	table: func(a *account) *table[License] { return a.licenses },
	times: func(l *License) (*time.Time, *time.Time) { return &l.Created, &l.Updated },
	index: func(a *account, l *License) (map[string]*License, string) { return a.byLicense, l.Key },
	add:   func(t *turn, a *account, _ *licenseSheet, l License) (License, error) { return t.seedLicense(a, l) },
	remove: func(t *turn, a *account, l *License) {
		a.removeLicense(l)
		t.Effect(EffectLicenseDeleted, l.ID, "")
	},
	derived: []string{"product"},
	further: slices.Concat(attributesBut(createLicenseSchema, "name", "key", "expiry", "suspended", "protected", "metadata"), licenseStates),
	filters: map[string]func(*account, *License) string{
		"policy":  func(_ *account, l *License) string { return l.PolicyID },
		"product": func(a *account, l *License) string { return a.policies.get(l.PolicyID).ProductID },
		"owner":   func(_ *account, l *License) string { return l.OwnerID },
		"key":     func(_ *account, l *License) string { return l.Key },
	},
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

// MarshalJSON writes the further attributes among the members.
func (s licenseSheet) MarshalJSON() ([]byte, error) {
	type plain licenseSheet
	return beside(plain(s), s.Further)
}

func (s *licenseSheet) show(a *account, l *License) {
	*s = licenseSheet{
		sheetTop{ID: l.ID}, l.PolicyID, a.policies.get(l.PolicyID).ProductID, textOrNil(l.OwnerID), l.Key, textOrNil(l.Name),
		orNil(l.Expiry), l.Suspended, l.Protected, orEmpty(l.Metadata), sheetFurther{l.Attributes}, timesOf(l.Created, l.Updated),
	}
}

func (s *licenseSheet) read(a *account, self *License) (l License, err error) {
	l = License{
		ID: s.ID, Key: s.Key, Name: textOrEmpty(s.Name), Expiry: orZero(s.Expiry), Suspended: s.Suspended, Protected: s.Protected,
		Metadata: s.Metadata, Attributes: s.Further, Created: s.Created.Time, Updated: s.Updated.Time,
	}
	if other := a.byLicense[l.Key]; other != nil && other != self {
		return l, taken("/key", "license")
	}
	if l.PolicyID, err = refer(a.policies, "/policy", "policy", s.Policy); err != nil {
		return l, err
	}
	l.OwnerID, err = refer(a.users, "/owner", "user", textOrEmpty(s.Owner))
	return l, err
}
