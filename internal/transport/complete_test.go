package transport

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type answerWithKey struct {
	Key *int `json:"key"`
}

var errNoKey = errors.New("the answer has no key")

func (a *answerWithKey) Check() error {
	if a.Key == nil {
		return errNoKey
	}
	return nil
}

type constantBody string

func (b constantBody) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusCreated, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(b)))}, nil
}

func TestIncompleteAnswer(t *testing.T) {
	t.Parallel()
	op := Op{ID: "createKey", Method: http.MethodPost, Path: "/keys", Class: Once,
		Success: []Success{{Status: http.StatusCreated, MediaType: "application/json"}}}
	for body, missing := range map[string]bool{`{"key":1}`: false, `{"key":null}`: true, `{}`: true} {
		client, err := New(Config{BaseURL: "https://vendor.test", HTTPClient: &http.Client{Transport: constantBody(body)}})
		require.NoError(t, err)
		answer, err := Call[answerWithKey](t.Context(), client, Request{Op: op, Path: "/keys"})
		if !missing {
			require.NoError(t, err)
			assert.Equal(t, 1, *answer.Key)
			continue
		}
		var e *Error
		require.ErrorAs(t, err, &e)
		assert.ErrorIs(t, err, ErrBadResponse)
		assert.ErrorIs(t, err, errNoKey)
		assert.ErrorContains(t, err, "the answer has no key")
		assert.Equal(t, Applied, e.Outcome)
		assert.Equal(t, 1, e.Attempts)
	}
}
