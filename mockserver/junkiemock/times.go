package junkiemock

import "time"

// The world keeps time to the millisecond, as it writes it. latest is the last
// moment that the wire's four-digit years can show.
const timeLayout = "2006-01-02T15:04:05.000Z"

var (
	earliest = time.Unix(0, 0).UTC()
	latest   = time.Date(9999, 12, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
)

// moment brings a time to the form in which the world keeps it.
func moment(t time.Time) time.Time {
	return t.UTC().Truncate(time.Millisecond)
}

// momentOr is the moment of a time, or of another one if there is none.
func momentOr(t, or time.Time) time.Time {
	if t.IsZero() {
		return or
	}
	return moment(t)
}

// addMinutes counts in seconds, since a time.Duration ends after 292 years, and
// stops at the latest time that can be written.
func addMinutes(t time.Time, minutes int64) time.Time {
	if minutes > (latest.Unix()-t.Unix())/60 {
		return latest
	}
	return time.Unix(t.Unix()+60*minutes, int64(t.Nanosecond())).UTC()
}
