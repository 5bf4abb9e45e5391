package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// What go run ./examples/fulfilment prints, and README.md shows.
func TestStory(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, story(t.Context(), &out, filepath.Join(folder(t), "orders.jsonl")))
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, shown, found := strings.Cut(string(readme), "```text\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	_, lines, _ := strings.Cut(shown, "\n")
	want := ""
	for _, name := range []string{"Junkie", "LuaProt", "Keygen", "Keycrate"} {
		want += name + "\n" + lines
	}
	assert.Equal(t, want, out.String())
}

// The README's Go is that of the program.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var source []byte
	for _, name := range []string{"shop.go", "serve.go"} {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		source = append(source, content...)
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		lines := strings.Split(strings.TrimSpace(block), "\n")
		for n := range lines {
			lines[n] = strings.TrimSpace(lines[n])
		}
		var code []string
		for line := range strings.Lines(string(source)) {
			code = append(code, strings.TrimSpace(line))
		}
		assert.Contains(t, strings.Join(code, "\n"), strings.Join(lines, "\n"))
	}
}

// The program in earnest, with the mock in the vendor's place and a real network.
func TestServe(t *testing.T) {
	s := mockserver.RunT(t)
	vendor, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	provider := s.Junkie().AddProvider("shop")
	path := filepath.Join(folder(t), "orders.jsonl")
	t.Setenv("WEBHOOK_SECRET", base64.StdEncoding.EncodeToString(secret))
	t.Setenv("JUNKIE_API_KEY", s.Junkie().APIKey())
	t.Setenv("JUNKIE_BASE_URL", vendor.Junkie())
	t.Setenv("JUNKIE_PROVIDER_ID", strconv.FormatInt(provider.ID, 10))
	t.Setenv("ORDERS", path)
	require.NoError(t, openJournal(t, path).Put(t.Context(), Record{Order: Order{ID: "1041"}, State: Unsold, At: noon}))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	url := "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serve(ctx, listener) }()

	body := `{"type": "order.paid", "data": {"id": "1042"}}`
	send := func(method, path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		require.NoError(t, err)
		sent := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set("webhook-id", "paid-1")
		req.Header.Set("webhook-timestamp", sent)
		req.Header.Set("webhook-signature", sign(secret, "paid-1", sent, []byte(body)))
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(answer)
	}
	for range 2 {
		code, answer := send(http.MethodPost, "/webhook")
		assert.Equal(t, http.StatusOK, code)
		assert.Equal(t, "sold\n", answer)
	}
	code, _ := send(http.MethodGet, "/webhook")
	assert.Equal(t, http.StatusMethodNotAllowed, code)
	code, _ = send(http.MethodPost, "/")
	assert.Equal(t, http.StatusNotFound, code)

	require.Eventually(t, func() bool { return len(s.Effects(junkiemock.EffectKeyCreated)) == 2 }, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	names := map[string]bool{}
	for _, key := range s.Junkie().Keys() {
		names[key.Name] = true
	}
	assert.Equal(t, map[string]bool{"order-1041": true, "order-1042": true}, names, "the first was resumed")
	s.AssertEffects(t, 2, junkiemock.EffectKeyCreated)
}

func TestServeWantsItsSettings(t *testing.T) {
	settings := []string{"WEBHOOK_SECRET", "JUNKIE_PROVIDER_ID", "JUNKIE_API_KEY", "ORDERS"}
	for _, name := range settings {
		t.Setenv(name, "")
	}
	for _, c := range []struct{ complaint, name, value string }{
		{"WEBHOOK_SECRET", "WEBHOOK_SECRET", base64.StdEncoding.EncodeToString(secret)},
		{"JUNKIE_PROVIDER_ID", "JUNKIE_PROVIDER_ID", "7"},
		{"APIKey is empty", "JUNKIE_API_KEY", "any"},
		{"ORDERS", "ORDERS", filepath.Join(folder(t), "no such folder", "orders.jsonl")},
		{"no such file", "ORDERS", ""},
	} {
		err := serve(t.Context(), nil)
		require.ErrorContains(t, err, c.complaint)
		t.Setenv(c.name, c.value)
	}
}
