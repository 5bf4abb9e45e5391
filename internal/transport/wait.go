package transport

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Retry says how often and after which waits a call is repeated, within what
// the class of its operation allows. The zero value means 3 attempts with
// full jitter under 250 ms, 500 ms and so on up to 8 s.
type Retry struct {
	MaxAttempts   int             // 0: 3, or one more than Schedule has waits; 1: never repeat
	BaseDelay     time.Duration   // upper bound of the first wait, doubled for each further one; 0: 250 ms
	MaxDelay      time.Duration   // upper bound of every such wait; 0: 8 s, or BaseDelay if that is longer
	MaxRetryAfter time.Duration   // longest Retry-After that is waited for; 0: 60 s
	Schedule      []time.Duration // fixed waits instead, the last one repeated if need be; jitter only lengthens them, by a quarter at most
}

// withDefaults fills in what is not set and refuses what makes no sense.
func (r Retry) withDefaults() (Retry, error) {
	var problems []error
	refuse := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}
	if r.MaxAttempts < 0 {
		refuse("Retry.MaxAttempts is %d: use 1 to never repeat, 0 for the default", r.MaxAttempts)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"BaseDelay", r.BaseDelay}, {"MaxDelay", r.MaxDelay}, {"MaxRetryAfter", r.MaxRetryAfter}} {
		if d.value < 0 {
			refuse("Retry.%s is %v: it cannot be negative; 0 means the default", d.name, d.value)
		}
	}
	for i, d := range r.Schedule {
		if d < 0 {
			refuse("Retry.Schedule[%d] is %v: a wait cannot be negative", i, d)
		}
	}
	if r.MaxAttempts == 0 {
		r.MaxAttempts = 3
		if len(r.Schedule) > 0 {
			r.MaxAttempts = len(r.Schedule) + 1
		}
	}
	r.BaseDelay = or(r.BaseDelay, min(250*time.Millisecond, or(r.MaxDelay, math.MaxInt64)))
	r.MaxDelay = or(r.MaxDelay, max(8*time.Second, r.BaseDelay))
	r.MaxRetryAfter = or(r.MaxRetryAfter, 60*time.Second)
	if r.BaseDelay > r.MaxDelay {
		refuse("Retry.BaseDelay %v is longer than Retry.MaxDelay %v", r.BaseDelay, r.MaxDelay)
	}
	r.Schedule = append([]time.Duration(nil), r.Schedule...)
	return r, errors.Join(problems...)
}

// or returns value, or fallback when value is not set.
func or[T comparable](value, fallback T) T {
	var unset T
	if value == unset {
		return fallback
	}
	return value
}

// wait returns the pause after the given attempt, the first being 1, when the
// vendor does not name one. random is in [0,1).
func (r Retry) wait(attempt int, random float64) time.Duration {
	if n := len(r.Schedule); n > 0 {
		fixed := float64(r.Schedule[min(attempt, n)-1])
		return duration(fixed + fixed/4*random)
	}
	ceiling := min(math.Ldexp(float64(r.BaseDelay), attempt-1), float64(r.MaxDelay))
	return duration(ceiling * random)
}

// retryAfter reads the wait that an answer asks for: whole or decimal seconds,
// or a date in any form that HTTP allows. A date counts from the answer's own
// Date, so that a clock that is wrong on either side does not matter.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, ok := parseSeconds(value); ok {
		return duration(seconds * float64(time.Second)), true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(strings.TrimSpace(header.Get("Date"))); err == nil {
		now = date
	}
	return max(0, until.Sub(now)), true
}

// parseSeconds reads a plain decimal number; forms that only Go knows, such as
// hexadecimal or "inf", are not numbers here.
func parseSeconds(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "+-.0123456789") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(s, 64)
	return seconds, err == nil || errors.Is(err, strconv.ErrRange)
}

// duration converts nanoseconds, which may be out of every range.
func duration(ns float64) time.Duration {
	switch {
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns > 0:
		return time.Duration(ns)
	default:
		return 0
	}
}
