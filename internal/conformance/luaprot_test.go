package conformance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

var luaprotSuite = suite[*club]{
	vendor: "luaprot",
	open:   openClub,
	scenarios: slices.Concat(
		luaprotVectors,
		luaprotAccess,
		luaprotRates,
		luaprotInput,
		luaprotCreation,
		luaprotChanges,
		luaprotLists,
		luaprotEndUsers,
		luaprotShapes,
		luaprotErrors(),
	),
}

func TestLuaProt(t *testing.T) {
	t.Parallel()
	luaprotSuite.run(t)
}

// opening is the moment of the worked examples, in which seconds since 1970 are
// spelt out.
var opening = time.Unix(1764749562, 0).UTC()

// Discord users.
const (
	alice = "123456789012345678"
	bob   = "98765432109876543"
)

// club is the stage of LuaProt's scenarios: an account with one hub and a script
// in it, and a client that acts for it as fast as it can.
type club struct {
	ground
	client *luaprot.Client
	hub    *luaprot.Hub
	home   luaprotmock.Hub // the same hub behind the curtain
	script luaprotmock.Script
}

func openClub(t *testing.T, r *rig) *club {
	r.Server.SetTime(opening)
	s := &club{ground: ground{t, r}}
	s.home = r.LuaProt.AddHub("Main Hub")
	s.script = r.LuaProt.AddScript(s.home.ID, "loader")
	s.client = s.as(r.LuaProt.APIKey())
	s.hub = s.client.Hub(s.home.ID)
	return s
}

// as returns a client with an API key, without pacing.
func (s *club) as(apiKey string) *luaprot.Client {
	s.Helper()
	return s.clientWith(func(c *luaprot.Config) { c.APIKey, c.Pacing = apiKey, luaprot.NoPacing() })
}

func (s *club) clientWith(change func(*luaprot.Config)) *luaprot.Client {
	s.Helper()
	config := s.luaprotConfig()
	change(&config)
	client, err := luaprot.New(config)
	require.NoError(s, err)
	return client
}

// in returns the club with another hub.
func (s *club) in(hub luaprotmock.Hub) *club {
	other := *s
	other.home, other.hub = hub, s.client.Hub(hub.ID)
	return &other
}

// at moves the clock to a time after the opening.
func (s *club) at(d time.Duration) { s.Server.SetTime(opening.Add(d)) }

// since is a moment as the vendor writes it, and JSON reads it.
func since(d time.Duration) float64 { return float64(opening.Add(d).Unix()) }

// What the client does, as long as it should succeed.

func (s *club) add(params luaprot.AddKeyParams) *luaprot.Key {
	s.Helper()
	key, err := s.hub.Add(s.Context(), params)
	require.NoError(s, err)
	return key
}

func (s *club) generate(params luaprot.GenerateKeysParams) []string {
	s.Helper()
	values, err := s.hub.Generate(s.Context(), params)
	require.NoError(s, err)
	return values
}

func (s *club) get(value string) *luaprot.Key {
	s.Helper()
	key, err := s.hub.Get(s.Context(), luaprot.ByKey(value))
	require.NoError(s, err)
	return key
}

func (s *club) update(value string, params luaprot.UpdateKeyParams) *luaprot.Key {
	s.Helper()
	key, err := s.hub.Update(s.Context(), luaprot.ByKey(value), params)
	require.NoError(s, err)
	return key
}

func (s *club) reset(value string) []string {
	s.Helper()
	resets, err := s.hub.ResetHWID(s.Context(), luaprot.ByKey(value))
	require.NoError(s, err)
	return resets
}

func (s *club) remove(value string) {
	s.Helper()
	require.NoError(s, s.hub.Delete(s.Context(), luaprot.ByKey(value)))
}

func (s *club) list(params luaprot.ListKeysParams) *luaprot.KeyPage {
	s.Helper()
	page, err := s.client.Keys.List(s.Context(), params)
	require.NoError(s, err)
	return page
}

// found lists the values of the keys that a filter finds, as the list orders
// them.
func (s *club) found(params luaprot.ListKeysParams) []string {
	s.Helper()
	found := []string{}
	for _, key := range s.list(params).Keys {
		found = append(found, key.Value)
	}
	return found
}

// assertFinds checks a filter's keys, in any order, and their count.
func (s *club) assertFinds(params luaprot.ListKeysParams, keys ...string) {
	s.Helper()
	page := s.list(params)
	assert.Len(s, keys, page.Total)
	assert.ElementsMatch(s, keys, s.found(params))
}

// What is looked at behind the curtain, and what end users do.

// seed puts a key into the hub and returns its value.
func (s *club) seed(key luaprotmock.Key) string {
	if key.HubID == "" {
		key.HubID = s.home.ID
	}
	return s.LuaProt.AddKey(key).Value
}

// fill puts unassigned keys into the hub until there is room for so many more.
func (s *club) fill(room int) {
	for range 300 - room {
		s.seed(luaprotmock.Key{})
	}
}

// stored is a key as the vendor keeps it.
func (s *club) stored(value string) luaprotmock.Key {
	s.Helper()
	key, found := s.LuaProt.Key(value)
	require.True(s, found, "the key is not there")
	return key
}

// assertChecked has an end user run the club's script with a key, and checks
// what the script is told. A refusal must change nothing.
func (s *club) assertChecked(status, value, device string) luaprotmock.CheckResult {
	s.Helper()
	return s.assertCheckedBy(s.script.ID, status, value, device)
}

func (s *club) assertCheckedBy(script, status, value, device string) (result luaprotmock.CheckResult) {
	s.Helper()
	check := func() { result = s.LuaProt.Check(script, value, device) }
	if status == luaprotmock.CheckValid {
		check()
	} else {
		s.unchanged(check)
	}
	assert.Equal(s, status, result.Status)
	assert.Equal(s, status == luaprotmock.CheckValid, result.Data != nil)
	return result
}

// unchanged checks that what is done has no effect.
func (s *club) unchanged(do func()) {
	s.Helper()
	keys := s.LuaProt.Keys()
	assert.Empty(s, s.effects(do))
	assert.Equal(s, keys, s.LuaProt.Keys())
}

// What goes over the wire as it is.

// raw sends a request. If it is refused, it must have had no effect.
func (s *club) raw(method, path, body string, headers ...string) (a answer) {
	s.Helper()
	effects := s.effects(func() { a = s.luaprotRaw(s.T, method, path, body, headers...) })
	if a.Status != 200 {
		assert.Empty(s, effects, a.Body)
	}
	return a
}

// v1 and v2 are paths of the club's hub.
func (s *club) v1(path string) string { return "/api/v1/hubs/" + s.home.ID + path }
func (s *club) v2(path string) string { return "/api/v2/hubs/" + s.home.ID + path }

func (s *club) rawFetch(query string, headers ...string) answer {
	s.Helper()
	return s.raw("GET", "/api/v1/keys/fetch?"+query, "", headers...)
}

func (s *club) rawBulk(body string, headers ...string) answer {
	s.Helper()
	return s.raw("POST", "/api/v1/keys/bulk-delete", body, headers...)
}

func (s *club) rawAdd(body string, headers ...string) answer {
	s.Helper()
	return s.raw("POST", s.v2("/keys/add"), body, headers...)
}

func (s *club) rawGenerate(body string, headers ...string) answer {
	s.Helper()
	return s.raw("POST", s.v2("/keys/generate"), body, headers...)
}

func (s *club) rawInfo(query string, headers ...string) answer {
	s.Helper()
	return s.raw("GET", s.v1("/keys/info?"+query), "", headers...)
}

func (s *club) rawUpdate(query, body string, headers ...string) answer {
	s.Helper()
	return s.raw("PATCH", s.v2("/keys/update?"+query), body, headers...)
}

func (s *club) rawDelete(query string, headers ...string) answer {
	s.Helper()
	return s.raw("DELETE", s.v1("/keys/delete?"+query), "", headers...)
}

func (s *club) rawReset(query string, headers ...string) answer {
	s.Helper()
	return s.raw("PATCH", s.v1("/hwid/reset?"+query), "", headers...)
}

// lookups are the operations that find a key by the query, and what each says
// of one that it does not find.
func (s *club) lookups() []lookup {
	return []lookup{
		{func(query string) answer { return s.rawInfo(query) }, 400, "Key could not be found."},
		{func(query string) answer { return s.rawUpdate(query, `{}`) }, 404, "Key has not been found."},
		{func(query string) answer { return s.rawReset(query) }, 400, "No key(s) found."},
		{func(query string) answer { return s.rawDelete(query) }, 400, "Key could not be found."},
	}
}

type lookup struct {
	send    func(query string) answer
	status  int
	message string
}

// assertNowhere checks that no operation finds a key by a query.
func (s *club) assertNowhere(query string) {
	s.Helper()
	for _, l := range s.lookups() {
		s.assertError(l.send(query), l.status, l.message)
	}
}

// bodies are the operations with an object for a body, each with further
// fields.
func (s *club) bodies() map[string]func(fields string) answer {
	key := s.seed(luaprotmock.Key{})
	return map[string]func(fields string) answer{
		luaprotwire.AddKeyOp.ID:       func(fields string) answer { return s.rawAdd(`{` + fields + `}`) },
		luaprotwire.GenerateKeysOp.ID: func(fields string) answer { return s.rawGenerate(`{"amount": 5, ` + fields + `}`) },
		luaprotwire.UpdateKeyOp.ID:    func(fields string) answer { return s.rawUpdate("key="+key, `{`+fields+`}`) },
	}
}

// luaprotCall is one operation as a raw request that works.
type luaprotCall struct{ id, method, path, body string }

// everyCall has one request for each operation of the document, each about a key
// of its own.
func (s *club) everyCall() []luaprotCall {
	key := func() string { return s.seed(luaprotmock.Key{HWID: "pc"}) }
	queries := map[string]string{
		luaprotwire.GetKeyInfoOp.ID: "?key=" + key(),
		luaprotwire.UpdateKeyOp.ID:  "?key=" + key(),
		luaprotwire.DeleteKeyOp.ID:  "?key=" + key(),
		luaprotwire.ResetHWIDOp.ID:  "?key=" + key(),
	}
	bodies := map[string]string{
		luaprotwire.DeleteKeysOp.ID:   `["` + key() + `"]`,
		luaprotwire.AddKeyOp.ID:       `{}`,
		luaprotwire.GenerateKeysOp.ID: `{"amount": 5}`,
		luaprotwire.UpdateKeyOp.ID:    `{"note": "n"}`,
	}
	var calls []luaprotCall
	for _, op := range luaprotwire.Operations() {
		path := strings.Replace(op.Path, "{hubId}", s.home.ID, 1)
		calls = append(calls, luaprotCall{op.ID, op.Method, path + queries[op.ID], bodies[op.ID]})
	}
	return calls
}

// assertOK checks a success and its message.
func (s *club) assertOK(a answer, message string) answer {
	s.Helper()
	require.Equal(s, 200, a.Status, a.Body)
	assert.Equal(s, "application/json", a.Header.Get("Content-Type"))
	assert.Equal(s, true, a.at(s, "success"))
	assert.Equal(s, message, a.at(s, "message"))
	return a
}

// assertError checks a refusal to the letter.
func (s *club) assertError(a answer, status int, message string) {
	s.Helper()
	assert.Equal(s, status, a.Status, a.Body)
	assert.Equal(s, "application/json", a.Header.Get("Content-Type"))
	s.assertBody(refusalJSON(message), a.Body)
}

func refusalJSON(message string) string {
	return fmt.Sprintf(`{"success": false, "message": %q}`, message)
}

// assertInvalid checks a refusal for the content of a field, but for the exact
// words.
func (s *club) assertInvalid(a answer, field string) {
	s.Helper()
	assert.Equal(s, 400, a.Status, a.Body)
	assert.Equal(s, false, a.at(s, "success"))
	assert.Regexp(s, `^`+strings.NewReplacer("[", `\[`, "]", `\]`).Replace(field)+` .*\.$`, a.at(s, "message"))
}

// assertMembers checks the names of all members of an object.
func (s *club) assertMembers(object any, names string) {
	s.Helper()
	members, ok := object.(map[string]any)
	require.True(s, ok, "%v is no object", object)
	assert.ElementsMatch(s, strings.Fields(names), slices.Collect(maps.Keys(members)))
}

// assertFields checks fields of a key in an answer.
func (s *club) assertFields(a answer, fields map[string]any) answer {
	s.Helper()
	require.Equal(s, 200, a.Status, a.Body)
	for name, want := range fields {
		assert.Equal(s, want, a.at(s, "key."+name), name)
	}
	return a
}

// Errors of the client.

// assertLocal checks that the client refuses to send a call, and names the
// argument.
func (s *club) assertLocal(field string, call func() error) {
	s.Helper()
	before := len(s.Server.Calls())
	err := call()
	s.Server.AssertCalls(s, before)
	e := s.assertIs(err, luaprot.ErrInvalid)
	assert.Zero(s, e.Attempts)
	require.Len(s, e.Fields, 1, "%v", err)
	assert.Equal(s, field, e.Fields[0].Field)
}

// assertRefused checks that the vendor refused the client's last call, with
// exactly this answer, and that it is known for what it is.
func (s *club) assertRefused(err error, status int, message string, kinds ...error) *luaprot.Error {
	s.Helper()
	s.assertBody(refusalJSON(message), s.seen.answer())
	e := s.assertIs(err, kinds...)
	assert.Equal(s, status, e.StatusCode)
	assert.Equal(s, message, e.Message)
	assert.Equal(s, 1, e.Attempts)
	assert.Equal(s, luaprot.OutcomeNotApplied, e.Outcome)
	return e
}

// luaprotKinds are all kinds of errors but those that come on top of another.
var luaprotKinds = []error{
	luaprot.ErrUnauthorized, luaprot.ErrForbidden, luaprot.ErrNotFound, luaprot.ErrConflict, luaprot.ErrInvalid,
	luaprot.ErrRateLimited, luaprot.ErrServer, luaprot.ErrBadResponse, luaprot.ErrAlreadyWhitelisted, luaprot.ErrUnassignedLimit,
	luaprot.ErrGloballyBlacklisted, luaprot.ErrNoHub, luaprot.ErrIPNotWhitelisted,
}

// assertIs checks that an error is of these kinds and of no other, and returns
// it.
func (s *club) assertIs(err error, kinds ...error) *luaprot.Error {
	s.Helper()
	for _, kind := range luaprotKinds {
		assert.Equal(s, slices.Contains(kinds, kind), errors.Is(err, kind), "%v is %v", err, kind)
	}
	var e *luaprot.Error
	require.True(s, errors.As(err, &e), "%T is no *luaprot.Error", err)
	return e
}
