package transport

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAnswer sends whatever a server or a proxy may answer through a whole
// call: it ends in a value or in an error that is fit to print and consistent
// in itself.
func FuzzAnswer(f *testing.F) {
	f.Add(201, "application/json", "", keyJSON)
	f.Add(204, "", "", "")
	f.Add(201, "text/html; charset=\xff", "", "<html>"+testKey)
	f.Add(200, "application/json", "soon", `{"error_code":"`+testKey+`\u0000"}`)
	f.Add(429, ";", "-1", `{"error_code":"RATE_LIMITED"}`)
	f.Add(307, "text/plain", "Sun, 01 Mar 2026 12:00:30 GMT", strings.Repeat("ü", 600)+testKey)
	f.Add(999, "application/vnd.api+json", "1e9", "\xef\xbb\xbf{}")
	f.Add(0, "a/b", "", "[1e999]")
	f.Fuzz(func(t *testing.T, status int, contentType, wait, body string) {
		for _, class := range []Class{Read, Once} {
			client := answering(t, func() *http.Response {
				r := reply(status, body)
				r.Header = http.Header{"Content-Type": {contentType}, "Retry-After": {wait}}
				return r
			}, func(c *Config) {
				c.MaxResponseBytes = 2000
				c.Failure = func(a *Answer) *Failure {
					if f := dialect(a); f != nil || a.StatusCode/100 == 2 {
						return f
					}
					return &Failure{Message: string(a.Body)}
				}
			})
			_, err := callKeyOp(t.Context(), client, class)
			if err == nil {
				if status != 201 && status != 204 {
					t.Fatalf("status %d is no documented success", status)
				}
				continue
			}
			e, text := failed(t, err), err.Error()
			switch {
			case strings.Contains(text, testKey):
				t.Fatalf("the key shows in %q", text)
			case !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\n\r\x1b"):
				t.Fatalf("not fit to print: %q", text)
			case len(e.Message) > maxMessage, len(e.Code) > maxCode:
				t.Fatalf("not bounded: %q", text)
			case class == Read && e.Outcome != NotApplied:
				t.Fatalf("a read cannot be %v", e.Outcome)
			case errors.Is(err, ErrUnknownOutcome) != (e.Outcome == Unknown):
				t.Fatalf("%v, but %v", e.Outcome, err)
			case e.RetryAfter < 0:
				t.Fatalf("negative wait %v", e.RetryAfter)
			}
		}
	})
}
