package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestRewriteJSONAsksForEveryScalar(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`"a"`:               `="a"`,
		`-1.5e+3`:           `=#-1.5e+3`,
		`[1,"a",true,null]`: `=#1 ="a"`,
		`{"a":"b"}`:         `a: a="b"`,
		`{"a":1,"b":["c",[2,{"d":"e"},"f"],"g"],"h":"i"}`: `a: a=#1 b: b="c" b=#2 d: d="e" b="f" b="g" h: h="i"`,
		`{"a":{"b":"c"},"d":[{}],"e":[],"f":"g"}`:         `a: b: b="c" d: e: f: f="g"`,
		`[{"a":[{"b":"c"}]},"d"]`:                         `a: b: b="c" ="d"`,
		`{"a":"b","a":"c"}`:                               `a: a="b" a: a="c"`,
		`{"\u0061\"}":"\\\"{[,:é\ud83d\ude00"}`:           `a"}: a"}="\"{[,:é😀"`,
		`{"":""}`:                                         `: =""`,
		" {\n\t\"a\" : [ 1 , 2 ] } ":                      `a: a=#1 a=#2`,
	} {
		var asked []string
		rewritten := rewriteJSON([]byte(document), func(s scalar) (string, bool) {
			switch s.kind {
			case memberName:
				assert.Equal(t, s.name, s.text)
				asked = append(asked, s.name+":")
			case numberValue:
				asked = append(asked, s.name+"=#"+s.text)
			default:
				asked = append(asked, s.name+`="`+strings.ReplaceAll(strings.ReplaceAll(s.text, `\`, ``), `"`, `\"`)+`"`)
			}
			return "", false
		})
		assert.Equal(t, want, strings.Join(asked, " "), document)
		assert.Equal(t, document, string(rewritten), "nothing was to change")
	}
}

func TestRewriteJSONChangesScalarsOnly(t *testing.T) {
	t.Parallel()
	got := rewriteJSON([]byte(` {"a": [1, "b", true, null], "c" :{"d":-2}}`), func(s scalar) (string, bool) { return `"<` + s.text + `>"`, s.kind != memberName })
	var read any
	require.NoError(t, json.Unmarshal(got, &read))
	assert.Equal(t, sheet{"a": []any{`"<1>"`, `"<b>"`, true, nil}, "c": sheet{"d": `"<-2>"`}}, read)
	assert.True(t, bytes.HasPrefix(got, []byte(` {"a": [`)))
}

// plainReading is how encoding/json reads a document, with other scalars.
func plainReading(value any, change func(any) any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			value[name] = plainReading(inner, change)
		}
	case []any:
		for i, inner := range value {
			value[i] = plainReading(inner, change)
		}
	default:
		return change(value)
	}
	return value
}

func FuzzRewriteJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `"\""`, `{"a":["\\",{"b\"":1e9}]}`, "[1 ,\n-0.5e-7,[[]]]", `{"a":{"a":"\u2028"}}`, `tru`, `{"a":"` + "\xff" + `"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		if !core.WellFormed(document) {
			return
		}
		same := rewriteJSON(document, func(scalar) (string, bool) { return "", false })
		require.Equal(t, string(document), string(same))

		got := rewriteJSON(document, func(s scalar) (string, bool) { return masked, s.kind != memberName })
		read := func(raw []byte) (value any) {
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.UseNumber() // some are too great for any other type
			require.NoError(t, dec.Decode(&value), "%s", raw)
			return value
		}
		want := plainReading(read(document), func(value any) any {
			switch value.(type) {
			case string, json.Number:
				return masked
			}
			return value
		})
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(read(got)))
	})
}
