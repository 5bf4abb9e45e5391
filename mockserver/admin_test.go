package mockserver

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// console is a program that uses the control plane of an endpoint.
type console struct {
	t      *testing.T
	client *http.Client
	url    string
}

func consoleOf(t *testing.T, s *Server) console {
	t.Helper()
	e, err := s.Listen("")
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return console{t, &http.Client{Transport: transport}, e.URL}
}

// ask sends a request below /__admin and returns the answer and its body.
func (c console) ask(method, path, body string, header ...string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+adminRoot+path, strings.NewReader(body))
	require.NoError(c.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := c.client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	if !strings.HasPrefix(path, "/shop") { // which exists only here
		keepsToDocument(c.t, req, resp, string(read))
	}
	return resp, string(read)
}

// want asks and expects a status and a JSON document, or nothing for "".
func (c console) want(method, path, body string, status int, document string) {
	c.t.Helper()
	resp, read := c.ask(method, path, body)
	require.Equal(c.t, status, resp.StatusCode, "%s %s: %s", method, path, read)
	if document == "" {
		assert.Empty(c.t, read, "%s %s", method, path)
		return
	}
	assert.JSONEq(c.t, document, read, "%s %s", method, path)
}

// refused asks and expects a problem document.
func (c console) refused(method, path, body string, header ...string) problem {
	c.t.Helper()
	resp, read := c.ask(method, path, body, header...)
	assert.Equal(c.t, "application/problem+json", resp.Header.Get("Content-Type"))
	var p problem
	strict := json.NewDecoder(strings.NewReader(read))
	strict.DisallowUnknownFields()
	require.NoError(c.t, strict.Decode(&p), read)
	assert.Equal(c.t, resp.StatusCode, p.Status)
	assert.Equal(c.t, http.StatusText(p.Status), p.Title)
	assert.Equal(c.t, "about:blank", p.Type)
	assert.NotEmpty(c.t, p.Detail)
	return p
}

const freshItem = `{"id":1,"name":"book","shelf":{"row":null,"tags":null},"extra":null,"sold":false}`

func TestObjectsOfAWorldOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	c.want("GET", "/shop/items", "", 200, `[]`)
	c.want("POST", "/shop/items", `{"name":"book"}`, 201, freshItem)
	c.want("POST", "/shop/items", `{"name":"pen","shelf":{"row":3,"tags":["a"]},"extra":{"x":[1]},"sold":true}`, 201,
		`{"id":2,"name":"pen","shelf":{"row":3,"tags":["a"]},"extra":{"x":[1]},"sold":true}`)
	c.want("GET", "/shop/items/1", "", 200, freshItem)
	c.want("PATCH", "/shop/items/1", ``, 200, freshItem)
	c.want("PATCH", "/shop/items/1", `{"name":"tome"}`, 200, strings.Replace(freshItem, "book", "tome", 1))
	c.want("GET", "/shop/items?name=tome", "", 200, `[`+strings.Replace(freshItem, "book", "tome", 1)+`]`)
	c.want("DELETE", "/shop/items/1", "", 204, "")
	assert.Equal(t, "there is no item \"1\"", c.refused("DELETE", "/shop/items/1", "").Detail)
	c.want("DELETE", "/shop/items?name=pen", "", 204, "")
	assert.Zero(t, shop.Len())

	effects := s.Effects()
	require.Len(t, effects, 3, "the ledger has what happened")
	assert.Equal(t, Effect{Vendor: "shop", Op: "POST /__admin/shop/items", Kind: "item.created", ID: "1", Detail: "book", At: t0}, effects[0])
	assert.Zero(t, s.Decided("shop.create"), "no caller of the vendor saw it")
}

// The control plane is no vendor's: nothing of it is in the journal, and no
// fault strikes it.
func TestTheControlPlaneIsNoVendor(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Inject(Fault{Op: AnyOp, Do: ConnReset()})
	c := consoleOf(t, s)
	c.want("POST", "/shop/items", `{"name":"book"}`, 201, freshItem)
	c.refused("GET", "/nowhere", "")
	c.refused("POST", "/shop/items", "{")
	assert.Empty(t, s.Journal())
	assert.Empty(t, s.Findings())
	s.RemoveFaults()

	resp, err := s.Client().Get("http://127.0.0.1/__admin/health")
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorContains(t, err, "is not emulated", "in process there are the vendors only")
	resp, err = s.Client().Get(shopHost + "/__admin/health")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 404, resp.StatusCode, "whose dialect it is")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = findings{}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()))
	c := consoleOf(t, s)
	want := `{"status":"ok","vendors":[
		{"name":"shop","baseUrl":"` + c.url + `/api/v1","hosts":["api.shop.test","old.shop.test"]},
		{"name":"depot","baseUrl":"` + c.url + `","hosts":["depot.test"]}]}`
	c.want("GET", "/health", "", 200, want)
	resp, body := c.ask("HEAD", "/health", "")
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	assert.Empty(t, body)
	assert.Contains(t, get(s.Handler(), "GET", "https://localhost:7/__admin/health").Body.String(), `"https://localhost:7/api/v1"`)
}

func TestUnknownRoutesAreToldWhatThereIs(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	for _, path := range []string{"", "/", "/nowhere", "/shop", "/shop/items/", "/shop/items/1/2", "/shop/items/.", "/shop/items/%2e%2e", "/shop//items", "/../api/v1/items", "/%2e%2e/api/v1/items", "/health/", "/Health", "%2Fhealth"} {
		p := c.refused("GET", path, "")
		assert.Equal(t, 404, p.Status, path)
		assert.Equal(t, []string{
			"GET /__admin/health", "POST /__admin/reset",
			"GET /__admin/clock", "PUT /__admin/clock", "POST /__admin/clock/advance", "POST /__admin/clock/freeze", "POST /__admin/clock/resume",
			"GET /__admin/faults", "POST /__admin/faults", "DELETE /__admin/faults", "GET /__admin/faults/{id}", "PUT /__admin/faults/{id}", "DELETE /__admin/faults/{id}",
			"GET /__admin/requests", "DELETE /__admin/requests", "GET /__admin/requests/count", "GET /__admin/requests/await", "GET /__admin/requests/{number}",
			"GET /__admin/findings", "DELETE /__admin/findings", "GET /__admin/behaviours",
			"GET /__admin/rate-limits", "GET /__admin/rate-limits/{id}", "PUT /__admin/rate-limits/{id}",
			"POST /__admin/seed", "GET /__admin/snapshot", "PUT /__admin/snapshot",
			"GET /__admin/shop/items", "POST /__admin/shop/items", "DELETE /__admin/shop/items",
			"GET /__admin/shop/items/{id}", "PATCH /__admin/shop/items/{id}", "DELETE /__admin/shop/items/{id}",
			"GET /__admin/shop/labels",
			"POST /__admin/shop/steal", "GET /__admin/shop/settings", "PATCH /__admin/shop/settings",
		}, p.Routes)
	}
	assert.Contains(t, c.refused("GET", "/nowhere", "").Detail, `"/__admin/nowhere"`)
}

func TestWrongMethodsAreToldTheRightOnes(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	for _, wrong := range []struct{ method, path, allow string }{
		{"POST", "/health", "GET, HEAD"},
		{"GET", "/reset", "POST"},
		{"PUT", "/shop/items", "DELETE, GET, HEAD, POST"},
		{"POST", "/shop/items/1", "DELETE, GET, HEAD, PATCH"},
		{"DELETE", "/shop/labels", "GET, HEAD"},
		{"OPTIONS", "/health", "GET, HEAD"},
	} {
		resp, _ := c.ask(wrong.method, wrong.path, "")
		assert.Equal(t, wrong.allow, resp.Header.Get("Allow"))
		p := c.refused(wrong.method, wrong.path, "")
		assert.Equal(t, 405, p.Status)
		assert.Contains(t, p.Detail, wrong.allow)
	}
}

func TestDocumentsAreReadStrictly(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	for body, want := range map[string]problem{
		`{`:                               {Status: 400, Detail: "the body is not one JSON document in UTF-8: unexpected end of JSON input"},
		`{} {}`:                           {Status: 400, Detail: "the body is not one JSON document in UTF-8: invalid character '{' after top-level value"},
		"{\"name\":\"\xff\"}":             {Status: 400, Detail: "the body is not one JSON document in UTF-8"},
		"\xef\xbb\xbf{}":                  {Status: 400, Detail: "the body is not one JSON document in UTF-8: invalid character 'ï' looking for beginning of value"},
		`[]`:                              {Status: 422, Detail: "the body must be a JSON object"},
		`null`:                            {Status: 422, Detail: "the body must be a JSON object"},
		`{"Name":"book"}`:                 {Status: 422, Pointer: "/Name", Detail: `Name is not known here; did you mean "name"?`},
		`{"shelf":{"tag":[]}}`:            {Status: 422, Pointer: "/shelf/tag", Detail: `shelf/tag is not known here; did you mean "tags"?`},
		`{"name":"a","name":"b"}`:         {Status: 422, Pointer: "/name", Detail: "name is sent more than once"},
		`{"name":7}`:                      {Status: 422, Pointer: "/name", Detail: "name must be a string"},
		`{"name":null}`:                   {Status: 422, Pointer: "/name", Detail: "name cannot be null"},
		`{"shelf":null}`:                  {Status: 422, Pointer: "/shelf", Detail: "shelf cannot be null"},
		`{"shelf":[]}`:                    {Status: 422, Pointer: "/shelf", Detail: "shelf must be an object"},
		`{"shelf":{"row":1.5}}`:           {Status: 422, Pointer: "/shelf/row", Detail: "shelf/row must be an integer"},
		`{"shelf":{"row":1e30}}`:          {Status: 422, Pointer: "/shelf/row", Detail: "shelf/row must be an integer"},
		`{"shelf":{"tags":[1]}}`:          {Status: 422, Pointer: "/shelf/tags", Detail: "shelf/tags must be a list of strings"},
		`{"extra":[]}`:                    {Status: 422, Pointer: "/extra", Detail: "extra must be an object"},
		`{"sold":"yes"}`:                  {Status: 422, Pointer: "/sold", Detail: "sold must be true or false"},
		`{"a/b~c":1}`:                     {Status: 422, Pointer: "/a~1b~0c", Detail: `a~1b~0c is not known here; did you mean "id"?`},
		``:                                {Status: 422, Pointer: "/name", Detail: "name is missing"},
		`{"name":"","shelf":{"row":2}}`:   {Status: 422, Pointer: "/name", Detail: "name is missing"},
		strings.Repeat("[", 1<<20):        {Status: 400, Detail: "the body is not one JSON document in UTF-8: invalid character '[' exceeded max depth"},
		`{"extra":` + nested(20000) + `}`: {Status: 400, Detail: "the body is not one JSON document in UTF-8: invalid character '[' exceeded max depth"},
	} {
		got := c.refused("POST", "/shop/items", body)
		want.Type, want.Title = "about:blank", http.StatusText(want.Status)
		assert.Equal(t, want, got, "%.80s", body)
	}
	assert.Zero(t, shop.Len())
	c.want("POST", "/shop/items", `{"name":"a","extra":{"deep":`+nested(5000)+`}}`, 201,
		`{"id":1,"name":"a","shelf":{"row":null,"tags":null},"extra":{"deep":`+nested(5000)+`},"sold":false}`)
	assert.Contains(t, c.refused("POST", "/shop/items", `{"`+strings.Repeat("x", 1<<20)+`":1}`).Detail, "xxx... is not known here")
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

func TestQueriesAreReadStrictly(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	for query, want := range map[string]problem{
		"/shop/items?nam=x":            {Status: 422, Parameter: "nam", Detail: `nam is not known here; did you mean "name"?`},
		"/shop/items?name=x&name=y":    {Status: 422, Parameter: "name", Detail: "name is sent more than once"},
		"/shop/items/1?name=x":         {Status: 422, Parameter: "name", Detail: "name is not known here"},
		"/health?x=%zz":                {Status: 400, Detail: `the query is malformed: invalid URL escape "%zz"`},
		"/health?verbose=1&a=2":        {Status: 422, Parameter: "a", Detail: "a is not known here"},
		"/shop/labels?" + "name=shelf": {Status: 422, Parameter: "name", Detail: "name is not known here"},
	} {
		want.Type, want.Title = "about:blank", http.StatusText(want.Status)
		assert.Equal(t, want, c.refused("GET", query, ""), query)
	}
	assert.Equal(t, "name", c.refused("POST", "/shop/items?name=x", `{"name":"x"}`).Parameter)
}

func TestTooLargeABodyOfTheControlPlane(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	p := c.refused("POST", "/shop/items", `{"name":"`+strings.Repeat("x", core.MaxBody)+`"}`)
	assert.Equal(t, 413, p.Status)
	assert.Zero(t, shop.Len())
	assert.Empty(t, s.Findings())
}

// A web page must not be able to steer a server on the machine that shows it.
func TestWebPagesAreKeptOut(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	for _, host := range []string{"evil.example", "evil.example:5397", "127.0.0.1.evil.example", "localhost.evil.example", "api.shop.test", "192.0.2.1", "[2001:db8::1]:80", "0x7f000001", "0.0.0.0", "localhost.", "127.0.0.1@evil.example"} {
		p := c.refused("POST", "/shop/items", `{"name":"book"}`, "Host", host)
		assert.Equal(t, 403, p.Status, host)
		assert.Equal(t, 403, c.refused("GET", "/health", "", "Host", host).Status, host)
	}
	for _, origin := range []string{"null", "https://evil.example", "http://127.0.0.1", "http://localhost:3000", ""} {
		p := c.refused("POST", "/shop/items", `{"name":"book"}`, "Origin", origin)
		assert.Equal(t, 403, p.Status, origin)
	}
	assert.Zero(t, shop.Len())
	for _, host := range []string{"localhost", "LOCALHOST:5397", "127.8.8.8", "[::1]:5397", "[::ffff:127.0.0.1]"} {
		resp, _ := c.ask("GET", "/health", "", "Host", host)
		assert.Equal(t, 200, resp.StatusCode, host)
	}
	resp, _ := c.ask("POST", "/shop/items", `{"name":"book"}`, "Origin", c.url)
	assert.Equal(t, 201, resp.StatusCode, "a page of the server's own")
	w := httptest.NewRecorder()
	noHost := httptest.NewRequest("GET", "http://127.0.0.1/__admin/health", nil)
	noHost.Host = ""
	s.Handler().ServeHTTP(w, noHost)
	assert.Equal(t, 403, w.Code, "HTTP/1.0 without a Host")
}

func TestHostileInputToTheControlPlane(t *testing.T) { // alone, since it looks at the memory
	s, shop := open(t, AllowFindings())
	e, err := s.Listen("")
	require.NoError(t, err)
	const host = "Host: localhost\r\n"
	long := strings.Repeat("x", 1<<20)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for name, c := range map[string]struct{ sent, want string }{
		"1 MB header":            {"GET /__admin/health HTTP/1.1\r\n" + host + "X: " + long + "\r\n\r\n", "431"},
		"1 MB path":              {"GET /__admin/" + long + " HTTP/1.1\r\n" + host + "\r\n", "431"},
		"a long path":            {"GET /__admin/" + long[:1<<15] + " HTTP/1.1\r\n" + host + "\r\n", "404"},
		"bad escape":             {"GET /__admin/shop/items/%zz HTTP/1.1\r\n" + host + "\r\n", "400"},
		"escaped nothing":        {"GET /__admin/shop/items/%00 HTTP/1.1\r\n" + host + "\r\n", "404"},
		"escaped slash":          {"GET /__admin/shop/items/1%2F2 HTTP/1.1\r\n" + host + "\r\n", "404"},
		"bytes that are no text": {"GET /__admin/shop/items/\xff\xfe HTTP/1.1\r\n" + host + "\r\n", "404"},
		"out by dots":            {"GET /__admin/../api/v1/items HTTP/1.1\r\n" + host + "\r\n", "404"},
		"in by dots":             {"GET /api/v1/../../__admin/health HTTP/1.1\r\n" + host + "\r\n", "404"},
		"many segments":          {"GET /__admin" + strings.Repeat("/a", 30000) + " HTTP/1.1\r\n" + host + "\r\n", "404"},
		"a proxy's request":      {"GET http://evil.example/__admin/health HTTP/1.1\r\n" + host + "\r\n", "403"},
		"two hosts":              {"GET /__admin/health HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", "400"},
		"no host":                {"GET /__admin/health HTTP/1.0\r\n\r\n", "403"},
		"two origins":            {"POST /__admin/reset HTTP/1.1\r\n" + host + "Origin: http://localhost\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n", "403"},
		"odd method":             {"BREW /__admin/reset HTTP/1.1\r\n" + host + "\r\n", "405"},
		"broken chunks":          {"POST /__admin/reset HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", ""},
		"deep JSON":              {"POST /__admin/shop/items HTTP/1.1\r\n" + host + "Content-Length: 65536\r\n\r\n" + strings.Repeat("[", 1<<16), "400"},
		"announced huge body":    {"POST /__admin/reset HTTP/1.1\r\n" + host + "Content-Length: 9999999999\r\n\r\n", "413"},
	} {
		var sent io.Reader = strings.NewReader(c.sent)
		if strings.HasPrefix(name, "announced") {
			sent = io.MultiReader(sent, io.LimitReader(endless{}, 64<<20))
		}
		assert.Contains(t, talk(t, e, sent), c.want, name)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20), "bounded memory")
	assert.Zero(t, shop.Len())
	consoleOf(t, s).want("POST", "/shop/items", `{"name":"book"}`, 201, freshItem)
}

func TestPathsThatAreNotBelowTheControlPlane(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("no vendor has"))
	for _, path := range []string{"/__administration", "/__ADMIN/health", "//__admin/health", "/x/../__admin/health", "/_admin/health"} {
		w := get(s.Handler(), "GET", "http://127.0.0.1"+path)
		assert.Equal(t, 404, w.Code, path)
		assert.Contains(t, w.Body.String(), "no vendor has", path)
	}
	assert.Equal(t, 200, get(s.Handler(), "GET", "http://127.0.0.1/%5f_admin/health").Code)
}

func TestReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, shop := open(t, WithStart(t0))
		use := func() (answer string) {
			_, answer = post(t, s, "book")
			return answer
		}
		fresh := use()
		_, empty := post(t, s, "")
		assert.Contains(t, empty, "400")
		s.Inject(Fault{Op: opGet, Do: Status(500)})
		shop.Limit(true)
		time.Sleep(time.Minute)
		s.Advance(time.Hour)

		s.Reset()
		assert.Equal(t, t0, s.Now())
		assert.Empty(t, s.Journal())
		assert.Empty(t, s.Effects())
		assert.Empty(t, s.Findings(), "or the test would fail")
		assert.Empty(t, s.unfired())
		assert.Zero(t, s.Decided("shop.create"))
		assert.Zero(t, shop.Len(), "the handle stays")
		s.Freeze() // no limit is on
		s.Resume()
		assert.Equal(t, fresh, use(), "everything is drawn as at first")
		assert.Equal(t, 1, s.Calls()[0].Number)
		time.Sleep(time.Minute)
		assert.Equal(t, t0.Add(time.Minute), s.Now())
	})
}

func TestResetOfAFrozenServer(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock())
	s.Resume()
	s.Advance(time.Hour)
	s.Reset()
	assert.Equal(t, t0, s.Now())
	assert.Equal(t, t0, s.Now(), "and frozen")
}

func TestResetOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	c.want("POST", "/shop/items", `{"name":"book"}`, 201, freshItem)
	p := c.refused("POST", "/reset", `{"clock":false}`)
	assert.Equal(t, "/clock", p.Pointer)
	assert.Equal(t, 1, shop.Len(), "nothing was done")
	c.want("POST", "/reset", "", 204, "")
	assert.Zero(t, shop.Len())
	c.want("POST", "/reset", "{}", 204, "")
	c.want("POST", "/shop/items", `{"name":"book"}`, 201, freshItem)
}

// The default credentials and the handles outlive a reset in every world.
func TestResetOfTheRealWorlds(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	junkieKey, luaprotKey := s.Junkie().APIKey(), s.LuaProt().APIKey()
	provider := s.Junkie().AddProvider("shop")
	hub := s.LuaProt().AddHub("shop")
	s.Junkie().AddAccount()
	s.LuaProt().AddAccount()
	s.Junkie().SetRateLimit(1, time.Hour)

	s.Reset()
	assert.Equal(t, junkieKey, s.Junkie().APIKey())
	assert.Equal(t, luaprotKey, s.LuaProt().APIKey())
	assert.Empty(t, s.Junkie().Keys())
	assert.Equal(t, provider, s.Junkie().AddProvider("shop"))
	assert.Equal(t, hub, s.LuaProt().AddHub("shop"))
	for range 2 { // the limit is off
		req, err := http.NewRequest("GET", "https://api.jnkie.com/api/v2/keys", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+junkieKey)
		resp, err := s.Client().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode)
	}
}

func TestControlAndCallersAtOnce(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	c := consoleOf(t, s)
	const workers, each = 8, 20
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				resp, _ := c.ask("POST", "/shop/items", `{"name":"pen"}`)
				assert.Equal(t, 201, resp.StatusCode)
				post(t, s, "book")
				c.ask("GET", "/shop/items", "")
				c.ask("GET", "/health", "")
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 2*workers*each, shop.Len())
	s.AssertCalls(t, workers*each)

	for range workers {
		wg.Go(func() {
			for range each {
				c.ask("POST", "/reset", "")
				post(t, s, "book")
				c.ask("POST", "/shop/items", `{"name":"pen"}`)
				s.Now()
				s.Effects()
			}
		})
	}
	wg.Wait()
	s.Reset()
	assert.Zero(t, shop.Len())
}

// A world that fails is heard of, and the server goes on.
func TestAMistakeOfTheControlPlaneIsLoud(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	assert.Panics(t, func() { problemOf(io.ErrUnexpectedEOF) })
	w := httptest.NewRecorder()
	broken := httptest.NewRequest("POST", "http://127.0.0.1/__admin/shop/items", io.MultiReader(bytes.NewReader([]byte("{")), brokenReader{}))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.Handler().ServeHTTP(w, broken) }, "the caller is gone")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
