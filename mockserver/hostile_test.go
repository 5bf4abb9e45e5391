package mockserver

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// hurried gives an endpoint little patience, so that a test need not wait.
func hurried(limits patience) Option {
	return func(c *config) { c.patience = limits }
}

// hostileBodies are what no operation can do anything with.
func hostileBodies() map[string]string {
	const deep = 100_000
	return map[string]string{
		"deep list":        strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"deep object":      strings.Repeat(`{"data":`, deep) + "1" + strings.Repeat("}", deep),
		"deep and cut":     strings.Repeat("[", deep),
		"no UTF-8":         "{\"key\":\"\xff\xfe\xc3\x28\"}",
		"half a text":      `{"key":"\ud800`,
		"zeros":            strings.Repeat("\x00", 1<<16),
		"another language": `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"many documents":   strings.Repeat("{}", 1<<16),
		"many numbers":     "[" + strings.Repeat("1,", 10_000) + "1]",
		"a huge number":    strings.Repeat("9", 1<<20),
	}
}

// hostilePaths are what becomes of a path in bad hands.
func hostilePaths(path string) []string {
	last := strings.LastIndex(path, "/")
	front, name := path[:last], path[last+1:]
	return []string{
		front + "/%2e%2e/" + name, front + "/../" + name, front + "//" + name, "/" + path, path + "/", path + "/%2e%2e%2f", front + "%2F" + name,
		path + "%00", path + "%zz", path + "\xff\xfe", path + strings.Repeat("x", 1<<15), path + strings.Repeat("/a", 1<<13), path + "?" + strings.Repeat("a&", 1<<14),
		path + "?a=%zz&%=;", path + "?\xff=\xff", "http://evil.example" + front + "/%2e%2e/%2e%2e" + path, "http://[::1" + path, path + " HTTP/9.9\r\nX: ", "*" + path, name,
	}
}

// onTheWire is a request as it is sent.
func onTheWire(method, path, credential, body string) io.Reader {
	return strings.NewReader(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, credential, len(body), body))
}

// endure expects that nothing which attack does crashes the server, has it do
// anything, or makes it grow.
func endure(t *testing.T, s *Server, attack func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	attack()
	assert.Eventually(t, func() bool { // net/http keeps a connection for a while that it has closed on a caller who still sends
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int64(after.HeapAlloc)-int64(before.HeapAlloc) < 32<<20
	}, 10*time.Second, 100*time.Millisecond, "memory in the end")
	assert.Less(t, int64(after.HeapSys)-int64(before.HeapSys), int64(512<<20), "memory at worst")
	for _, f := range s.Findings() {
		assert.NotContains(t, f.Text, "panic")
	}
	assert.Empty(t, s.Effects())
}

// Whoever has a credential can send what he likes to any operation of any vendor.
func TestHostileInputToTheVendors(t *testing.T) { // alone, since it looks at the memory
	s := RunT(t, AllowFindings())
	e, err := s.Listen("")
	require.NoError(t, err)
	credentials := map[string]string{
		"junkie":   "Authorization: Bearer " + s.Junkie().APIKey(),
		"keycrate": "x-api-key: " + s.Keycrate().APIKey(),
		"keygen":   "Authorization: Bearer " + s.Keygen().Token(),
		"luaprot":  "Authorization: " + s.LuaProt().APIKey(),
	}
	names := regexp.MustCompile(`\{[^}]*\}`)
	endure(t, s, func() {
		var attackers sync.WaitGroup
		for _, v := range s.vendors {
			require.Contains(t, credentials, v.name)
			attackers.Go(func() {
				for _, op := range v.tables.Ops {
					path := strings.Replace(op.Path, "{account}", s.Keygen().Account(), 1)
					path = names.ReplaceAllString(path, "1")
					for _, odd := range hostilePaths(path) {
						assert.Regexp(t, `^(HTTP/1\.1 ([24]\d\d|505) .*|)$`, talk(t, e, onTheWire(op.Method, odd, credentials[v.name], "")), "%s %.100q", op.ID, odd)
					}
					if op.Method != http.MethodPost && op.Method != http.MethodPut && op.Method != http.MethodPatch {
						continue // the body is nobody's
					}
					for name, body := range hostileBodies() {
						assert.Regexp(t, `^HTTP/1\.1 4\d\d `, talk(t, e, onTheWire(op.Method, path, credentials[v.name], body)), "%s: %s", op.ID, name)
					}
				}
				tooLong := strings.Repeat(" ", core.MaxBody+1)
				op := v.tables.Ops[slices.IndexFunc(v.tables.Ops, func(op core.Op) bool { return op.Method == http.MethodPost })]
				path := names.ReplaceAllString(strings.Replace(op.Path, "{account}", s.Keygen().Account(), 1), "1")
				assert.Regexp(t, `^HTTP/1\.1 4\d\d `, talk(t, e, onTheWire(op.Method, path, credentials[v.name], tooLong)), op.ID)
			})
		}
		attackers.Wait()
	})
	resp, err := http.Get(e.URL + "/__admin/health")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 200, resp.StatusCode, "the server serves on")
}

// Nobody without the token gets as far as a body.
func TestHostileInputToAProtectedControlPlane(t *testing.T) { // alone, since it looks at the memory
	s := RunT(t, WithAdminToken(adminToken), AllowFindings())
	e, err := s.Listen("0.0.0.0:0")
	require.NoError(t, err)
	s.controlOnce.Do(func() { s.control = newControl(s) })
	endure(t, s, func() {
		var attackers sync.WaitGroup
		for _, credential := range []string{
			"X: y", "Authorization: Bearer " + adminToken + "x", "Authorization: Bearer", "Authorization: Bearer \xff\xfe",
			"Authorization: " + strings.Repeat("Bearer ", 1<<12), "Authorization: Bearer " + strings.Repeat("x", 1<<15), "Authorization: Basic " + adminToken,
		} {
			attackers.Go(func() {
				for _, route := range s.control.routes {
					method, path, _ := strings.Cut(route, " ")
					if path == adminRoot+healthPath {
						continue
					}
					for name, host := range map[string]string{"401": "10.0.0.1", "403": "evil.example"} {
						sent := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\nContent-Length: 1099511627776\r\n\r\n", method, path, host, credential)
						assert.Contains(t, talk(t, e, io.MultiReader(strings.NewReader(sent), io.LimitReader(endless{}, 1<<16))), " "+name+" ", "%s %.40q", route, credential)
					}
				}
			})
		}
		attackers.Wait()
	})
	c := consoleOf(t, s).at(e.URL)
	resp, _ := c.ask("GET", "/clock", "", "Authorization", "Bearer "+adminToken)
	assert.Equal(t, 200, resp.StatusCode, "the server serves on")
}

// Names that lead nowhere else than to a page which had them resolve to this
// machine, as they come over the wire.
func TestHostsOverTheWire(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	e, err := s.Listen("")
	require.NoError(t, err)
	for sent, want := range map[string]string{
		"Host: localhost":                                   "201",
		"Host: 127.0.0.1:1":                                 "201",
		"Host: 127.0.0.1, evil.example":                     "400",
		"Host: localhost evil.example":                      "400",
		"Host: localhost/evil.example":                      "400",
		"Host: evil.example#localhost":                      "400",
		"Host: localhost@evil.example":                      "400",
		"Host: evil.example:127.0.0.1":                      "403",
		"Host: [::1].evil.example":                          "403",
		"Host: [::1":                                        "403",
		"Host: \xff":                                        "400",
		"Host: ":                                            "403",
		"X: y":                                              "400",
		"Host: localhost\r\nHost: localhost":                "400",
		"Host: localhost\r\nOrigin: http://x":               "403",
		"Host: localhost\r\nOrigin: null":                   "403",
		"Host: localhost\r\nOrigin: \xff":                   "403",
		"Host: localhost\r\nOrigin: localhost":              "403",
		"Host: evil.example\r\nX-Forwarded-Host: localhost": "403",
	} {
		answer := talk(t, e, strings.NewReader("POST /__admin/shop/items HTTP/1.1\r\n"+sent+"\r\nContent-Length: 14\r\n\r\n{\"name\":\"pen\"}"))
		assert.Contains(t, answer, "HTTP/1.1 "+want, "%q", sent)
	}
	assert.Equal(t, 2, shop.Len(), "only the first two were done")
}

// Callers that say nothing, or never end, are cut off one and all, and keep
// nobody else from being served.
func TestSilentCallersAreCutOff(t *testing.T) {
	t.Parallel()
	const each = 50
	const short = 250 * time.Millisecond
	s, _ := open(t, hurried(patience{header: short, read: 2 * short, write: time.Minute, idle: short, close: time.Minute}))
	e, err := s.Listen("")
	require.NoError(t, err)
	l := link{&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, e.base("shop")}
	var callers sync.WaitGroup
	for _, sent := range []string{
		"", "G", "GET /api/v1/items HTTP/1.1\r\nHost: ", "POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
		"POST /api/v1/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
		"POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{",
		"GET /api/v1/items HTTP/1.1\r\nHost: x\r\n\r\n", // and no more on this connection
	} {
		for range each {
			callers.Go(func() {
				conn, err := net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
				if !assert.NoError(t, err) {
					return
				}
				defer func() { _ = conn.Close() }()
				assert.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
				_, _ = io.WriteString(conn, sent)
				_, err = io.Copy(io.Discard, conn)
				assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			})
		}
	}
	assert.Contains(t, outcome(t.Context(), l, "/items"), "201")
	callers.Wait()
	assert.Contains(t, outcome(t.Context(), l, "/items"), "201")
	s.AssertEffects(t, 2)
}

// A byte now and then is no excuse.
func TestTricklingSendersAreCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start, drip string
		after       time.Duration
	}{
		"in the header": {"GET /api/v1/items HTTP/1.1\r\nHost: x\r\n", "X: y\r\n", readHeaderTimeout},
		"in the body":   {"POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", "x", readTimeout},
		"in chunks":     {"POST /api/v1/items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", readTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, shop := open(t)
				p := newPipes()
				s.Serve(p)
				conn, err := p.DialContext(t.Context(), "", "")
				require.NoError(t, err)
				began := time.Now()
				_, err = io.WriteString(conn, c.start)
				for err == nil && time.Since(began) < time.Hour {
					time.Sleep(time.Second / 2)
					_, err = io.WriteString(conn, c.drip)
				}
				require.Error(t, err, "it would go on for an hour")
				assert.InDelta(t, c.after.Seconds(), time.Since(began).Seconds(), 1)
				assert.Zero(t, shop.Len())
				require.NoError(t, conn.Close())
			})
		})
	}
}
