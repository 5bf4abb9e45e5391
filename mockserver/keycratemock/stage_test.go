package keycratemock

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// t0 is when every stage begins.
var t0 = time.Date(2025, 11, 2, 10, 0, 0, 0, time.UTC)

const noUUID = "99999999-9999-4999-8999-999999999999" // of nothing

// stage is Keycrate's world alone, from time t0, with a subscription in it.
type stage struct {
	*worldtest.Stage
	world *World
	sub   Subscription
}

func newEmptyStage(t testing.TB) *stage {
	s, world := worldtest.New(t, "keycrate", t0)
	return &stage{Stage: s, world: world.(*World)}
}

func newStage(t testing.TB) *stage {
	s := newEmptyStage(t)
	s.sub = s.world.AddSubscription(Subscription{Name: "basic", Level: 1})
	s.Effects = nil
	return s
}

// response adds what is Keycrate's to an answer: its two shapes.
type response struct{ worldtest.Response }

var with = worldtest.With

func as(apiKey string) worldtest.Change { return with("x-api-key", apiKey) }

// post sends a management call. In the body @app and @sub stand for the ids of
// the stage's app and subscription.
func (s *stage) post(path, body string, changes ...worldtest.Change) response {
	return s.send(path, body, append([]worldtest.Change{as(s.world.APIKey())}, changes...)...)
}

// send sends a call without an API key.
func (s *stage) send(path, body string, changes ...worldtest.Change) response {
	body = strings.NewReplacer("@app", defaultAppID, "@sub", s.sub.ID).Replace(body)
	json := with("Content-Type", "application/json")
	return response{s.Call(http.MethodPost, "/"+path, body, append([]worldtest.Change{json}, changes...)...)}
}

func (s *stage) auth(body string, changes ...worldtest.Change) response {
	return s.send("auth", body, changes...)
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

// ok asserts a success of either side.
func (r response) ok() response {
	r.Helper()
	r.Is(200)
	return r.has("success", "true")
}

// refused asserts the refusal of a management call.
func (r response) refused(status int, code string) response {
	r.Helper()
	r.Is(status)
	require.NotEmpty(r, r.Text("error"))
	return r.has("error_code", strconv.Quote(code)).has("success", "absent").has("message", "absent").has("data", "absent")
}

// invalid asserts an INVALID_INPUT whose text is about this field.
func (r response) invalid(field string) response {
	r.Helper()
	text := r.refused(400, "INVALID_INPUT").Text("error")
	require.True(r, strings.HasPrefix(text, field+" "), "%q is not about %s", text, field)
	return r
}

// told asserts the code of an end user's call.
func (r response) told(status int, code string) response {
	r.Helper()
	r.Is(status)
	return r.has("success", strconv.FormatBool(status == 200)).has("message", strconv.Quote(code)).
		has("error", "absent").has("error_code", "absent")
}

// keys returns the keys of the licenses in data, in their order.
func (r response) keys() []string {
	r.Helper()
	var list struct{ Data []struct{ Key string } }
	require.NoError(r, json.Unmarshal(r.Body, &list))
	keys := []string{}
	for _, l := range list.Data {
		keys = append(keys, l.Key)
	}
	return keys
}

// lists asserts a successful answer with these licenses in this order.
func (r response) lists(keys ...string) response {
	r.Helper()
	if keys == nil {
		keys = []string{}
	}
	require.Equal(r, keys, r.ok().keys(), "%s", r.Body)
	return r
}

func (s *stage) license(key string) License {
	s.Helper()
	l, found := s.world.License(key)
	require.True(s, found, "license %q", key)
	return l
}

// create makes a license through the API; fields begin with a comma or are
// empty.
func (s *stage) create(fields string) License {
	s.Helper()
	if !strings.Contains(fields, "duration_unit") {
		fields += `, "duration_unit": "days", "duration_value": 7`
	}
	return s.license(s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub"`+fields+`}`).ok().Text("data.key"))
}

// seed adds a license with this key to the world.
func (s *stage) seed(key string, l License) License {
	l.Key = key
	return s.world.AddLicense(l)
}

// login is an end user's program with this license on a device.
func (s *stage) login(key, hwid string) response {
	return s.auth(`{"app_id": "@app", "license": "` + key + `", "hwid": "` + hwid + `"}`)
}

func quoted(char string, n int) string { return `"` + strings.Repeat(char, n) + `"` }
