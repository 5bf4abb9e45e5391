package keygenmock

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// t0 is the time of the vendor's own example.
var t0 = time.Date(2026, 1, 2, 20, 26, 53, 464e6, time.UTC)

// stage is Keygen's world alone, from time t0, with a second account and one
// webhook endpoint in each.
type stage struct {
	*worldtest.Stage
	*Account // the default one
	world    *World
	other    *Account
}

// everyRequestCounts is what every request changes.
var everyRequestCounts = []*regexp.Regexp{regexp.MustCompile(`"RequestLogs":\d+`), regexp.MustCompile(`"salts":"[^"]*"`)}

func newStage(t testing.TB) *stage {
	s, public := worldtest.New(t, "keygen", t0)
	s.Counted = everyRequestCounts
	world := public.(*World)
	st := &stage{Stage: s, Account: world.Default(), world: world, other: world.AddAccount("other")}
	st.AddWebhookEndpoint(WebhookEndpoint{})
	st.other.AddWebhookEndpoint(WebhookEndpoint{})
	st.Effects = nil
	return st
}

// response adds what is Keygen's to an answer.
type response struct{ worldtest.Response }

var with = worldtest.With

// as authenticates with a token.
func as(token string) worldtest.Change { return with("Authorization", "Bearer "+token) }

var anonymous = with("Authorization", "")

// call sends one request as the default account's admin. A path that does not
// begin with the version is below that account.
func (s *stage) call(method, path, body string, changes ...worldtest.Change) response {
	s.Helper()
	if !strings.HasPrefix(path, root) {
		path = root + "/accounts/" + defaultSlug + path
	}
	good := []worldtest.Change{as(defaultToken), with("Accept", typeJSONAPI)}
	if body != "" {
		good = append(good, with("Content-Type", typeJSONAPI))
	}
	return response{s.Call(method, path, body, append(good, changes...)...)}
}

func (s *stage) get(path string, changes ...worldtest.Change) response {
	s.Helper()
	return s.call("GET", path, "", changes...)
}

func (s *stage) delete(path string, changes ...worldtest.Change) response {
	s.Helper()
	return s.call("DELETE", path, "", changes...)
}

func (s *stage) create(key, policyID string, changes ...worldtest.Change) response {
	s.Helper()
	return s.call("POST", "/keys", newKey(key, policyID), changes...)
}

func (s *stage) update(k Key, text string, changes ...worldtest.Change) response {
	s.Helper()
	return s.call("PATCH", "/keys/"+k.ID, fmt.Sprintf(`{"data":{"type":"keys","id":%q,"attributes":{"key":%q}}}`, k.ID, text), changes...)
}

func newKey(text, policyID string) string {
	return fmt.Sprintf(`{"data":{"type":"keys","attributes":{"key":%s},"relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`,
		quote(text), policyID)
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func (r response) is(status int) response {
	r.Helper()
	r.Is(status)
	return r
}

func (r response) has(path, want string) response {
	r.Helper()
	r.Has(path, want)
	return r
}

func (r response) says(header, want string) response {
	r.Helper()
	require.Equal(r, want, r.Header.Get(header), header)
	return r
}

// errors returns the error objects, and asserts the form of a refusal.
func (r response) errors() []problem {
	r.Helper()
	var doc errorDocument
	dec := json.NewDecoder(strings.NewReader(string(r.Body)))
	dec.DisallowUnknownFields()
	require.NoError(r, dec.Decode(&doc), "%s", r.Body)
	if doc.Meta != nil {
		require.Equal(r, r.Header.Get("X-Request-Id"), doc.Meta.ID)
	}
	return doc.Errors
}

// refused asserts a refusal with one error.
func (r response) refused(status int, want problem) response {
	r.Helper()
	r.is(status)
	require.Equal(r, []problem{want}, r.errors(), "%s", r.Body)
	return r
}

// hidden asserts that something is not there.
func (r response) hidden(kind, id string) response {
	r.Helper()
	return r.refused(404, problem{Title: "Not found", Detail: "The requested " + kind + " '" + id + "' was not found", Code: "NOT_FOUND"})
}

// lacks asserts that a role lacks the permission.
func (r response) lacks(role string) response {
	r.Helper()
	return r.refused(403, problem{
		Title: "Access denied", Detail: "You do not have permission to complete the request (" + role + " lacks permission to perform action)",
	})
}

// forbidden asserts the general refusal of somebody who has the permission.
func (r response) forbidden() response {
	r.Helper()
	return r.refused(403, problem{
		Title:  "Access denied",
		Detail: "You do not have permission to complete the request (ensure the token or license is allowed to access all resources)",
	})
}

// ids returns the ids of a list, in its order.
func (r response) ids() []string {
	r.Helper()
	var list struct{ Data []struct{ ID string } }
	require.NoError(r, json.Unmarshal(r.Body, &list))
	require.NotNil(r, list.Data, "%s", r.Body)
	ids := []string{}
	for _, object := range list.Data {
		ids = append(ids, object.ID)
	}
	return ids
}

// shows asserts the ids of a list.
func (r response) shows(want []Key) response {
	r.Helper()
	ids := []string{}
	for _, k := range want {
		ids = append(ids, k.ID)
	}
	require.Equal(r, ids, r.is(200).ids())
	return r
}

// keys adds keys, each with a policy and a product of its own, and returns them
// newest first, as lists show them.
func (s *stage) keys(n int) (newestFirst []Key) {
	for range n {
		newestFirst = append([]Key{s.AddKey(Key{})}, newestFirst...)
	}
	return newestFirst
}

// keysOf adds keys to a policy, and returns them newest first.
func (s *stage) keysOf(p Policy, n int) (newestFirst []Key) {
	for range n {
		newestFirst = append([]Key{s.AddKey(Key{PolicyID: p.ID})}, newestFirst...)
	}
	return newestFirst
}

// tokenOf makes a token of somebody.
func (s *stage) tokenOf(bearerID string) string { return s.AddToken(Token{BearerID: bearerID}).Value }

// bearers returns a token for each role; the user and the license have nothing
// to do with any key.
func (s *stage) bearers() map[role]string {
	tokens := map[role]string{}
	for name, r := range roleOfUser {
		tokens[r] = s.tokenOf(s.AddUser(User{Role: name}).ID)
	}
	tokens[roleProduct] = s.tokenOf(s.AddProduct(Product{}).ID)
	tokens[roleLicense] = s.tokenOf(s.AddLicense(License{}).ID)
	return tokens
}

// productOf returns the product of a policy.
func (s *stage) productOf(policyID string) string {
	var id string
	s.look(func(a *account) { id = a.policies.get(policyID).ProductID })
	return id
}

func (s *stage) policy(pooled bool) Policy { return s.AddPolicy(Policy{Pooled: pooled}) }

// noted asserts what the vendor noted in the background.
func (s *stage) noted(webhooks, events, requests int) {
	s.Helper()
	require.Equal(s, Counts{Webhooks: webhooks, EventLogs: events, RequestLogs: requests}, s.Counts())
}

// raw replaces a request's path and query by texts that no URL would parse to.
func raw(path, query string) worldtest.Change {
	return func(r *core.Request) { r.Path, r.RawQuery = path, query }
}
