package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time reads timestamps as vendors really write them: RFC 3339 with any number
// of fraction digits (those past the ninth are dropped), a space for the T, an
// offset with or without colon or minutes, or no zone at all, which is taken as
// UTC. It writes RFC 3339 in UTC with as many digits as needed, in JSON and in
// queries alike.
type Time struct {
	// Without this field the type could be converted to the runtime's Date,
	// and the runtime would then cut times in queries down to their day.
	_ struct{}

	time.Time
}

// layouts are tried in order, after the T is in place; a fraction is accepted
// by every one of them.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
}

// dateLen is the length of the date before the T.
const dateLen = len("2006-01-02")

// ParseTime reads one timestamp in any of the accepted forms and returns it in UTC.
func ParseTime(s string) (time.Time, error) {
	normal := s
	if len(s) > dateLen && s[dateLen] == ' ' {
		normal = s[:dateLen] + "T" + s[dateLen+1:]
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, normal); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is not a timestamp such as 2006-01-02T15:04:05Z", s)
}

// UnmarshalJSON reads a timestamp; null and the empty string give the zero time.
func (t *Time) UnmarshalJSON(data []byte) error {
	if text, ok := plainText(data); ok {
		return t.UnmarshalText(text)
	}
	if string(data) == "null" {
		*t = Time{}
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	return t.UnmarshalText([]byte(s))
}

// UnmarshalText reads a timestamp; the empty text gives the zero time.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Time{}
		return nil
	}
	var strict time.Time // RFC 3339, as nearly all write it
	if strict.UnmarshalText(text) == nil {
		*t = Time{Time: strict.UTC()}
		return nil
	}
	parsed, err := ParseTime(string(text))
	if err != nil {
		return err
	}
	*t = Time{Time: parsed}
	return nil
}

// MarshalJSON writes RFC 3339 in UTC.
func (t Time) MarshalJSON() ([]byte, error) {
	text, err := t.MarshalText()
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(text))
}

// MarshalText writes RFC 3339 in UTC. Years past four digits have no such form.
func (t Time) MarshalText() ([]byte, error) {
	utc := t.UTC()
	if year := utc.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("the year %d cannot be written in RFC 3339", year)
	}
	return []byte(utc.Format(time.RFC3339Nano)), nil
}
