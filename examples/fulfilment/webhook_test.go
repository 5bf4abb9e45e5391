package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

// The signature was made by another program:
//
//	printf 'paid-1.1767268800.{"type":"order.paid","data":{"id":"1042"}}' |
//		openssl dgst -sha256 -mac hmac -macopt key:'known to the provider and to the shop' -binary | base64
func TestTheSignatureIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "v1,gG+1wsjdDr581QIUzZZb60kmN7iUfIK6cksX694aTXA=",
		sign(secret, "paid-1", "1767268800", []byte(`{"type":"order.paid","data":{"id":"1042"}}`)))
}

func TestWebhooksThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	body := []byte(`{"type": "order.paid", "data": {"id": "1042"}}`)
	at := func(when time.Time) string { return strconv.FormatInt(when.Unix(), 10) }
	right := sign(secret, "paid-1", at(noon), body)
	for name, c := range map[string]struct {
		header map[string]string // in place of the right ones
		body   []byte
		now    time.Time
		code   int
	}{
		"signed":                            {code: http.StatusOK},
		"signed with the new secret, too":   {header: map[string]string{"webhook-signature": "v1,AAAA " + right + " v2,AAAA"}, code: http.StatusOK},
		"almost five minutes ago":           {now: noon.Add(replayWindow), code: http.StatusOK},
		"almost five minutes in the future": {now: noon.Add(-replayWindow), code: http.StatusOK},
		"sent again later":                  {now: noon.Add(replayWindow + time.Second), code: http.StatusUnauthorized},
		"from the future":                   {now: noon.Add(-replayWindow - time.Second), code: http.StatusUnauthorized},
		"without a signature":               {header: map[string]string{"webhook-signature": ""}, code: http.StatusUnauthorized},
		"with another secret":               {header: map[string]string{"webhook-signature": sign([]byte("other"), "paid-1", at(noon), body)}, code: http.StatusUnauthorized},
		"of another version":                {header: map[string]string{"webhook-signature": "v2" + strings.TrimPrefix(right, "v1")}, code: http.StatusUnauthorized},
		"with half of a signature":          {header: map[string]string{"webhook-signature": right[:20]}, code: http.StatusUnauthorized},
		"of another webhook":                {header: map[string]string{"webhook-id": "paid-2"}, code: http.StatusUnauthorized},
		"without an id":                     {header: map[string]string{"webhook-id": ""}, code: http.StatusUnauthorized},
		"with another time":                 {header: map[string]string{"webhook-timestamp": at(noon.Add(time.Second))}, code: http.StatusUnauthorized},
		"without a time":                    {header: map[string]string{"webhook-timestamp": ""}, code: http.StatusUnauthorized},
		"with a time that is none":          {header: map[string]string{"webhook-timestamp": "noon"}, code: http.StatusUnauthorized},
		"with a time before all times":      {header: map[string]string{"webhook-timestamp": "-9223372036854775808"}, code: http.StatusUnauthorized},
		"with another body":                 {body: bytes.ReplaceAll(body, []byte("1042"), []byte("1043")), code: http.StatusUnauthorized},
		"with a body that is too large":     {body: bytes.Repeat([]byte(" "), largestBody+1), code: http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seller := &told{err: ErrReview}
			now := noon
			if !c.now.IsZero() {
				now = c.now
			}
			hook := &Webhook{
				Shop:   &Shop{Seller: seller, Store: &Memory{}, Now: func() time.Time { return now }},
				Secret: secret,
				Log:    slog.New(slog.DiscardHandler),
			}
			sent := body
			if c.body != nil {
				sent = c.body
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook", bytes.NewReader(sent))
			req.Header.Set("webhook-id", "paid-1")
			req.Header.Set("webhook-timestamp", at(noon))
			req.Header.Set("webhook-signature", right)
			for name, value := range c.header {
				req.Header.Set(name, value)
			}
			answer := httptest.NewRecorder()
			hook.ServeHTTP(answer, req)
			assert.Equal(t, c.code, answer.Code)
			if c.code == http.StatusOK {
				assert.Equal(t, 1, seller.issued)
			} else {
				assert.Zero(t, seller.issued)
			}
		})
	}
}

func TestWebhooksThatAreNoPaidOrder(t *testing.T) {
	t.Parallel()
	for body, code := range map[string]int{
		`{"type": "order.refunded", "data": {"id": "1042"}}`: http.StatusOK,
		`{}`:                     http.StatusOK,
		`{"type": "order.paid"}`: http.StatusBadRequest,
		`{"type": "order.paid", "data": {"id": ""}}`:                                 http.StatusBadRequest,
		`{"type": "order.paid", "data": {"id": 1042}}`:                               http.StatusBadRequest,
		`{"type": "order.paid", "data": {"id": "` + strings.Repeat("1", 101) + `"}}`: http.StatusBadRequest,
		`order 1042`: http.StatusBadRequest,
		``:           http.StatusBadRequest,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			seller := &told{}
			hook := &Webhook{
				Shop:   &Shop{Seller: seller, Store: &Memory{}, Now: func() time.Time { return noon }},
				Secret: secret,
				Log:    slog.New(slog.DiscardHandler),
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook", strings.NewReader(body))
			sent := strconv.FormatInt(noon.Unix(), 10)
			req.Header.Set("webhook-id", "paid-1")
			req.Header.Set("webhook-timestamp", sent)
			req.Header.Set("webhook-signature", sign(secret, "paid-1", sent, []byte(body)))
			answer := httptest.NewRecorder()
			hook.ServeHTTP(answer, req)
			assert.Equal(t, code, answer.Code)
			assert.Zero(t, seller.issued)
		})
	}
}

func TestAWebhookThatBreaksOff(t *testing.T) {
	t.Parallel()
	hook := &Webhook{Shop: &Shop{Seller: &told{}, Store: &Memory{}, Now: time.Now}, Secret: secret, Log: slog.New(slog.DiscardHandler)}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhook", iotest.ErrReader(errors.New("broken")))
	answer := httptest.NewRecorder()
	hook.ServeHTTP(answer, req)
	assert.Equal(t, http.StatusBadRequest, answer.Code)
}

// The log is for people, and a key is not for everyone who reads it.
func TestNoKeyIsShown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := newStage(t, 0)
	s.hook.Log = slog.New(slog.NewTextHandler(&log, nil))
	s.inject(s.issue, mockserver.BeforeCommit, mockserver.RateLimited(time.Hour))
	answers := s.send(order).Body.String()
	answers += s.send(order).Body.String()
	s.soldOnce()
	require.Contains(t, log.String(), "order waits")
	require.Contains(t, log.String(), "order=1042")
	assert.NotContains(t, log.String()+answers, s.record().Key)
}
