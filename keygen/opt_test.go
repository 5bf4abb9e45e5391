package keygen

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptIsAValueOrNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opt        Opt[int]
		value      int
		set        bool
		text, json string
	}{
		"zero":     {Opt[int]{}, 0, false, "unset", "null"},
		"set":      {Set(7), 7, true, "7", "7"},
		"set zero": {Set(0), 0, true, "0", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, set := test.opt.Get()
			assert.Equal(t, test.value, value)
			assert.Equal(t, test.set, set)
			assert.Equal(t, !test.set, test.opt.IsZero())
			assert.Equal(t, test.text, test.opt.String())
			encoded, err := json.Marshal(test.opt)
			require.NoError(t, err)
			assert.Equal(t, test.json, string(encoded))
			back := Set(99)
			require.NoError(t, json.Unmarshal(encoded, &back))
			assert.Equal(t, test.opt, back)
		})
	}
}

func TestOptsCompare(t *testing.T) {
	t.Parallel()
	assert.True(t, Set("a") == Set("a"))
	assert.False(t, Set("a") == Set("b"))
	assert.False(t, Set("") == Opt[string]{})
	assert.Equal(t, "1h0m0s", Set(time.Hour).String())
}

func TestOptRefusesWhatIsNoValue(t *testing.T) {
	t.Parallel()
	opt := Set(7)
	require.Error(t, json.Unmarshal([]byte(`"seven"`), &opt))
	assert.Equal(t, Set(7), opt, "a failed read changes nothing")
}
