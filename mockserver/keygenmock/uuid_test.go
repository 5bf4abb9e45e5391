package keygenmock

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestCanonicalUUID(t *testing.T) {
	t.Parallel()
	const want = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	for _, spelling := range []string{
		want, "6E936A61-94AD-44D1-88AC-88DA9F10ECA7", "6e936a6194ad44d188ac88da9f10eca7", "6E936a61-94ad44d1-88AC88da9f10eca7",
		"6e936a6194ad-44d188ac-88da9f10eca7",
	} {
		got, ok := canonicalUUID(spelling)
		assert.True(t, ok, spelling)
		assert.Equal(t, want, got)
	}
	for _, none := range []string{
		"", "invalid", want + "0", want[1:], " " + want, want + "\n", "{" + want + "}", "6e936a61-94ad-44d1-88ac-88da9f10ecag",
		"6e936a6-194ad-44d1-88ac-88da9f10eca7", "6e936a61--94ad-44d1-88ac-88da9f10eca7", "urn:uuid:" + want,
	} {
		got, ok := canonicalUUID(none)
		assert.False(t, ok, "%q", none)
		assert.Empty(t, got)
	}
}

func TestRequestUUID(t *testing.T) {
	t.Parallel()
	r := core.NewRand(1, "keygen")
	at := time.UnixMilli(0x0190_1234_5678).UTC()
	var ids []string
	for i := range 5 {
		ids = append(ids, requestUUID(at.Add(time.Duration(i)*time.Millisecond), r))
	}
	assert.Regexp(t, `^01901234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, ids[0])
	assert.True(t, slices.IsSorted(ids), "%q", ids)
	assert.Equal(t, ids[0], requestUUID(at, core.NewRand(1, "keygen")), "the same seed, the same ids")
	assert.NotEqual(t, requestUUID(at, r), requestUUID(at, r))
	assert.Regexp(t, `^00000000-0000-7`, requestUUID(time.Time{}, r), "before 1970")
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 1, 2, 20, 26, 53, 464_999_999, time.UTC)
	assert.Equal(t, "2017-01-02T20:26:53.464Z", timestamp(at))
	assert.Equal(t, "2017-01-02T20:26:53.464Z", timestamp(at.In(time.FixedZone("", 7200))))
	assert.Equal(t, "2017-01-02T20:26:53.000Z", timestamp(at.Truncate(time.Second)))
}
