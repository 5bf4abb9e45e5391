package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time reads timestamps as vendors really write them: RFC 3339 with up to nine
// digits of fraction, a space for the T, an offset, or no zone at all (then
// UTC). It writes RFC 3339 in UTC with as many digits as needed.
type Time struct{ time.Time }

// layouts are tried in order; a fraction is accepted by every one of them.
var layouts = []string{
	time.RFC3339,
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
}

// ParseTime reads one timestamp in any of the accepted forms.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a timestamp such as 2006-01-02T15:04:05Z", s)
}

// UnmarshalJSON reads a timestamp; null and the empty string leave the zero time.
func (t *Time) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		*t = Time{}
		return nil
	}
	parsed, err := ParseTime(*s)
	if err != nil {
		return err
	}
	*t = Time{parsed}
	return nil
}

// MarshalJSON writes RFC 3339 in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.UTC().Format(time.RFC3339Nano))
}
