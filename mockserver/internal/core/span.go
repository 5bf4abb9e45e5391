package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Instant is a time in a document of the control plane. It is written in UTC, and
// read as it is written, or as a distance from the virtual time: "-2h", "+30d".
// "now" is no distance at all.
type Instant struct{ time.Time }

// MarshalJSON writes the time.
func (i Instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(i.UTC().Format(time.RFC3339Nano))
}

// UnmarshalJSON reads a time that needs no other to be known.
func (i *Instant) UnmarshalJSON(raw []byte) error {
	var at *time.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		return err
	}
	if at == nil {
		return errors.New("null is no time")
	}
	return i.set(*at)
}

// set takes a time over that can be written: RFC 3339 has four digits for a year,
// and a zone may lead beyond them.
func (i *Instant) set(at time.Time) error {
	if err := checkYear(at); err != nil {
		return err
	}
	i.Time = at.UTC()
	return nil
}

// ReadAt reads a time or the distance from the present one.
func (i *Instant) ReadAt(now time.Time, raw json.RawMessage) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	var distance time.Duration
	switch {
	case text == "now":
	case !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, "-"):
		return i.UnmarshalJSON(raw)
	case strings.HasPrefix(text, "+-"), strings.HasPrefix(text, "++"):
		return errors.New("a second sign")
	default:
		var err error
		if distance, err = ParseDuration(strings.TrimPrefix(text, "+")); err != nil {
			return err
		}
	}
	return i.set(now.Add(distance))
}

// Wants says what is to be sent.
func (*Instant) Wants() string {
	return `a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`
}

// InstantOrNil is a time that may be none at all.
func InstantOrNil(at time.Time) *Instant {
	if at.IsZero() {
		return nil
	}
	return &Instant{at}
}

// OrZero is the time, or the zero one of none at all.
func (i *Instant) OrZero() time.Time {
	if i == nil {
		return time.Time{}
	}
	return i.Time
}

// Duration is a span of time in a document of the control plane: as Go writes
// it, or with days.
type Duration time.Duration

// MarshalJSON writes the duration as Go does.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON reads the duration.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	read, err := ParseDuration(text)
	*d = Duration(read)
	return err
}

// Wants says what is to be sent.
func (*Duration) Wants() string { return `a duration such as "90s", "25h" or "30d"` }

// ParseDuration reads what time.ParseDuration does, after a number of days of 24
// hours where there is one: "1d12h".
func ParseDuration(text string) (time.Duration, error) {
	unsigned, negative := strings.CutPrefix(text, "-")
	days, rest, found := strings.Cut(unsigned, "d")
	if !found {
		return time.ParseDuration(text)
	}
	whole, err := strconv.ParseUint(days, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of days", Clip(days, MaxName))
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
