package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The same answer through Call and through a plain http.Client: what a call
// costs besides the network.

func answerer() http.RoundTripper {
	header := http.Header{"Content-Type": {"application/json"}}
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 201, Header: header, ContentLength: int64(len(keyJSON)), Body: io.NopCloser(strings.NewReader(keyJSON)), Request: req}, nil
	})
}

func BenchmarkCall(b *testing.B) {
	client := newClient(b, testConfig(answerer()))
	req := request(Once)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Call[key](b.Context(), client, req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlainHTTPClient(b *testing.B) {
	client := &http.Client{Transport: answerer()}
	body := request(Once).Body
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://api.example.com/v2/keys", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+testKey)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		var got key
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
