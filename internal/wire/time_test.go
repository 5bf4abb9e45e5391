package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestTimeReadsWhatVendorsWrite(t *testing.T) {
	t.Parallel()
	at := func(nsec int) time.Time { return time.Date(2026, 1, 2, 3, 4, 5, nsec, time.UTC) }
	tests := map[string]time.Time{
		`"2026-01-02T03:04:05Z"`:             at(0),
		`"2026-01-02T03:04:05.000Z"`:         at(0),
		`"2026-01-02T03:04:05.1Z"`:           at(100_000_000),
		`"2026-01-02T03:04:05.12Z"`:          at(120_000_000),
		`"2026-01-02T03:04:05.123Z"`:         at(123_000_000),
		`"2026-01-02T03:04:05.1234Z"`:        at(123_400_000),
		`"2026-01-02T03:04:05.12345Z"`:       at(123_450_000),
		`"2026-01-02T03:04:05.123456Z"`:      at(123_456_000),
		`"2026-01-02T03:04:05.1234567Z"`:     at(123_456_700),
		`"2026-01-02T03:04:05.12345678Z"`:    at(123_456_780),
		`"2026-01-02T03:04:05.123456789Z"`:   at(123_456_789),
		`"2026-01-02T03:04:05.1234567899Z"`:  at(123_456_789),
		`"2026-01-02T03:04:05+00:00"`:        at(0),
		`"2026-01-02T03:04:05-00:00"`:        at(0),
		`"2026-01-02T05:04:05+02:00"`:        at(0),
		`"2026-01-01T22:34:05.5-04:30"`:      at(500_000_000),
		`"2026-01-02T05:04:05+0200"`:         at(0),
		`"2026-01-02T05:04:05+02"`:           at(0),
		`"2026-01-02 03:04:05Z"`:             at(0),
		`"2026-01-02 03:04:05+00:00"`:        at(0),
		`"2026-01-02 03:04:05.123456+00"`:    at(123_456_000),
		`"2026-01-02 03:04:05"`:              at(0),
		`"2026-01-02 03:04:05.25"`:           at(250_000_000),
		`"2026-01-02T03:04:05"`:              at(0),
		`"2026-01-02T03:04:05.123"`:          at(123_000_000),
		`"2026-01-02T03:04:05.123456789"`:    at(123_456_789),
		`null`:                               {},
		`""`:                                 {},
		`"0001-01-01T00:00:00Z"`:             {},
		`"9999-12-31T23:59:59.999999999Z"`:   time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		`"2024-02-29T23:59:59\u002b00:00"`:   time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC),
		`"2026-01-02T03:04:05.000000000000"`: at(0),
	}
	for in, want := range tests {
		got := wire.Time{Time: time.Unix(1, 0)}
		require.NoError(t, json.Unmarshal([]byte(in), &got), in)
		assert.True(t, got.Time == want, "%s was read as %s", in, got.Time)
	}
}

func TestTimeRefusesGarbage(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`"soon"`, `"2026-01-02"`, `"03:04:05"`, `"2026-13-02T03:04:05Z"`, `"2026-02-30T03:04:05Z"`,
		`"2026-01-02T25:04:05Z"`, `"2026-01-02T03:04:05Z trailing"`, `"2026-01-02  03:04:05Z"`, `" "`,
		`"2026-01-02 "`, `"02.01.2026 03:04"`, `1767323045`, `true`, `{}`, `[]`,
	} {
		got := wire.Time{Time: time.Unix(1, 0)}
		require.Error(t, json.Unmarshal([]byte(in), &got), in)
		assert.True(t, got.Time == time.Unix(1, 0), "%s changed the field", in)
	}
}

func TestTimeErrorShowsALittleOfTheText(t *testing.T) {
	t.Parallel()
	_, err := wire.ParseTime("soon" + strings.Repeat("!", 5000))
	require.ErrorContains(t, err, `"soon!!`)
	assert.Less(t, len(err.Error()), 120)
}

func TestTimeWritesUTC(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 2*60*60)
	for want, in := range map[string]time.Time{
		"2026-01-02T01:04:05Z":           time.Date(2026, 1, 2, 3, 4, 5, 0, east),
		"2026-01-02T03:04:05.12Z":        time.Date(2026, 1, 2, 3, 4, 5, 120_000_000, time.UTC),
		"2026-01-02T03:04:05.000000001Z": time.Date(2026, 1, 2, 3, 4, 5, 1, time.UTC),
	} {
		out, err := json.Marshal(wire.Time{Time: in})
		require.NoError(t, err)
		assert.Equal(t, `"`+want+`"`, string(out))
		text, err := wire.Time{Time: in}.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
}

func TestTimeRefusesYearsThatHaveNoForm(t *testing.T) {
	t.Parallel()
	for _, year := range []int{-1, 10000} {
		_, err := json.Marshal(wire.Time{Time: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		require.ErrorContains(t, err, "RFC 3339")
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"2026-01-02T03:04:05Z", "2026-01-02 03:04:05.5+02", "", "2026-01-02T03:04:05,5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := wire.ParseTime(s)
		if err != nil {
			return
		}
		text, err := wire.Time{Time: parsed}.MarshalText()
		if err != nil {
			return // an offset moved the year out of the four digits
		}
		again, err := wire.ParseTime(string(text))
		require.NoError(t, err)
		assert.True(t, again.Equal(parsed), "%q was written as %q", s, text)
	})
}
