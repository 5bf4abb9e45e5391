package keygenmock

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]query{
		"":                            {},
		"&&":                          {},
		"limit=5&limit=6":             {"limit": "6"},
		"page[number]=2&page[size]=5": {"page": query{"number": "2", "size": "5"}},
		"page%5Bnumber%5D=2":          {"page": query{"number": "2"}},
		"page[cursor]=":               {"page": query{"cursor": ""}},
		"page[size]=5&page=2":         {"page": "2"},
		"a":                           {"a": nil},
		"a+b=c%20d+e":                 {"a b": "c d e"},
		"a=b=c":                       {"a": "b=c"},
		"=5":                          {},
		"a[]=1&a[]=2":                 {"a": []any{"1", "2"}},
		"a[][b]=1":                    {"a": []any{query{"b": "1"}}},
		"a[b][c]=1&a[b][d]=2":         {"a": query{"b": query{"c": "1", "d": "2"}}},
		"a[=1":                        {"a[": "1"},
		"a[b=1":                       {"a": query{"[b": "1"}},
		"[=1":                         {"[": "1"},
		"a;b=1":                       {"a;b": "1"},
	} {
		got, err := parseQuery(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got, raw)
	}
	for _, raw := range []string{"%zz=1", "a=%f", "a=%ff", "a=1&a[b]=2", "a[b]=1&a[]=2", "a[]=1&a[b]=2", "page=2&page[size]=5", "a" + strings.Repeat("[b]", 40) + "=1"} {
		_, err := parseQuery(raw)
		assert.Error(t, err, raw)
	}
}

func TestQueryEncoding(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                            "",
		"page[size]=5&page[number]=2": "page%5Bnumber%5D=2&page%5Bsize%5D=5",
		"product=p&limit=5&order=ASC": "limit=5&order=ASC&product=p",
		"q=a b/ü~*'&x":                "q=a+b%2F%C3%BC~%2A%27&x=",
		"a[]=2&a[]=1":                 "a%5B%5D=2&a%5B%5D=1",
	} {
		q, err := parseQuery(raw)
		require.NoError(t, err)
		assert.Equal(t, want, q.encode())
	}
}

func FuzzQuery(f *testing.F) {
	for _, raw := range []string{"page[number]=2&page[size]=5", "a[][b]=1&a[]=", "a[=1&[]&[x]=2", "%", "a[b][][c]&a[b]=1"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := parseQuery(raw)
		if err != nil {
			return
		}
		encoded := q.encode()
		_, err = url.ParseQuery(encoded)
		require.NoError(t, err, encoded)
		for _, name := range []string{"limit", "order"} { // names without brackets survive
			want, sent := q.text(name)
			again, err := parseQuery(encoded)
			if err == nil && sent {
				got, _ := again.text(name)
				require.Equal(t, want, got)
			}
		}
	})
}
