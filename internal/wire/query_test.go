package wire_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestQueryEscapesNamesAndValues(t *testing.T) {
	t.Parallel()
	var query wire.Query
	query.Add("form", true, "key", "a b&c=d+e/ü%")
	query.Add("form", true, "page[size]", int64(10))
	query.Add("form", true, "on", false)
	query.Add("form", true, "id", []string{"1", "2&3"})
	query.Add("form", false, "ids", []string{"1", "2,3"})
	query.Add("form", true, "before", wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))})
	encoded, err := query.Encode()
	require.NoError(t, err)
	assert.Equal(t, "key=a+b%26c%3Dd%2Be%2F%C3%BC%25&page%5Bsize%5D=10&on=false&id=1&id=2%263&ids=1,2%2C3"+
		"&before=2026-01-02T02%3A04%3A05Z", encoded)

	values, err := url.ParseQuery(encoded)
	require.NoError(t, err)
	assert.Equal(t, "a b&c=d+e/ü%", values.Get("key"))
	assert.Equal(t, []string{"1", "2&3"}, values["id"])
}

func TestQueryOfNothingIsEmpty(t *testing.T) {
	t.Parallel()
	var query wire.Query
	encoded, err := query.Encode()
	require.NoError(t, err)
	assert.Empty(t, encoded)
}

func TestQueryKeepsItsFirstError(t *testing.T) {
	t.Parallel()
	var query wire.Query
	query.Add("form", true, "first", make(chan int))
	query.Add("form", true, "second", make(chan int))
	query.Add("form", true, "third", "fine")
	encoded, err := query.Encode()
	require.ErrorContains(t, err, "query parameter first")
	assert.Empty(t, encoded)
}

func TestQueryRefusesATimeThatHasNoForm(t *testing.T) {
	t.Parallel()
	var query wire.Query
	query.Add("form", true, "before", wire.Time{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	_, err := query.Encode()
	require.ErrorContains(t, err, "RFC 3339")
}

func TestSegmentStaysOneSegment(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{
		"plain":        "plain",
		int64(42):      "42",
		"a/b?c#d%e f":  "a%2Fb%3Fc%23d%25e%20f",
		"../../folder": "..%2F..%2Ffolder",
		"ключ":         "%D0%BA%D0%BB%D1%8E%D1%87",
		"":             "",
	} {
		segment, err := wire.Segment("keyId", value)
		require.NoError(t, err)
		assert.Equal(t, want, segment)
	}
	_, err := wire.Segment("keyId", make(chan int))
	require.ErrorContains(t, err, "path parameter keyId")
}
