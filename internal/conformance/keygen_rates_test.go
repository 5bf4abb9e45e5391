package conformance

import (
	"context"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

var throttledJSON = `{"title": "Too many requests", "code": "TOO_MANY_REQUESTS",
	"detail": "Throttle limit has been reached for your IP address. Please slow down. See https://keygen.sh/docs/api/rate-limiting/ for more info."}`

// assertCounted checks the window that an answer tells.
func (s *keygenStage) assertCounted(a answer, window, count, limit, remaining string, reset time.Time) {
	s.Helper()
	want := map[string]string{"Window": window, "Count": count, "Limit": limit, "Remaining": remaining, "Reset": ""}
	if !reset.IsZero() {
		want["Reset"] = asJSON(s.T, reset.Unix())
	}
	for name, value := range want {
		s.assertHeader(a, "X-Ratelimit-"+name, value)
	}
}

var keygenRates = []scenario[*keygenStage]{
	{
		name:   "rate: no throttle",
		proves: "rate.off",
		play: func(s *keygenStage) {
			for range 150 {
				s.assertCounted(s.assertStatus(s.get("/keys"), 200), "", "", "", "", time.Time{})
			}
		},
	},
	{
		name:   "rate: what answers tell",
		proves: "rate.headers rate.limited rate.retry-after rate.window error.outside",
		play: func(s *keygenStage) {
			minute, second := keygenmock.RateWindow{Limit: 3, Per: time.Minute}, keygenmock.RateWindow{Limit: 30, Per: time.Second}
			s.at(53 * time.Second)
			end := epoch.Add(time.Minute)
			s.Keygen.SetRateLimit(minute, second)
			s.assertCounted(s.assertStatus(s.get("/keys"), 200), "1m", "1", "3", "2", end)
			s.assertCounted(s.assertStatus(s.get("/keys/a.b"), 400), "1m", "2", "3", "1", end)
			s.assertCounted(s.assertStatus(s.get("/keys"), 200), "1m", "3", "3", "0", end)
			s.Keygen.SetStatus(keygenmock.StatusCanceled)
			for i, left := range []string{"7", "7", "1"} {
				s.at(53*time.Second + []time.Duration{0, 0, 6 * time.Second}[i])
				a := s.assertEarly(s.get("/keys"), 429, throttledJSON)
				s.assertCounted(a, "1m", []string{"4", "5", "6"}[i], "3", "0", end)
				s.assertHeader(a, "Retry-After", left)
			}
			s.Keygen.SetStatus(keygenmock.StatusActive)
			s.at(time.Minute)
			s.assertCounted(s.assertStatus(s.get("/keys"), 200), "1m", "1", "3", "2", end.Add(time.Minute))
			s.Keygen.SetRateLimit(keygenmock.RateWindow{Limit: 60, Per: time.Minute}, second)
			s.assertCounted(s.assertStatus(s.get("/keys"), 200), "1s", "1", "30", "29", epoch.Add(61*time.Second))
		},
	},
	{
		name:   "rate: who is counted together",
		proves: "rate.bucket rate.limited",
		play: func(s *keygenStage) {
			id, _ := s.admin()
			second := s.tokenOf(id)
			s.Keygen.SetRateLimit(keygenmock.RateWindow{Limit: 1, Per: time.Minute})
			s.assertStatus(s.get("/keys"), 200)
			s.assertStatus(s.get("/policies"), 429)
			s.assertStatus(s.get("/keys", bearer(second)), 200)
			s.assertStatus(s.get("/keys", anonymous), 401)
			s.assertStatus(s.get("//accounts/"+s.Keygen.AccountID()+"/keys"), 200)
			s.assertStatus(s.get("//accounts/"+s.Keygen.AccountID()+"/keys"), 429)
		},
	},
	{
		name:   "rate: the client waits as long as it is told",
		proves: "rate.limited rate.retry-after rate.headers",
		play: func(s *keygenStage) {
			s.Keygen.SetRateLimit(keygenmock.RateWindow{Limit: 1, Per: time.Minute})
			s.at(20 * time.Second)
			var told []keygen.RateLimit
			client := s.clientWith(func(c *keygen.Config) { c.OnAttempt = noteRates(&told) })
			require.NoError(s, tryList(s, client))
			require.NoError(s, tryList(s, client))
			assert.Equal(s, epoch.Add(time.Minute), s.Server.Now())
			require.Len(s, told, 3)
			for i, rate := range told {
				assert.Equal(s, []int{1, 2, 1}[i], rate.Count)
				assert.Equal(s, 1, rate.Limit)
			}
			hasty := s.clientWith(func(c *keygen.Config) { c.Retry.MaxAttempts = 1 })
			e := s.assertRefused(tryList(s, hasty), 429, keygen.ErrRateLimited)
			assert.Equal(s, time.Minute, e.RetryAfter)
			assert.True(s, e.Temporary())
		},
	},
}

// noteRates keeps what answers tell of the rate limit.
func noteRates(told *[]keygen.RateLimit) func(context.Context, keygen.Attempt) {
	return func(_ context.Context, a keygen.Attempt) {
		if rate, ok := keygen.RateLimitOf(a); ok {
			*told = append(*told, rate)
		}
	}
}
