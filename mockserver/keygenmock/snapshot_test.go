package keygenmock

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// furnished is a stage on which every field of the state is something else than
// zero at least once.
func furnished(t *testing.T) *stage {
	s := newStage(t)
	s.world.SetPoolOrder(true)
	s.world.SetSingleplayer(true)
	old := t0.AddDate(-1, 0, 0)
	attributes := map[string]any{"maxMachines": json.Number("5"), "strict": true, "scheme": nil, "platforms": []any{"linux"}}
	user := s.AddUser(User{Role: RoleUser, Banned: true, Created: old})
	product := s.AddProduct(Product{Code: "p", URL: "https://p.example", Metadata: map[string]any{"a": map[string]any{}}, Attributes: attributes})
	policy := s.AddPolicy(Policy{
		ProductID: product.ID, Pooled: true, Duration: time.Hour, Protected: true, Metadata: map[string]any{"a": "b"}, Attributes: attributes,
	})
	license := s.AddLicense(License{
		Name: "L", PolicyID: policy.ID, OwnerID: user.ID, Expiry: old, Suspended: true, Protected: true,
		Metadata: map[string]any{"a": json.Number("1.50")}, Attributes: attributes,
	})
	s.AddToken(Token{Name: "T", BearerID: license.ID, Expiry: t0})
	s.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{"key.created"}})
	for range 3 {
		s.AddKey(Key{PolicyID: policy.ID, Created: old}) // of one moment
	}
	s.create(thirtyChars, policy.ID).is(201)
	s.world.SetRateLimit(RateWindow{Limit: 9, Per: time.Minute}, RateWindow{Limit: 9, Per: time.Hour})
	s.get("/keys").is(200)
	s.get("/keys", with("Authorization", "Bearer \xff")).is(401)
	s.look(func(a *account) { a.legacy = true })
	return s
}

// salted is a signature for which something is drawn.
func (s *stage) salted() string {
	s.Helper()
	return s.get("/keys", with("Keygen-Accept-Signature", `algorithm="rsa-pss-sha256"`)).is(200).Header.Get("Keygen-Signature")
}

func (s *stage) state() *state { return s.Vendor.(*vendor).state }

// TestSnapshotHasEverything walks all that a world remembers, so that it fails as
// soon as there is more than a snapshot has.
func TestSnapshotHasEverything(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	s.salted() // so that the next salt is not the first
	other := newStage(t)
	taken := s.Snapshot()
	other.Restore(taken)
	before, after := memory{}, memory{}
	before.walk("state", reflect.ValueOf(s.state()))
	after.walk("state", reflect.ValueOf(other.state()))
	for at, value := range before {
		assert.Equal(t, value, after[at], at)
	}
	assert.Len(t, after, len(before))
	assert.Equal(t, string(taken), string(other.Snapshot()))
	assert.Equal(t, s.salted(), other.salted(), "they sign alike from here on")
	for field, filled := range fieldsOf(reflect.ValueOf(s.state())) {
		assert.True(t, filled, "%s is zero throughout: furnish it, so that this test can tell whether it is kept", field)
	}
}

// memory are values by where they are in a state.
type memory map[string]string

// apart says what is not compared as it is: the keys that sign, which follow from
// the accounts, with salts of which the used ones do not matter; and the numbers that
// put rows of one moment in the order in which they are.
func apart(of reflect.Type, field string) bool {
	switch {
	case of == reflect.TypeFor[state]():
		return field == "signing"
	case of == reflect.TypeFor[account]():
		return field == "signing"
	case of == reflect.TypeFor[time.Time]():
		return field == "loc"
	default:
		return field == "number" || field == "last"
	}
}

func (m memory) walk(at string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Func:
	case reflect.Pointer, reflect.Interface:
		if m[at+"*"] = fmt.Sprint(v.IsNil()); !v.IsNil() {
			m.walk(at, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i).Name; !apart(v.Type(), field) {
				m.walk(at+"."+field, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		m[at+"#"] = fmt.Sprint(v.Len(), v.Kind() == reflect.Slice && v.IsNil())
		for i := range v.Len() {
			m.walk(fmt.Sprintf("%s[%d]", at, i), v.Index(i))
		}
	case reflect.Map:
		m[at+"#"] = fmt.Sprint(v.Len())
		for entry := v.MapRange(); entry.Next(); {
			m.walk(fmt.Sprintf("%s[%v]", at, entry.Key()), entry.Value())
		}
	default:
		m[at] = fmt.Sprint(v)
	}
}

// fieldsOf are the fields of the package's types that a walk meets, and whether
// any is not zero.
func fieldsOf(v reflect.Value) map[string]bool {
	filled := map[string]bool{}
	var visit func(reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				visit(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i))
			}
		case reflect.Map:
			for entry := v.MapRange(); entry.Next(); {
				visit(entry.Key())
				visit(entry.Value())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Field(i).Name
				if v.Type().PkgPath() != reflect.TypeFor[state]().PkgPath() || apart(v.Type(), field) {
					continue
				}
				name := v.Type().Name() + "." + field
				filled[name] = filled[name] || !v.Field(i).IsZero()
				visit(v.Field(i))
			}
		}
	}
	visit(v)
	return filled
}

// TestSnapshotsBringTheSameAnswers plays at random, and then the same again from a
// snapshot: on the same stage, and on one that knows nothing.
func TestSnapshotsBringTheSameAnswers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		s := newStage(t)
		s.play(seed, 30)
		taken := s.Snapshot()
		first := s.play(seed+1000, 30)
		ended := s.Snapshot()

		s.Restore(taken)
		require.Equal(t, string(taken), string(s.Snapshot()), "seed %d", seed)
		require.Equal(t, first, s.play(seed+1000, 30), "seed %d", seed)
		require.Equal(t, string(ended), string(s.Snapshot()), "seed %d", seed)

		fresh := newStage(t)
		fresh.Restore(taken)
		require.Equal(t, first, fresh.play(seed+1000, 30), "seed %d", seed)
	}
}

// TestPlaysAreVaried: a play that never does anything would prove nothing.
func TestPlaysAreVaried(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	statuses, kinds := map[int]bool{}, map[string]bool{}
	for seed := range uint64(25) {
		for _, line := range s.play(seed, 60) {
			var status int
			_, _ = fmt.Sscanf(line, "%d", &status)
			statuses[status] = true
		}
	}
	for _, e := range s.Effects {
		kinds[e.Kind] = true
	}
	assert.ElementsMatch(t, effectKinds, slices.Collect(maps.Keys(kinds)))
	for _, status := range []int{200, 201, 204, 401, 403, 404, 422, 429} {
		assert.Contains(t, statuses, status)
	}
}

// play does so many things at random, and returns what came of them.
func (s *stage) play(seed uint64, steps int) (log []string) {
	s.Helper()
	p := player{s, rand.New(rand.NewPCG(seed, 1))}
	for range steps {
		before := len(s.Effects)
		said := p.step()
		log = append(log, fmt.Sprintf("%s %v", said, s.Effects[before:]))
	}
	return log
}

// player does what is done to a world: as a caller, in Go, on the control plane, and
// to the clock. What it does follows from its dice and the state alone.
type player struct {
	*stage
	dice *rand.Rand
}

func (p player) step() string {
	switch p.dice.IntN(8) {
	case 0:
		p.Advance(time.Duration(p.dice.Int64N(int64(40 * time.Hour))))
		return "time passes"
	case 1, 2:
		return p.acts()
	case 3, 4:
		return p.steers()
	default:
		return p.calls()
	}
}

// calls sends a request as somebody or other.
func (p player) calls() string {
	key, policy, license, product := p.key(), p.policy(), p.license(), p.product()
	text := quote(fmt.Sprintf("PLAYED-KEY-%d", p.dice.IntN(40)))
	of := func(plural, attributes, parent, id string) string {
		return fmt.Sprintf(`{"data":{"type":%q,"attributes":{%s},"relationships":{%q:{"data":{"type":%q,"id":%q}}}}}`, plural, attributes, parent, parent, id)
	}
	requests := [][3]string{
		{"GET", "/keys", ""},
		{"GET", "/keys?limit=2&policy=" + policy, ""},
		{"POST", "/keys", of("keys", `"key":`+text, "policy", policy)},
		{"PATCH", "/keys/" + key, `{"data":{"type":"keys","attributes":{"key":` + text + `}}}`},
		{"DELETE", "/keys/" + key, ""},
		{"GET", "/policies/" + policy + "/pool", ""},
		{"DELETE", "/policies/" + policy + "/pool", ""},
		{"POST", "/policies", of("policies", `"name":"Played","usePool":true,"maxMachines":3`, "product", product)},
		{"DELETE", "/policies/" + policy, ""},
		{"POST", "/products", `{"data":{"type":"products","attributes":{"name":"Played","metadata":{"n":1e3}}}}`},
		{"POST", "/products/" + product + "/tokens", ""},
		{"GET", "/licenses", ""},
		{"POST", "/licenses", of("licenses", "", "policy", policy)},
		{"POST", "/licenses", of("licenses", `"key":`+text+`,"maxUses":1`, "policy", policy)},
		{"DELETE", "/licenses/" + license, ""},
	}
	request := requests[p.dice.IntN(len(requests))]
	credentials := []string{"", "Bearer " + defaultToken, "Bearer " + defaultToken, "Bearer " + defaultToken, "Bearer " + p.token(), "License " + license}
	signature := []string{"", `algorithm="ecdsa-p256"`}[p.dice.IntN(2)]
	r := p.call(request[0], request[1], request[2],
		with("Authorization", credentials[p.dice.IntN(len(credentials))]), with("Keygen-Accept-Signature", signature))
	return fmt.Sprintf("%d %s %s %v", r.Status, r.Body, request, r.Header)
}

// acts does something in Go, which may be refused.
func (p player) acts() (said string) {
	defer func() {
		if refusal, refused := recover().(string); refused {
			said = refusal
		}
	}()
	var did any
	switch p.dice.IntN(9) {
	case 0:
		did = p.AddKey(Key{PolicyID: p.some("", p.policy())})
	case 1:
		did = p.AddLicense(License{PolicyID: p.some("", p.policy()), Expiry: p.Now.Add(time.Hour)})
	case 2:
		did = p.AddPolicy(Policy{Pooled: true, ProductID: p.some("", p.product()), AuthenticationStrategy: AuthMixed})
	case 3:
		did = p.AddUser(User{Role: p.some(userRoles...)})
	case 4:
		did = p.AddToken(Token{BearerID: p.some(p.user(), p.product())})
	case 5:
		did = p.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{"*"}})
	case 6:
		p.SetStatus(p.some(StatusActive, StatusActive, StatusActive, StatusPaused))
	case 7:
		p.world.SetPoolOrder(p.dice.IntN(2) == 0)
		p.world.SetSingleplayer(p.dice.IntN(2) == 0)
		p.world.SetRateLimit([]RateWindow{{Limit: 1, Per: time.Minute}, {Limit: 3, Per: time.Hour}}[:p.dice.IntN(3)]...)
	default:
		did = p.RemoveKey(p.key())
	}
	return fmt.Sprint(did)
}

// steers does something on the control plane.
func (p player) steers() string {
	collections := p.Vendor.(core.Controlled).Control().Collections
	of := func(name string) core.Collection {
		return collections[slices.IndexFunc(collections, func(c core.Collection) bool { return c.Name == name })]
	}
	var did any
	var err error
	p.Act("played", func(t *core.Turn) {
		read := func(text string) core.Document {
			doc, err := core.ReadDocument([]byte(text))
			require.NoError(p, err)
			return doc.At(t.Now)
		}
		switch p.dice.IntN(12) {
		case 0:
			did, err = of("accounts").Create(t, read(fmt.Sprintf(`{"slug":"played-%d"}`, p.dice.IntN(5))))
		case 1:
			err = of("accounts").Delete(t, fmt.Sprintf("played-%d", p.dice.IntN(5)))
		case 2:
			did, err = of("accounts").Change(t, defaultSlug, read(fmt.Sprintf(`{"version":"1.%d","status":"active"}`, p.dice.IntN(9))))
		case 3:
			did, err = of("keys").Change(t, p.key(), read(fmt.Sprintf(`{"created":"-%dh","key":"STEERED-%d"}`, p.dice.IntN(99), p.dice.IntN(9))))
		case 4:
			did, err = of("licenses").Change(t, p.license(), read(`{"suspended":true,"uses":7,"lastValidated":"-2h","metadata":{"a":[1.50]}}`))
		case 5:
			did, err = of("tokens").Change(t, p.token(), read(`{"expiry":"+1d"}`))
		case 6:
			did, err = of("users").Change(t, p.user(), read(`{"banned":true}`))
		case 7:
			did, err = of("webhook-endpoints").Change(t, p.endpoint(), read(`{"subscriptions":["key.created"]}`))
		case 8:
			did, err = of("policies").Change(t, p.policy(), read(`{"maxMachines":null,"protected":true,"duration":9}`))
		case 9:
			did, err = of("products").Change(t, p.product(), read(`{"platforms":["linux"]}`))
		case 10:
			name := p.some("users", "products", "licenses", "tokens", "webhook-endpoints")
			ids := map[string]string{"users": p.user(), "products": p.product(), "licenses": p.license(), "tokens": p.token(), "webhook-endpoints": p.endpoint()}
			err = of(name).Delete(t, ids[name])
		default:
			err = of("events").Clear(t, url.Values{})
		}
		if err != nil {
			require.Empty(p, t.Effects)
		}
	})
	text, _ := json.Marshal(did)
	return strings.TrimSpace(fmt.Sprintf("%s %v", text, err))
}

// some is one of these.
func (p player) some(of ...string) string { return of[p.dice.IntN(len(of))] }

// one is the id of one of the objects of a table, or of none.
func one[T any](p player, of *table[T]) string {
	ids := []string{"10000000-0000-4000-8000-000000000000"}
	for object := range of.oldestFirst() {
		id, _ := of.place(object)
		ids = append(ids, id)
	}
	return ids[max(p.dice.IntN(len(ids)), p.dice.IntN(len(ids)))]
}

func (p player) key() string      { return one(p, p.state().accounts[0].keys) }
func (p player) policy() string   { return one(p, p.state().accounts[0].policies) }
func (p player) license() string  { return one(p, p.state().accounts[0].licenses) }
func (p player) product() string  { return one(p, p.state().accounts[0].products) }
func (p player) endpoint() string { return one(p, p.state().accounts[0].endpoints) }
func (p player) token() string    { return one(p, p.state().accounts[0].tokens) }
func (p player) user() string     { return one(p, p.state().accounts[0].users) }

// TestStatesThatCannotBe: a snapshot that somebody wrote by hand breaks nothing.
func TestStatesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	taken, err := json.Marshal(s.Vendor.(core.Kept).Snapshot())
	require.NoError(t, err)
	good := string(taken)
	policy, product := s.Policies()[0].ID, s.Products()[0].ID
	user, license, key := s.Users()[1], s.Licenses()[0], s.Keys()[0]
	for _, broken := range []struct{ old, by, complaint string }{
		{good, `null`, "the default account is not the first"},
		{good, `[]`, "cannot unmarshal array"},
		{`"latest"`, `"earliest"`, `unknown field "earliest"`},
		{`"Banned":true`, `"Band":true`, `unknown field "Band"`},
		{`"slug":"acme"`, `"slug":7`, "cannot unmarshal number"},
		{`"slug":"acme"`, `"slug":"Acme"`, `account "` + defaultAccountID + `": "Acme" is no slug`},
		{`"slug":"other"`, `"slug":"acme"`, "that of another account"},
		{`"id":"` + defaultAccountID, `"id":"` + policy, "the default account is not the first"},
		{`"id":"` + defaultAccountID, `"id":"` + strings.ReplaceAll(defaultAccountID, "-", ""), "no UUID as the vendor writes it"},
		{`"status":"active"`, `"status":"gone"`, `"gone" is no status`},
		{`"version":"1.8"`, `"version":"2.0"`, `"2.0" is no version`},
		{`"salts":"`, `"salts":"AAAA`, "salts: "},
		{`"Role":"user"`, `"Role":"boss"`, `users[1]: "boss" is no role`},
		{`"ID":"` + user.ID, `"ID":"me`, `users[1]: the id "me`},
		{`"ID":"` + user.ID, `"ID":"` + defaultAdminID, "users[1]: the id " + defaultAdminID + " is there twice"},
		{`"ID":"` + product, `"ID":"` + policy, `policies[0]: there is no product "` + product},
		{`"Duration":3600000000000`, `"Duration":1`, "policies[0]: a duration of 1ns cannot be"},
		{`"PolicyID":"` + policy, `"PolicyID":"`, `keys[0]: there is no policy ""`},
		{`"Key":"` + key.Key, `"Key":"` + s.Keys()[1].Key, "keys[1]: another object has the text"},
		{`"Key":"` + key.Key, `"Key":"`, "keys[0]: a text is missing"},
		{`"OwnerID":"` + user.ID, `"OwnerID":"` + policy, `licenses[0]: there is no user "` + policy},
		{`"Key":"` + license.Key, `"Key":"`, "licenses[0]: a text is missing"},
		{`"BearerID":"` + license.ID, `"BearerID":"` + policy, "there is no bearer"},
		{`"Value":"` + defaultToken, `"Value":"`, "tokens[0]: a text is missing"},
		{`"Subscriptions":["key.created"]`, `"Subscriptions":[""]`, "endpoints[1]: a subscription is empty"},
		{`"Limit":9`, `"Limit":0`, "is no throttle"},
		{`"window":1`, `"window":2`, "tallies[1] is twice there, or of no window"},
		{`"window":1`, `"window":0`, "tallies[1] is twice there"},
		{`"count":1`, `"count":0`, "or no count"},
	} {
		text := strings.Replace(good, broken.old, broken.by, 1)
		require.NotEqual(t, good, text, broken.old)
		s.RestoreRefused(text, broken.complaint)
	}
}

// TestSnapshotsAreApart: what happens after a snapshot does not reach it.
func TestSnapshotsAreApart(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	taken := s.Vendor.(core.Kept).Snapshot()
	before, err := json.Marshal(taken)
	require.NoError(t, err)
	s.play(1, 60)
	after, err := json.Marshal(taken)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// TestNothingIsKeptThatCannotBeWritten: what is no JSON never gets into a world.
func TestNothingIsKeptThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, add := range []func(){
		func() { s.AddUser(User{Email: "\xff"}) },
		func() { s.AddKey(Key{Key: "\xff"}) },
		func() { s.AddToken(Token{BearerID: defaultAdminID, Value: "\xff"}) },
		func() { s.AddPolicy(Policy{Metadata: map[string]any{"a": []any{"\xff"}}}) },
		func() { s.AddWebhookEndpoint(WebhookEndpoint{URL: "\xff"}) },
	} {
		s.Refuses("a text in it is not UTF-8", add)
	}
	s.Refuses("it cannot be written as JSON", func() { s.AddProduct(Product{Attributes: map[string]any{"f": func() {}}}) })
	s.Refuses("it cannot be written as JSON", func() { s.AddLicense(License{Expiry: t0.AddDate(9000, 0, 0)}) })
	s.create(thirtyChars, s.policy(true).ID).is(201)
	s.call("POST", "/licenses", `{"data":{"type":"licenses","attributes":{"expiry":"9999-12-31T23:59:59-12:00"},"relationships":{"policy":{"data":{"type":"policies","id":"`+
		s.Policies()[0].ID+`"}}}}}`).is(400)
	s.Restore(s.Snapshot())
}
