package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

var opening = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func Example() {
	s := mockserver.New(mockserver.WithStart(opening)) // in a test: mockserver.RunT(t)
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	if err != nil {
		panic(err)
	}

	provider := s.Junkie().AddProvider("shop")
	key, err := client.Keys.Create(context.Background(), junkie.CreateKeyParams{ProviderID: provider.ID, Validity: 24 * time.Hour})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Junkie().Verify(key.Value, "device-1").Code)
	s.Advance(25 * time.Hour)
	fmt.Println(s.Junkie().Verify(key.Value, "device-1").Code)
	// Output:
	// KEY_VALID
	// KEY_EXPIRED
}

// The answer to a create is lost after the key was made: the client must not
// simply try again.
func ExampleServer_Inject() {
	s := mockserver.New()
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	if err != nil {
		panic(err)
	}
	provider := s.Junkie().AddProvider("shop")

	s.Inject(mockserver.Fault{
		Op:    junkiemock.OpCreateKey,
		Phase: mockserver.AfterCommit,
		Do:    mockserver.ConnReset(),
		Times: 1,
	})
	_, err = client.Keys.Create(context.Background(), junkie.CreateKeyParams{ProviderID: provider.ID})

	fmt.Println("unknown outcome:", errors.Is(err, junkie.ErrUnknownOutcome))
	fmt.Println("attempts:", len(s.Calls(junkiemock.OpCreateKey)))
	fmt.Println("keys made:", len(s.Effects(junkiemock.EffectKeyCreated)))
	// Output:
	// unknown outcome: true
	// attempts: 1
	// keys made: 1
}

// The journal tells each attempt as the server saw it.
func ExampleServer_Calls() {
	s := mockserver.New(mockserver.WithStart(opening), mockserver.WithFrozenClock())
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	if err != nil {
		panic(err)
	}
	s.Inject(mockserver.Fault{Op: mockserver.AnyOp, Do: mockserver.RateLimited(0), Times: 1})
	if _, err := client.Keys.List(context.Background(), junkie.ListKeysParams{}); err != nil {
		panic(err)
	}
	for _, call := range s.Calls(junkiemock.OpListKeys) {
		fmt.Println(call)
	}
	// Output:
	// #1 GET /api/v2/keys junkie.listKeys: 429 damaged, before commit RateLimited(0s)
	// #2 GET /api/v2/keys junkie.listKeys: 200 committed delivered
}

// A program in any language can be pointed at an endpoint.
func ExampleServer_Listen() {
	s := mockserver.New()
	endpoint, err := s.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer endpoint.Close()

	req, err := http.NewRequest("GET", endpoint.Junkie()+"/keys", nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Junkie().APIKey())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.Status, strings.TrimSpace(string(body)))
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// 200 OK {"keys":[],"pagination":{"page":1,"limit":50,"total":0,"totalPages":0}}
}

// What a client sends in vain is a finding; the answer stays the vendor's.
func ExampleServer_Findings() {
	s := mockserver.New()
	req, err := http.NewRequest("GET", "https://api.jnkie.com/api/v2/keys?key_value=abc", nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Junkie().APIKey())
	resp, err := s.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	for _, finding := range s.Findings() {
		fmt.Println(finding)
	}
	// Output:
	// 200 OK
	// junkie.listKeys: unknown query parameter "key_value" was ignored: the vendor's name is key
}
