package mockserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// traced returns a context that writes down which hooks fire.
func traced(ctx context.Context, fired *[]string) context.Context {
	note := func(s string) { *fired = append(*fired, s) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(hostPort string) { note("GetConn " + hostPort) },
		GotConn: func(i httptrace.GotConnInfo) {
			note("GotConn")
			_, _ = i.Conn.LocalAddr().String(), i.Conn.RemoteAddr().Network()
		},
		WroteHeaderField:     func(name string, _ []string) { note("WroteHeaderField " + name) },
		WroteHeaders:         func() { note("WroteHeaders") },
		WroteRequest:         func(i httptrace.WroteRequestInfo) { note("WroteRequest " + strings.TrimPrefix(errText(i.Err), "nil")) },
		GotFirstResponseByte: func() { note("GotFirstResponseByte") },
	})
}

func errText(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

// TestHooks expects of the transport in process what net/http does on TCP.
func TestHooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault *Fault
		last  string
	}{
		"answer":      {nil, "GotFirstResponseByte"},
		"lost answer": {&Fault{Op: opCreate, Phase: AfterCommit, Do: ConnReset()}, "WroteRequest "},
		"cut answer":  {&Fault{Op: opCreate, Phase: AfterCommit, Do: CutBody()}, "GotFirstResponseByte"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(link func(*Server) link) []string {
				s, _ := open(t)
				if c.fault != nil {
					s.Inject(*c.fault)
				}
				var fired []string
				l := link(s)
				l.client.Timeout = time.Minute
				outcome(traced(t.Context(), &fired), l, "/items")
				kept := fired[:0]
				for _, hook := range fired { // headers differ, and so does the address
					if name, _, _ := strings.Cut(hook, " "); name != "WroteHeaderField" {
						kept = append(kept, strings.Split(hook, ":")[0])
					}
				}
				kept[0] = "GetConn"
				return kept
			}
			want := run(func(s *Server) link { return tcpLink(t, s) })
			assert.Equal(t, want, run(inProcessLink))
			assert.Equal(t, c.last, want[len(want)-1])
		})
	}
}

func TestHooksTellThatNothingWasSent(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("no vendor's host"))
	var fired []string
	ctx := traced(t.Context(), &fired)
	outcome(ctx, link{s.Client(), "https://other.test"}, "/items")
	assert.Equal(t, []string{"GetConn other.test:443"}, fired)

	fired = nil
	done, cancel := context.WithCancel(ctx)
	cancel()
	assert.Contains(t, outcome(done, inProcessLink(s), "/items"), "context canceled")
	assert.Empty(t, fired)

	fired = nil
	req, err := http.NewRequestWithContext(ctx, "POST", "http://api.shop.test:8080/api/v1/items", iotest.ErrReader(errors.New("no more paper")))
	require.NoError(t, err)
	_, err = s.Client().Do(req)
	require.ErrorContains(t, err, "no more paper")
	assert.Equal(t, []string{"GetConn api.shop.test:8080", "GotConn", "WroteHeaders", "WroteRequest no more paper"}, fired)
	s.AssertCalls(t, 0)
}

func TestOtherHostsAreRefusedForGood(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()), AllowFindings("no vendor's host"))
	_, err := s.Client().Get("https://example.com/secret")
	var urlErr *url.Error
	require.ErrorAs(t, err, &urlErr)
	_, isType := urlErr.Err.(*tls.CertificateVerificationError) //nolint:errorlint // retry policies look at exactly this
	assert.True(t, isType)
	require.ErrorContains(t, err, `"example.com" is not emulated`)
	require.ErrorContains(t, err, "answers api.shop.test, old.shop.test, depot.test")
	assert.Equal(t, `a request was sent to "example.com", which is no vendor's host`, s.Findings()[0].Text)
	assert.Empty(t, s.Journal())
}

func TestVendorsHosts(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for _, base := range []string{"https://api.shop.test", "http://api.shop.test", "https://OLD.shop.test:443", "http://api.shop.test:80"} {
		resp, err := s.Client().Get(base + "/api/v1/items")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode)
	}
}

func TestResponseIsOneOfNetHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock())
	req, err := http.NewRequest("GET", shopHost+"/api/v1/items", nil)
	require.NoError(t, err)
	resp, err := s.Transport().RoundTrip(req)
	require.NoError(t, err)
	assert.Same(t, req, resp.Request)
	assert.Equal(t, "200 OK", resp.Status)
	assert.Equal(t, "HTTP/1.1", resp.Proto)
	assert.True(t, resp.ProtoAtLeast(1, 1))
	assert.Equal(t, int64(2), resp.ContentLength)
	assert.Equal(t, http.Header{
		"Content-Type":   {"application/json"},
		"Content-Length": {"2"},
		"Date":           {"Sun, 01 Mar 2026 12:00:00 GMT"},
	}, resp.Header)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "{}", string(body))
	require.NoError(t, resp.Body.Close())
	_, err = resp.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

func TestAnswersWithoutBody(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("no method"))
	for name, l := range map[string]link{"in process": inProcessLink(s), "on TCP": tcpLink(t, s)} {
		req, err := http.NewRequest("DELETE", l.base+"/items/1", nil)
		require.NoError(t, err)
		resp, err := l.client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 204, resp.StatusCode, name)
		assert.Zero(t, resp.ContentLength, name)
		assert.NotContains(t, resp.Header, "Content-Length", name)

		resp, err = l.client.Head(l.base + "/items")
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Empty(t, body, name)
		assert.Equal(t, int64(len(`{"shop_error":405}`)), resp.ContentLength, name)

		s.Inject(Fault{Op: opDelete, Phase: AfterCommit, Do: CutBody(), Times: 1})
		_, err = l.client.Do(req)
		require.ErrorIs(t, err, io.EOF, name)
		s.Inject(Fault{Op: opDelete, Phase: AfterCommit, Do: GarbageBody(), Times: 1})
		resp, err = l.client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode, "a body needs a status that may have one")
	}
}

// bodySpy is a request body that knows what was done to it.
type bodySpy struct {
	io.Reader
	closed int
}

func (b *bodySpy) Close() error { b.closed++; return nil }

func TestRequestIsLeftAloneButForItsBody(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings("no vendor's host"))
	for _, host := range []string{shopHost, "https://other.test"} {
		body := &bodySpy{Reader: strings.NewReader("book")}
		req, err := http.NewRequest("POST", host+"/api/v1/items", body)
		require.NoError(t, err)
		req.Header["x-odd"] = []string{"a"}
		before := req.Clone(t.Context())
		resp, err := s.Transport().RoundTrip(req)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
		assert.Equal(t, before.Header, req.Header)
		assert.Equal(t, before.URL, req.URL)
		assert.Equal(t, before.Host, req.Host)
		assert.Equal(t, 1, body.closed)
	}
	assert.Equal(t, 1, shop.Len())
}

func TestUnsendableRequestsAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for want, spoil := range map[string]func(*http.Request){
		"http: nil Request.URL":                        func(r *http.Request) { r.URL = nil },
		"http: nil Request.Header":                     func(r *http.Request) { r.Header = nil },
		`unsupported protocol scheme "ftp"`:            func(r *http.Request) { r.URL.Scheme = "ftp" },
		"http: no Host in request URL":                 func(r *http.Request) { r.URL.Host = "" },
		`net/http: invalid method "A B"`:               func(r *http.Request) { r.Method = "A B" },
		`net/http: invalid header field name "a b"`:    func(r *http.Request) { r.Header["a b"] = []string{"c"} },
		`net/http: invalid header field value for "A"`: func(r *http.Request) { r.Header["A"] = []string{"b\r\nc"} },
		"http: ContentLength=9 with Body length 4":     func(r *http.Request) { r.ContentLength = 9 },
		"http: ContentLength=2 with Body length 4":     func(r *http.Request) { r.ContentLength = 2 },
	} {
		body := &bodySpy{Reader: strings.NewReader("book")}
		req, err := http.NewRequest("POST", shopHost+"/api/v1/items", body)
		require.NoError(t, err)
		spoil(req)
		_, err = s.Transport().RoundTrip(req)
		require.EqualError(t, err, want)
		assert.Equal(t, 1, body.closed, want)
	}
	s.AssertCalls(t, 0)
}

func TestABodyThatBlocksEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		never, _ := io.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "POST", shopHost+"/api/v1/items", never)
		require.NoError(t, err)
		_, err = s.Client().Do(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		s.AssertCalls(t, 0)
	})
}

func TestAnAnswersBodyEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Inject(Fault{Op: opList, Phase: AfterCommit, Do: Oversized(1 << 40)})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", shopHost+"/api/v1/items", nil)
	require.NoError(t, err)
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, resp.Body, 1<<20)
	require.NoError(t, err, "made while it is read")
	cancel()
	_, err = io.Copy(io.Discard, resp.Body)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, resp.Body.Close())
}

// TestListsAreReadInAnyPieces expects of a list in process, which is never put together
// there, what a socket carries.
func TestListsAreReadInAnyPieces(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		s := RunT(t)
		w := s.Junkie()
		for range n {
			w.AddKey(junkiemock.Key{ProviderID: w.AddProvider("shop").ID})
		}
		list := func(client *http.Client, base string, pieces func(io.Reader) io.Reader) string {
			req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/api/v2/keys", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+w.APIKey())
			resp, err := client.Do(req)
			require.NoError(t, err)
			text, err := io.ReadAll(pieces(resp.Body))
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Len(t, text, int(resp.ContentLength))
			return string(text)
		}
		e, err := s.Listen("")
		require.NoError(t, err)
		want := list(http.DefaultClient, e.URL, func(r io.Reader) io.Reader { return r })
		require.Equal(t, n, strings.Count(want, `"key_value"`))
		for _, pieces := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			assert.Equal(t, want, list(s.Client(), "https://api.jnkie.com", pieces), "%d keys", n)
		}
	}
}

func TestTooLargeABody(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings("longer than"))
	req, err := http.NewRequest("POST", shopHost+"/api/v1/items", io.LimitReader(endless{}, core.MaxBody+1))
	require.NoError(t, err)
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, `{"shop_error":413}`, string(body))
	assert.Zero(t, shop.Len())
	assert.Equal(t, Delivered, s.Calls(opCreate)[0].Delivery)
	assert.Len(t, s.Findings(), 1)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestRedirectsLeadNowhere(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("no vendor's host"))
	s.Inject(Fault{Op: opCreate, Do: Redirect("https://thief.test/")})
	_, err := s.Client().Post(shopHost+"/api/v1/items", "text/plain", strings.NewReader("book"))
	require.ErrorContains(t, err, `"thief.test" is not emulated`)
	s.AssertCalls(t, 1)
}

func TestEscapedAndOpaquePathsArriveAsSent(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	resp, err := s.Client().Do(&http.Request{
		Method: "DELETE",
		URL:    &url.URL{Scheme: "https", Host: "api.shop.test", Opaque: "//api.shop.test/api/v1/items/a%2Fb"},
		Header: http.Header{},
	})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, 204, request(t, s, "DELETE", "/api/v1/items/c%2F%20d"))
	var ids []string
	for _, e := range s.Effects("item.deleted") {
		ids = append(ids, e.ID)
	}
	assert.Equal(t, []string{"a/b", "c/ d"}, ids)
}

// FuzzRoundTrip looks for requests that the server cannot cope with.
func FuzzRoundTrip(f *testing.F) {
	f.Add("GET", "/api/v1/items/1", "a=1&b=%zz", "")
	f.Add("POST", "/api/v1/items", "", "book")
	f.Add("", "//x/../%2e%2e/\xff", ";;", "\x00")
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		if strings.Contains(path, "crash") {
			return
		}
		s, shop := open(&recorder{})
		resp, err := s.Transport().RoundTrip(&http.Request{
			Method: method,
			URL:    &url.URL{Scheme: "https", Host: "api.shop.test", Path: path, RawQuery: query},
			Header: http.Header{},
			Body:   io.NopCloser(strings.NewReader(body)),
		})
		if err != nil {
			assert.Empty(t, s.Journal())
			return
		}
		require.NoError(t, resp.Body.Close())
		calls := s.Calls()
		require.Len(t, calls, 1)
		assert.Equal(t, resp.StatusCode, calls[0].Status)
		assert.Equal(t, resp.StatusCode < 300, calls[0].Committed)
		assert.Len(t, s.Effects("item.created"), shop.Len())
	})
}
