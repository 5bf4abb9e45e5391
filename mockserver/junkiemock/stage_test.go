package junkiemock

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var t0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// stage is the smallest server that a world can live in: a clock that the test
// moves, one seed, and the record of what the turns left behind.
type stage struct {
	testing.TB
	now     time.Time
	frozen  bool
	rand    *core.Rand
	world   *World
	vendor  core.World
	router  *core.Router
	known   map[string]bool
	decided map[string]bool
	effects []core.Effect
}

func newStage(t testing.TB) *stage {
	s := &stage{TB: t, now: t0, rand: core.NewRand(1, "junkie"), known: map[string]bool{}, decided: map[string]bool{}}
	v, ok := core.Lookup("junkie")
	require.True(t, ok)
	world, public := v.New(s)
	s.vendor, s.world = world, public.(*World)
	s.router = core.NewRouter(world.Ops())
	for _, b := range world.Behaviours() {
		s.known[b.ID] = true
	}
	return s
}

func (s *stage) advance(d time.Duration) { s.now = s.now.Add(d) }

func (s *stage) turn(op string) *core.Turn {
	return &core.Turn{Op: op, Now: s.now, Frozen: s.frozen, Rand: s.rand}
}

// Act makes the stage the world's environment.
func (s *stage) Act(action string, do func(*core.Turn)) {
	t := s.turn(action)
	do(t)
	if t.Refusal != "" {
		require.Empty(s, t.Effects, "a refused action has no effect")
		panic(t.Refusal)
	}
	s.keep(t)
}

func (s *stage) keep(t *core.Turn) {
	for _, row := range t.Rows {
		require.True(s, s.known[row], "%s was decided by %q, which is not in the table", t.Op, row)
		s.decided[row] = true
	}
	for _, e := range t.Effects {
		require.Equal(s, t.Op, e.Op)
		require.True(s, e.At.Equal(s.now))
	}
	s.effects = append(s.effects, t.Effects...)
}

// kinds lists the effects so far, as "kind id".
func (s *stage) kinds() (list []string) {
	for _, e := range s.effects {
		list = append(list, e.Kind+" "+e.ID)
	}
	return list
}

// response is an answer with what its turn left behind.
type response struct {
	*stage
	core.Answer
	turn *core.Turn
}

// change alters a request before it is sent.
type change func(*core.Request)

func as(apiKey string) change { return with("Authorization", "Bearer "+apiKey) }

func with(header, value string) change {
	return func(r *core.Request) {
		r.Header.Del(header)
		if value != "" {
			r.Header.Set(header, value)
		}
	}
}

// call sends one request; the path is relative to the base URL.
func (s *stage) call(method, path, body string, changes ...change) response {
	path, rawQuery, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(rawQuery)
	require.NoError(s, err)
	req := &core.Request{
		Method: method, Path: root + path, Query: query, Body: []byte(body),
		Header: http.Header{"Authorization": {"Bearer " + s.world.APIKey()}},
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(req)
	}
	match := s.router.Match(method, req.Path)
	req.Params, req.Allow = match.Params, match.Allow
	if match.Op != nil {
		req.Op = match.Op.ID
	}
	t := s.turn(req.Op)
	r := response{stage: s, Answer: s.vendor.Serve(t, req), turn: t}
	require.NotEmpty(s, t.Rows, "every answer names the rules that decided it")
	if r.Status > 299 {
		require.Empty(s, t.Effects, "a refused call has no effect")
	}
	s.keep(t)
	return r
}

func (s *stage) get(path string, changes ...change) response {
	return s.call("GET", path, "", changes...)
}

func (s *stage) post(path, body string, changes ...change) response {
	return s.call("POST", path, body, changes...)
}

func (s *stage) put(path, body string, changes ...change) response {
	return s.call("PUT", path, body, changes...)
}

func (s *stage) delete(path string, changes ...change) response {
	return s.call("DELETE", path, "", changes...)
}

// is asserts the status.
func (r response) is(status int) response {
	r.Helper()
	require.Equal(r, status, r.Status, "%s", r.Body)
	return r
}

// refused asserts a refusal and its text.
func (r response) refused(status int, text string) response {
	r.Helper()
	r.is(status).has("error", strconv.Quote(text))
	return r
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

// raw returns the JSON text at a path such as "key.hwids.0.hwid", or "absent".
func (r response) raw(path string) string {
	r.Helper()
	at := json.RawMessage(r.Body)
	for name := range strings.SplitSeq(path, ".") {
		if i, err := strconv.Atoi(name); err == nil {
			var list []json.RawMessage
			require.NoError(r, json.Unmarshal(at, &list), "%s of %s", path, r.Body)
			require.Less(r, i, len(list), "%s of %s", path, r.Body)
			at = list[i]
			continue
		}
		var object map[string]json.RawMessage
		require.NoError(r, json.Unmarshal(at, &object), "%s of %s", path, r.Body)
		next, found := object[name]
		if !found {
			return "absent"
		}
		at = next
	}
	return string(at)
}

// has asserts the JSON text at a path.
func (r response) has(path, want string) response {
	r.Helper()
	require.Equal(r, want, r.raw(path), "%s of %s", path, r.Body)
	return r
}

// text returns a JSON string at a path.
func (r response) text(path string) (s string) {
	r.Helper()
	require.NoError(r, json.Unmarshal([]byte(r.raw(path)), &s))
	return s
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

func (r response) finds(texts ...string) response {
	r.Helper()
	require.Len(r, r.turn.Findings, len(texts), "%q", r.turn.Findings)
	for i, text := range texts {
		require.Contains(r, r.turn.Findings[i], text)
	}
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
	id, err := strconv.ParseInt(r.raw("key.id"), 10, 64)
	require.NoError(s, err)
	return s.key(id)
}

// provider returns the id of the default account's first provider, making it if
// needed.
func (s *stage) provider() string {
	if _, found := s.world.state.providers[2001]; found {
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

func (s *stage) refuses(text string, do func()) {
	s.Helper()
	defer func() {
		s.Helper()
		refusal, _ := recover().(string)
		require.Contains(s, refusal, text)
	}()
	do()
}

func path(k Key) string { return "/keys/" + decimal(k.ID) }

func devices(k Key) (list []string) {
	for _, d := range k.Devices {
		list = append(list, d.HWID)
	}
	return list
}
