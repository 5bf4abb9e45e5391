package mockserver

import (
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// hooks tells a client's trace how far a request got, in the order in which
// net/http would: a client concludes from it whether anything was sent.
type hooks struct{ *httptrace.ClientTrace }

func (h hooks) getConn(req *http.Request) {
	if h.ClientTrace == nil || h.GetConn == nil {
		return
	}
	port := req.URL.Port()
	if port == "" && req.URL.Scheme == "http" {
		port = "80"
	} else if port == "" {
		port = "443"
	}
	h.GetConn(net.JoinHostPort(req.URL.Hostname(), port))
}

func (h hooks) gotConn() {
	if h.ClientTrace != nil && h.GotConn != nil {
		h.GotConn(httptrace.GotConnInfo{Conn: inProcess{}})
	}
}

func (h hooks) wroteHeaders(header http.Header) {
	if h.ClientTrace == nil {
		return
	}
	if h.WroteHeaderField != nil {
		for name, values := range header {
			h.WroteHeaderField(name, values)
		}
	}
	if h.WroteHeaders != nil {
		h.WroteHeaders()
	}
}

func (h hooks) wroteRequest(err error) {
	if h.ClientTrace != nil && h.WroteRequest != nil {
		h.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
}

func (h hooks) gotFirstResponseByte() {
	if h.ClientTrace != nil && h.GotFirstResponseByte != nil {
		h.GotFirstResponseByte()
	}
}

// inProcess stands for the connection that there is none of: something a hook
// may ask for its addresses.
type inProcess struct{}

func (inProcess) Network() string                  { return "tcp" }
func (inProcess) String() string                   { return "in process" }
func (inProcess) LocalAddr() net.Addr              { return inProcess{} }
func (inProcess) RemoteAddr() net.Addr             { return inProcess{} }
func (inProcess) Read([]byte) (int, error)         { return 0, io.EOF }
func (inProcess) Write([]byte) (int, error)        { return 0, net.ErrClosed }
func (inProcess) Close() error                     { return nil }
func (inProcess) SetDeadline(time.Time) error      { return nil }
func (inProcess) SetReadDeadline(time.Time) error  { return nil }
func (inProcess) SetWriteDeadline(time.Time) error { return nil }
