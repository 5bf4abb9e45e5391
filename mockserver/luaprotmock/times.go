package luaprotmock

import "time"

// latest is the last moment that a key can live until.
var latest = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// moment brings a time to the form in which the world keeps it: whole seconds,
// as it writes them.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// addSeconds counts without time.Duration, which ends after 292 years.
func addSeconds(t time.Time, seconds int64) time.Time { return time.Unix(t.Unix()+seconds, 0).UTC() }

// unixOrZero writes a time that may never have come; 0 says so.
func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
