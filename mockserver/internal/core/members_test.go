package core_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// FuzzReadObject compares what is read of an object with what encoding/json says.
func FuzzReadObject(f *testing.F) {
	for _, document := range []string{
		`{}`, ` { } `, "\n{\"a\"\t:\r1 , \"b\" : [ ] }\n", `{"a":"}\"],{","b":{"c":["]"],"d":{}},"e":-1.5e+7,"f":true,"g":null}`,
		`{"\u0061":1,"a":2,"a":3,"\\":"\\","\"":"\\\""}`, `{"é\ud83d\ude00\ud800":"x"}`, `{"":""}`, `[]`, `"{"`, `1`, `null`,
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		if !core.WellFormed([]byte(document)) {
			return
		}
		o, ok := core.ReadObject(&core.Turn{}, core.ObjectRules{Duplicate: "twice"}, []byte(document))
		var want map[string]json.RawMessage
		err := json.Unmarshal([]byte(document), &want)
		assert.Equal(t, err == nil && want != nil, ok, document)
		if !ok {
			return
		}
		names := maps.Collect(func(yield func(string, bool) bool) {
			for name := range o.Names() {
				yield(name, true)
			}
		})
		assert.Len(t, names, len(want), document)
		for name, value := range want {
			assert.True(t, names[name], "%q has %q", document, name)
			raw, sent := o.Raw(name)
			assert.True(t, sent)
			if string(value) == "null" {
				value = nil
			}
			assert.Equal(t, string(value), string(raw), document)
		}
		assert.Equal(t, membersOf(t, document) > len(want), len(o.Problems) > 0, "%q repeats a member", document)
	})
}

// membersOf counts members, also those of one name.
func membersOf(t *testing.T, object string) (n int) {
	dec := json.NewDecoder(bytes.NewReader([]byte(object)))
	_, err := dec.Token()
	assert.NoError(t, err)
	for ; dec.More() && !t.Failed(); n++ {
		var value json.RawMessage
		_, err := dec.Token()
		assert.NoError(t, err)
		assert.NoError(t, dec.Decode(&value))
	}
	return n
}
