package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// order is a request to the control plane.
type order struct{ method, target, body string }

// repertoire is what the fuzzers of the control plane begin with: the examples of
// its document, which are known to be real.
type repertoire struct {
	routes []string         // "POST /__admin/reset"
	orders map[string]order // examples by their routes
	bases  [][]byte         // snapshots: of a new server, of one with something of everything, and of one that has lived
	made   *Server
	twin   *Server
}

var loadRepertoire = sync.OnceValue(func() *repertoire { return new(repertoire) })

// repertoireOf loads the repertoire, once in a process.
func repertoireOf(t testing.TB) *repertoire {
	t.Helper()
	r := loadRepertoire()
	if r.orders != nil {
		return r
	}
	r.routes, r.orders = newControl(New()).routes, map[string]order{}
	r.routes = slices.DeleteFunc(r.routes, func(route string) bool { return strings.HasSuffix(route, "/await") }) // nobody waits here
	operations := documentedOperations(t)
	for _, op := range operations {
		r.orders[op.method+" "+op.path] = order{op.method, adminRoot + op.target(), string(op.body(t))}
	}
	s, twin := New(WithStart(t0), WithFrozenClock()), New(WithStart(t0), WithFrozenClock())
	r.made, r.twin = s, twin
	r.bases = append(r.bases, s.Snapshot())
	for _, stage := range [][]string{{"create", "plant"}, {"change", "verify", "redeem", "check", "authenticate", "register", "setRateLimits"}} {
		for _, id := range walk {
			if slices.ContainsFunc(stage, func(prefix string) bool { return strings.HasPrefix(id, prefix) }) {
				op := operations[id]
				resp := ask(t, s, r.orders[op.method+" "+op.path])
				require.Less(t, resp.StatusCode, 300, id)
			}
		}
		r.bases = append(r.bases, s.Snapshot())
	}
	r.orders["PUT /__admin/snapshot"] = order{http.MethodPut, adminRoot + "/snapshot", string(r.bases[1])}
	return r
}

// server is a server as new. It is the same each time, since some of its keys are
// slow to make.
func (r *repertoire) server() *Server {
	r.made.Reset()
	return r.made
}

// ask sends a request as a server would hand it over. What a server refuses by
// itself is answered by nobody, with nil.
func ask(t testing.TB, s *Server, o order, header ...string) *http.Response {
	t.Helper()
	target, err := url.ParseRequestURI(o.target)
	if err != nil || !isToken(o.method) {
		return nil
	}
	req := &http.Request{Method: o.method, URL: target, Host: "localhost", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(o.body))}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, req)
	resp := w.Result()
	resp.Request = req
	return resp
}

// states are the worlds of a server as a snapshot has them, without what will be
// drawn at random.
func (s *Server) states(t testing.TB) string {
	t.Helper()
	taken := s.snapshot()
	for name, v := range taken.Vendors {
		taken.Vendors[name] = vendorSnapshot{State: v.State}
	}
	text, err := json.Marshal(taken.Vendors)
	require.NoError(t, err)
	return string(text)
}

// keeps asserts that what a server is can be taken down and put back, in another
// one as well.
func (s *Server) keeps(t testing.TB) {
	t.Helper()
	twin := repertoireOf(t).twin
	require.NoError(t, twin.Restore(s.Snapshot()))
	require.Equal(t, s.states(t), twin.states(t))
}

// strolls looks at everything that can be looked at, and lets end users do what
// they do: whatever there is, nobody finds the server broken.
func (s *Server) strolls(t testing.TB) {
	t.Helper()
	r := repertoireOf(t)
	found := []string{"1"}
	for _, route := range r.routes {
		method, path, _ := strings.Cut(route, " ")
		if method != http.MethodGet || strings.Contains(path, "{") || strings.HasSuffix(path, "/public-keys") { // those are slow to make
			continue
		}
		resp := ask(t, s, order{method: method, target: path})
		require.Equal(t, 200, resp.StatusCode, route)
		names := namesIn(t, resp)
		for _, name := range names {
			ask(t, s, order{method: method, target: path + "/" + url.PathEscape(name)})
		}
		found = append(found, names...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	for _, route := range r.routes {
		if o := r.orders[route]; isDeed(route) {
			for i, name := range found {
				ask(t, s, order{o.method, o.target, string(worldtest.Graft([]byte(o.body), 2*uint16(i%3)+2, encode(t, name)))})
			}
		}
	}
	for _, v := range s.vendors {
		for _, op := range v.tables.Ops {
			if op.Method == http.MethodGet || strings.HasSuffix(op.Path, "/get-bulk") {
				s.visits(t, v, op, found)
			}
		}
	}
	s.keeps(t)
}

// isDeed reports whether a route is for what end users and the vendor's staff do.
func isDeed(route string) bool {
	parts := strings.Split(strings.TrimPrefix(route, "POST "+adminRoot+"/"), "/")
	return strings.HasPrefix(route, "POST ") && len(parts) == 2 && slices.Contains([]string{
		"verify", "redeem", "check", "blacklist-globally", "lift-global-blacklist", "auth", "register", "portal-reset", "orphan-licenses",
	}, parts[1])
}

// visits sends a request of a vendor's own for whatever there is.
func (s *Server) visits(t testing.TB, v *vendor, op core.Op, found []string) {
	t.Helper()
	path := strings.Replace(op.Path, "{account}", s.Keygen().Account(), 1)
	for _, id := range found {
		target, body := path, ""
		if at := strings.Index(path, "{"); at >= 0 {
			end := strings.Index(path, "}")
			target = path[:at] + url.PathEscape(id) + path[end+1:]
		}
		if op.Method == http.MethodPost {
			body = `{"app_id":` + string(encode(t, id)) + `,"per_page":3}`
		}
		resp := ask(t, s, order{op.Method, target, body}, s.credential(v.name)...)
		require.Less(t, resp.StatusCode, 500, "%s %s", op.ID, id)
		if !strings.Contains(path, "{") && body == "" {
			return
		}
	}
}

// credential is the header by which a vendor knows the default account.
func (s *Server) credential(vendor string) []string {
	switch vendor {
	case "keycrate":
		return []string{"X-Api-Key", s.Keycrate().APIKey(), "Content-Type", "application/json"}
	case "keygen":
		return []string{"Authorization", "Bearer " + s.Keygen().Token()}
	case "luaprot":
		return []string{"Authorization", s.LuaProt().APIKey()}
	default:
		return []string{"Authorization", "Bearer " + s.Junkie().APIKey()}
	}
}

// namesIn are a few of what objects in an answer can be called by.
func namesIn(t testing.TB, resp *http.Response) (names []string) {
	t.Helper()
	var list struct{ Items []map[string]any }
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	for _, item := range list.Items[:min(2, len(list.Items))] {
		for _, member := range []string{"id", "value", "key"} {
			switch name := item[member].(type) {
			case string:
				names = append(names, name)
			case float64:
				names = append(names, fmt.Sprint(int64(name)))
			}
		}
	}
	return names
}

// FuzzSeedJSON: a seed is refused as a whole, with the place that is wrong, or makes
// a world that can be taken down and looked at.
func FuzzSeedJSON(f *testing.F) {
	r := repertoireOf(f)
	vendors, whole := New().vendorNames(), map[string]map[string][]json.RawMessage{}
	for _, route := range r.routes {
		vendor, collection, found := strings.Cut(strings.TrimPrefix(route, "POST "+adminRoot+"/"), "/")
		if found && strings.HasPrefix(route, "POST ") && slices.Contains(vendors, vendor) && !isDeed(route) {
			if whole[vendor] == nil {
				whole[vendor] = map[string][]json.RawMessage{}
			}
			whole[vendor][collection] = []json.RawMessage{json.RawMessage(r.orders[route].body)}
			f.Add(fmt.Appendf(nil, "{%q:\n{%q:[%s\n,{}]}}", vendor, collection, r.orders[route].body), uint16(0), []byte(nil), uint16(0), []byte(nil))
		}
	}
	planted := encode(f, whole)
	for i, value := range []string{`"9999-12-31T23:59:59-01:00"`, `"+106751d"`, `"2562047h47m16.854775807s"`, `9223372036854775807`, `-1`, `1e400`, `null`, `[]`, `"\u0000"`, `"@"`, `@7`, `{"a":1,"a":2}`} {
		f.Add(planted, uint16(7*i), []byte(value), uint16(i), []byte(nil))
	}
	for _, text := range []string{shopSeed, `{"keygen":{"settings":{"singleplayer":true}},"keycrate":{"settings":{}}}`, "[]", "{\n\"junkie\":\n{\n\"keyz\":[]}}", "", "\xff", `{"junkie":{"keys":[{"~/":1}]}}`} {
		f.Add([]byte(text), uint16(0), []byte(nil), uint16(0), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, document []byte, which uint16, value []byte, another uint16, more []byte) {
		document = worldtest.Graft(worldtest.Graft(document, which, value), another, more)
		s := r.server()
		before := string(s.Snapshot())
		if err := s.SeedJSON(document); err != nil {
			var refusal *SeedError
			require.ErrorAs(t, err, &refusal)
			require.LessOrEqual(t, refusal.Line, 1+bytes.Count(document, []byte("\n")))
			require.GreaterOrEqual(t, refusal.Line, 0)
			require.NotEmpty(t, refusal.Detail)
			require.True(t, refusal.Pointer == "" || refusal.Pointer[0] == '/', refusal.Pointer)
			require.True(t, utf8.ValidString(refusal.Detail), "%q", refusal.Detail)
			require.Equal(t, before, string(s.Snapshot()), "a refused seed changes nothing")
			require.Empty(t, s.Effects())
			return
		}
		s.keeps(t)
		s.strolls(t)
	})
}

// FuzzRestore: a snapshot that was written by hand is refused as a whole, or makes
// a server like any other. Byte by byte a fuzzer would hardly ever get one that is
// accepted: here it changes values in what a server has written.
func FuzzRestore(f *testing.F) {
	r := repertoireOf(f)
	for i, value := range []string{`0`, `-1`, `9007199254740993`, `9223372036854775807`, `""`, `"x"`, `null`, `[]`, `{}`, `true`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59.999999999Z"`, `"2026-03-01T12:00:00+14:00"`, `"AAAA"`, `@3`, `@40`} {
		for base := range r.bases {
			f.Add(uint8(base), uint16(61*i+3), []byte(value), uint16(97*i), []byte(nil), uint16(0), []byte(nil))
		}
	}
	for _, text := range []string{"", "[]", `{"format":"x"}`, `{"format":"` + snapshotFormat + `","version":1}`} {
		f.Add(uint8(0), uint16(0), []byte(text), uint16(0), []byte(nil), uint16(0), []byte(nil))
	}
	f.Fuzz(func(t *testing.T, base uint8, a uint16, x []byte, b uint16, y []byte, c uint16, z []byte) {
		document := r.bases[int(base)%len(r.bases)]
		document = worldtest.Graft(worldtest.Graft(worldtest.Graft(document, a, x), b, y), c, z)
		s := r.server()
		before := string(s.Snapshot())
		if err := s.Restore(document); err != nil {
			require.ErrorContains(t, err, "mockserver: Restore: ")
			require.Equal(t, before, string(s.Snapshot()), "a refused snapshot changes nothing")
			return
		}
		s.keeps(t)
		s.strolls(t)
	})
}

// FuzzControl sends requests to the control plane, one after the other: each is
// answered as the document says, and one that is refused, or only asks, changes
// nothing.
func FuzzControl(f *testing.F) {
	r := repertoireOf(f)
	values := []string{`0`, `-1`, `9223372036854775807`, `""`, `"x"`, `null`, `[]`, `{}`, `true`, `"now"`, `"-106751d"`, `"+106751d"`, `"9999-12-31T23:59:59-01:00"`, `@1`, `@3`, `1.5`}
	for i := 0; i < len(r.routes); i += 4 {
		a, b, c, d := byte(i), byte(i+1), byte(i+2), byte(i+3)
		f.Add([]byte{1, a, 0, 0, 0, b, 0, 0, 0, c, 0, 0, 0, d, 0, 0, 0}, "", "", []byte(nil))
		f.Add([]byte{2, a, 1, a, a, b, 2, 2, b, c, 16, 4, c, d, 3, 5, d}, "1", "account=1", []byte(`"a"`))
		f.Add([]byte{0, a, 4, 0, 0, b, 8, 0, 0, c, 32, 0, c, d, 9, 1, 0}, "%2e%2e", "limit=-1&vendor=x", []byte(`{"id":"1","name":"n","name":"n"}`))
	}
	f.Fuzz(func(t *testing.T, plan []byte, id, query string, value []byte) {
		s := r.server()
		began := time.Now()
		if len(plan) > 0 {
			require.NoError(t, s.Restore(r.bases[int(plan[0])%len(r.bases)]))
			plan = plan[1:]
		}
		seen := []string{id}
		for ; len(plan) >= 4; plan = plan[4:] {
			route := r.routes[int(plan[0])%len(r.routes)]
			o := r.orders[route]
			how, place, which := plan[1], uint16(plan[2]), plan[3]
			if how&1 != 0 {
				o.target = strings.Replace(strings.SplitN(route, " ", 2)[1], "{id}", url.PathEscape(seen[int(which)%len(seen)]), 1)
			}
			if how&2 != 0 {
				o.body = string(worldtest.Graft([]byte(o.body), place, []byte(values[int(which)%len(values)])))
			}
			if how&4 != 0 {
				o.target += "?" + query
			}
			if how&8 != 0 {
				o.body = string(worldtest.Graft([]byte(o.body), place, value))
			}
			if how&16 != 0 {
				o.body = string(worldtest.Graft([]byte(o.body), place, encode(t, seen[int(which)%len(seen)])))
			}
			if how&32 != 0 {
				o.method = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"}[which%8]
			}
			seen = append(seen, s.obeys(t, o)...)
			seen = seen[max(0, len(seen)-64):]
		}
		require.Less(t, time.Since(began), 20*time.Second, "a request takes long")
		s.keeps(t)
	})
}

// obeys sends a request to the control plane and asserts what holds for every
// answer. It returns what objects in it are called by.
func (s *Server) obeys(t *testing.T, o order) []string {
	t.Helper()
	before := s.states(t)
	resp := ask(t, s, o)
	if resp == nil || !isControl(resp.Request) {
		return nil
	}
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	keepsToDocument(t, resp.Request, resp, string(text))
	switch {
	case resp.StatusCode == http.StatusNoContent:
		require.Empty(t, text)
	case resp.StatusCode < 300:
		require.True(t, json.Valid(text), "%s", text)
	default:
		require.Contains(t, []int{400, 404, 405, 409, 413, 422}, resp.StatusCode, "%s %s: %s", o.method, o.target, text)
		require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		var p problem
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		require.NoError(t, strict.Decode(&p), "%s", text)
		require.Equal(t, resp.StatusCode, p.Status)
		require.NotEmpty(t, p.Detail)
	}
	if resp.StatusCode > 299 || o.method == http.MethodGet || o.method == http.MethodHead {
		require.Equal(t, before, s.states(t), "%s %s %s: %d changes nothing", o.method, o.target, o.body, resp.StatusCode)
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return namesIn(t, resp)
}

// FuzzFaultSpec: a line is refused and puts nothing in place, or puts a fault in
// place that can be written as it is shown, and that strikes as it says.
func FuzzFaultSpec(f *testing.F) {
	for _, spec := range []string{
		"op=junkie.createKey,phase=afterCommit,action=connReset,times=1", "op=*,action=rateLimited,retryAfter=30s", "op=keygen.*,action=status,status=503,body={\"down\":true}",
		`{"op":"*","action":"status","status":503,"body":"no, not now","mediaType":"text/plain"}`, "op=luaprot.fetchKeys,action=latency,delay=1ms", "op=*,action=hang", "op = * , action = redirect , location = https://x/ ",
		"op=*,phase=afterCommit,action=oversized,size=9223372036854775807", "op=*,phase=afterCommit,action=cutBody,skip=1", "op=*,phase=afterCommit,action=contentType,mediaType=", "op=*,action=htmlPage,status=999", "op=*,action=htmlPage,status=500",
		"op=keycrate.listLicenses,phase=afterCommit,action=garbageBody", "op=*,phase=afterCommit,action=emptyBody", "op=*,phase=afterCommit,action=status,status=204", "op=*,action=rateLimited,retryAfter=9223372036854775807ns", "op=*,op=*,action=hang", "=,", ",", "{", "\xff",
	} {
		f.Add(spec)
	}
	r := repertoireOf(f)
	f.Fuzz(func(t *testing.T, spec string) {
		s := r.server()
		i, err := s.InjectSpec(spec)
		if err != nil {
			require.Nil(t, i)
			require.Empty(t, s.faults)
			require.ErrorContains(t, err, "mockserver: fault ")
			return
		}
		told := encode(t, i.shown().faultDocument)
		again, err := s.InjectSpec(string(told))
		require.NoError(t, err, "%s", told)
		require.Equal(t, string(told), string(encode(t, again.shown().faultDocument)))
		require.Equal(t, i.fault.String(), again.fault.String())
		again.Remove()
		if i.fault.Do.hang || i.fault.Do.delay > 0 || i.fault.Skip > 0 {
			return // it would take its time
		}
		for _, v := range s.vendors {
			s.suffers(t, v, i)
		}
	})
}

// suffers sends a request that a vendor answers well, and asserts what became of it
// under a fault.
func (s *Server) suffers(t *testing.T, v *vendor, i *Injection) {
	t.Helper()
	op := v.tables.Ops[slices.IndexFunc(v.tables.Ops, func(op core.Op) bool {
		return slices.Contains([]string{"junkie.listKeys", "luaprot.fetchKeys", "keycrate.listLicenses", "keygen.listKeys"}, op.ID)
	})]
	target := "https://" + v.tables.Hosts[0] + strings.Replace(op.Path, "{account}", s.Keygen().Account(), 1)
	req, err := http.NewRequestWithContext(t.Context(), op.Method, target, strings.NewReader(`{"app_id":"`+s.Keycrate().AppID()+`"}`))
	require.NoError(t, err)
	for header := range slices.Chunk(s.credential(v.name), 2) {
		req.Header.Set(header[0], header[1])
	}
	hits := i.Hits()
	resp, err := s.Transport().RoundTrip(req)
	if calls := s.Calls(); i.Hits() == hits {
		require.NoError(t, err)
		require.Equal(t, Delivered, calls[len(calls)-1].Delivery)
	} else {
		require.NotEqual(t, Delivered, calls[len(calls)-1].Delivery)
	}
	if err == nil {
		_, err = io.CopyN(io.Discard, resp.Body, 1<<16)
		assert.True(t, err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
		require.NoError(t, resp.Body.Close())
	}
}
