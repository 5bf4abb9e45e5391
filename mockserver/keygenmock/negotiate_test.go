package keygenmock

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const (
	answersJSONAPI = "application/vnd.api+json; charset=utf-8"
	answersJSON    = "application/json; charset=utf-8"
)

func headers(contentType, accept string) http.Header {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	if accept != "" {
		h.Set("Accept", accept)
	}
	return h
}

func TestNegotiateAccept(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                                  answersJSONAPI,
		"*":                                 answersJSONAPI,
		"*/*":                               answersJSONAPI,
		"application/*":                     answersJSON,
		"application/vnd.api+json":          answersJSONAPI,
		"application/vnd.keygen+json":       answersJSONAPI,
		"application/json":                  answersJSON,
		"Application/JSON; charset=utf-8":   answersJSON,
		"application/json, text/plain, */*": answersJSON,
		"text/html, application/json":       answersJSON,
		"application/vnd.api+json, application/json":             answersJSONAPI,
		"application/json, application/vnd.api+json":             answersJSON,
		"application/json;q=0.5, application/vnd.api+json":       answersJSONAPI,
		"application/vnd.api+json;q=0.5, application/json;q=0.6": answersJSON,
		"text/html, */*;q=0.8":                                   answersJSONAPI,
		"*/*;q=0.1, application/json":                            answersJSON,
		" , ,application/json,":                                  answersJSON,
	} {
		turn := &core.Turn{}
		n, bad := negotiate(turn, "GET", headers("", accept))
		require.Nil(t, bad, accept)
		assert.Equal(t, want, n.answerType, accept)
		assert.False(t, n.readsBody)
		assert.Contains(t, turn.Rows, ruleAccept)
	}
	for _, accept := range []string{"text/html", "text/plain", "application/xml", "text/html, application/xml;q=0.9", "json", "text/*", "image/json"} {
		turn := &core.Turn{}
		_, bad := negotiate(turn, "GET", headers(typeJSONAPI, accept))
		require.NotNil(t, bad, accept)
		assert.Equal(t, badRequest{
			detail: "The mime type of the request is not acceptable (check content-type and accept headers)",
			code:   "MIME_TYPE_INVALID", early: true,
		}, *bad)
		assert.Contains(t, turn.Rows, ruleAcceptNone)
	}
	several := http.Header{"Accept": {"text/html", "application/json"}}
	n, bad := negotiate(&core.Turn{}, "GET", several)
	require.Nil(t, bad)
	assert.Equal(t, answersJSON, n.answerType)
}

func TestNegotiateContentType(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]struct{ post, get bool }{
		"application/vnd.api+json":          {true, true},
		"application/vnd.keygen+json":       {true, true},
		"application/json":                  {true, true},
		"Application/JSON ; charset=UTF-8":  {true, true},
		"":                                  {true, false},
		"text/plain":                        {true, false},
		"text/plain;charset=UTF-8":          {true, false},
		"application/x-www-form-urlencoded": {true, false},
		"multipart/form-data; boundary=x":   {true, false},
		"application/xml":                   {false, false},
		"application/vnd.api+json+x":        {false, false},
		"image/svg+xml":                     {false, false},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			n, bad := negotiate(&core.Turn{}, method, headers(contentType, "*/*"))
			require.Nil(t, bad)
			assert.Equal(t, want.post, n.readsBody, "%s %s", method, contentType)
		}
		n, bad := negotiate(&core.Turn{}, "GET", headers(contentType, "*/*"))
		require.Nil(t, bad)
		assert.Equal(t, want.get, n.readsBody, "GET %s", contentType)
	}
	for _, malformed := range []string{"vnd.api+xml", "json", "application/", "/json", "a/b/c", "a b/c", ";charset=utf-8", "*/*"} {
		turn := &core.Turn{}
		_, bad := negotiate(turn, "POST", headers(malformed, "*/*"))
		require.NotNil(t, bad, malformed)
		assert.Equal(t, "MIME_TYPE_INVALID", bad.code)
		assert.True(t, bad.early)
		assert.Equal(t, []string{ruleTypeMalformed, ruleAnswerEarly}, turn.Rows)
	}
	turn := &core.Turn{}
	_, bad := negotiate(turn, "POST", headers("application/xml", ""))
	require.NotNil(t, bad, "without Accept the content type is what is accepted")
	assert.Contains(t, turn.Rows, ruleTypeAsAccept)
	n, bad := negotiate(&core.Turn{}, "POST", headers("application/json", ""))
	require.Nil(t, bad)
	assert.Equal(t, answersJSONAPI, n.answerType)
	_, bad = negotiate(&core.Turn{}, "POST", headers("text/plain", ""))
	assert.Nil(t, bad)
}
