package transport

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		value string
		want  time.Duration
		ok    bool
	}{
		{"2", 2 * time.Second, true},
		{" 2\t", 2 * time.Second, true},
		{"0", 0, true},
		{"-5", 0, true},
		{"+5", 5 * time.Second, true},
		{"1.5", 1500 * time.Millisecond, true},
		{".5", 500 * time.Millisecond, true},
		{"86400", 24 * time.Hour, true},
		{"9223372036854775807", math.MaxInt64, true},
		{strings.Repeat("9", 400), math.MaxInt64, true},
		{"-" + strings.Repeat("9", 400), 0, true},
		{"Sun, 01 Mar 2026 12:00:30 GMT", 30 * time.Second, true},   // RFC 1123
		{"Sunday, 01-Mar-26 12:00:30 GMT", 30 * time.Second, true},  // RFC 850
		{"Sun Mar  1 12:00:30 2026", 30 * time.Second, true},        // asctime
		{" Sun, 01 Mar 2026 12:00:30 GMT ", 30 * time.Second, true}, // with blanks
		{"Sun, 01 Mar 2026 11:00:00 GMT", 0, true},                  // past
		{"Fri, 31 Dec 9999 23:59:59 GMT", math.MaxInt64, true},      // does not fit
		{"", 0, false},
		{"soon", 0, false},
		{"inf", 0, false},
		{"NaN", 0, false},
		{"0x10", 0, false},
		{"1e3", 0, false},
		{"1_000", 0, false},
		{"1.2.3", 0, false},
		{"-", 0, false},
		{".", 0, false},
	}
	for _, tc := range cases {
		got, ok := retryAfter(http.Header{"Retry-After": {tc.value}}, now)
		assert.Equal(t, tc.ok, ok, "%q", tc.value)
		assert.Equal(t, tc.want, got, "%q", tc.value)
	}
	_, ok := retryAfter(http.Header{}, now)
	assert.False(t, ok)

	skewed := http.Header{"Retry-After": {"Sun, 01 Mar 2026 15:00:30 GMT"}, "Date": {"Sun, 01 Mar 2026 15:00:00 GMT"}}
	got, ok := retryAfter(skewed, now)
	assert.True(t, ok)
	assert.Equal(t, 30*time.Second, got, "a date counts from the answer's own clock")
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "2", " 1.5 ", "-1", "99999999999999999999", "Sun, 01 Mar 2026 12:00:30 GMT", "Sunday, 01-Mar-26 12:00:30 GMT", "Sun Mar  1 12:00:30 2026", "inf", "+.-", "0x1p-2", "1e309"} {
		f.Add(seed, "")
		f.Add(seed, "Sun, 01 Mar 2026 12:00:00 GMT")
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value, date string) {
		got, ok := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, now)
		if got < 0 || !ok && got != 0 {
			t.Fatalf("%q: %v, %v", value, got, ok)
		}
	})
}

func TestJitter(t *testing.T) {
	t.Parallel()
	full, err := Retry{}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, 3, full.MaxAttempts)
	for attempt, ceiling := range []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second} {
		assert.Equal(t, time.Duration(0), full.wait(attempt+1, 0))
		assert.Equal(t, ceiling/2, full.wait(attempt+1, 0.5))
		assert.Equal(t, ceiling, full.wait(attempt+1, 1))
	}
	assert.Equal(t, 8*time.Second, full.wait(10_000, 1), "no overflow")

	fixed, err := Retry{Schedule: []time.Duration{time.Second, 4 * time.Second, 10 * time.Second}}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, 4, fixed.MaxAttempts)
	for attempt, wait := range []time.Duration{time.Second, 4 * time.Second, 10 * time.Second, 10 * time.Second} {
		assert.Equal(t, wait, fixed.wait(attempt+1, 0), "jitter never shortens")
		assert.Equal(t, wait+wait/8, fixed.wait(attempt+1, 0.5))
		assert.Equal(t, wait+wait/4, fixed.wait(attempt+1, 1))
	}
}

func TestRandomnessIsSpread(t *testing.T) {
	t.Parallel()
	client, err := New(testConfig(nil))
	require.NoError(t, err)
	seen := map[float64]bool{}
	for range 20 {
		x := client.random()
		assert.True(t, x >= 0 && x < 1)
		seen[x] = true
	}
	assert.Greater(t, len(seen), 10)
}

// A wait that the vendor names is kept exactly, on every status that is
// repeated, and in every form.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		value  string // "DATE": three seconds from now
		class  Class
		wait   time.Duration
	}{
		{429, "2", Once, 2 * time.Second},
		{429, "1.5", Once, 1500 * time.Millisecond},
		{429, "0", Once, 250 * time.Millisecond}, // a vendor in trouble is not asked again at once
		{429, "-3", Once, 250 * time.Millisecond},
		{429, "60", Once, 60 * time.Second},
		{429, "DATE", Once, 3 * time.Second},
		{503, "2", Idempotent, 2 * time.Second},
		{500, "2", Read, 2 * time.Second},
		{408, "2", Read, 2 * time.Second},
		{429, "nonsense", Once, 250 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin, sent := time.Now(), 0
			client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
				connected(req)
				sent++
				if sent == 2 {
					return reply(201, keyJSON), nil
				}
				value := tc.value
				if value == "DATE" {
					value = time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat)
				}
				return reply(tc.status, "", "Retry-After", value), nil
			})))
			_, err := callKeyOp(t.Context(), client, tc.class)
			require.NoError(t, err)
			assert.Equal(t, 2, sent)
			assert.Equal(t, tc.wait, time.Since(begin), "%d %s", tc.status, tc.value)
		})
	}
}

func TestWaitIsAdvised(t *testing.T) {
	t.Parallel()
	for value, advice := range map[string]string{"7": "try again in 7s", "": "try again later"} {
		client := answering(t, func() *http.Response { return reply(503, "", "Retry-After", value) })
		_, err := callKeyOp(t.Context(), client, Read)
		assert.EqualError(t, err, "acme: listKeys (GET /keys): 503 Service Unavailable; tried once; "+advice)
	}
}

func TestWaitNamedInTheBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			return reply(429, "", "Retry-After", "9"), nil
		}))
		cfg.Retry.MaxAttempts = 2
		cfg.Failure = func(*Answer) *Failure { return &Failure{RetryAfter: 4 * time.Second} }
		_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
		assert.Equal(t, 4*time.Second, failed(t, err).RetryAfter)
		assert.Equal(t, 4*time.Second, time.Since(begin))
	})
}

// A wait that is too long is not shortened: the vendor's error comes at once.
func TestRetryAfterTooLong(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"86400", "61", "60.001", "99999999999999999999"} {
		synctest.Test(t, func(t *testing.T) {
			begin, sent := time.Now(), 0
			client := newClient(t, testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
				sent++
				return reply(429, "", "Retry-After", value), nil
			})))
			_, err := callKeyOp(t.Context(), client, Once)
			e := failed(t, err)
			require.ErrorIs(t, err, ErrRateLimited)
			assert.Zero(t, time.Since(begin))
			assert.Equal(t, 1, sent)
			assert.Greater(t, e.RetryAfter, 60*time.Second)
			assert.Contains(t, err.Error(), "try again in "+e.RetryAfter.String())
			assert.Equal(t, NotApplied, e.Outcome)
		})
	}
}

func TestRetryAfterIsToldWhereNothingIsRepeated(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response { return reply(403, "", "Retry-After", "7") })
	_, err := callKeyOp(t.Context(), client, Once)
	assert.Equal(t, 7*time.Second, failed(t, err).RetryAfter)
}

func TestScheduleIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(begin))
			return reply(503, ""), nil
		}))
		cfg.Retry.Schedule = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second}
		client := newClient(t, cfg)
		client.random = func() float64 { return 0 }
		_, err := callKeyOp(t.Context(), client, Read)
		assert.Equal(t, 4, failed(t, err).Attempts)
		assert.Equal(t, []time.Duration{0, time.Second, 5 * time.Second, 15 * time.Second}, at)
	})
}

func TestRetryIsChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []struct {
		retry Retry
		names string
	}{
		{Retry{MaxAttempts: -1}, "MaxAttempts"},
		{Retry{BaseDelay: -1}, "BaseDelay"},
		{Retry{MaxDelay: -1}, "MaxDelay"},
		{Retry{MaxRetryAfter: -1}, "MaxRetryAfter"},
		{Retry{Schedule: []time.Duration{1, -1}}, "Schedule[1]"},
		{Retry{BaseDelay: 2, MaxDelay: 1}, "BaseDelay"},
	} {
		_, err := bad.retry.withDefaults()
		assert.ErrorContains(t, err, "Retry."+bad.names)
	}
	_, err := Retry{BaseDelay: 10 * time.Second}.withDefaults()
	assert.NoError(t, err, "the default bound gives way")
}
