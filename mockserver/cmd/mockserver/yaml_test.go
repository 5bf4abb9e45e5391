package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// converted is the JSON of a YAML text.
func converted(text string) (string, error) {
	root, err := readYAML([]byte(text))
	if err != nil {
		return "", err
	}
	document, err := toJSON(root, len(text))
	return string(document), err
}

func TestYAMLAsJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  `{}`,
		"# nothing\n":                       `{}`,
		"---\n...\n":                        `null`,
		"a: b":                              `{"a":"b"}`,
		"{}":                                `{}`,
		"[]":                                `[]`,
		"b: 1\na: [x, 'y', \"z\\n\"]\n":     `{"b":1,"a":["x","y","z\n"]}`,
		"a:\n  - b: true\n    c: False\n":   `{"a":[{"b":true,"c":false}]}`,
		"a: ~\nb: null\nc:\nd: ''\n":        `{"a":null,"b":null,"c":null,"d":""}`,
		"a: yes\nb: off\nc: n\n":            `{"a":"yes","b":"off","c":"n"}`,
		"at: 2026-03-01T12:00:00Z":          `{"at":"2026-03-01T12:00:00Z"}`,
		"at: 2026-03-01":                    `{"at":"2026-03-01"}`,
		"at: -2h\nfor: 30d\nnot: 1:30":      `{"at":"-2h","for":"30d","not":"1:30"}`,
		"id: 12345678901234567890123":       `{"id":12345678901234567890123}`,
		"n: [0, -1, 1.50, 1e3, -0.5E-7]":    `{"n":[0,-1,1.50,1e3,-0.5E-7]}`,
		"n: ['1', \"2\", !!str 3]":          `{"n":["1","2","3"]}`,
		"1: a\ntrue: b\n2026-03-01: c\n":    `{"1":"a","true":"b","2026-03-01":"c"}`,
		"a: &x {k: [1]}\nb: *x\n":           `{"a":{"k":[1]},"b":{"k":[1]}}`,
		"a: &x name\n*x : 1\n":              `{"a":"name","name":1}`,
		"a: |\n  one\n  two\nb: >-\n  c\n":  `{"a":"one\ntwo\n","b":"c"}`,
		"a: \"<&>\\u2028\"":                 `{"a":"\u003c\u0026\u003e\u2028"}`,
		"\xef\xbb\xbfa: ö":                  `{"a":"ö"}`,
		`{"a": {"b": [1, 2.0, "c", null]}}`: `{"a":{"b":[1,2.0,"c",null]}}`,
		"a: !!seq []":                       `{"a":[]}`,
	} {
		got, err := converted(text)
		require.NoError(t, err, "%q", text)
		assert.Equal(t, want, got, "%q", text)
	}
}

func TestBadYAML(t *testing.T) {
	t.Parallel()
	laughs := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'l'; c++ {
		laughs += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 10) + "]\n"
	}
	for text, want := range map[string]struct {
		line int
		text string
	}{
		"a: 1\nb: c: d\n":               {2, "mapping values are not allowed in this context"},
		"a: [1\n":                       {0, ""},
		"a: 1\n\nb: 1\na: 2\n":          {4, "a is there already, on line 1"},
		"x:\n  a: 1\n  'a': 2\n":        {3, "a is there already, on line 2"},
		"a: 1\n---\nb: 2\n":             {2, "a second document begins, and only one is read"},
		"a: 1\n---\n{":                  {0, ""},
		"a:\n- 0777\n":                  {2, "0777 is no number as JSON writes it; put quotes around it if it is a text"},
		"a: 0x1F":                       {1, "0x1F is no number"},
		"a: 1_000":                      {1, "1_000 is no number"},
		"a: +1":                         {1, "+1 is no number"},
		"a: .5":                         {1, ".5 is no number"},
		"a: .inf":                       {1, ".inf is no number"},
		"\na: .NaN":                     {2, ".NaN is no number"},
		"a: !thing b":                   {1, "the tag !thing means nothing here"},
		"a: !!binary aGk=":              {1, "the tag !!binary means nothing here"},
		"a:\n  ~: b\n":                  {2, "the name of a member must be a text"},
		"? [a]\n: b\n":                  {1, "the name of a member must be a text"},
		"a: &x {b: 1}\nc:\n  <<: *x\n":  {3, "<< is not understood; write the members out, or refer to a whole value by *name"},
		"a: &x\n  b:\n  - *x\n":         {3, "*x is a part of itself"},
		"a: &x {b: *y}\nc: &y 1":        {0, "unknown anchor 'y' referenced"},
		"a: \xff":                       {0, ""},
		"a: \x00":                       {0, ""},
		laughs:                          {0, "the file grows beyond all bounds by its references"},
		strings.Repeat("[", 100_000):    {0, ""},
		strings.Repeat("a: {", 100_000): {0, ""},
	} {
		_, err := converted(text)
		var bad *lineError
		require.True(t, errors.As(err, &bad), "%.40q: %v", text, err)
		if want.line > 0 {
			assert.Equal(t, want.line, bad.line, "%.40q: %v", text, err)
		}
		assert.Contains(t, bad.Error(), want.text, "%.40q", text)
		assert.NotContains(t, bad.Error(), "yaml", "%.40q", text)
	}
}

// A pointer into the JSON leads to the line of the YAML.
func TestLinesOfYAML(t *testing.T) {
	t.Parallel()
	root, err := readYAML([]byte(`# a comment
junkie:
  keys:
  - value: A

  - value: B
    "a/b~c": {d: 1,
      e: 2}
  - &x
    value: C
other: *x
`))
	require.NoError(t, err)
	for pointer, want := range map[string]int{
		"/other":                   11,
		"":                         2,
		"/junkie":                  2,
		"/junkie/keys":             3,
		"/junkie/keys/0":           4,
		"/junkie/keys/0/value":     4,
		"/junkie/keys/1/value":     6,
		"/junkie/keys/1/a~1b~0c":   7,
		"/junkie/keys/1/a~1b~0c/e": 8,
		"/junkie/keys/1/missing":   6,
		"/junkie/keys/3":           3,
		"/junkie/keys/-1":          3,
		"/junkie/keys/x":           3,
		"/junkie/keys/0/value/x":   4,
		"/nowhere/at/all":          2,
		"/other/value":             10,
	} {
		assert.Equal(t, want, lineAt(root, pointer), pointer)
	}
	assert.Zero(t, lineAt(nil, "/a"))
}
