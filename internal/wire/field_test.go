package wire_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestFieldsOfAnswersAndRequests(t *testing.T) {
	t.Parallel()
	seven := 7
	assert.Equal(t, 7, wire.Value(&seven))
	assert.Zero(t, wire.Value[int](nil))
	for n, want := range map[int64]int{
		math.MinInt64: math.MinInt, -1: -1, 7: 7, math.MaxInt32: math.MaxInt32,
		1 << 32: min(1<<32, math.MaxInt), math.MaxInt64: math.MaxInt, // 32 bits differ
	} {
		assert.Equal(t, want, wire.Int(&n))
	}
	assert.Zero(t, wire.Int(nil))
	assert.Equal(t, &seven, wire.Present(7))
	assert.Nil(t, wire.Present(0))
	assert.Nil(t, wire.Present(""))
	assert.Nil(t, wire.Present(false))
}

func TestText(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`"a \u00fc"`: "a ü", `" a\n"`: "a", `""`: "", `null`: "", `7`: "", `true`: "", `{"a":"b"}`: "", `["a"]`: "", `"a`: "", ``: "",
	} {
		assert.Equal(t, want, wire.Text(json.RawMessage(data)), data)
	}
}

func TestOptConverted(t *testing.T) {
	t.Parallel()
	double := func(n int) string { return string(rune('0' + 2*n)) }
	assert.True(t, wire.Map(wire.Set(3), double) == wire.Set("6"))
	assert.True(t, wire.Map(wire.Set(0), double) == wire.Set("0"))
	assert.True(t, wire.Map(wire.Null[int](), double) == wire.Null[string]())
	assert.True(t, wire.Map(wire.Opt[int]{}, double) == wire.Opt[string]{})

	zero := 0
	assert.Equal(t, &zero, wire.Set(0).Pointer())
	assert.Nil(t, wire.Null[int]().Pointer())
	assert.Nil(t, wire.Opt[int]{}.Pointer())
	field := wire.Set(1)
	*field.Pointer() = 2
	assert.True(t, field == wire.Set(1), "the pointer leads to a copy")
}

func TestOptAsText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"7", "0", "null", "unset"},
		[]string{wire.Set(7).String(), wire.Set(0).String(), wire.Null[int]().String(), wire.Opt[int]{}.String()})
}
