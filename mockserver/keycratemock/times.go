package keycratemock

import "time"

// moment brings a time to the form in which the world keeps it: milliseconds,
// as it writes them.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// timestamp writes a time as the vendor does.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// timeOrNull writes a time that may never have come; null says so.
func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := timestamp(t)
	return &text
}

// addSeconds counts without time.Duration, which ends after 292 years.
func addSeconds(t time.Time, seconds int64) time.Time {
	return time.Unix(t.Unix()+seconds, int64(t.Nanosecond())).UTC()
}

// maxGranted is how many seconds a license can be given in all: 1000 years.
const maxGranted = 1000 * 365 * 86400

// maxCooldown is the longest wait between two resets: 100 years.
const maxCooldown = 100 * 365 * 86400
