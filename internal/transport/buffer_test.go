package transport

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBufferIsGivenBackEmpty(t *testing.T) {
	t.Parallel()
	body := []byte("secret")
	(&buffer{body}).giveBack()
	assert.Equal(t, make([]byte, len("secret")), body)
}

// What a dialect keeps of a failure stays as it is, whatever is read afterwards.
func TestFailureKeepsItsBody(t *testing.T) {
	t.Parallel()
	const refusal = `{"error":"no such key"}`
	status, body := http.StatusNotFound, refusal
	client := answering(t, func() *http.Response { return reply(status, body) }, func(c *Config) {
		c.Failure = func(a *Answer) *Failure {
			if a.StatusCode/100 == 2 {
				return nil
			}
			return &Failure{Detail: a.Body}
		}
	})
	_, err := callKeyOp(t.Context(), client, Once)
	detail := failed(t, err).Detail
	status, body = 201, keyJSON
	for range 10 {
		got, err := callKeyOp(t.Context(), client, Once)
		require.NoError(t, err)
		assert.Equal(t, key{7, "ABC"}, got)
	}
	assert.Equal(t, refusal, string(detail.([]byte)))
}
