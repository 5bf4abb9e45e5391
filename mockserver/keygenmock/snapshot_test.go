package keygenmock

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
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
	kept, other := s.Keep(), newStage(t)
	other.PutBack(kept)
	// The keys that sign follow from the accounts; and rows of one moment are in the
	// order in which they came, whatever their numbers.
	worldtest.Alike{Apart: []string{"state.signing", "account.signing"}}.Check(t, s.state(), other.state())
	assert.Equal(t, kept, other.Keep())
	assert.Equal(t, s.salted(), other.salted(), "they sign alike from here on")
}

// TestSnapshotsBringTheSameAnswers plays at random, and then the same again from a
// snapshot: on the same stage, and on one that knows nothing.
func TestSnapshotsBringTheSameAnswers(t *testing.T) {
	t.Parallel()
	worldtest.CheckReplay(t, 25, newStage, func(s *stage, seed uint64) []string { return s.play(seed, 30) })
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
	steer := func(method, collection, id, body string) string {
		answer, err := p.Steer(method, collection, id, body)
		return fmt.Sprint(answer, err)
	}
	switch p.dice.IntN(12) {
	case 0:
		return steer("POST", "accounts", "", fmt.Sprintf(`{"slug":"played-%d"}`, p.dice.IntN(5)))
	case 1:
		return steer("DELETE", "accounts", fmt.Sprintf("played-%d", p.dice.IntN(5)), "")
	case 2:
		return steer("PATCH", "accounts", defaultSlug, fmt.Sprintf(`{"version":"1.%d","status":"active"}`, p.dice.IntN(9)))
	case 3:
		return steer("PATCH", "keys", p.key(), fmt.Sprintf(`{"created":"-%dh","key":"STEERED-%d"}`, p.dice.IntN(99), p.dice.IntN(9)))
	case 4:
		return steer("PATCH", "licenses", p.license(), `{"suspended":true,"uses":7,"lastValidated":"-2h","metadata":{"a":[1.50]}}`)
	case 5:
		return steer("PATCH", "tokens", p.token(), `{"expiry":"+1d"}`)
	case 6:
		return steer("PATCH", "users", p.user(), `{"banned":true}`)
	case 7:
		return steer("PATCH", "webhook-endpoints", p.endpoint(), `{"subscriptions":["key.created"]}`)
	case 8:
		return steer("PATCH", "policies", p.policy(), `{"maxMachines":null,"protected":true,"duration":9}`)
	case 9:
		return steer("PATCH", "products", p.product(), `{"platforms":["linux"]}`)
	case 10:
		name := p.some("users", "products", "licenses", "tokens", "webhook-endpoints")
		ids := map[string]string{"users": p.user(), "products": p.product(), "licenses": p.license(), "tokens": p.token(), "webhook-endpoints": p.endpoint()}
		return steer("DELETE", name, ids[name], "")
	default:
		return steer("DELETE", "events", "", "")
	}
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
	policy, product := s.Policies()[0].ID, s.Products()[0].ID
	user, license, key := s.Users()[1], s.Licenses()[0], s.Keys()[0]
	const last = `yA=","window":1,"start":"2026-01-02T20:00:00Z","count":1`
	s.RefusesDamaged([][3]string{
		{string(s.Keep().State), `null`, "the default account is not the first"},
		{`"latest"`, `"earliest"`, `unknown field "earliest"`},
		{`"Banned":true`, `"Band":true`, `unknown field "Band"`},
		{`"slug":"acme"`, `"slug":7`, "cannot unmarshal number"},
		{`"slug":"acme"`, `"slug":"Acme"`, `accounts[0]: slug must have lower-case letters`},
		{`"slug":"other"`, `"slug":"acme"`, "accounts[1]: slug is taken by another account"},
		{`"id":"` + defaultAccountID, `"id":"` + policy, "the default account is not the first"},
		{`"id":"` + defaultAccountID, `"id":"` + strings.ReplaceAll(defaultAccountID, "-", ""), "accounts[0]: id is no UUID as the vendor writes it"},
		{`"slug":"acme","status":"active"`, `"slug":"acme","status":"gone"`, `accounts[0]: status must be one of active`},
		{`"version":"1.8","legacy":true`, `"version":"2.0","legacy":true`, `accounts[0]: version must be 1.0 to 1.8`},
		{`"legacy":true,"salts":"`, `"legacy":true,"salts":"AAAA`, "accounts[0]: salts: "},
		{`"Role":"user"`, `"Role":"boss"`, `accounts[0]: users[1]: role must be one of admin`},
		{`"ID":"` + user.ID, `"ID":"me`, `accounts[0]: users[1]: id is no UUID as the vendor writes it`},
		{`"ID":"` + user.ID, `"ID":"` + defaultAdminID, "accounts[0]: users[1]: id is taken by another object"},
		{`"ID":"` + product, `"ID":"` + policy, `policies[0]: product names no product of the account: "` + product},
		{`"Duration":3600000000000`, `"Duration":1`, "policies[0]: duration cannot be 1ns"},
		{key.Key + `","PolicyID":"` + policy, key.Key + `","PolicyID":"`, `keys[0]: something is missing that every one of these has`},
		{`"Key":"` + key.Key, `"Key":"` + s.Keys()[1].Key, "keys[1]: key is taken by another key of the account"},
		{`"Key":"` + key.Key, `"Key":"`, "keys[0]: something is missing"},
		{`"OwnerID":"` + user.ID, `"OwnerID":"` + policy, `licenses[0]: owner names no user of the account: "` + policy},
		{`"Key":"` + license.Key, `"Key":"`, "licenses[0]: something is missing"},
		{`"BearerID":"` + license.ID, `"BearerID":"` + policy, "bearer names no user, product or license of the account"},
		{`"Value":"` + defaultToken, `"Value":"`, "tokens[0]: something is missing"},
		{`"Subscriptions":["key.created"]`, `"Subscriptions":[""]`, "endpoints[1]: subscriptions must not contain an empty name"},
		{`"Limit":9,"Per":60000000000`, `"Limit":0,"Per":60000000000`, "is no throttle"},
		{last, strings.Replace(last, `"window":1`, `"window":2`, 1), "tallies[3] is twice there, or of no window"},
		{last, strings.Replace(last, `"window":1`, `"window":0`, 1), "tallies[3] is twice there"},
		{last, strings.Replace(last, `"count":1`, `"count":0`, 1), "or no count"},
	}...)
}

// TestSnapshotsAreApart: what happens after a snapshot does not reach it.
func TestSnapshotsAreApart(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	taken := s.Vendor.Snapshot()
	before, err := json.Marshal(taken())
	require.NoError(t, err)
	s.play(1, 60)
	after, err := json.Marshal(taken())
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// TestNothingIsKeptThatCannotBeWritten: what is no JSON never gets into a world.
func TestNothingIsKeptThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for text, add := range map[string]func(){
		"Email is not UTF-8":            func() { s.AddUser(User{Email: "\xff"}) },
		"Key is not UTF-8":              func() { s.AddKey(Key{Key: "\xff"}) },
		"Value is not UTF-8":            func() { s.AddToken(Token{BearerID: defaultAdminID, Value: "\xff"}) },
		`Metadata["a"][0] is not UTF-8`: func() { s.AddPolicy(Policy{Metadata: map[string]any{"a": []any{"\xff"}}}) },
		"URL is not UTF-8":              func() { s.AddWebhookEndpoint(WebhookEndpoint{URL: "\xff"}) },
		"it cannot be written as JSON":  func() { s.AddProduct(Product{Attributes: map[string]any{"f": func() {}}}) },
		"Expiry is of the year 11026":   func() { s.AddLicense(License{Expiry: t0.AddDate(9000, 0, 0)}) },
	} {
		s.Refuses(text, add)
	}
	s.create(thirtyChars, s.policy(true).ID).is(201)
	s.call("POST", "/licenses", `{"data":{"type":"licenses","attributes":{"expiry":"9999-12-31T23:59:59-12:00"},"relationships":{"policy":{"data":{"type":"policies","id":"`+
		s.Policies()[0].ID+`"}}}}}`).is(400)
	s.PutBack(s.Keep())
}
