package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	replayWindow = 5 * time.Minute // how old a webhook may be, and how far our clocks may differ
	largestBody  = 64 << 10
)

// Webhook is where the payment provider says that an order was paid. Mount it at
// a path of your choice, for POST.
//
// It follows standardwebhooks.com, as many providers do. For one that signs in
// another way, change verify; for one with another document, change event.
type Webhook struct {
	Shop   *Shop
	Secret []byte // shared with the provider; decoded, where that shows it in base64
	Log    *slog.Logger
}

// event is what the provider sends.
type event struct {
	Type string `json:"type"` // only "order.paid" is of interest
	Data Order  `json:"data"`
}

// ServeHTTP answers 200 when nothing is left to do: the order is sold, or held
// for review. 503 makes the provider send the webhook again.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	if err := h.verify(r.Header, body); err != nil {
		h.Log.Warn("webhook refused", "reason", err)
		http.Error(w, "not signed", http.StatusUnauthorized)
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	switch {
	case e.Type != "order.paid":
		fmt.Fprintln(w, "ignored")
		return
	case e.Data.ID == "" || len(e.Data.ID) > 100:
		http.Error(w, "no order", http.StatusBadRequest)
		return
	}

	record, err := h.Shop.Fulfil(r.Context(), e.Data)
	if err != nil {
		h.Log.Warn("order waits", "order", e.Data.ID, "state", record.State, "reason", err)
		wait := time.Minute
		var failure *Failure
		if errors.As(err, &failure) {
			wait = max(wait, failure.RetryAfter)
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		http.Error(w, "not yet", http.StatusServiceUnavailable)
		return
	}
	if record.State == Review {
		h.Log.Error("order held for review", "order", e.Data.ID, "reason", record.Note)
	}
	fmt.Fprintln(w, record.State) // and not the key: the provider keeps our answers
}

// verify makes sure that the provider has sent this, and a short while ago.
func (h *Webhook) verify(header http.Header, body []byte) error {
	id, sent := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if err != nil || id == "" {
		return errors.New("webhook-id or webhook-timestamp is missing")
	}
	if age := h.Shop.Now().Sub(time.Unix(seconds, 0)); age.Abs() > replayWindow {
		return fmt.Errorf("it is %v old", age)
	}
	right := []byte(sign(h.Secret, id, sent, body))
	for given := range strings.FieldsSeq(header.Get("webhook-signature")) { // several, while a secret is replaced
		if hmac.Equal([]byte(given), right) {
			return nil
		}
	}
	return errors.New("no signature fits")
}

// sign returns the signature of a webhook.
func sign(secret []byte, id, sent string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, sent, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
