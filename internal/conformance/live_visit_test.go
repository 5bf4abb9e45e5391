package conformance

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// visit is one run's dealings with one vendor, or with the mock in its place.
// Everything that is sent goes through it, one call at a time: it keeps the pace,
// lets nothing through that would touch what the run has not made, and remembers
// what it has.
type visit struct {
	vendor *liveVendor
	set    liveSettings
	run    string // the run's mark, which everything bears that it makes
	next   http.RoundTripper
	model  bool // it is the mock that is visited, in the vendor's place
	pause  time.Duration
	wait   func(context.Context, time.Duration) error
	ctx    context.Context // of the probe that is being put

	contract   *contract
	estate     estate
	calls      int
	latest     string          // the operation of the last call
	worked     map[string]bool // operations that have succeeded
	free       time.Time       // when the next call may be sent
	departures []string        // from the vendor's document
	mishaps    []string        // of the run itself, which must not be
}

func (v *liveVendor) visit(set liveSettings, run string, next http.RoundTripper) *visit {
	pause := v.pause
	if isNear(set[baseURL.name]) {
		pause = 0
	}
	return &visit{vendor: v, set: set, run: run, next: next, pause: pause, wait: sleep, estate: estate{run: run}, worked: map[string]bool{}}
}

// sleep waits for real, as nobody can move a vendor's clock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// client is for a client of the vendor to send its requests with.
func (v *visit) client() *http.Client {
	return &http.Client{
		Transport:     v,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// The vendor's refusals for its rate limit are waited out.
const (
	mostRefusals = 3
	longestPause = time.Minute
)

// send sends a request that no client of ours need be able to send. Headers are
// as in [rig.send].
func (v *visit) send(ctx context.Context, method, path, body string, headers ...string) (answer, error) {
	for refusals := 0; ; refusals++ {
		got, err := v.sendOnce(ctx, method, path, body, headers)
		if err != nil || got.Status != http.StatusTooManyRequests || refusals == mostRefusals {
			return got, err
		}
		seconds, _ := strconv.Atoi(got.Header.Get("Retry-After"))
		if err := v.wait(ctx, min(longestPause, cmp.Or(time.Duration(seconds)*time.Second, longestPause))); err != nil {
			return answer{}, err
		}
	}
}

func (v *visit) sendOnce(ctx context.Context, method, path, body string, headers []string) (answer, error) {
	root := v.vendor.root(v.set)
	if below, found := strings.CutPrefix(path, "//"); found {
		root, path = "", "/"+below
	}
	req, err := http.NewRequestWithContext(ctx, method, v.set[baseURL.name]+root+path, strings.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("a request that cannot be sent: %s", method)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	v.vendor.credential(req.Header, v.set)
	setHeaders(req.Header, headers)
	resp, err := v.client().Do(req)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // without the address
		}
		return answer{}, fmt.Errorf("%s: %w", v.name(req), err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("%s: the answer broke off: %w", v.name(req), err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}, nil
}

// name is what a request asks for, without anything that it names.
func (v *visit) name(req *http.Request) string {
	if call := v.read(req, nil); call.op != nil {
		return call.op.ID
	}
	return req.Method + " of a path that no operation has"
}

// liveCall is a request on its way, as far as the vendor's table of operations
// tells what it is.
type liveCall struct {
	op     *transport.Op // nil: none
	method string
	params []string // from the path, in the order of the template
	path   []string // the segments of the path, unescaped
	query  url.Values
	body   string
	set    liveSettings
}

func (v *visit) read(req *http.Request, body []byte) *liveCall {
	call := &liveCall{method: req.Method, query: req.URL.Query(), body: string(body), set: v.set}
	base, err := url.Parse(v.set[baseURL.name])
	if err != nil {
		return call
	}
	below := strings.Trim(strings.TrimPrefix(req.URL.EscapedPath(), base.EscapedPath()), "/")
	for _, segment := range strings.Split(below, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			plain = segment
		}
		call.path = append(call.path, plain)
	}
	for i := range v.vendor.ops { // a literal segment before a parameter, as the vendors have it
		op := &v.vendor.ops[i]
		params, fits := fitsInto(op.Path, call.path)
		if op.Method == call.method && fits && (call.op == nil || len(params) < len(call.params)) {
			call.op, call.params = op, params
		}
	}
	return call
}

// fitsInto is what a path has in the places of a template's parameters.
func fitsInto(template string, path []string) (params []string, fits bool) {
	segments := strings.Split(strings.Trim(template, "/"), "/")
	if len(segments) != len(path) {
		return nil, false
	}
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") {
			params = append(params, path[i])
		} else if segment != path[i] {
			return nil, false
		}
	}
	return params, true
}

// RoundTrip lets one request through to the vendor.
func (v *visit) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchange{req: req}
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if x.sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(x.sent))
	}
	call := v.read(req, x.sent)
	intent, err := v.allow(call)
	if err != nil {
		v.mishaps = append(v.mishaps, err.Error())
		return nil, err
	}
	if pause := time.Until(v.free); v.pause > 0 && pause > 0 {
		if err := v.wait(req.Context(), pause); err != nil {
			return nil, err
		}
	}
	v.calls++
	settle := v.estate.begin(call, intent)
	x.resp, err = v.next.RoundTrip(req)
	if err == nil {
		x.got, err = io.ReadAll(x.resp.Body)
		_ = x.resp.Body.Close()
	}
	v.free = time.Now().Add(v.pause)
	if err != nil {
		return nil, err
	}
	x.resp.Body = io.NopCloser(bytes.NewReader(x.got))
	got := answer{x.resp.StatusCode, x.resp.Header, string(x.got)}
	v.remember(call, got)
	settle(v.vendor.made, got)
	v.compare(x, call)
	return x.resp, nil
}

// remember notes down which operations there were, and which of them have worked.
func (v *visit) remember(call *liveCall, got answer) {
	v.latest = ""
	if call.op != nil {
		v.latest = call.op.ID
		v.worked[call.op.ID] = v.worked[call.op.ID] || got.succeeded()
	}
}

// compare holds an answer against the vendor's document, which it should keep to
// as the mock does.
func (v *visit) compare(x exchange, call *liveCall) {
	if call.op == nil || v.contract == nil || x.req.Header.Get("Keygen-Version") != "" || // of which the document does not speak
		x.resp.StatusCode == http.StatusTooManyRequests || x.resp.StatusCode >= 500 {
		return
	}
	for _, fault := range faultsOf(v.contract.check(x, false)) {
		text := fmt.Sprintf("%s, answered %d: %s", call.op.ID, x.resp.StatusCode, fault)
		if !slices.Contains(v.departures, text) {
			v.departures = append(v.departures, text)
		}
	}
}
