package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
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
		Now *instant `json:"now"`
	}
	if err := d.Into(&set); err != nil {
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
		By *duration `json:"by"`
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

// instant is a time as a request has it.
type instant struct{ time.Time }

// Wants says what is to be sent.
func (*instant) Wants() string { return `a time such as "2026-03-01T12:00:00Z"` }

// duration is a span of time as requests and answers have it: as Go writes it,
// or with days.
type duration time.Duration

// MarshalJSON writes the duration as Go does.
func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads the duration.
func (d *duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	read, err := parseDuration(text)
	*d = duration(read)
	return err
}

// Wants says what is to be sent.
func (*duration) Wants() string { return `a duration such as "90s", "25h" or "30d"` }

// parseDuration reads what time.ParseDuration does, after a number of days of 24
// hours where there is one: "1d12h".
func parseDuration(text string) (time.Duration, error) {
	unsigned, negative := strings.CutPrefix(text, "-")
	days, rest, found := strings.Cut(unsigned, "d")
	if !found {
		return time.ParseDuration(text)
	}
	whole, err := strconv.ParseUint(days, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of days", core.Clip(days, core.MaxName))
	}
	var part time.Duration
	if rest != "" {
		if part, err = time.ParseDuration(rest); err != nil {
			return 0, err
		}
	}
	const day = 24 * time.Hour
	if strings.ContainsAny(rest, "+-") || time.Duration(whole) > (math.MaxInt64-part)/day {
		return 0, errors.New("too long, or with a second sign")
	}
	sum := time.Duration(whole)*day + part
	if negative {
		sum = -sum
	}
	return sum, nil
}
