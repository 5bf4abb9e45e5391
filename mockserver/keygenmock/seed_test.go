package keygenmock

import (
	"reflect"
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
		`"x" is no UUID`:                func() { s.AddKey(Key{ID: "x"}) },
		"the id " + k.ID + " is taken":  func() { s.AddKey(Key{ID: k.ID}) },
		"another key of the account":    func() { s.AddKey(Key{Key: k.Key}) },
		"another license":               func() { s.AddLicense(License{Key: l.Key}) },
		`no policy "` + theirs.PolicyID: func() { s.AddKey(Key{PolicyID: theirs.PolicyID}) },
		`no policy "none"`:              func() { s.AddLicense(License{PolicyID: "none"}) },
		"no user":                       func() { s.AddLicense(License{OwnerID: k.ID}) },
		"no product":                    func() { s.AddPolicy(Policy{ProductID: k.ID}) },
		"whole number of seconds":       func() { s.AddPolicy(Policy{Duration: time.Millisecond}) },
		"no role of a user":             func() { s.AddUser(User{Role: "owner"}) },
		"no user, product or license":   func() { s.AddToken(Token{BearerID: k.ID}) },
		"the value is taken":            func() { s.AddToken(Token{BearerID: l.ID, Value: defaultToken}) },
		"a subscription is empty":       func() { s.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{""}}) },
		"no status of an account":       func() { s.SetStatus("gone") },
		"the slug acme is taken":        func() { s.world.AddAccount("acme") },
		"no slug of an account":         func() { s.world.AddAccount("Acme Inc.") },
		"there is no algorithm":         func() { s.PublicKey("rot13") },
	} {
		s.Refuses(text, do)
	}
	s.AddProduct(Product{Code: "a"})
	s.Refuses("the code", func() { s.AddProduct(Product{Code: "a"}) })
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
		reflect.TypeFor[Event](), reflect.TypeFor[Counts](), reflect.TypeFor[RateWindow]())
}
