package keygenmock

import (
	"fmt"
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// problem is one error object of a refusal.
type problem struct {
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Code   string  `json:"code,omitempty"`
	Source *source `json:"source,omitempty"`
	Links  *about  `json:"links,omitempty"`
}

// source says what of the request was wrong; one of its members is there.
type source struct {
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Header    string `json:"header,omitempty"`
}

type about struct {
	About string `json:"about"`
}

// failure is a refusal in the vendor's error dialect.
type failure struct {
	status   int
	problems []problem
	header   http.Header
	outside  bool   // decided before any controller: no meta, no headers of its own
	page     string // HTML in place of all that
}

func refusal(status int, problems ...problem) *failure {
	return &failure{status: status, problems: problems}
}

// outside marks a refusal as one from before the controllers.
func outside(status int, p problem) *failure {
	return &failure{status: status, problems: []problem{p}, outside: true}
}

func at(pointer string) *source { return &source{Pointer: pointer} }

func linkTo(page string) *about { return &about{About: docs + page} }

const docs = "https://keygen.sh/docs/api/"

const (
	titleBadRequest    = "Bad request"
	titleUnauthorized  = "Unauthorized"
	titleDenied        = "Access denied"
	titleNotFound      = "Not found"
	titleUnprocessable = "Unprocessable resource"
)

// failure makes a refusal of what is wrong with a request's form.
func (b *badRequest) failure() *failure {
	p := problem{Title: titleBadRequest, Detail: b.detail, Code: b.code}
	if b.pointer != "" || b.parameter != "" || b.header != "" {
		p.Source = &source{Pointer: b.pointer, Parameter: b.parameter, Header: b.header}
	}
	if b.about != "" {
		p.Links = &about{About: b.about}
	}
	f := refusal(http.StatusBadRequest, p)
	f.outside = b.early
	return f
}

// denied is a 403 with an explanation in parentheses.
func denied(why string) *failure {
	return refusal(http.StatusForbidden, problem{Title: titleDenied, Detail: "You do not have permission to complete the request (" + why + ")"})
}

// notFound says that an object is not there, or hidden from the bearer.
func notFound(kind, id string) *failure {
	return refusal(http.StatusNotFound, problem{
		Title: titleNotFound, Detail: fmt.Sprintf("The requested %s '%s' was not found", kind, id), Code: "NOT_FOUND",
	})
}

// conflict is what the database says to a second row of the same text.
func conflict() *failure {
	return refusal(http.StatusConflict, problem{Title: "Conflict", Detail: "The request could not be completed because of a conflict"})
}

var (
	errNoRoute = refusal(http.StatusNotFound, problem{
		Title:  titleNotFound,
		Detail: "The requested endpoint was not found (check your HTTP method, Accept header, and URL path)",
		Code:   "NOT_FOUND",
	})
	errInactive = refusal(http.StatusForbidden, problem{
		Title:  "Account does not have an active subscription",
		Detail: "must have an active subscription to access this resource",
	})
	errForbidden = denied("ensure the token or license is allowed to access all resources")
	errThrottled = outside(http.StatusTooManyRequests, problem{
		Title:  "Too many requests",
		Detail: "Throttle limit has been reached for your IP address. Please slow down. See " + docs + "rate-limiting/ for more info.",
		Code:   "TOO_MANY_REQUESTS",
	})
	errInternal = refusal(http.StatusInternalServerError, problem{
		Title: "Internal server error",
		Detail: "Looks like something went wrong! Our engineers have been notified. If you continue to have problems, " +
			"please contact support@keygen.sh.",
	})
	errTimeout = outside(http.StatusServiceUnavailable, problem{
		Title: "Request timeout", Detail: "The request timed out because the server took too long to respond",
	})
)

// document is the body of a refusal.
type errorDocument struct {
	Meta   *errorMeta `json:"meta,omitempty"`
	Errors []problem  `json:"errors"`
}

type errorMeta struct {
	ID string `json:"id"`
}

func (f *failure) answer(requestID string) core.Answer {
	doc := errorDocument{Errors: f.problems}
	if !f.outside {
		doc.Meta = &errorMeta{ID: requestID}
	}
	answer := core.JSON(f.status, doc)
	for name, values := range f.header {
		answer = answer.With(name, values...)
	}
	return answer
}

// Failure words a failure that a test injects, or that comes before the world,
// as the vendor would. It comes from in front of the vendor's controllers and
// thus has neither their headers nor a signature.
func (v *vendor) Failure(status int) core.Answer {
	p := problem{Title: http.StatusText(status), Detail: "The request could not be completed"}
	for _, f := range []*failure{errUnauthorized, errForbidden, errNoRoute, conflict(), errThrottled, errInternal, errTimeout} {
		if f.status == status {
			p = f.problems[0]
		}
	}
	if p.Title == "" {
		p.Title = fmt.Sprintf("Status %d", status)
	}
	return outside(status, p).answer("").With("Content-Type", typeJSONAPI+charset)
}
