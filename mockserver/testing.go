package mockserver

import (
	"errors"
	"strings"
)

// TB is what a server needs of a test. [testing.T], [testing.B] and [testing.F]
// have it, and so do the tests of most frameworks.
type TB interface {
	Helper()
	Cleanup(func())
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// RunT returns a server for one test. It opens no socket and starts no
// goroutine, and is cheap enough that no two tests need share one.
//
// When the test ends, its endpoints are closed, and the test fails for every
// finding and for every fault that never fired; [AllowFindings] makes
// exceptions. Misuse of the server ends the test at once through t.Fatalf. After
// the test the server answers nobody: what still calls it would go unseen.
func RunT(t TB, opts ...Option) *Server {
	t.Helper()
	c := newConfig(opts)
	s := newServer(t, c)
	t.Cleanup(func() {
		t.Helper()
		s.ended.Store(true)
		if err := s.Close(); err != nil {
			t.Errorf("mockserver: closing an endpoint: %v", err)
		}
		s.report()
	})
	return s
}

// over returns an error once the test of RunT has ended.
func (s *Server) over() error {
	if s.ended.Load() {
		return errors.New("mockserver: the test that made this server with RunT is over; wait in the test for whatever still calls it")
	}
	return nil
}

// report fails the test for what the server has to complain about.
func (s *Server) report() {
	s.t.Helper()
	complaints, allowed := s.complaints()
	for _, text := range allowed {
		s.t.Logf("mockserver: allowed: %s", text)
	}
	for _, text := range complaints {
		s.t.Errorf("mockserver: %s", text)
	}
}

// Complaints returns what the test of [RunT] would fail for, a line each: the
// findings that [AllowFindings] makes no exception for, and the faults that never
// fired. A program that runs the server without a test can end with it.
func (s *Server) Complaints() []string {
	complaints, _ := s.complaints()
	return complaints
}

func (s *Server) complaints() (complaints, allowed []string) {
	var all []string
	for _, f := range s.Findings() {
		all = append(all, f.String())
	}
	for _, text := range append(all, s.unfired()...) {
		if containsAny(text, s.made.allowed) {
			allowed = append(allowed, text)
		} else {
			complaints = append(complaints, text)
		}
	}
	return complaints, allowed
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// helper marks the caller as a helper of the test, where there is a test.
func (s *Server) helper() {
	if s.t != nil {
		s.t.Helper()
	}
}
