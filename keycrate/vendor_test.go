package keycrate

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

const (
	testAPIKey = "kc_test_0123456789abcdef"
	testApp    = "00000000-0000-4000-8000-00000000a001"
	testTier   = "00000000-0000-4000-8000-00000000b001"
	testID     = "00000000-0000-4000-8000-00000000c001"
	testKey    = "TEST-AAAA-0000-0001"
)

var t0 = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

type (
	vendor = clienttest.Vendor
	answer = clienttest.Answer
	sent   = clienttest.Sent
)

var (
	says   = clienttest.Says
	saysAs = clienttest.SaysAs
	breaks = clienttest.Breaks
	cuts   = clienttest.Cuts
)

// newClient returns a client of a vendor with the given answers.
func newClient(t *testing.T, answers ...answer) (*Client, *vendor) {
	t.Helper()
	v := &vendor{Answers: answers}
	client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}})
	require.NoError(t, err)
	return client, v
}

// newApp returns an app of a vendor with the given answers.
func newApp(t *testing.T, answers ...answer) (*App, *vendor) {
	t.Helper()
	v := &vendor{Answers: answers}
	app, err := NewApp(AppConfig{AppID: testApp, HTTPClient: &http.Client{Transport: v}})
	require.NoError(t, err)
	return app, v
}

// both is everything there is to call, for tests of all operations.
type both struct {
	*Client
	app *App
}

// newBoth returns a client and an app of one vendor.
func newBoth(t *testing.T, answers ...answer) (both, *vendor) {
	t.Helper()
	client, v := newClient(t, answers...)
	app, err := NewApp(AppConfig{AppID: testApp, HTTPClient: &http.Client{Transport: v}})
	require.NoError(t, err)
	return both{client, app}, v
}

// errorOf returns the error as callers find it.
func errorOf(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}
