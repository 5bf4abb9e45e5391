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
		assert.Equal(t, Unknown, e.Outcome, "a whole answer without its main part proves nothing")
		assert.ErrorIs(t, err, ErrUnknownOutcome)
		assert.Equal(t, 1, e.Attempts)
	}
}

// Whoever has just created something wants to have it, whatever the status.
func TestCompleteAnswerUnderAnotherStatus(t *testing.T) {
	t.Parallel()
	success := []Success{{Status: http.StatusCreated, MediaType: "application/json"}}
	for _, tc := range []struct {
		status  int
		body    string
		media   string
		success bool
	}{
		{200, `{"key":1}`, "application/json", true},
		{202, `{"key":1}`, "application/json; charset=utf-8", true},
		{200, `{"key":null}`, "application/json", false},
		{200, `{}`, "application/json", false},
		{200, ``, "application/json", false},
		{204, ``, "", false},
		{200, `{"key":1}`, "text/html", false},
	} {
		op := Op{ID: "createKey", Method: http.MethodPost, Path: "/keys", Class: Once, Success: success}
		client := answering(t, func() *http.Response { return reply(tc.status, tc.body, "Content-Type", tc.media) })
		answer, err := Call[answerWithKey](t.Context(), client, Request{Op: op, Path: "/keys"})
		if tc.success {
			require.NoError(t, err, tc.body)
			assert.Equal(t, 1, *answer.Key)
			continue
		}
		assert.ErrorIs(t, err, ErrBadResponse)
		assert.ErrorIs(t, err, ErrUnknownOutcome)
		_, err = Call[key](t.Context(), client, Request{Op: op, Path: "/keys"})
		assert.ErrorIs(t, err, ErrUnknownOutcome, "of an answer that cannot tell whether it is complete, the status must fit")
	}
}

// A page for people is not the vendor's word on keys or permissions.
func TestPageInPlaceOfARefusal(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{404: ErrBadResponse, 403: ErrBadResponse, 401: ErrBadResponse, 429: ErrRateLimited, 503: ErrServer} {
		client := answering(t, func() *http.Response { return reply(status, "<!doctype html><p>no", "Content-Type", "text/html") })
		_, err := callKeyOp(t.Context(), client, Once)
		assert.ErrorIs(t, err, kind, "%d", status)
		for _, other := range []error{ErrNotFound, ErrForbidden, ErrUnauthorized} {
			assert.NotErrorIs(t, err, other, "%d", status)
		}
		if kind == ErrBadResponse {
			assert.ErrorContains(t, err, "check BaseURL and any proxy")
		}
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	refused := func() *http.Response { return reply(429, "") }
	down := func() *http.Response { return reply(503, "") }
	gone := func() *http.Response { return reply(404, "{}") }
	for _, tc := range []struct {
		answer    func() *http.Response
		class     Class
		temporary bool
	}{
		{refused, Once, true}, {refused, Read, true},
		{down, Read, true}, {down, Idempotent, false}, {down, Once, false},
		{gone, Read, false}, {gone, Once, false},
	} {
		_, err := callKeyOp(t.Context(), answering(t, tc.answer), tc.class)
		var e *Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, tc.temporary, e.Temporary(), "%v %v", tc.class, err)
	}
	assert.False(t, (&Error{}).Temporary())
}

func TestComplains(t *testing.T) {
	t.Parallel()
	for body, complains := range map[string]bool{
		`{"error": "no"}`:                       true,
		`{"error": {"message": "no"}}`:          true,
		`{"error": "no", "key": null}`:          true,
		`{"error": "odd", "key": {"id": 1}}`:    false,
		`{"error": null, "message": "created"}`: false,
		`{"error": ""}`:                         false,
		`{"error": false}`:                      false,
		`{"key": {"error": "no"}}`:              false,
		`["error"]`:                             false,
		``:                                      false,
	} {
		assert.Equal(t, complains, (&Answer{Body: []byte(body)}).Complains("error", "key", "keys"), body)
	}
}
