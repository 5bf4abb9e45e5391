package junkie

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRefsCompare(t *testing.T) {
	t.Parallel()
	assert.True(t, ID(42) == ID(42))
	assert.True(t, Value("abc") == Value("ab"+string([]byte{'c'})))
	assert.False(t, Value("42") == ID(42), "a value of digits is not an id")
	assert.False(t, Value("") == KeyRef{}, "an empty value is not the zero reference")
	names := map[KeyRef]string{ID(1): "one", Value("x"): "ex"}
	assert.Equal(t, "ex", names[Value("x")])
}

func TestRefAsPathSegment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ref     KeyRef
		segment string
		refusal string
	}{
		{ref: ID(1), segment: "1"},
		{ref: ID(9007199254740993), segment: "9007199254740993"},
		{ref: Value("KEY-0f8fad5b"), segment: "KEY-0f8fad5b"},
		{ref: Value("a/b?c#d%e f"), segment: "a/b?c#d%e f"},
		{ref: Value("..."), segment: "..."},
		{ref: Value("4x2"), segment: "4x2"},
		{ref: Value("-42"), segment: "-42"},
		{ref: Value("ключ"), segment: "ключ"},

		{ref: KeyRef{}, refusal: "the zero KeyRef names no key: make one with junkie.ID or junkie.Value"},
		{ref: ID(0), refusal: "the zero KeyRef names no key: make one with junkie.ID or junkie.Value"},
		{ref: ID(-3), refusal: "-3 is no id: ids start at 1"},
		{ref: Value(""), refusal: "an empty key value names no key"},
		{ref: Value("a\xffb"), refusal: "the key value is not valid UTF-8"},
		{ref: Value("42"), refusal: "the vendor would read a key value of digits only as an id: use junkie.ID if it is one, else find the key's id with List"},
		{ref: Value("00000000000000000000000000000000000042"), refusal: "the vendor would read a key value of digits only as an id: use junkie.ID if it is one, else find the key's id with List"},
		{ref: Value("folders"), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
		{ref: Value("Folders"), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
		{ref: Value("batch"), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
		{ref: Value("bulk-delete"), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
		{ref: Value("."), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
		{ref: Value(".."), refusal: "the vendor's paths use this key value for something else: find the key's id with List and use junkie.ID"},
	} {
		segment, err := test.ref.segment()
		if test.refusal != "" {
			assert.EqualError(t, err, test.refusal)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, test.segment, segment)
	}
}

func TestRefInBulk(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ref  KeyRef
		json string
	}{
		{ID(42), `42`},
		{ID(9007199254740993), `9007199254740993`},
		{Value("42"), `"42"`},
		{Value("folders"), `"folders"`},
		{Value(`q"<&>`), `"q\"<&>"`},
	} {
		require.NoError(t, test.ref.check())
		assert.Equal(t, test.json, string(test.ref.json()))
	}
}

// A key value is what an end user unlocks the product with.
func TestRefHidesItsValue(t *testing.T) {
	t.Parallel()
	const secret = "hidden-key-value"
	ref := Value(secret)
	inside := struct {
		Ref    KeyRef
		hidden KeyRef
	}{ref, ref}
	var logs bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logs, nil), slog.NewJSONHandler(&logs, nil)} {
		slog.New(handler).Info("found", "ref", ref, "refs", []KeyRef{ref}, "struct", inside)
	}
	texts := []string{logs.String()}
	for _, v := range []any{ref, &ref, inside, &inside, []KeyRef{ref}, map[KeyRef]int{ref: 1}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T"} {
			texts = append(texts, fmt.Sprintf(verb, v))
		}
	}
	encoded, err := json.Marshal(inside)
	require.NoError(t, err)
	texts = append(texts, string(encoded))
	for _, text := range texts {
		assert.NotContains(t, text, secret)
		assert.NotContains(t, text, fmt.Sprintf("%x", secret))
	}
	assert.Equal(t, "Value(…)", ref.String())
	assert.Equal(t, "ID(42)", ID(42).String())
	assert.Equal(t, "KeyRef(none)", KeyRef{}.String())
	assert.Equal(t, "junkie.ID(42)", fmt.Sprintf("%#v", ID(42)))
	assert.Contains(t, logs.String(), "Value(…)")
}
