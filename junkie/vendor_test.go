package junkie

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// testAPIKey looks like the vendor's keys.
const testAPIKey = "00000000-aaaa-4bbb-8ccc-0123456789ab"

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
