package junkiemock

import (
	"regexp"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// invalid returns the refusal that names all that is wrong, if anything is.
func invalid(c *core.Checks) *failure {
	if len(c.Problems) == 0 {
		return nil
	}
	f := refusal(errInvalid.status, errInvalid.text)
	c.Turn.Decided(ruleErrorValidation)
	for _, p := range c.Problems {
		c.Turn.Decided(p.Rule)
		f.details = append(f.details, detail{Field: p.Field, Message: p.Message})
	}
	return f
}

// rfc3339 is the form of a date-time; time.Parse alone takes more than that.
var rfc3339 = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
})

// dateTime reads a time as RFC 3339 has it.
func dateTime(c *core.Checks, field, text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339().MatchString(text) {
		c.Wrong(field, ruleDateTime, "must be a date-time such as 2026-01-31T12:00:00Z (in a query, a plus sign is sent as %%2B)")
		return time.Time{}, false
	}
	t = moment(t)
	if t.Before(earliest) || t.After(latest) {
		c.Wrong(field, ruleDateTimeRange, "must be a time from 1970 to 9999")
		return time.Time{}, false
	}
	return t, true
}
