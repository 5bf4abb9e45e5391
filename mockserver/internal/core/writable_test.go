package core_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type jar struct{ Label string }

type cellar struct {
	jar   // whose name is no part of the way
	Jars  []jar
	Owner *jar
	Built time.Time
	Notes map[string]any
	note  string
}

func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	inTime := time.FixedZone("", -3600)
	circle := map[string]any{}
	circle["of itself"] = []any{circle, circle}
	for want, object := range map[string]any{
		`Label is not UTF-8: "?"`:                                                    cellar{jar: jar{"\xff"}},
		`Jars[1].Label is not UTF-8: "a?"`:                                           cellar{Jars: []jar{{"a"}, {"a\xff"}}},
		`Owner.Label is not UTF-8: "?"`:                                              &cellar{Owner: &jar{"\xff"}},
		`Notes["a"][0] is not UTF-8: "?"`:                                            cellar{Notes: map[string]any{"a": []any{"\xff"}}},
		`Notes is not UTF-8: "?"`:                                                    cellar{Notes: map[string]any{"\xff": 1}},
		"Built is of the year 10000, and must be of 1 ":                              cellar{Built: time.Date(9999, 12, 31, 23, 59, 59, 0, inTime)},
		"Built is of the year 0, and must be of 1 to 9":                              cellar{Built: time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)},
		"it cannot be written as JSON: json: unsupported ty":                         cellar{Notes: map[string]any{"f": func() {}}},
		"json: unsupported value: NaN":                                               cellar{Notes: map[string]any{"n": math.NaN()}},
		"it cannot be written as JSON: json: unsupported value: encountered a cycle": cellar{Notes: circle},
	} {
		err := core.CheckWritable(object)
		require.ErrorContains(t, err, want)
		var refusal *core.ControlError
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, 422, refusal.Status)
	}
	shared := []any{"once"}
	assert.NoError(t, core.CheckWritable(cellar{
		note: "\xff", Built: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Owner: &jar{"\u00e4"}, Notes: map[string]any{"a": shared, "b": shared, "c": nil},
	}))
	assert.NoError(t, core.CheckWritable(cellar{}))
}

// What only encoding/json knows of is asked there.
func TestWritableAsEncodingJSONSays(t *testing.T) {
	t.Parallel()
	type named struct {
		Name string
		At   time.Time
		Raw  json.RawMessage
		Any  any
	}
	for name, object := range map[string]any{
		"zone":  named{At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("far", 25*3600))},
		"raw":   &named{Raw: json.RawMessage("{")},
		"any":   &named{Any: make(chan int)},
		"float": struct{ N float64 }{math.Inf(1)},
		"map":   struct{ M map[string]any }{map[string]any{"a": math.NaN()}},
	} {
		require.Error(t, core.CheckWritable(object), name)
	}
	require.NoError(t, core.CheckWritable(&named{Name: "é", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("near", 3600)), Raw: json.RawMessage("{}"), Any: 1.5}))
}
