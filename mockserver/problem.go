package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// problem is an error of the control plane, as RFC 9457 has it.
type problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Pointer   string   `json:"pointer,omitempty"`   // to the member of the body that is at fault
	Parameter string   `json:"parameter,omitempty"` // of the query that is at fault
	Routes    []string `json:"routes,omitempty"`    // what there is instead

	allow     []string // methods, of a 405
	challenge string   // what a 401 asks for
}

func (p *problem) Error() string { return p.Detail }

func newProblem(status int, format string, args ...any) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// problemOf words an error that a world or the control plane gave. Any that is
// not for the caller is a mistake of ours, and as loud as one.
func problemOf(err error) *problem {
	var worded *problem
	if errors.As(err, &worded) {
		return worded
	}
	var refusal *core.ControlError
	if !errors.As(err, &refusal) {
		panic(fmt.Sprintf("mockserver: the control plane failed: %v", err))
	}
	p := newProblem(refusal.Status, "%s", refusal.Detail)
	p.Pointer, p.Parameter = refusal.Pointer, refusal.Parameter
	return p
}

func (p *problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	if len(p.allow) > 0 {
		w.Header().Set("Allow", strings.Join(p.allow, ", "))
	}
	if p.challenge != "" {
		w.Header().Set("WWW-Authenticate", p.challenge)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(core.JSON(p.Status, p).Body)
}
