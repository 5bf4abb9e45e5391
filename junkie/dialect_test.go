package junkie

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
)

func TestErrorDialects(t *testing.T) {
	t.Parallel()
	const html = "an HTML page instead of an API answer, perhaps from a proxy"
	for name, test := range map[string]struct {
		body    string
		message string
		code    string
		fields  []FieldError
		mute    bool // not the vendor's own word
	}{
		"error":                {body: `{"error": "Key not found"}`, message: "Key not found"},
		"error object":         {body: `{"error": {"message": "no such key", "code": "KEY_404"}}`, message: "no such key", code: "KEY_404"},
		"message":              {body: `{"message": "Unauthorized"}`, message: "Unauthorized"},
		"details":              {body: `{"details": "try again"}`, message: "try again"},
		"error before message": {body: `{"message": "second", "error": "first"}`, message: "first"},
		"nested before outer":  {body: `{"message": "second", "error": {"message": "first"}}`, message: "first"},
		"message before all":   {body: `{"details": "second", "message": "first", "error": ""}`, message: "first"},
		"true is no text":      {body: `{"error": true, "message": "first"}`, message: "first"},
		"code":                 {body: `{"error": "no", "code": "E1"}`, message: "no", code: "E1"},
		"number is no code":    {body: `{"error": "no", "code": 17}`, message: "no"},
		"success false":        {body: `{"success": false, "message": "Key is locked"}`, message: "Key is locked"},
		"fields": {
			body:    `{"error": "Validation failed", "details": [{"field": "hwid_limit", "message": "too large"}, {"field": "amount"}, {}, 7]}`,
			message: "Validation failed",
			fields:  []FieldError{{"hwid_limit", "too large"}, {"amount", ""}},
		},
		"fields alone":  {body: `{"details": [{"field": "a", "message": "b"}]}`, fields: []FieldError{{"a", "b"}}, mute: true},
		"texts":         {body: `{"error": "no", "details": ["one", "two"]}`, message: "no", fields: []FieldError{{"", "one"}, {"", "two"}}},
		"other details": {body: `{"error": "no", "details": {"a": ["b"]}}`, message: "no"},

		"other object": {body: `{"status": "fail"}`, message: `{"status": "fail"}`, mute: true},
		"null":         {body: `null`, message: `null`, mute: true},
		"list":         {body: `["a"]`, message: `["a"]`, mute: true},
		"plain text":   {body: `upstream connect error`, message: `upstream connect error`, mute: true},
		"cut JSON":     {body: `{"error": "Key not`, message: `{"error": "Key not`, mute: true},
		"empty":        {body: ``, message: ``, mute: true},
		"HTML":         {body: "<!DOCTYPE html><html><body>Bad gateway</body></html>", message: html, mute: true},
		"old HTML":     {body: "\r\n  <HTML><head><title>502</title>", message: html, mute: true},
		"just a title": {body: "<title>Blocked</title>", message: html, mute: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := failure(&transport.Answer{StatusCode: 400, Body: []byte(test.body)})
			require.NotNil(t, f)
			assert.Equal(t, test.message, f.Message)
			assert.Equal(t, test.code, f.Code)
			assert.Equal(t, test.fields, fieldErrors(f.Fields))
			assert.Equal(t, !test.mute, f.Understood)
		})
	}
}

func TestFailuresInsideSuccess(t *testing.T) {
	t.Parallel()
	for body, fails := range map[string]bool{
		`{"success": false}`:                        true,
		`{"message": "no", "success" : false }`:     true,
		`{"success": true}`:                         false,
		`{"success": null}`:                         false,
		`{"success": "false"}`:                      true,
		`{"error": "Key not found"}`:                true,
		`{"error": {"message": "no"}, "key": null}`: true,
		`{"error": "odd", "key": {"id": 1}}`:        false,
		`{"error": "odd", "success": true}`:         false,
		`{"error": "no", "success": null}`:          true,
		`{"error": null, "message": "m"}`:           false,
		`{"message": "\"success\": false"}`:         false,
		`{"key": {"key_name": "x", "success": 0}}`:  false,
		`{"key": {"success": false}}`:               false,
		`{"keys": ["\"success\""], "success":false`: false,
		`{}`: false,
		``:   false,
	} {
		f := failure(&transport.Answer{StatusCode: 200, Body: []byte(body)})
		assert.Equal(t, fails, f != nil, body)
	}
}

func TestRequestIDOfFailure(t *testing.T) {
	t.Parallel()
	f := failure(&transport.Answer{StatusCode: 500, Header: http.Header{"X-Request-Id": {"r-1"}}})
	assert.Equal(t, "r-1", f.RequestID)
}

func FuzzErrorDialect(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"error":"Key not found"}`, `{"error":{"message":"a","code":"b"}}`,
		`{"error":"Validation failed","details":[{"field":"hwid_limit","message":"too large"},"text",7,null]}`,
		`{"message":"Unauthorized","success":false}`, "<!DOCTYPE html><p>", "\xff\xfe{", `{"error":"\ud800\u0000\u2028"}`,
		`{"error":` + strings.Repeat("[", 20000), `{"details":[[[[[]]]]]}`,
	} {
		f.Add(200, []byte(seed))
		f.Add(404, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		said := failure(&transport.Answer{StatusCode: status, Body: body})
		if status/100 != 2 {
			require.NotNil(t, said, "a bad status is a failure, whatever the body")
		}
		if said == nil {
			return
		}
		require.False(t, said.Understood && said.Message == "")
		for _, field := range said.Fields {
			require.NotEqual(t, transport.Fault{}, field)
			require.True(t, utf8.ValidString(field.String()))
		}
	})
}

func FuzzKeyFromWire(f *testing.F) {
	for _, seed := range []string{
		fullKey, `{}`, `null`, `{"id":null,"hwids":[null,{}],"keys_hwid":[null,"a"]}`, `{"validity_minutes":9223372036854775807}`,
		`{"created_at":"2026-01-02 03:04:05","expires_at":"","used_at":null}`, `{"discord_redemption":{"redeemed_at":"2026-01-02T03:04:05+01:00"}}`,
		`{"hwid_limit":-9223372036854775808,"id":-1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, ok := decodeKey(data)
		if !ok {
			return
		}
		switch status := key.Status(t0); status {
		case StatusActive, StatusUsed, StatusExpired, StatusInvalidated:
			require.False(t, key.Usable(t0) && (status == StatusExpired || status == StatusInvalidated))
		default:
			t.Fatalf("status %q", status)
		}
		require.Zero(t, key.Validity%60e9, "whole minutes")
		_ = key.Ref().String()
	})
}
