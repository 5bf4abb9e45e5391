package bench

import (
	"context"
	"net/http"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/keysmith-go/keysmith/internal/bench/clientpeer"
	"github.com/keysmith-go/keysmith/junkie"
)

const apiKey = "kc_of-the-benchmarks"

// ownTransport gives each contestant connections of its own.
func ownTransport() http.RoundTripper { return http.DefaultTransport.(*http.Transport).Clone() }

func newKeysmith(b *testing.B, base string) *junkie.Client {
	b.Helper()
	client, err := junkie.New(junkie.Config{APIKey: apiKey, BaseURL: base, HTTPClient: &http.Client{Transport: ownTransport()}})
	if err != nil {
		b.Fatal(err)
	}
	return client
}

// newPeer is what oapi-codegen generates of the document of the same vendor,
// repeated by go-retryablehttp.
func newPeer(b *testing.B, base string) *clientpeer.ClientWithResponses {
	b.Helper()
	retry := retryablehttp.NewClient()
	retry.Logger = nil
	retry.HTTPClient = &http.Client{Transport: ownTransport(), Timeout: 30 * time.Second}
	client, err := clientpeer.NewClientWithResponses(base, clientpeer.WithHTTPClient(retry.StandardClient()),
		clientpeer.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+apiKey)
			return nil
		}))
	if err != nil {
		b.Fatal(err)
	}
	return client
}

// often makes a contestant of one call. A profile tells the contestants apart
// by the label who, which their connections inherit.
func often(b *testing.B, name string, call func(context.Context) (understood bool, err error)) Contestant {
	b.Helper()
	return Contestant{Name: name, Run: func(n int) {
		pprof.Do(b.Context(), pprof.Labels("who", name), func(context.Context) {
			for range n {
				if ok, err := call(b.Context()); err != nil || !ok {
					b.Fatal(name, " did not get the answer: ", err)
				}
			}
		})
	}}
}

func BenchmarkClientGet(b *testing.B) {
	base := startVendor(b)
	hand, keysmith, peer := newHand(base), newKeysmith(b, base), newPeer(b, base)
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			key, err := hand.get(ctx, 1)
			return err == nil && key.ID == 1, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			key, err := keysmith.Keys.Get(ctx, junkie.ID(1))
			return err == nil && key.ID == 1, err
		}),
		often(b, "oapi", func(ctx context.Context) (bool, error) {
			answer, err := peer.GetKeyWithResponse(ctx, "1")
			return err == nil && *answer.JSON200.Key.Id == 1, err
		}),
	)
}

func BenchmarkClientPage(b *testing.B) {
	base := startVendor(b)
	hand, keysmith, peer := newHand(base), newKeysmith(b, base), newPeer(b, base)
	const limit = 50
	page, most := int64(1), int64(limit)
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			page, err := hand.list(ctx, limit)
			return len(page.Keys) == limit, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			page, err := keysmith.Keys.List(ctx, junkie.ListKeysParams{Page: 1, Limit: limit})
			return err == nil && len(page.Keys) == limit, err
		}),
		often(b, "oapi", func(ctx context.Context) (bool, error) {
			answer, err := peer.ListKeysWithResponse(ctx, &clientpeer.ListKeysParams{Page: &page, Limit: &most})
			return err == nil && len(*answer.JSON200.Keys) == limit, err
		}),
	)
}

func BenchmarkClientCreate(b *testing.B) {
	base := startVendor(b)
	hand, keysmith, peer := newHand(base), newKeysmith(b, base), newPeer(b, base)
	name, validity, limit := "order-1", int64(43200), int64(2)
	no := false
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			key, err := hand.create(ctx, handCreation{ProviderID: 7, KeyName: name, ValidityMinutes: validity, HWIDLimit: 2})
			return err == nil && key.ID == 1, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			key, err := keysmith.Keys.Create(ctx, junkie.CreateKeyParams{ProviderID: 7, Name: name, Validity: 30 * 24 * time.Hour, HWIDLimit: 2})
			return err == nil && key.ID == 1, err
		}),
		often(b, "oapi", func(ctx context.Context) (bool, error) {
			answer, err := peer.CreateKeyWithResponse(ctx, clientpeer.CreateKeyRequest{
				ProviderId: 7, KeyName: &name, ValidityMinutes: &validity, HwidLimit: &limit,
				ExpiryOnFirstUse: &no, IsPremium: &no, OneTimeUse: &no, NoHwid: &no,
			})
			return err == nil && *answer.JSON201.Key.Id == 1, err
		}),
	)
}
