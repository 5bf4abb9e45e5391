package keygenmock

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// TestStageFillsInWhatIsZero: parents are made where none is named, and only
// then.
func TestStageFillsInWhatIsZero(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.AddKey(Key{})
	assert.Regexp(t, `^([0-9A-F]{6}-){5}V3$`, k.Key)
	assert.Equal(t, Key{ID: k.ID, Key: k.Key, PolicyID: k.PolicyID, Created: k.Created, Updated: k.Created}, k)
	assert.WithinDuration(t, t0, k.Created, time.Millisecond)
	p := s.Policies()[0]
	assert.Equal(t, k.PolicyID, p.ID)
	assert.True(t, p.Pooled)
	assert.Equal(t, p.ProductID, s.Products()[0].ID)

	l := s.AddLicense(License{})
	assert.NotEqual(t, k.PolicyID, l.PolicyID)
	assert.False(t, s.Policies()[1].Pooled)
	assert.Len(t, s.Products(), 2)
	s.AddKey(Key{PolicyID: k.PolicyID})
	s.AddLicense(License{PolicyID: k.PolicyID})
	s.AddPolicy(Policy{ProductID: p.ProductID})
	assert.Len(t, s.Policies(), 3)
	assert.Len(t, s.Products(), 2)
	assert.Equal(t, RoleUser, s.AddUser(User{}).Role)
	assert.Len(t, s.Pool(k.PolicyID), 2, "a license is not made from the pool")
}

// TestStageKeepsWhatIsGiven: also what the API would refuse.
func TestStageKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	old := t0.AddDate(-1, 0, 0)
	id := func(n string) string { return "10000000-0000-4000-8000-00000000000" + n }
	user := User{ID: id("1"), Email: "u@x.example", Role: RoleSupportAgent, Banned: true, Created: old, Updated: t0}
	product := Product{
		ID: id("2"), Name: "P", Code: "p", URL: "https://p.example", Metadata: map[string]any{"a": 1}, Attributes: map[string]any{"b": 2}, Created: old, Updated: t0,
	}
	policy := Policy{
		ID: id("3"), ProductID: id("2"), Name: "P", Pooled: true, Duration: time.Hour, Protected: true, AuthenticationStrategy: AuthNone,
		ExpirationStrategy: RevokeAccess, Metadata: map[string]any{"a": 1}, Attributes: map[string]any{"maxMachines": 5}, Created: old, Updated: t0,
	}
	key := Key{ID: id("4"), Key: "actions", PolicyID: id("3"), Created: old, Updated: t0}
	license := License{
		ID: id("5"), Key: "actions", Name: "L", PolicyID: id("3"), OwnerID: id("1"), Expiry: old, Suspended: true, Protected: true,
		Metadata: map[string]any{"a": 1}, Attributes: map[string]any{"maxMachines": 5}, Created: old, Updated: t0,
	}
	token := Token{ID: id("6"), Value: "any", Name: "T", BearerID: id("5"), Expiry: old, Created: old, Updated: t0}
	endpoint := WebhookEndpoint{ID: id("7"), URL: "https://w.example", Subscriptions: []string{"key.created"}, Created: old}
	for _, object := range []any{user, product, policy, key, license, token, endpoint} {
		for i := range reflect.ValueOf(object).NumField() {
			assert.False(t, reflect.ValueOf(object).Field(i).IsZero(), "a new field of %T is to be tested here", object)
		}
	}
	assert.Equal(t, user, s.AddUser(user))
	assert.Equal(t, product, s.AddProduct(product))
	assert.Equal(t, policy, s.AddPolicy(policy))
	assert.Equal(t, key, s.AddKey(key))
	assert.Equal(t, license, s.AddLicense(license))
	assert.Equal(t, token, s.AddToken(token))
	assert.Equal(t, endpoint, s.AddWebhookEndpoint(endpoint))

	assert.Equal(t, user, s.Users()[1], "after the first admin")
	assert.Equal(t, []Product{product}, s.Products())
	assert.Equal(t, []Policy{policy}, s.Policies())
	assert.Equal(t, []Key{key}, s.Keys())
	assert.Equal(t, []License{license}, s.Licenses())
	assert.Equal(t, token, s.Tokens()[1])
	got, found := s.License(id("5"))
	assert.True(t, found)
	got.Metadata["a"] = "changed"
	assert.Equal(t, []License{license}, s.Licenses(), "what is handed out is a copy")
	s.Policies()[0].Attributes["maxMachines"] = 0
	assert.Equal(t, []Policy{policy}, s.Policies())
}

func TestStageThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k, l := s.AddKey(Key{}), s.AddLicense(License{})
	theirs := s.other.AddKey(Key{})
	before := s.Effects
	for text, do := range map[string]func(){
		"id must be a UUID, or absent":                               func() { s.AddKey(Key{ID: "x"}) },
		"id is taken by another key":                                 func() { s.AddKey(Key{ID: k.ID}) },
		"key is taken by another key of":                             func() { s.AddKey(Key{Key: k.Key}) },
		"key is taken by another license":                            func() { s.AddLicense(License{Key: l.Key}) },
		`policy names no policy of the account: "` + theirs.PolicyID: func() { s.AddKey(Key{PolicyID: theirs.PolicyID}) },
		`policy names no policy of the account: "none"`:              func() { s.AddLicense(License{PolicyID: "none"}) },
		"owner names no user of":                                     func() { s.AddLicense(License{OwnerID: k.ID}) },
		"product names no product of":                                func() { s.AddPolicy(Policy{ProductID: k.ID}) },
		"whole number of seconds":                                    func() { s.AddPolicy(Policy{Duration: time.Millisecond}) },
		"role must be one of admin, dev":                             func() { s.AddUser(User{Role: "owner"}) },
		"bearer names no user, product or license of the account":    func() { s.AddToken(Token{BearerID: k.ID}) },
		"token is taken by another token":                            func() { s.AddToken(Token{BearerID: l.ID, Value: defaultToken}) },
		"subscriptions must not contain an empty name":               func() { s.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{""}}) },
		"no status of an account":                                    func() { s.SetStatus("gone") },
		"slug is taken by another account":                           func() { s.world.AddAccount("acme") },
		"slug must have lower-case letters":                          func() { s.world.AddAccount("Acme Inc.") },
		"there is no algorithm":                                      func() { s.PublicKey("rot13") },
	} {
		s.Refuses(text, do)
	}
	s.AddProduct(Product{Code: "a"})
	s.Refuses("code is taken by another product", func() { s.AddProduct(Product{Code: "a"}) })
	assert.Equal(t, []Key{k}, s.Keys())
	assert.Equal(t, before, s.Effects[:len(before)])
	require.Len(t, s.Products(), 3)
	require.Len(t, s.world.Accounts(), 2)
}

func TestRemoveKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.AddKey(Key{})
	assert.False(t, s.other.RemoveKey(k.ID))
	assert.True(t, s.RemoveKey(k.ID))
	assert.False(t, s.RemoveKey(k.ID))
	s.get("/keys/"+k.ID).hidden("key", k.ID)
	assert.Contains(t, s.Kinds(), "key.deleted "+k.ID)
	assert.Empty(t, s.Events(), "what a test does is no event")
}

// The methods of World are those of its default account.
func TestWorldIsItsDefaultAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w, a := s.world, s.Account
	assert.Equal(t, []string{a.Slug(), a.ID(), a.Token(), a.PublicKey(Ed25519)}, []string{w.Account(), w.AccountID(), w.Token(), w.PublicKey(Ed25519)})
	u := w.AddUser(User{})
	p := w.AddPolicy(Policy{Pooled: true, ProductID: w.AddProduct(Product{}).ID})
	k, l := w.AddKey(Key{PolicyID: p.ID}), w.AddLicense(License{PolicyID: p.ID, OwnerID: u.ID})
	w.AddToken(Token{BearerID: u.ID})
	w.AddWebhookEndpoint(WebhookEndpoint{})
	got, _ := w.Key(k.ID)
	assert.Equal(t, k, got)
	gotLicense, _ := w.License(l.ID)
	assert.Equal(t, l, gotLicense)
	assert.Equal(t, a.Keys(), w.Keys())
	assert.Equal(t, a.Licenses(), w.Licenses())
	assert.Equal(t, []Key{k}, w.Pool(p.ID))
	s.delete("/keys/" + k.ID).is(204)
	assert.Equal(t, a.Events(), w.Events())
	assert.Equal(t, 2, w.Events()[0].Webhooks)
	w.SetStatus(StatusPaused)
	s.get("/keys").is(403)
	assert.False(t, w.RemoveKey(k.ID))
	assert.Equal(t, []string{"acme", "other"}, []string{w.Accounts()[0].Slug(), w.Accounts()[1].Slug()})
}

func TestWhatTheStageDoesIsInTheLedger(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.world.AddAccount("third")
	admin := a.Users()[0]
	k := a.AddKey(Key{})
	a.SetStatus(StatusCanceled)
	a.SetStatus(StatusCanceled)
	assert.Equal(t, []string{
		"account.added " + a.ID(), "user.added " + admin.ID, "token.created " + a.Tokens()[0].ID,
		"product.created " + a.Products()[0].ID, "policy.created " + k.PolicyID, "key.created " + k.ID, "account.changed " + a.ID(),
	}, s.Kinds())
}

// TestOneSeedGivesOneWorld: ids, keys, tokens and signatures are the same every
// time.
func TestOneSeedGivesOneWorld(t *testing.T) {
	t.Parallel()
	tell := func() string {
		s := newStage(t)
		k := s.AddKey(Key{})
		r := s.create(thirtyChars, k.PolicyID)
		return s.other.ID() + s.other.Token() + s.other.PublicKey(Ed25519) + k.ID + k.Key + string(r.Body) + r.Header.Get("Keygen-Signature")
	}
	assert.Equal(t, tell(), tell())
}

// TestNoCoreTypesInThePublicAPI keeps the mock's inner seam out of its manual.
func TestNoCoreTypesInThePublicAPI(t *testing.T) {
	t.Parallel()
	worldtest.CheckPublic(t,
		reflect.TypeFor[*World](), reflect.TypeFor[*Account](), reflect.TypeFor[User](), reflect.TypeFor[Product](), reflect.TypeFor[Policy](),
		reflect.TypeFor[Key](), reflect.TypeFor[License](), reflect.TypeFor[Token](), reflect.TypeFor[WebhookEndpoint](),
		reflect.TypeFor[Event](), reflect.TypeFor[Counts](), reflect.TypeFor[RateWindow](), reflect.TypeFor[Seed]())
}

// A seed in Go is made like everything else, with names for references.
func TestTypedSeed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	require.NoError(t, s.Seed(Seed{
		WebhookEndpoints: []WebhookEndpoint{{URL: "https://w.example"}},
		Tokens:           []Token{{BearerID: "buyer@x.example", Value: "user-0v3"}, {BearerID: "tool"}, {BearerID: "LICENSE-KEY"}},
		Licenses:         []License{{PolicyID: "Yearly", OwnerID: "buyer@x.example", Key: "LICENSE-KEY"}, {}},
		Keys:             []Key{{PolicyID: "Giveaway", Key: "actions"}, {PolicyID: "Giveaway"}},
		Policies:         []Policy{{Name: "Giveaway", ProductID: "Tool", Pooled: true}, {Name: "Yearly", ProductID: "tool", Duration: time.Hour}},
		Products:         []Product{{Name: "Tool", Code: "tool"}},
		Users:            []User{{Email: "buyer@x.example"}},
	}))
	tool, yearly := s.Products()[0], s.Policies()[1]
	require.Len(t, s.Policies(), 3, "one for the license that names none")
	assert.Equal(t, []string{tool.ID, tool.ID}, []string{s.Policies()[0].ProductID, yearly.ProductID})
	assert.Len(t, s.Pool(s.Policies()[0].ID), 2)
	license := s.Licenses()[0]
	assert.Equal(t, []string{yearly.ID, s.Users()[1].ID}, []string{license.PolicyID, license.OwnerID})
	var bearers []string
	for _, token := range s.Tokens()[1:] {
		bearers = append(bearers, token.BearerID)
	}
	assert.Equal(t, []string{s.Users()[1].ID, tool.ID, license.ID}, bearers)
	s.get("/keys", as("user-0v3")).is(403)
	assert.Contains(t, s.Kinds(), "license.created "+license.ID)
}

func TestTypedSeedsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	require.NoError(t, s.Seed(Seed{Policies: []Policy{{Name: "Twin"}, {Name: "Twin"}}, Products: []Product{{Name: "Thing"}}, Users: []User{{Email: "Thing"}}}))
	for text, seed := range map[string]any{
		`Keys[1]: policy names no policy of the account: "Giveawy"; make it first`:               Seed{Keys: []Key{{}, {PolicyID: "Giveawy"}}},
		`Keys[0]: policy names more than one policy of the account: "Twin"; give the id`:         Seed{Keys: []Key{{PolicyID: "Twin"}}},
		`Tokens[0]: bearer names more than one user, product or license of the account: "Thing"`: Seed{Tokens: []Token{{BearerID: "Thing"}}},
		`Tokens[0]: bearer is missing: say which user, product or license`:                       Seed{Tokens: []Token{{}}},
		`Users[0]: role must be one of admin`:                                                    Seed{Users: []User{{Role: "boss"}}},
		`Policies[0]: product names no product of the account: "x"`:                              Seed{Policies: []Policy{{ProductID: "x"}}},
		`Licenses[0]: owner names no user of the account: "x"`:                                   Seed{Licenses: []License{{OwnerID: "x"}}},
		`WebhookEndpoints[0]: subscriptions must not contain an empty name`:                      Seed{WebhookEndpoints: []WebhookEndpoint{{Subscriptions: []string{""}}}},
		`Products[1]: code is taken by another product of the account`:                           Seed{Products: []Product{{Code: "a"}, {Code: "a"}}},
		`Keys[0]: id must be a UUID`:                                                             Seed{Keys: []Key{{ID: "x"}}, Tokens: []Token{{}}},
		`a seed of this vendor is a keygenmock.Seed, not a keygenmock.Key`:                       Key{},
	} {
		require.ErrorContains(t, s.Seed(seed), text)
	}
}

// What a seed is made of is all that can be added.
func TestTypedSeedHasEveryKind(t *testing.T) {
	t.Parallel()
	seed := reflect.TypeFor[Seed]()
	for i := range seed.NumField() {
		_, found := reflect.TypeFor[*Account]().MethodByName("Add" + seed.Field(i).Type.Elem().Name())
		assert.True(t, found, seed.Field(i).Name)
	}
	adders := 0
	for i := range reflect.TypeFor[*Account]().NumMethod() {
		if strings.HasPrefix(reflect.TypeFor[*Account]().Method(i).Name, "Add") {
			adders++
		}
	}
	assert.Equal(t, adders, seed.NumField())
}
