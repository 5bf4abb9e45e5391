package keygenmock_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// In a test this would be mockserver.RunT(t).
func newServer() *mockserver.Server {
	return mockserver.New(mockserver.WithStart(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)), mockserver.WithFrozenClock())
}

// request is what a program without a client library does.
func request(s *mockserver.Server, method, path, token string) (*http.Response, string) {
	req, err := http.NewRequest(method, "https://api.keygen.sh/v1/accounts/"+s.Keygen().Account()+path, nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/vnd.api+json")
	resp, err := s.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return resp, string(body)
}

// The newest key leaves the pool first.
func ExampleWorld_Pool() {
	s := newServer()
	world := s.Keygen()
	policy := world.AddPolicy(keygenmock.Policy{Pooled: true})
	for _, text := range []string{"FIRST-KEY", "SECOND-KEY", "THIRD-KEY"} {
		world.AddKey(keygenmock.Key{PolicyID: policy.ID, Key: text})
	}

	resp, _ := request(s, "DELETE", "/policies/"+policy.ID+"/pool", world.Token())
	fmt.Println(resp.StatusCode)
	for _, key := range world.Pool(policy.ID) {
		fmt.Println("left:", key.Key)
	}
	for _, event := range world.Events() {
		fmt.Println(event.Name)
	}
	// Output:
	// 200
	// left: FIRST-KEY
	// left: SECOND-KEY
	// policy.pool.popped
}

// What a bearer must not see is not there; what it may not do is forbidden.
func ExampleWorld_AddToken() {
	s := newServer()
	world := s.Keygen()
	key := world.AddKey(keygenmock.Key{})
	agent := world.AddToken(keygenmock.Token{BearerID: world.AddUser(keygenmock.User{Role: keygenmock.RoleSalesAgent}).ID})
	customer := world.AddToken(keygenmock.Token{BearerID: world.AddUser(keygenmock.User{}).ID})

	for _, token := range []keygenmock.Token{agent, customer} {
		get, _ := request(s, "GET", "/keys/"+key.ID, token.Value)
		remove, _ := request(s, "DELETE", "/keys/"+key.ID, token.Value)
		fmt.Println(get.StatusCode, remove.StatusCode)
	}
	// Output:
	// 200 403
	// 404 404
}

// Answers are signed as the vendor signs them.
func ExampleWorld_PublicKey() {
	s := newServer()
	world := s.Keygen()
	public, err := hex.DecodeString(world.PublicKey(keygenmock.Ed25519))
	if err != nil {
		panic(err)
	}

	resp, _ := request(s, "GET", "/keys", world.Token())
	_, rest, _ := strings.Cut(resp.Header.Get("Keygen-Signature"), `signature="`)
	encoded, _, _ := strings.Cut(rest, `"`)
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		panic(err)
	}
	text := "(request-target): get /v1/accounts/acme/keys\nhost: api.keygen.sh\ndate: " + resp.Header.Get("Date") +
		"\ndigest: " + resp.Header.Get("Digest")
	fmt.Println(ed25519.Verify(public, []byte(text), signature))
	// Output: true
}

// A canceled account is told so whatever it asks.
func ExampleWorld_SetStatus() {
	s := newServer()
	s.Keygen().SetStatus(keygenmock.StatusCanceled)
	resp, body := request(s, "GET", "/keys", "nobody's")
	fmt.Println(resp.StatusCode)
	_, body, _ = strings.Cut(body, `"errors":`)
	fmt.Println(strings.TrimSuffix(body, "}"))
	// Output:
	// 403
	// [{"title":"Account does not have an active subscription","detail":"must have an active subscription to access this resource"}]
}

// A throttle for a test that wants one.
func ExampleWorld_SetRateLimit() {
	s := mockserver.New(mockserver.WithStart(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)))
	s.Keygen().SetRateLimit(keygenmock.RateWindow{Limit: 2, Per: time.Hour})
	for range 3 {
		resp, _ := request(s, "GET", "/keys", s.Keygen().Token())
		fmt.Println(resp.StatusCode, resp.Header.Get("X-RateLimit-Window"), "remaining:", resp.Header.Get("X-RateLimit-Remaining"))
	}
	// Output:
	// 200 60m remaining: 1
	// 200 60m remaining: 0
	// 429 60m remaining: 0
}
