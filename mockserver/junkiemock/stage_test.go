package junkiemock

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

var t0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// stage is Junkie's world alone, from time t0.
type stage struct {
	*worldtest.Stage
	world *World
}

func newStage(t testing.TB) *stage {
	s, world := worldtest.New(t, "junkie", t0)
	return &stage{Stage: s, world: world.(*World)}
}

// response adds what is Junkie's to an answer: lists and errors.
type response struct{ worldtest.Response }

var with = worldtest.With

func as(apiKey string) worldtest.Change { return with("Authorization", "Bearer "+apiKey) }

// call sends one request; the path is relative to the base URL.
func (s *stage) call(method, path, body string, changes ...worldtest.Change) response {
	good := []worldtest.Change{as(s.world.APIKey())}
	if body != "" {
		good = append(good, with("Content-Type", "application/json"))
	}
	return response{s.Call(method, root+path, body, append(good, changes...)...)}
}

func (s *stage) get(path string, changes ...worldtest.Change) response {
	return s.call("GET", path, "", changes...)
}

func (s *stage) post(path, body string, changes ...worldtest.Change) response {
	return s.call("POST", path, body, changes...)
}

func (s *stage) put(path, body string, changes ...worldtest.Change) response {
	return s.call("PUT", path, body, changes...)
}

func (s *stage) delete(path string, changes ...worldtest.Change) response {
	return s.call("DELETE", path, "", changes...)
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

// refused asserts a refusal and its text.
func (r response) refused(status int, text string) response {
	r.Helper()
	return r.is(status).has("error", strconv.Quote(text))
}

// invalid asserts a 400 that names exactly these fields.
func (r response) invalid(fields ...string) response {
	r.Helper()
	r.refused(400, "Validation failed")
	var body struct{ Details []detail }
	require.NoError(r, json.Unmarshal(r.Body, &body))
	var named []string
	for _, d := range body.Details {
		require.NotEmpty(r, d.Message)
		named = append(named, d.Field)
	}
	require.ElementsMatch(r, fields, named, "%s", r.Body)
	return r
}

// ids returns the ids of a list, in its order.
func (r response) ids() []int64 {
	r.Helper()
	var list struct{ Keys []struct{ ID int64 } }
	require.NoError(r, json.Unmarshal(r.Body, &list))
	ids := []int64{}
	for _, k := range list.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// found asserts the status of a list and its keys, in any order.
func (r response) found(ids ...int64) response {
	r.Helper()
	require.ElementsMatch(r, ids, r.is(200).ids(), "%s", r.Body)
	return r
}

func (s *stage) key(id int64) Key {
	s.Helper()
	k, found := s.world.Key(id)
	require.True(s, found, "key %d", id)
	return k
}

// create makes a key of a provider through the API and returns it.
func (s *stage) create(fields string) Key {
	s.Helper()
	p := s.provider()
	body := `{"provider_id": ` + p
	if fields != "" {
		body += ", " + fields
	}
	r := s.post("/keys", body+"}").is(201)
	id, err := strconv.ParseInt(r.Raw("key.id"), 10, 64)
	require.NoError(s, err)
	return s.key(id)
}

// provider returns the id of the default account's first provider, making it if
// needed.
func (s *stage) provider() string {
	if s.world.state.providers.Has(2001) {
		return "2001"
	}
	return decimal(s.world.AddProvider("shop").ID)
}

func (s *stage) verify(k Key, device string, want string, opts ...VerifyOption) {
	s.Helper()
	got := s.world.Verify(k.Value, device, opts...)
	require.Equal(s, want, got.Code)
	require.Equal(s, slices.Contains([]string{CodeKeyValid, CodeKeyless}, want), got.Valid)
}

func path(k Key) string { return "/keys/" + decimal(k.ID) }

func devices(k Key) (list []string) {
	for _, d := range k.Devices {
		list = append(list, d.HWID)
	}
	return list
}
