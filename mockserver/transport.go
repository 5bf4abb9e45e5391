package mockserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Client returns a new HTTP client that reaches the vendors in process, under
// their real host names; see [Server.Transport].
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: s.Transport()}
}

// Transport returns a round tripper that hands requests to the vendors in
// process, without a socket and without a goroutine. It answers the vendors'
// real host names, over https and http alike, and otherwise behaves as net/http
// does: it fires the hooks of net/http/httptrace, closes the request's body,
// ends with the request's context, and reports broken connections with the same
// errors.
//
// Any other host is refused with a [tls.CertificateVerificationError], which no
// retry policy repeats, and becomes a finding. Nothing is ever dialled.
func (s *Server) Transport() http.RoundTripper { return &transport{s} }

type transport struct{ s *Server }

// RoundTrip takes one request to the vendor whose host it names.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer closeBody(req)
	canonical, err := sendable(req)
	if err != nil {
		return nil, err
	}
	if err := t.s.over(); err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	hooks := hooks{httptrace.ContextClientTrace(ctx)}
	hooks.getConn(req)
	v := t.s.byHost(req.URL.Host)
	if v == nil {
		defer t.s.tellFindings()
		return nil, t.s.foreign(req.URL.Hostname())
	}
	hooks.gotConn()
	hooks.wroteHeaders(req.Header)
	body, err := send(ctx, req)
	hooks.wroteRequest(err)
	if err != nil && !errors.Is(err, core.ErrBodyTooLarge) {
		return nil, err
	}
	x := t.s.exchange(v, asReceived(req, v, canonical), body, err)
	defer x.release()
	return x.respond(req, hooks)
}

// respond takes the exchange to its end, and returns what the caller gets.
func (x *exchange) respond(req *http.Request, hooks hooks) (*http.Response, error) {
	defer x.tellCall(req.Context())
	r, err := x.run(req.Context(), nil)
	if err == nil {
		err = r.broken()
	}
	if err != nil {
		return nil, err
	}
	hooks.gotFirstResponseByte()
	return response(req, r), nil
}

func response(req *http.Request, r *reply) *http.Response {
	made := &struct { // in one piece
		http.Response
		body body
	}{Response: http.Response{
		Status:        statusLine(r.Status),
		StatusCode:    r.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        make(http.Header, len(r.Header)+2),
		Body:          http.NoBody,
		ContentLength: r.promised(),
		Request:       req,
	}}
	r.writeHead(made.Header)
	if !bodyAllowed(r.Status) {
		made.ContentLength = 0
	} else if req.Method != http.MethodHead && r.promised() > 0 {
		made.body.begin(req, r)
		made.Body = &made.body
	}
	return &made.Response
}

// statusLine is a status with its text.
func statusLine(status int) string {
	switch status { // what is answered most
	case http.StatusOK:
		return "200 OK"
	case http.StatusCreated:
		return "201 Created"
	}
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// asReceived is the request as a server would read it.
func asReceived(req *http.Request, v *vendor, canonical bool) arrival {
	a := arrival{method: req.Method, host: req.Host, url: req.URL, header: req.Header}
	if !canonical {
		a.header = canonicalHeader(req.Header)
	}
	if a.method == "" {
		a.method = http.MethodGet
	}
	if a.host == "" {
		a.host = req.URL.Host
	}
	if req.URL.Opaque != "" { // sent as it is, whatever the path says
		if u, err := url.ParseRequestURI(req.URL.RequestURI()); err == nil {
			a.url = u
		}
	}
	a.path = a.url.EscapedPath()
	a.match = v.match(a.method, a.path)
	return a
}

// canonicalHeader is a header with its names in canonical form.
func canonicalHeader(sent http.Header) http.Header {
	header := make(http.Header, len(sent))
	for name, values := range sent {
		name = textproto.CanonicalMIMEHeaderKey(name)
		header[name] = append(header[name], values...)
	}
	return header
}

// byHost returns the vendor that a host, with or without a port, belongs to.
func (s *Server) byHost(host string) *vendor {
	if strings.Contains(host, ":") {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
	}
	for _, v := range s.vendors {
		for _, own := range v.tables.Hosts {
			if strings.EqualFold(own, host) {
				return v
			}
		}
	}
	return nil
}

// foreign refuses a host that is no vendor's.
func (s *Server) foreign(host string) error {
	var hosts []string
	for _, v := range s.vendors {
		hosts = append(hosts, v.tables.Hosts...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find("", "", fmt.Sprintf("a request was sent to %q, which is no vendor's host", host))
	return &tls.CertificateVerificationError{Err: fmt.Errorf(
		"mockserver: %q is not emulated and nothing is ever dialled: this HTTP client answers %s; "+
			"point the base URL at one of them (by default it is), or use another HTTP client for other hosts",
		host, strings.Join(hosts, ", "))}
}

// sendable refuses what net/http refuses to send, and reports whether the names in the
// header have their canonical form, as nearly always.
func sendable(req *http.Request) (canonical bool, err error) {
	switch {
	case req.URL == nil:
		return false, errors.New("http: nil Request.URL")
	case req.Header == nil:
		return false, errors.New("http: nil Request.Header")
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return false, fmt.Errorf("unsupported protocol scheme %q", req.URL.Scheme)
	case req.URL.Host == "":
		return false, errors.New("http: no Host in request URL")
	case req.Method != "" && !isToken(req.Method):
		return false, fmt.Errorf("net/http: invalid method %q", req.Method)
	}
	canonical = true
	for name, values := range req.Header {
		if !isToken(name) {
			return false, fmt.Errorf("net/http: invalid header field name %q", name)
		}
		for _, value := range values {
			if !isFieldValue(value) {
				return false, fmt.Errorf("net/http: invalid header field value for %q", name)
			}
		}
		canonical = canonical && name == textproto.CanonicalMIMEHeaderKey(name)
	}
	return canonical, nil
}

// isToken reports whether a text can be a method or the name of a header.
func isToken(s string) bool {
	for i := range len(s) {
		if !inToken[s[i]] {
			return false
		}
	}
	return s != ""
}

// inToken are the bytes of such texts.
var inToken = func() (is [256]bool) {
	for c := '!'; c < 0x7f; c++ {
		is[c] = !strings.ContainsRune("\"(),/:;<=>?@[\\]{}", c)
	}
	return is
}()

// isFieldValue reports whether a text can be the value of a header.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// send reads the request's body as the other side of a connection would.
func send(ctx context.Context, req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	if req.GetBody == nil { // a stream that may block
		stop := context.AfterFunc(ctx, func() { _ = req.Body.Close() })
		defer stop()
	}
	body, err := core.ReadBody(req.Body)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil && req.ContentLength > 0 && int64(len(body)) != req.ContentLength {
		err = fmt.Errorf("http: ContentLength=%d with Body length %d", req.ContentLength, len(body))
	}
	return body, err
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// broken is the error of a connection that ended before the answer began.
func (r *reply) broken() error {
	switch r.end {
	case connReset:
		return &net.OpError{Op: "read", Net: "tcp", Source: inProcess{}, Addr: inProcess{}, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case connClosed:
		return io.EOF
	default:
		return nil
	}
}
