package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// hand is what a careful person writes with net/http and encoding/json: it
// bounds time and answer, looks at the status and tells null from a value. It
// neither repeats a call nor knows kinds of errors.
type hand struct {
	base string
	http http.Client
}

type handKey struct {
	ID               int64      `json:"id"`
	KeyValue         string     `json:"key_value"`
	UserID           int64      `json:"user_id"`
	KeyName          *string    `json:"key_name"`
	ProviderID       int64      `json:"provider_id"`
	ProviderName     string     `json:"provider_name"`
	ServiceID        *int64     `json:"service_id"`
	ServiceName      *string    `json:"service_name"`
	FolderID         *int64     `json:"folder_id"`
	FolderName       *string    `json:"folder_name"`
	DiscordID        *string    `json:"discord_id"`
	CreatedAt        time.Time  `json:"created_at"`
	UsedAt           *time.Time `json:"used_at"`
	ExpiresAt        *time.Time `json:"expires_at"`
	ValidityMinutes  *int64     `json:"validity_minutes"`
	ExpiryOnFirstUse bool       `json:"expiry_on_first_use"`
	IsPremium        bool       `json:"is_premium"`
	IsInvalidated    bool       `json:"is_invalidated"`
	OneTimeUse       bool       `json:"one_time_use"`
	HWIDLimit        *int64     `json:"hwid_limit"`
	NoHWID           bool       `json:"no_hwid"`
	HWIDs            []handHWID `json:"hwids"`
	KeysHWID         []string   `json:"keys_hwid"`
}

type handHWID struct {
	HWID           string    `json:"hwid"`
	ExecutorUserID *string   `json:"executor_user_id"`
	BoundAt        time.Time `json:"bound_at"`
	BoundBy        string    `json:"bound_by"`
}

type handPage struct {
	Keys       []handKey `json:"keys"`
	Pagination struct {
		Page       int `json:"page"`
		Limit      int `json:"limit"`
		Total      int `json:"total"`
		TotalPages int `json:"totalPages"`
	} `json:"pagination"`
}

type handCreation struct {
	ProviderID       int64  `json:"provider_id"`
	KeyName          string `json:"key_name,omitempty"`
	ValidityMinutes  int64  `json:"validity_minutes"`
	ExpiryOnFirstUse bool   `json:"expiry_on_first_use"`
	IsPremium        bool   `json:"is_premium"`
	OneTimeUse       bool   `json:"one_time_use"`
	HWIDLimit        int    `json:"hwid_limit"`
	NoHWID           bool   `json:"no_hwid"`
}

func newHand(base string) *hand {
	return &hand{base: base, http: http.Client{Transport: ownTransport(), Timeout: 30 * time.Second}}
}

func (h *hand) get(ctx context.Context, id int64) (*handKey, error) {
	var answer struct {
		Key *handKey `json:"key"`
	}
	err := h.call(ctx, http.MethodGet, "/keys/"+strconv.FormatInt(id, 10), nil, http.StatusOK, &answer)
	return answer.Key, err
}

func (h *hand) list(ctx context.Context, limit int) (*handPage, error) {
	query := url.Values{"page": {"1"}, "limit": {strconv.Itoa(limit)}}
	var page handPage
	err := h.call(ctx, http.MethodGet, "/keys?"+query.Encode(), nil, http.StatusOK, &page)
	return &page, err
}

func (h *hand) create(ctx context.Context, creation handCreation) (*handKey, error) {
	body, err := json.Marshal(creation)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Key *handKey `json:"key"`
	}
	err = h.call(ctx, http.MethodPost, "/keys", body, http.StatusCreated, &answer)
	return answer.Key, err
}

func (h *hand) call(ctx context.Context, method, path string, body []byte, status int, answer any) error {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := h.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != status {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	return json.Unmarshal(text, answer)
}
