package mockserver

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Action is what a [Fault] does to a call. The functions of this package that
// return one are the only source of it.
type Action struct {
	name    string
	delay   time.Duration
	hang    bool
	apply   func(*reply, *vendor) // what becomes of the answer; nil: nothing
	answers bool                  // an answer of its own, with header and body
	damages bool                  // spoils a successful answer, so that there must be one
	err     error                 // a bad argument, told by Inject
}

// String returns the action as it is written, such as "Status(503)".
func (a Action) String() string {
	if a.name == "" {
		return "no action"
	}
	return a.name
}

// Status answers with a status and a body in the vendor's own error dialect:
// any from 300 to 599, or after the commit also from 200. [Action.WithHeader]
// and [Action.WithBody] change the rest of the answer.
func Status(code int) Action {
	a := Action{name: fmt.Sprintf("Status(%d)", code), answers: true, damages: code < 300}
	if code < 200 || code > 599 {
		a.err = fmt.Errorf("%d is no status of an answer; it must be from 200 to 599", code)
	}
	a.apply = func(r *reply, v *vendor) { *r = reply{Answer: v.failure(r.op, code)} }
	return a
}

// RateLimited answers 429 with Retry-After, in whole seconds (rounded up).
func RateLimited(retryAfter time.Duration) Action {
	a := Status(http.StatusTooManyRequests).WithHeader("Retry-After", core.RetryAfter(retryAfter).Get("Retry-After"))
	a.name = fmt.Sprintf("RateLimited(%v)", retryAfter)
	if retryAfter < 0 {
		a.err = fmt.Errorf("%v is negative", retryAfter)
	}
	return a
}

// HTMLPage answers with a status and the HTML error page of a proxy in front of
// the vendor. The statuses are those of [Status].
func HTMLPage(code int) Action {
	const page = "<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n</body>\r\n</html>\r\n"
	a := Status(code).WithBody("text/html; charset=utf-8", fmt.Sprintf(page, code, http.StatusText(code)))
	a.name = fmt.Sprintf("HTMLPage(%d)", code)
	return a
}

// Redirect answers 307 with Location. A client that follows it sends the
// request once more, body and all, to where it points; a server in process
// refuses that like every host that is not a vendor's.
func Redirect(location string) Action {
	a := Status(http.StatusTemporaryRedirect).WithHeader("Location", location)
	a.name = fmt.Sprintf("Redirect(%q)", location)
	if _, err := url.Parse(location); err != nil || location == "" {
		a.err = fmt.Errorf("%q is no URL", location)
	}
	return a
}

// WithHeader sets a header of the answer that [Status] and its relatives give.
func (a Action) WithHeader(name, value string) Action {
	return a.also("WithHeader", func(r *reply) { r.Header.Set(name, value) })
}

// WithBody replaces the body of the answer that [Status] and its relatives give.
func (a Action) WithBody(mediaType, body string) Action {
	return a.also("WithBody", func(r *reply) {
		r.Header.Set("Content-Type", mediaType)
		r.Body, r.List = []byte(body), nil
	})
}

func (a Action) also(method string, change func(*reply)) Action {
	if !a.answers {
		a.err = errors.Join(a.err, fmt.Errorf("%s needs an action that gives an answer of its own, such as Status", method))
		return a
	}
	first := a.apply
	a.apply = func(r *reply, v *vendor) {
		first(r, v)
		r.Header = r.Header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		change(r)
	}
	return a
}

// Latency delays the call, in the process's time and not the virtual one: a
// test that must not really wait runs under testing/synctest. Before the commit
// the request waits for its turn and is never carried out if the caller gives up
// meanwhile; after the commit it is the answer that is late. It adds to other
// faults instead of excluding them.
func Latency(d time.Duration) Action {
	a := Action{name: fmt.Sprintf("Latency(%v)", d), delay: d}
	if d <= 0 {
		a.err = fmt.Errorf("%v is no delay", d)
	}
	return a
}

// Hang never answers: the call ends when the caller gives up or its endpoint is
// closed. In process the request's context must be one that can end.
func Hang() Action { return Action{name: "Hang()", hang: true} }

// ConnReset resets the connection instead of answering: the caller gets
// ECONNRESET. On a connection that knows no reset, such as a pipe, it is closed.
func ConnReset() Action {
	return Action{name: "ConnReset()", apply: func(r *reply, _ *vendor) { *r = reply{end: connReset} }}
}

// ConnClose closes the connection instead of answering: the caller gets EOF.
func ConnClose() Action {
	return Action{name: "ConnClose()", apply: func(r *reply, _ *vendor) { *r = reply{end: connClosed} }}
}

// CutBody sends the vendor's answer as far as half of its body and closes the
// connection, so that the caller gets an unexpected EOF while reading. Of an
// answer that has no body at all the head is cut instead, as by [ConnClose].
func CutBody() Action {
	return damage("CutBody()", func(r *reply) {
		if !bodyAllowed(r.Status) {
			*r = reply{end: connClosed}
			return
		}
		r.end = bodyCut
	})
}

// GarbageBody sends the vendor's answer with a body that is no JSON.
func GarbageBody() Action {
	return damage("GarbageBody()", func(r *reply) {
		r.carryBody()
		r.Body, r.List = []byte("{\"data\": [\xff\x00<<garbage"), nil
	})
}

// EmptyBody sends the vendor's answer without its body.
func EmptyBody() Action {
	return damage("EmptyBody()", func(r *reply) { r.Body, r.List = nil, nil })
}

// ContentType sends the vendor's answer labelled as another media type; "" is
// an answer without any label.
func ContentType(mediaType string) Action {
	a := damage(fmt.Sprintf("ContentType(%q)", mediaType), func(r *reply) {
		r.carryBody()
		r.Header.Set("Content-Type", mediaType)
		if mediaType == "" {
			r.Header.Del("Content-Type")
		}
	})
	if mediaType != "" {
		_, _, a.err = mime.ParseMediaType(mediaType)
	}
	return a
}

// Oversized sends the vendor's answer with so many blanks behind it that its
// body has n bytes: nothing is wrong with it but the size.
func Oversized(n int64) Action {
	a := damage(fmt.Sprintf("Oversized(%d)", n), func(r *reply) {
		r.carryBody()
		r.pad = max(0, n-int64(r.Len()))
	})
	if n <= 0 {
		a.err = fmt.Errorf("%d is no size", n)
	}
	return a
}

func damage(name string, change func(*reply)) Action {
	return Action{name: name, damages: true, apply: func(r *reply, _ *vendor) {
		r.Header = r.Header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		change(r)
	}}
}

// reply is what goes back to the caller: the vendor's answer, or what faults
// made of it.
type reply struct {
	core.Answer
	op  string    // that it answers; empty: none matched
	pad int64     // blanks that follow the body
	at  time.Time // virtual time at which it goes out
	end ending
}

// ending is how an answer ends on its connection.
type ending uint8

const (
	whole      ending = iota
	bodyCut           // half-way through the body
	connClosed        // before it began
	connReset         // before it began
)

// carryBody makes the answer one that can have a body.
func (r *reply) carryBody() {
	if !bodyAllowed(r.Status) {
		r.Status = http.StatusOK
	}
}

// head is the header as it goes out.
func (r *reply) head() http.Header {
	header := make(http.Header, len(r.Header)+2)
	r.writeHead(header)
	return header
}

// writeHead adds to a header what goes out with the answer. It shares nothing
// with it that somebody may change.
func (r *reply) writeHead(header http.Header) {
	room := make([]string, 0, len(r.Header)+2)
	set := func(name string, values ...string) {
		first := len(room)
		room = append(room, values...)
		header[name] = room[first:len(room):len(room)]
	}
	if kind := onlyType(r.Header); kind != nil {
		set("Content-Type", kind...)
	} else {
		for name, values := range r.Header {
			set(name, values...)
		}
	}
	if r.Header["Date"] == nil {
		set("Date", dateOf(r.at))
	}
	if bodyAllowed(r.Status) {
		set("Content-Length", strconv.FormatInt(r.promised(), 10))
	}
}

// onlyType is the Content-Type of a header that has nothing else, as most answers'
// have it: to go through a map would take long for that.
func onlyType(h http.Header) []string {
	if len(h) == 1 {
		return h["Content-Type"]
	}
	return nil
}

// dateOf is a time as Date has it. Calls of the same second have the same text.
func dateOf(at time.Time) string {
	if last := latestDate.Load(); last != nil && last.second == at.Unix() {
		return last.text
	}
	last := &date{at.Unix(), at.UTC().Format(http.TimeFormat)}
	latestDate.Store(last)
	return last.text
}

type date struct {
	second int64
	text   string
}

var latestDate atomic.Pointer[date]

// sent is what goes out of the body in answer to a method, and how many blanks
// follow it. A list is written into the room, if that is large enough.
func (r *reply) sent(method string, room []byte) (body []byte, pad int64) {
	if method == http.MethodHead || !bodyAllowed(r.Status) {
		return nil, 0
	}
	if body = r.Body; r.List != nil {
		body = r.List.AppendTo(room)
	}
	if r.end == bodyCut {
		return body[:len(body)/2], 0
	}
	return body, r.pad
}

// promised is the length of the body that the answer's head announces.
func (r *reply) promised() int64 {
	length := int64(r.Len()) + r.pad
	if r.end == bodyCut {
		return max(1, length)
	}
	return length
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}
