package mockserver

import (
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// clockShown is the clock as the control plane shows it.
type clockShown struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

func addClock(add addRoute, s *Server) {
	on := func(method, path string, do func(core.Document) (reading, error)) {
		add(method, "/clock"+path, controlRoute{status: http.StatusOK, do: func(r controlRequest) (any, error) {
			clock, err := do(r.document)
			return clockShown{clock.now, clock.frozen}, err
		}})
	}
	on(http.MethodGet, "", func(core.Document) (reading, error) { return s.clock.reading(), nil })
	on(http.MethodPut, "", s.setClock)
	on(http.MethodPost, "/advance", s.advanceClock)
	on(http.MethodPost, "/freeze", s.freezeClock)
	on(http.MethodPost, "/resume", s.resumeClock)
}

// setClock is Server.SetTime over HTTP.
func (s *Server) setClock(d core.Document) (reading, error) {
	var set struct {
		Now *core.Instant `json:"now"`
	}
	if err := d.At(s.clock.now()).Into(&set); err != nil {
		return reading{}, err
	}
	if set.Now == nil {
		return reading{}, core.BadMember("/now", "is missing; send %s", set.Now.Wants())
	}
	clock, err := s.setTime(set.Now.Time)
	return clock, blame("/now", err)
}

// advanceClock is Server.Advance over HTTP.
func (s *Server) advanceClock(d core.Document) (reading, error) {
	var step struct {
		By *core.Duration `json:"by"`
	}
	if err := d.Into(&step); err != nil {
		return reading{}, err
	}
	if step.By == nil {
		return reading{}, core.BadMember("/by", "is missing; send %s", step.By.Wants())
	}
	clock, err := s.advance(time.Duration(*step.By))
	return clock, blame("/by", err)
}

// freezeClock is Server.Freeze over HTTP.
func (s *Server) freezeClock(d core.Document) (reading, error) {
	if err := d.Into(&struct{}{}); err != nil {
		return reading{}, err
	}
	clock, err := s.freeze()
	if err != nil {
		return reading{}, &core.ControlError{Status: http.StatusConflict, Detail: err.Error()}
	}
	return clock, nil
}

// resumeClock is Server.Resume over HTTP.
func (s *Server) resumeClock(d core.Document) (reading, error) {
	if err := d.Into(&struct{}{}); err != nil {
		return reading{}, err
	}
	return s.clock.freeze(false), nil
}

// blame turns what the Go API calls misuse into the refusal of a member.
func blame(pointer string, err error) error {
	if err == nil {
		return nil
	}
	return core.BadMember(pointer, "cannot be: %v", err)
}
