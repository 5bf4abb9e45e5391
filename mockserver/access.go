package mockserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// minToken is the length below which a token is too easily guessed by whoever
// can try as often as he likes.
const minToken = 16

// WithAdminToken protects the control plane: every request below /__admin, but
// for its health, needs the header "Authorization: Bearer" with the token. The
// vendors' own paths stay as open as they are. With a token, [Server.Listen]
// takes addresses that other machines reach.
//
// A token has at least 16 characters, all of them visible ones of ASCII.
func WithAdminToken(token string) Option {
	return func(c *config) {
		if err := checkToken(token); err != nil {
			c.errs = append(c.errs, fmt.Errorf("WithAdminToken: %w", err))
		}
		c.token = token
	}
}

// checkToken never shows the token.
func checkToken(token string) error {
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the token has characters that no header can carry; take visible ones of ASCII, without blanks")
	}
	if len(token) < minToken {
		return fmt.Errorf("the token has %d characters, and is too easily guessed with less than %d", len(token), minToken)
	}
	return nil
}

// WithAllowedHosts lets the control plane answer requests whose Host header has
// one of these names, such as that of a container in its network. Without it
// only loopback addresses and localhost are answered; at an endpoint that other
// machines reach, every IP address. Any other name may be that of a web page
// which had it resolve to this machine.
func WithAllowedHosts(names ...string) Option {
	return func(c *config) {
		for _, name := range names {
			if !isHost(name) {
				c.errs = append(c.errs, fmt.Errorf("WithAllowedHosts: %q is no name of a host; give it without scheme and port, such as \"mock\" or \"mock.example.com\"", name))
			}
			c.hosts = append(c.hosts, strings.ToLower(name))
		}
	}
}

// isHost reports whether a text can be the name or address in a Host header.
func isHost(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
}

// distrust refuses a request to the control plane from somebody who has no
// business there: a web page that has its own name resolve to this machine is
// betrayed by the Host, any other by the Origin, and whoever has not been given
// the token by its lack. The operation is nil if there is none.
func (s *Server) distrust(r *http.Request, op *core.Op) *problem {
	if !s.answersFor(r.Host, endpointOf(r.Context())) {
		return newProblem(http.StatusForbidden, "the control plane answers loopback addresses, localhost and hosts that it was allowed only, not the Host %q", core.Clip(r.Host, maxPath))
	}
	for _, origin := range r.Header["Origin"] {
		if from, err := url.Parse(origin); err != nil || !strings.EqualFold(from.Host, r.Host) {
			return newProblem(http.StatusForbidden, "the control plane answers no page of another origin, such as %q", core.Clip(origin, maxPath))
		}
	}
	if op != nil && op.Path == adminRoot+healthPath {
		return nil
	}
	return s.unauthorized(r)
}

// answersFor reports whether a Host may be the one that the caller meant. Only a
// name can be made to resolve to a machine that it does not belong to, so that
// an endpoint which other machines reach answers for every address.
func (s *Server) answersFor(host string, e *Endpoint) bool {
	name := (&url.URL{Host: host}).Hostname()
	if strings.EqualFold(name, "localhost") || slices.Contains(s.made.hosts, strings.ToLower(name)) {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && (addr.Unmap().IsLoopback() || e != nil && e.wide)
}

// unauthorized refuses a request without the token, if there is one.
func (s *Server) unauthorized(r *http.Request) *problem {
	if s.made.token == "" {
		return nil
	}
	const scheme = "Bearer "
	sent := r.Header["Authorization"]
	if len(sent) == 1 && len(sent[0]) > len(scheme) && strings.EqualFold(sent[0][:len(scheme)], scheme) {
		if sameText(strings.TrimSpace(sent[0][len(scheme):]), s.made.token) {
			return nil
		}
		p := newProblem(http.StatusUnauthorized, "the token is not the control plane's")
		p.challenge = `Bearer realm="mockserver", error="invalid_token"`
		return p
	}
	p := newProblem(http.StatusUnauthorized, "the control plane is protected: send its admin token as \"Authorization: Bearer TOKEN\"")
	p.challenge = `Bearer realm="mockserver"`
	return p
}

// sameText compares in a time that tells nothing of either text.
func sameText(a, b string) bool {
	one, other := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(one[:], other[:]) == 1
}
