package core_test

import (
	"encoding/json"
	"math"
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
	for _, text := range []string{`"+"`, `"-"`, `"+-2h"`, `"++2h"`, `"--2h"`, `"2h"`, `"30d"`, `""`, `7`, `null`, `"tomorrow"`, `"+99999999d"`, `"-9999999d"`} {
		at := core.Instant{Time: now}
		require.Error(t, at.ReadAt(now, json.RawMessage(text)), text)
		assert.Equal(t, now, at.Time, text)
	}
	shown, err := json.Marshal(core.Instant{Time: now.In(time.FixedZone("", 3600))})
	require.NoError(t, err)
	assert.Equal(t, `"2026-03-01T12:00:00Z"`, string(shown))
}
