package transport

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// everyForm has a field of every form that a plan knows.
type everyForm struct {
	embedded
	Text   string            `json:"text"`
	Word   word              `json:"word,omitempty"`
	Number int64             `json:"number"`
	Flag   bool              `json:"flag"`
	Raw    json.RawMessage   `json:"raw"`
	Texts  []string          `json:"texts"`
	Raws   []json.RawMessage `json:"raws"`
	Inner  *everyPointer     `json:"inner"`
	Inners []everyPointer    `json:"inners"`
	Own    moment            `json:"own"`
	Bare   string
	Hidden string `json:"-"`
	secret string //nolint:unused // not exported, so no member
}

type (
	word     string
	embedded struct {
		Kind string `json:"kind"`
		ID   *int64 `json:"id"`
	}
	everyPointer struct {
		Text   *string          `json:"text"`
		Number *int64           `json:"number"`
		Flag   *bool            `json:"flag"`
		Raw    *json.RawMessage `json:"raw"`
		Own    *moment          `json:"own"`
		Twice  **string         `json:"twice"`
	}
	moment struct{ time.Time }
)

var plainSeeds = []string{
	`{"kind":"k","id":7,"text":"t","word":"w","number":-12,"flag":true,"raw":{"a":[1,2.5e3,"x\n"],"b":null},` +
		`"texts":["a","b"],"raws":[1,{},"x"],"inner":{"text":"t","number":0,"flag":false,"raw":[],"own":"2026-03-01T12:00:00Z","twice":"x"},` +
		`"inners":[{},{"number":1},null],"own":"2026-03-01T12:00:00.5Z","Bare":"b"}`,
	` { "text" : "t" , "texts" : [ "a" , "b" ] } `,
	`{"kind":null,"id":null,"text":null,"word":null,"number":null,"flag":null,"raw":null,"texts":null,"raws":null,"inner":null,"inners":null}`,
	`{"inner":{"text":null,"number":null,"flag":null,"raw":null,"own":null,"twice":null}}`,
	`{"texts":[],"raws":[null],"inners":[null,{}]}`,
	`{"new":{"of":["the",{"vendor":1e9}]},"text":"t","new":-0.5}`,
	`{"text":"\u00fc \"quoted\" \ud83d\ude00 \ud800","word":"üñ😀"}`,
	`{"text":"a","text":"b"}`, `{"TEXT":"a"}`, `{"Text":"a","text":"b"}`, `{"bare":"a"}`, `{"te\u0078t":"a"}`,
	"{\"text\":\"\xff\xfe\",\"new\":\"\xff\",\"\xff\":1}", "{\"text\":\"a\tb\"}", "{\"\u212aind\":\"kelvin\",\"te\u017ft\":1}",
	`{"number":1.0}`, `{"number":1e3}`, `{"number":99999999999999999999}`, `{"number":01}`, `{"number":-}`, `{"number":"1"}`, `{"number":-0}`,
	`{"new":01}`, `{"new":1.}`, `{"new":.5}`, `{"new":+1}`, `{"new":1e}`, `{"new":1e999}`, `{"new":"\q"}`, `{"new":"\u12"}`, `{"new":tru}`,
	`{"text":7}`, `{"texts":{}}`, `{"inner":[]}`, `{"flag":"true"}`, `{"own":"yesterday"}`, `{"own":null}`, `{"secret":"s","Hidden":"h","-":1}`,
	`{"text":"t"`, `{"text":"t"}}`, `{"text":"t"} x`, `{"text":"t",}`, `{,}`, `[]`, `null`, `"x"`, `7`, ``, ` `, "\ufeff{}", `{"texts":["a",]}`, `{"texts":["a""b"]}`,
	`{"text" "t"}`, `{text:"t"}`, `{"new":{"a":}}`, `{"new":[1 2]}`, `{"new":nullx}`, `{"flag":truefalse}`,
	`{"new":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
	`{"new":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`,
}

// agree holds Unmarshal against encoding/json.
func agree[T any](t *testing.T, data []byte) {
	t.Helper()
	var quick, want T
	quickErr, wantErr := Unmarshal(data, &quick), json.Unmarshal(data, &want)
	require.Equal(t, wantErr, quickErr, "%q", data)
	require.Equal(t, want, quick, "%q", data)
}

func agreeOnAll(t *testing.T, data []byte) {
	t.Helper()
	agree[everyForm](t, data)
	agree[everyPointer](t, data)
	agree[[]everyPointer](t, data)
	agree[json.RawMessage](t, data)
	agree[map[string]json.RawMessage](t, data)
	agree[key](t, data)
	agree[string](t, data)
}

func TestUnmarshalAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, seed := range plainSeeds {
		agreeOnAll(t, []byte(seed))
		for end := range min(len(seed), 400) {
			agreeOnAll(t, []byte(seed[:end]))
		}
	}
}

// FuzzUnmarshal holds plain decoding against encoding/json.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range plainSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { agreeOnAll(t, data) })
}
