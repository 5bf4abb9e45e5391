package keygen

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

const (
	testToken   = "admin-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefv3"
	testAccount = "acme"
	accountID   = "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"
	keyID       = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	policyID    = "95981290-518b-4109-a611-c0001214b3c5"
	productID   = "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f"
	licenseID   = "b18e3f3a-330c-4d8d-ae2e-014db21fa827"
	userID      = "a5c5ebc2-2d0c-4c70-a1bb-8f1a4e3c9f11"
	groupID     = "cc1a2c3f-7f0e-4ee0-8a52-b0b1bb62d3f7"
	tokenID     = "0f9e4c1c-4b0a-4a58-9f5c-5b29a0f7a8d2"
	testKey     = "C1B6DE-39A6E3-DE1529-8559A0-4AF593-V3"
)

var t0 = time.Date(2017, time.January, 2, 20, 26, 53, 464_000_000, time.UTC)

type (
	vendor = clienttest.Vendor
	answer = clienttest.Answer
	sent   = clienttest.Sent
)

var (
	saysAs = clienttest.SaysAs
	lost   = clienttest.Breaks(errLost)
)

var errLost = fmt.Errorf("connection reset by a test")

// says answers as the vendor does.
func says(status int, body string, headers ...string) answer {
	if status == http.StatusNoContent {
		return saysAs(status, body, headers...)
	}
	return saysAs(status, body, append(headers, "Content-Type", "application/vnd.api+json; charset=utf-8")...)
}

// refuses answers with one error object.
func refuses(status int, title, detail, code, pointer string, headers ...string) answer {
	members := []string{fmt.Sprintf(`"title": %q, "detail": %q`, title, detail)}
	if code != "" {
		members = append(members, fmt.Sprintf(`"code": %q`, code))
	}
	if pointer != "" {
		members = append(members, fmt.Sprintf(`"source": {"pointer": %q}`, pointer))
	}
	return says(status, `{"meta": {"id": "req-1"}, "errors": [{`+strings.Join(members, ", ")+`}]}`, headers...)
}

// newClient returns a client of a vendor with the given answers.
func newClient(t *testing.T, answers ...answer) (*Client, *vendor) {
	t.Helper()
	return newClientWith(t, Config{Credential: Token(testToken)}, answers...)
}

func newClientWith(t *testing.T, cfg Config, answers ...answer) (*Client, *vendor) {
	t.Helper()
	v := &vendor{Answers: answers}
	if cfg.Account == "" {
		cfg.Account = testAccount
	}
	cfg.HTTPClient = &http.Client{Transport: v}
	client, err := New(cfg)
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

func ref[T any](v T) *T { return &v }
