package junkie

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOptKnowsThreeStates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opt             Opt[int]
		value           int
		set, null, zero bool
		text, json      string
	}{
		"zero":     {Opt[int]{}, 0, false, false, true, "unset", "null"},
		"null":     {Null[int](), 0, false, true, false, "null", "null"},
		"set":      {Set(7), 7, true, false, false, "7", "7"},
		"set zero": {Set(0), 0, true, false, false, "0", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, set := test.opt.Get()
			assert.Equal(t, test.value, value)
			assert.Equal(t, test.set, set)
			assert.Equal(t, test.null, test.opt.IsNull())
			assert.Equal(t, test.zero, test.opt.IsZero())
			assert.Equal(t, test.text, test.opt.String())
			encoded, err := json.Marshal(test.opt)
			require.NoError(t, err)
			assert.Equal(t, test.json, string(encoded))
		})
	}
}

func TestOptsCompare(t *testing.T) {
	t.Parallel()
	assert.True(t, Set("a") == Set("a"))
	assert.False(t, Set("a") == Set("b"))
	assert.False(t, Set("") == Null[string]())
	assert.False(t, Null[string]() == Opt[string]{})
	assert.Equal(t, "1h0m0s", Set(time.Hour).String())
}

func TestOptRefusesWhatIsNoValue(t *testing.T) {
	t.Parallel()
	opt := Set(7)
	require.Error(t, json.Unmarshal([]byte(`"seven"`), &opt))
	assert.Equal(t, Set(7), opt, "a failed read changes nothing")
	require.NoError(t, json.Unmarshal([]byte(`null`), &opt))
	assert.Equal(t, Null[int](), opt)
}

// What is to be changed can wait in a queue.
func TestUpdatesKeepTheirThreeStatesAsJSON(t *testing.T) {
	t.Parallel()
	params := UpdateKeyParams{Name: Null[string](), Premium: Set(true), Validity: Set(time.Duration(0)), HWIDs: Set([]string{})}
	text, err := json.Marshal(params)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Name": null, "Premium": true, "Validity": 0, "HWIDs": []}`, string(text))
	var read UpdateKeyParams
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, params, read)
}
