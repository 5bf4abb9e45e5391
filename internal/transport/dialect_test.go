package transport

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func TestDenies(t *testing.T) {
	t.Parallel()
	for body, denies := range map[string]bool{
		`{"success": false}`:                        true,
		`{"message": "no", "succcess" : false }`:    true,
		`{"success": true, "succcess": false}`:      true,
		`{"success": true}`:                         false,
		`{"success": null}`:                         false,
		`{"success": 0}`:                            false,
		`{"success": "false"}`:                      true,
		`{"ok": false}`:                             false,
		`{"message": "\"success\": false"}`:         false,
		`{"key": {"success": false}}`:               false,
		`[{"success": false}]`:                      false,
		`"success"`:                                 false,
		`{"keys": ["\"success\""], "success":false`: false,
		``: false,
	} {
		assert.Equal(t, denies, (&Answer{Body: []byte(body)}).Denies("success", "succcess"), body)
	}
	assert.False(t, (&Answer{Body: []byte(`{"success": false}`)}).Denies())
}

func TestWords(t *testing.T) {
	t.Parallel()
	const html = "an HTML page instead of an API answer, perhaps from a proxy"
	for body, want := range map[string]string{
		"upstream connect error":           "upstream connect error",
		`{"error": "cut`:                   `{"error": "cut`,
		"":                                 "",
		"<!DOCTYPE html><html>Bad gateway": html,
		"\r\n  <HTML><head>":               html,
	} {
		assert.Equal(t, want, (&Answer{Body: []byte(body)}).Words(), body)
	}
}

func TestFieldsAndAdviceOfAFailure(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response { return reply(403, "") }, func(c *Config) {
		c.Failure = func(*Answer) *Failure {
			return &Failure{Message: "no", Fields: Faults{{"name", "is " + testKey}, {Field: "limit"}}, Advice: "ask the owner"}
		}
	})
	_, err := callKeyOp(t.Context(), client, Once)
	e := failed(t, err)
	assert.Equal(t, Faults{{"name", "is [redacted]"}, {Field: "limit"}}, e.Fields)
	assert.EqualError(t, err, "acme: createKey (POST /keys): 403 Forbidden: no: name: is [redacted]; limit; tried once; ask the owner")
}

// After an attempt that may have deleted the thing, the vendor's own not-found
// says that it has. Nothing else does.
func TestGone(t *testing.T) {
	t.Parallel()
	type answers []func() (*http.Response, error)
	lost := func() (*http.Response, error) { return nil, errReset }
	limited := func() (*http.Response, error) { return reply(429, "own"), nil }
	notFound := func() (*http.Response, error) { return reply(404, "own"), nil }
	refused := func() (*http.Response, error) { return reply(400, "own"), nil }
	page := func() (*http.Response, error) { return reply(404, "<html>"), nil }
	plain := func() (*http.Response, error) { return reply(404, "default backend - 404"), nil }
	for name, test := range map[string]struct {
		answers answers
		gone    bool
	}{
		"at once":                   {answers{notFound}, false},
		"after a lost answer":       {answers{lost, notFound}, true},
		"after a rate limit":        {answers{limited, notFound}, false},
		"after both":                {answers{lost, limited, notFound}, true},
		"but it is a proxy's page":  {answers{lost, page}, false},
		"but it is a proxy's text":  {answers{lost, plain}, false},
		"but it is another refusal": {answers{lost, refused}, false},
		"never":                     {answers{lost, lost, lost}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var seen []int
				n := 0
				cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
					connected(req)
					n++
					return test.answers[n-1]()
				}))
				cfg.Failure = func(a *Answer) *Failure {
					seen = append(seen, a.Attempt)
					return &Failure{Understood: string(a.Body) == "own"}
				}
				_, err := callKeyOp(t.Context(), newClient(t, cfg), Idempotent)
				assert.Equal(t, test.gone, Gone(err))
				assert.Equal(t, len(test.answers), n)
				if name == "after both" {
					assert.Equal(t, []int{2, 3}, seen, "the dialect knows which attempt was answered")
				}
			})
		})
	}
	assert.False(t, Gone(nil))
	assert.False(t, Gone(errors.New("not found")))
}
