package luaprotmock

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// t0 is the time of the vendor's own examples, 1764749562.
var t0 = time.Unix(1764749562, 0).UTC()

const (
	alice = "123456789012345678"
	bob   = "98765432109876543"
)

// stage is LuaProt's world alone, from time t0, with a hub and a script in it.
type stage struct {
	*worldtest.Stage
	world  *World
	hub    Hub
	script Script
}

// newEmptyStage has no hub yet.
func newEmptyStage(t testing.TB) *stage {
	s, world := worldtest.New(t, "luaprot", t0)
	return &stage{Stage: s, world: world.(*World)}
}

func newStage(t testing.TB) *stage {
	s := newEmptyStage(t)
	s.hub = s.world.AddHub("Main Hub")
	s.script = s.world.AddScript(s.hub.ID, "loader")
	s.Effects = nil
	return s
}

// response adds what is LuaProt's to an answer: lists and errors.
type response struct{ worldtest.Response }

var with = worldtest.With

func as(apiKey string) worldtest.Change { return with("Authorization", apiKey) }

// call sends one request. In the path, v1 and v2 at the beginning stand for the
// paths of the stage's hub.
func (s *stage) call(method, path, body string, changes ...worldtest.Change) response {
	for _, version := range []string{"v1", "v2"} {
		if rest, ok := strings.CutPrefix(path, version+"/"); ok {
			path = "/api/" + version + "/hubs/" + s.hub.ID + "/" + rest
		}
	}
	good := []worldtest.Change{as(s.world.APIKey()), with("Content-Type", "application/json")}
	return response{s.Call(method, path, body, append(good, changes...)...)}
}

func (s *stage) fetch(query string, changes ...worldtest.Change) response {
	return s.call("GET", "/api/v1/keys/fetch?"+query, "", changes...)
}

func (s *stage) bulkDelete(body string, changes ...worldtest.Change) response {
	return s.call("POST", "/api/v1/keys/bulk-delete", body, changes...)
}

func (s *stage) add(body string, changes ...worldtest.Change) response {
	return s.call("POST", "v2/keys/add", body, changes...)
}

func (s *stage) generate(body string, changes ...worldtest.Change) response {
	return s.call("POST", "v2/keys/generate", body, changes...)
}

func (s *stage) info(query string, changes ...worldtest.Change) response {
	return s.call("GET", "v1/keys/info?"+query, "", changes...)
}

func (s *stage) update(query, body string, changes ...worldtest.Change) response {
	return s.call("PATCH", "v2/keys/update?"+query, body, changes...)
}

func (s *stage) delete(query string, changes ...worldtest.Change) response {
	return s.call("DELETE", "v1/keys/delete?"+query, "", changes...)
}

func (s *stage) reset(query string, changes ...worldtest.Change) response {
	return s.call("PATCH", "v1/hwid/reset?"+query, "", changes...)
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

func (r response) finds(texts ...string) response {
	r.Helper()
	r.Finds(texts...)
	return r
}

// ok asserts a success and its message.
func (r response) ok(message string) response {
	r.Helper()
	return r.is(200).has("success", "true").has("message", strconv.Quote(message))
}

// refused asserts a refusal and its message.
func (r response) refused(status int, message string) response {
	r.Helper()
	return r.is(status).has("success", "false").has("message", strconv.Quote(message))
}

// invalid asserts a 400 whose message is about this field.
func (r response) invalid(field string) response {
	r.Helper()
	message := r.is(400).has("success", "false").Text("message")
	require.True(r, strings.HasPrefix(message, field+" ") && strings.HasSuffix(message, "."), "%s", r.Body)
	return r
}

// keys returns the texts of the keys of a list, in its order.
func (r response) keys() []string {
	r.Helper()
	var list struct{ Keys []struct{ Key string } }
	require.NoError(r, json.Unmarshal(r.Body, &list))
	keys := []string{}
	for _, k := range list.Keys {
		keys = append(keys, k.Key)
	}
	return keys
}

// found asserts a successful fetch and its keys, in any order.
func (r response) found(keys ...Key) response {
	r.Helper()
	want := []string{}
	for _, k := range keys {
		want = append(want, k.Value)
	}
	require.ElementsMatch(r, want, r.ok("Successfully fetched keys.").keys(), "%s", r.Body)
	return r.has("totalKeys", strconv.Itoa(len(keys)))
}

func (s *stage) key(value string) Key {
	s.Helper()
	k, found := s.world.Key(value)
	require.True(s, found, "key %q", value)
	return k
}

// now returns a key as it is now.
func (s *stage) now(k Key) Key { return s.key(k.Value) }

// create adds a key through the API and returns it.
func (s *stage) create(fields string) Key {
	s.Helper()
	return s.key(s.add("{" + fields + "}").is(200).Text("key.key"))
}

func (s *stage) check(k Key, hwid, want string) CheckResult {
	s.Helper()
	return s.checkWith(s.script, k, hwid, want)
}

func (s *stage) checkWith(script Script, k Key, hwid, want string) CheckResult {
	s.Helper()
	before, existed := s.world.Key(k.Value)
	got := s.world.Check(script.ID, k.Value, hwid)
	require.Equal(s, want, got.Status)
	require.Equal(s, want == CheckValid, got.Data != nil)
	if want != CheckValid && existed {
		require.Equal(s, before, s.now(k), "a refused check changes nothing")
	}
	return got
}

// by names a key in a query.
func by(k Key) string { return "key=" + k.Value }

func quoted(char string, n int) string { return `"` + strings.Repeat(char, n) + `"` }

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
