package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/wire"
)

type guess struct {
	Key     wire.Lenient[string]       `json:"key"`
	Seconds wire.Lenient[wire.Integer] `json:"seconds"`
	At      wire.Lenient[wire.Time]    `json:"at"`
	Tags    wire.Lenient[[]string]     `json:"tags"`
}

func TestLenientReadsWhatIsExpected(t *testing.T) {
	t.Parallel()
	var answer guess
	require.NoError(t, json.Unmarshal([]byte(`{"key":"k","seconds":"9","at":"2026-01-02T03:04:05Z","tags":["a"]}`), &answer))
	assertGets(t, "k", answer.Key)
	assertGets(t, wire.Integer(9), answer.Seconds)
	assertGets(t, wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, answer.At)
	assertGets(t, []string{"a"}, answer.Tags)
}

func TestLenientTakesNothingForTheZeroValue(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{}`, `{"key":null,"seconds":null,"at":null,"tags":null}`} {
		var answer guess
		require.NoError(t, json.Unmarshal([]byte(data), &answer))
		assertGets(t, "", answer.Key)
		assertGets(t, 0, answer.Seconds)
		assertGets(t, wire.Time{}, answer.At)
		assertGets(t, nil, answer.Tags)
	}
}

// Otherwise the first field that cannot be read would cost all that follow it.
func TestLenientFieldsFailOneByOne(t *testing.T) {
	t.Parallel()
	var answer guess
	require.NoError(t, json.Unmarshal([]byte(`{"seconds":"soon","at":7,"tags":["a",1],"key":"k"}`), &answer))
	assertGets(t, "k", answer.Key)
	seconds, err := answer.Seconds.Get()
	require.ErrorContains(t, err, `"soon" is not a whole number`)
	assert.Zero(t, seconds)
	at, err := answer.At.Get()
	require.Error(t, err)
	assert.Zero(t, at)
	tags, err := answer.Tags.Get()
	require.Error(t, err)
	assert.Nil(t, tags, "not half of them")
}

func TestLenientReadAgainForgetsTheOldState(t *testing.T) {
	t.Parallel()
	var field wire.Lenient[string]
	require.NoError(t, json.Unmarshal([]byte(`7`), &field))
	require.NoError(t, json.Unmarshal([]byte(`"k"`), &field))
	assertGets(t, "k", field)
	require.NoError(t, json.Unmarshal([]byte(`null`), &field))
	assertGets(t, "", field)
}

func TestLenientTellsWhetherItIsThere(t *testing.T) {
	t.Parallel()
	var answer guess
	require.NoError(t, json.Unmarshal([]byte(`{"key":"","seconds":"soon","at":null}`), &answer))
	assert.True(t, answer.Key.Has(), "empty")
	assert.True(t, answer.Seconds.Has(), "of another form")
	assert.False(t, answer.At.Has(), "null")
	assert.False(t, answer.Tags.Has(), "missing")
}

func assertGets[T any](t *testing.T, want T, field wire.Lenient[T]) {
	t.Helper()
	value, err := field.Get()
	require.NoError(t, err)
	assert.Equal(t, want, value)
}
