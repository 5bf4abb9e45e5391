package keygen

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RateLimit is the state of the vendor's rate limit, as an answer tells it. Of
// several limits the vendor tells the one that is nearest to its end.
type RateLimit struct {
	Window    time.Duration // length of the span that calls are counted in; 0 = not told
	Limit     int           // calls allowed in it
	Count     int           // calls counted so far; 0 = not told
	Remaining int           // calls left
	ResetAt   time.Time     // when counting starts anew; zero = not told
}

// RateLimitOf reads the state of the rate limit from an attempt's answer. It
// reports false if the answer does not tell: the vendor's own service does, a
// server of your own only where limits are set.
//
//	cfg.OnAttempt = func(ctx context.Context, a keygen.Attempt) {
//		if limit, ok := keygen.RateLimitOf(a); ok {
//			remaining.Set(limit.Remaining)
//		}
//	}
func RateLimitOf(a Attempt) (RateLimit, bool) { return rateLimitOf(a.Header) }

func rateLimitOf(header http.Header) (RateLimit, bool) {
	limit, hasLimit := number(header, "Limit")
	remaining, hasRemaining := number(header, "Remaining")
	if !hasLimit || !hasRemaining {
		return RateLimit{}, false
	}
	count, _ := number(header, "Count")
	window, err := time.ParseDuration(rateLimitHeader(header, "Window"))
	if err != nil || window < 0 {
		window = 0
	}
	return RateLimit{Window: window, Limit: limit, Count: count, Remaining: remaining, ResetAt: resetOf(header)}, true
}

func rateLimitHeader(header http.Header, name string) string {
	return strings.TrimSpace(header.Get("X-Ratelimit-" + name))
}

func number(header http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(rateLimitHeader(header, name))
	return n, err == nil && n >= 0
}

// resetOf reads seconds since 1970, within the years that a time can be encoded
// with.
func resetOf(header http.Header) time.Time {
	const last = 253_402_300_799
	seconds, err := strconv.ParseInt(rateLimitHeader(header, "Reset"), 10, 64)
	if err != nil || seconds <= 0 || seconds > last {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// untilReset returns how long it takes by the vendor's clock until counting
// starts anew; 0 if the answer does not tell.
func untilReset(header http.Header) time.Duration {
	reset := resetOf(header)
	if reset.IsZero() {
		return 0
	}
	now := vendorTime(header)
	if now.IsZero() {
		now = time.Now()
	}
	return max(0, reset.Sub(now))
}
