package transport

import (
	"bytes"
	"context"
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

// ours returns one call.
func ours(tb testing.TB) func(context.Context) error {
	client, req := newClient(tb, testConfig(answerer())), request(Once)
	return func(ctx context.Context) error {
		_, err := Call[key](ctx, client, req)
		return err
	}
}

// plainHTTP returns the same call without this package.
func plainHTTP() func(context.Context) error {
	client, body := &http.Client{Transport: answerer()}, request(Once).Body
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example.com/v2/keys", bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+testKey)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		var got key
		return json.Unmarshal(text, &got)
	}
}

func benchmark(b *testing.B, call func(context.Context) error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := call(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B)            { benchmark(b, ours(b)) }
func BenchmarkPlainHTTPClient(b *testing.B) { benchmark(b, plainHTTP()) }

// BenchmarkCallCrowd has a thousand callers of one client. The time of a call is
// that of one caller divided by the processors, since they share no lock.
func BenchmarkCallCrowd(b *testing.B) {
	call := ours(b)
	b.ReportAllocs()
	b.SetParallelism(crowd)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(context.Background()); err != nil {
				b.Error(err)
			}
		}
	})
}

const crowd = 1000
