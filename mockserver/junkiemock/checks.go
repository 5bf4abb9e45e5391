package junkiemock

import (
	"fmt"
	"regexp"
	"time"
)

// checks gathers all that is wrong with the content of a request, so that one
// answer names it all.
type checks struct {
	turn    *turn
	details []detail
	rules   []string
}

// problem notes what is wrong with a field, and the rule that says so.
func (c *checks) problem(field, rule, format string, args ...any) {
	c.details = append(c.details, detail{Field: field, Message: fmt.Sprintf(format, args...)})
	c.rules = append(c.rules, rule)
}

// failure returns the refusal if anything is wrong.
func (c *checks) failure() *failure {
	if len(c.details) == 0 {
		return nil
	}
	c.turn.decided(ruleErrorValidation)
	c.turn.decided(c.rules...)
	return &failure{status: errInvalid.status, text: errInvalid.text, details: c.details}
}

// integers is the range of an integer field, and the rule that sets it.
type integers struct {
	min, max int64
	rule     string
}

func (c *checks) inRange(field string, n int64, allowed integers) bool {
	switch {
	case n < allowed.min:
		c.problem(field, allowed.rule, "must be at least %d", allowed.min)
	case n > allowed.max:
		c.problem(field, allowed.rule, "must be at most %d", allowed.max)
	default:
		return true
	}
	return false
}

// rfc3339 is the form of a date-time; time.Parse alone takes more than that.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// dateTime reads a time as RFC 3339 has it.
func (c *checks) dateTime(field, text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339.MatchString(text) {
		c.problem(field, ruleDateTime, "must be a date-time such as 2026-01-31T12:00:00Z (in a query, a plus sign is sent as %%2B)")
		return time.Time{}, false
	}
	t = moment(t)
	if t.Before(earliest) || t.After(latest) {
		c.problem(field, ruleDateTimeRange, "must be a time from 1970 to 9999")
		return time.Time{}, false
	}
	return t, true
}
