package core_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestDurationsWithDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0": 0, "1d": day, "30d": 30 * day, "1d12h": 36 * time.Hour, "-2d1s": -2*day - time.Second,
		"1.5h": 90 * time.Minute, "-2h": -2 * time.Hour, "106751d23h47m16.854775807s": math.MaxInt64,
	} {
		got, err := core.ParseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "1", "1D", "1.5d", "+1d", "--1d", "1h2d", "1d2d", "1d-2h", "1d+2h", "1d ", " 1d", "0x1d", "1_0d", "106752d", "106751d23h47m16.854775808s", "106751d25h", "1e3d", "d1h"} {
		_, err := core.ParseDuration(text)
		require.Error(t, err, text)
	}
	back, err := json.Marshal(core.Duration(36 * time.Hour))
	require.NoError(t, err)
	assert.Equal(t, `"36h0m0s"`, string(back))
}

func TestInstants(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"now"`:                       now,
		`"+30d"`:                      now.AddDate(0, 0, 30),
		`"-2h"`:                       now.Add(-2 * time.Hour),
		`"-1d12h"`:                    now.Add(-36 * time.Hour),
		`"2026-03-01T12:00:00Z"`:      now,
		`"2026-03-01T13:00:00+01:00"`: now,
	} {
		var at core.Instant
		require.NoError(t, at.ReadAt(now, json.RawMessage(text)), text)
		assert.Equal(t, want, at.Time, text)
	}
	for _, text := range []string{`"+"`, `"-"`, `"+-2h"`, `"++2h"`, `"--2h"`, `"2h"`, `"30d"`, `""`, `7`, `null`, `"tomorrow"`, `"+99999999d"`, `"-9999999d"`, `"9999-12-31T23:59:59-01:00"`, `"0001-01-01T00:00:00+01:00"`} {
		at := core.Instant{Time: now}
		require.Error(t, at.ReadAt(now, json.RawMessage(text)), text)
		assert.Equal(t, now, at.Time, text)
	}
	shown, err := json.Marshal(core.Instant{Time: now.In(time.FixedZone("", 3600))})
	require.NoError(t, err)
	assert.Equal(t, `"2026-03-01T12:00:00Z"`, string(shown))
}

// FuzzParseDuration: a duration comes back from what Go writes of it, a sign turns
// it around, and without days nothing else is read than by package time.
func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{
		"0", "1d", "30d", "1d12h", "-2d1s", "1.5h", "-2h", "d", "1d-2h", "--1d", "0x1d", "1h2d", "90s", "25h",
		"106751d23h47m16.854775807s", "106751d23h47m16.854775808s", "-106751d23h47m16.854775808s", "4294967296d", "1d9223372036854775807ns", "-0d0s",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := core.ParseDuration(text)
		if !strings.Contains(text, "d") {
			want, wrong := time.ParseDuration(text)
			require.Equal(t, want, got)
			require.Equal(t, wrong, err)
		}
		if err != nil {
			require.Zero(t, got)
			return
		}
		again, err := core.ParseDuration(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
		if turned, negative := strings.CutPrefix(text, "-"); negative && got != math.MinInt64 {
			opposite, err := core.ParseDuration(turned)
			require.NoError(t, err)
			require.Equal(t, -got, opposite)
		}
		written, err := json.Marshal(core.Duration(got))
		require.NoError(t, err)
		var read core.Duration
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, core.Duration(got), read)
	})
}

// FuzzInstant: a time that is read can be written and read again, which no world
// could do without; one that is refused changes nothing.
func FuzzInstant(f *testing.F) {
	for _, text := range []string{
		`"now"`, `"+30d"`, `"-2h"`, `"-1d12h"`, `"2026-03-01T12:00:00Z"`, `"2026-03-01T13:00:00.5+01:00"`, `"+"`, `"+-2h"`, `"--2h"`, `"30d"`, `null`, `7`, `{}`,
		`"9999-12-31T23:59:59Z"`, `"9999-12-31T23:59:59-01:00"`, `"0000-01-01T00:00:00Z"`, `"0001-01-01T00:00:00+01:00"`, `"0001-01-01T00:00:00Z"`, `"+106751d"`,
	} {
		f.Add(int64(1772366400), text)
		f.Add(int64(253402300799), text) // the last second of the year 9999
	}
	f.Fuzz(func(t *testing.T, unix int64, text string) {
		if !json.Valid([]byte(text)) || unix < -62135596799 || unix > 253402300799 {
			return // the document is known to be well-formed, and the clock shows the years 1 to 9999
		}
		now := time.Unix(unix, 0).UTC()
		for _, read := range []func(*core.Instant) error{
			func(i *core.Instant) error { return i.ReadAt(now, json.RawMessage(text)) },
			func(i *core.Instant) error { return i.UnmarshalJSON([]byte(text)) },
		} {
			at := core.Instant{Time: now}
			if read(&at) != nil {
				require.Equal(t, now, at.Time)
				continue
			}
			require.Equal(t, time.UTC, at.Location())
			written, err := json.Marshal(at)
			require.NoError(t, err)
			var again core.Instant
			require.NoError(t, json.Unmarshal(written, &again), "%s was written as %s", text, written)
			require.Equal(t, at.Time, again.Time)
			_, err = json.Marshal(at.Time) // as worlds write it
			require.NoError(t, err)
		}
	})
}
