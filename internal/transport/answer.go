package transport

import (
	"net/http"
	"time"
)

// Answer is one answer as the vendor's dialect sees it.
type Answer struct {
	Op         Op
	StatusCode int
	Header     http.Header
	Body       []byte
	Truncated  bool   // Body is only the beginning of an error answer
	Host       string // the request's host, as sent
	Target     string // the request's path and query, as sent

	redact func(string) string
}

// Redact removes the credential and the request's path values from text that
// the dialect puts into Failure.Detail. Failure.Code, Message and RequestID
// are redacted by the transport itself.
func (a *Answer) Redact(text string) string {
	if a.redact == nil {
		return text
	}
	return a.redact(text)
}

// Failure is what the vendor's dialect read from an answer.
type Failure struct {
	StatusCode int // what the answer means, when its HTTP status says otherwise; 0: as received
	Code       string
	Message    string
	RequestID  string
	Kinds      []error       // kinds of the error besides the status's own
	RetryAfter time.Duration // 0: the Retry-After header decides
	Detail     any           // handed on in Error.Detail
}
