package mockserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A line is the same fault as the document, and is shown as that.
func TestFaultsOfALine(t *testing.T) {
	t.Parallel()
	for spec, document := range map[string]string{
		"op=shop.createItem,phase=afterCommit,action=connReset,times=1":     `{"op":"shop.createItem","phase":"afterCommit","action":"connReset","times":1}`,
		" op = * , action = hang ,skip=2":                                   `{"op":"*","action":"hang","skip":2}`,
		"op=*,action=rateLimited,retryAfter=30s":                            `{"op":"*","action":"rateLimited","retryAfter":"30s"}`,
		"op=shop.*,action=latency,delay=1500ms":                             `{"op":"shop.*","action":"latency","delay":"1.5s"}`,
		`op=*,action=status,status=503,body={"down":true}`:                  `{"op":"*","action":"status","status":503,"body":"{\"down\":true}"}`,
		"op=*,action=status,status=503,body=7,mediaType=text/plain":         `{"op":"*","action":"status","status":503,"body":"7","mediaType":"text/plain"}`,
		"op=*,action=redirect,location=http://127.0.0.1/?a=b":               `{"op":"*","action":"redirect","location":"http://127.0.0.1/?a=b"}`,
		"op=*,phase=afterCommit,action=oversized,size=1099511627776":        `{"op":"*","phase":"afterCommit","action":"oversized","size":1099511627776}`,
		"op=*,phase=afterCommit,action=contentType,mediaType=":              `{"op":"*","phase":"afterCommit","action":"contentType","mediaType":""}`,
		"\n" + `{"op":"*", "action":"status", "status":503, "body":"a, b"}`: `{"op":"*","action":"status","status":503,"body":"a, b"}`,
	} {
		s, _ := open(t, AllowFindings("never fired"))
		_, err := s.InjectSpec(spec)
		require.NoError(t, err, spec)
		told, _ := open(t, AllowFindings("never fired"))
		c := consoleOf(t, told)
		resp, _ := c.ask("POST", "/faults", document)
		require.Equal(t, 201, resp.StatusCode, document)
		_, want := c.ask("GET", "/faults", "")
		assert.JSONEq(t, want, get(s.Handler(), "GET", "http://127.0.0.1/__admin/faults").Body.String(), spec)
	}
}

func TestAFaultOfALineStrikes(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	i, err := s.InjectSpec("op=shop.createItem,phase=afterCommit,action=connReset,times=1")
	require.NoError(t, err)
	l := tcpLink(t, s)
	assert.Equal(t, "no answer: reset", outcome(t.Context(), l, "/items"))
	assert.Contains(t, outcome(t.Context(), l, "/items"), "201")
	assert.Equal(t, 1, i.Hits())
	assert.Equal(t, 2, shop.Len())
}

func TestBadFaultsOfALine(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for spec, want := range map[string]string{
		"":                                 `"" is not of the form member=value`,
		"connReset":                        `"connReset" is not of the form member=value`,
		"op=*,,action=hang":                `"" is not of the form member=value`,
		"op=*,action=hang,":                `"" is not of the form member=value`,
		"op=*,=hang":                       `"=hang" is not of the form member=value`,
		"op=*,action=status,body=a, not b": `"***" is not of the form member=value; a value with a comma in it needs the fault as a JSON document`,
		"action=hang":                      "op is missing",
		"op=*":                             "action is missing",
		"op=*,acton=hang":                  `acton is not known here; did you mean "action"?`,
		"op=*,action=hung":                 `action cannot be "hung"; did you mean "hang"?`,
		"op=shop.createitem,action=hang":   `no operation "shop.createitem"; did you mean "shop.createItem"?`,
		"op=*,action=hang,phase=after":     `phase cannot be "after"; did you mean "afterCommit"?`,
		"op=*,op=shop.*,action=hang":       "op is sent more than once",
		"op=*,action=hang,times=twice":     "times must be an integer",
		"op=*,action=hang,times=01":        "times must be an integer",
		"op=*,action=hang,times=1.5":       "times must be an integer",
		"op=*,action=hang,times=9999999999999999999999": "times must be an integer",
		"op=*,action=hang,times=-1":                     "Times -1 must not be negative",
		"op=*,action=status":                            "status is missing; the action status needs it",
		"op=*,action=status,status=99":                  "99 is no status of an answer",
		"op=*,action=latency,delay=soon":                "delay must be a duration",
		"op=*,action=hang,status=500":                   "status does not go with the action hang",
		"op=*,action=cutBody":                           "let it strike AfterCommit",
		`{"op":"*","action":"hang"`:                     "it begins as a JSON document does, but is none",
		`{"op":"*","action":"hang"} {}`:                 "it begins as a JSON document does, but is none",
		`{"op":"*","action":"hang","times":"1"}`:        "times must be an integer",
		"op=*,action=\xff":                              "it is not in UTF-8",
		"op=*,action=" + strings.Repeat("x", 1<<20):     "xxx...",
	} {
		i, err := s.InjectSpec(spec)
		assert.Nil(t, i)
		require.ErrorContains(t, err, want, "%.80s", spec)
		assert.Regexp(t, `^mockserver: fault "`, err.Error())
		assert.Less(t, len(err.Error()), 5000)
	}
	assert.Empty(t, s.unfired(), "none is in place")
}
