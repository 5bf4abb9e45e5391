package luaprot

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

const (
	testAPIKey = "lp_test_0123456789abcdef01234567"
	testHub    = "90000000000000000001" // more than 64 bits hold, like every real one
	testScript = "90000000000000000101"
	testUser   = "100000000000000001"
	testValue  = "0123456789abcdef00000001"
)

var t0 = time.Unix(1_767_225_600, 0).UTC() // 2026-01-01

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

// errorOf returns the error as callers find it.
func errorOf(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}
