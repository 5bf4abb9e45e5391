package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/wire"
)

type patch struct {
	Name wire.Opt[string]    `json:"name,omitzero"`
	Size wire.Opt[int64]     `json:"size,omitzero"`
	Due  wire.Opt[wire.Time] `json:"due,omitzero"`
}

func TestOptRoundTripsItsThreeStates(t *testing.T) {
	t.Parallel()
	due := wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	tests := []struct {
		name string
		in   patch
		json string
	}{
		{"absent", patch{}, `{}`},
		{"null", patch{Name: wire.Null[string](), Size: wire.Null[int64](), Due: wire.Null[wire.Time]()},
			`{"name":null,"size":null,"due":null}`},
		{"zero value", patch{Name: wire.Set(""), Size: wire.Set[int64](0)}, `{"name":"","size":0}`},
		{"value", patch{Name: wire.Set("a<b>&c"), Size: wire.Set[int64](1 << 60), Due: wire.Set(due)},
			`{"name":"a<b>&c","size":1152921504606846976,"due":"2026-01-02T03:04:05Z"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := wire.JSON(tt.in)
			require.NoError(t, err)
			assert.Equal(t, tt.json, string(out), "written as it is, byte for byte")

			var back patch
			require.NoError(t, json.Unmarshal(out, &back))
			assert.True(t, back == tt.in, "read back: %+v", back)
		})
	}
}

func TestOptTellsItsStates(t *testing.T) {
	t.Parallel()
	var absent wire.Opt[int64]
	for _, tt := range []struct {
		name            string
		opt             wire.Opt[int64]
		value           int64
		set, null, zero bool
	}{
		{"absent", absent, 0, false, false, true},
		{"null", wire.Null[int64](), 0, false, true, false},
		{"zero value", wire.Set[int64](0), 0, true, false, false},
		{"value", wire.Set[int64](7), 7, true, false, false},
	} {
		value, ok := tt.opt.Get()
		assert.Equal(t, tt.value, value, tt.name)
		assert.Equal(t, tt.set, ok, tt.name)
		assert.Equal(t, tt.null, tt.opt.IsNull(), tt.name)
		assert.Equal(t, tt.zero, tt.opt.IsZero(), tt.name)
	}
}

func TestOptIsCopiedAndCompared(t *testing.T) {
	t.Parallel()
	a := wire.Set("x")
	b := a
	assert.True(t, a == b)
	b = wire.Null[string]()
	value, ok := a.Get()
	assert.True(t, ok, "changing the copy leaves the original")
	assert.Equal(t, "x", value)
	assert.False(t, a == b)
	assert.False(t, wire.Set("") == wire.Null[string]())
	assert.False(t, wire.Null[string]() == wire.Opt[string]{})
}

func TestOptReadAgainForgetsTheOldState(t *testing.T) {
	t.Parallel()
	field := wire.Set[int64](7)
	require.NoError(t, json.Unmarshal([]byte(`null`), &field))
	assert.True(t, field == wire.Null[int64]())
	require.NoError(t, json.Unmarshal([]byte(`9`), &field))
	assert.True(t, field == wire.Set[int64](9))
	require.Error(t, json.Unmarshal([]byte(`"9"`), &field), "a string is not a number")
	assert.True(t, field == wire.Set[int64](9), "a failed read changes nothing")
}

func TestOptWithoutOmitzeroIsRefused(t *testing.T) {
	t.Parallel()
	_, err := json.Marshal(struct {
		Name wire.Opt[string] `json:"name"`
	}{})
	require.ErrorContains(t, err, "omitzero")
}

func TestJSONLeavesTextAsItIs(t *testing.T) {
	t.Parallel()
	out, err := wire.JSON(map[string]string{"name": "<A&B>"})
	require.NoError(t, err)
	assert.Equal(t, `{"name":"<A&B>"}`, string(out))

	_, err = wire.JSON(json.RawMessage(`{`))
	require.Error(t, err)
}
