package keygenmock

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What a body is, is for encoding/json to say: the reader of this package only goes
// through it faster.
func TestBodiesAreReadAsEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		`{}`, ` { } `, "\t[\r\n]\n", `{"a":[]}`, `{"a":{}}`, `[[],{},[[]]]`, `{"a":[1,2,{"b":[3]}],"c":"d"}`,
		`"text"`, `""`, `"\""`, `"\\"`, `"\\\""`, `"a\\\\"`, `"\u00e9\ud83d\ude00"`, `"\ud800"`, `"\ud800x\udc00"`, "\"\u00e9\u2028\"", `"\/\b\f\n\r\t"`,
		`0`, `-0`, `12`, `-12.5e+7`, `1E9`, `123456789012345678901234567890`, ` 7 `, `[ 1 , 2 ]`, `[1]`, `[-1,2.0]`,
		`true`, `false`, `null`, `[true,false,null]`, `[ true ,false , null ]`, `{"a" : true , "b":null}`, `{"a":1,"a":[2]}`, `{"":0}`, `{"\u0061":1}`,
		`{"a":"]","b":"}","c":",","d":"\"]"}`,
	} {
		dec := json.NewDecoder(strings.NewReader(document))
		dec.UseNumber()
		var want any
		require.NoError(t, dec.Decode(&want), document)
		if _, object := want.(map[string]any); !object {
			want = map[string]any{"data": want}
		}
		got, bad := parseBody(&core.Turn{}, []byte(document))
		require.Nil(t, bad, document)
		assert.Equal(t, want, got.plain(), document)
	}
}

// A body that is full of small values takes little more room than it does itself:
// whoever sends one must not hold up all the others. It runs alone, since it measures
// the memory of the whole process.
func TestLongListsAreReadCheaply(t *testing.T) {
	body := append(bytes.Repeat([]byte("1,"), 1_000_000), '1')
	body = append(append([]byte{'['}, body...), ']')
	var earlier, later runtime.MemStats
	runtime.ReadMemStats(&earlier)
	v, bad := parseBody(&core.Turn{}, body)
	runtime.ReadMemStats(&later)
	require.Nil(t, bad)
	assert.Len(t, v.members()[0].value.items(), 1_000_001)
	assert.Less(t, later.Mallocs-earlier.Mallocs, uint64(10_000), "allocations")
	assert.Less(t, later.TotalAlloc-earlier.TotalAlloc, uint64(60*len(body)), "bytes")
}
