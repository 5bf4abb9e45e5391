package wire_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestIntegerReadsNumbersAndText(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]int64{
		`0`: 0, `7`: 7, `-7`: -7, `3600.0`: 3600, `3.6e3`: 3600, `36e2`: 3600,
		`"0"`: 0, `"3600"`: 3600, `" 3600\n"`: 3600, `"-7"`: -7, `"3600.0"`: 3600, `"\u0037"`: 7,
		`9223372036854775807`: math.MaxInt64, `"-9223372036854775808"`: math.MinInt64,
		`9007199254740993`: 1<<53 + 1, `9007199254740992.0`: 1 << 53,
	} {
		var n wire.Integer
		require.NoError(t, json.Unmarshal([]byte(data), &n), data)
		assert.Equal(t, wire.Integer(want), n, data)
	}
}

func TestIntegerRefusesWhatIsNoWholeNumber(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`3600.5`, `"3600.5"`, `""`, `" "`, `"soon"`, `"1 day"`, `"0x10"`, `"1_000"`, `"null"`, `"true"`, `"[1]"`, `"Inf"`, `"NaN"`,
		`true`, `{}`, `[]`, `[7]`, `9223372036854775808`, `1e300`, `"1e999"`, `9007199254740994.0`,
	} {
		n := wire.Integer(5)
		require.Error(t, json.Unmarshal([]byte(data), &n), data)
		assert.Equal(t, wire.Integer(5), n, "%s changed the field", data)
	}
}

func TestIntegerWritesANumber(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(wire.Integer(-3600))
	require.NoError(t, err)
	assert.Equal(t, `-3600`, string(text))
}
