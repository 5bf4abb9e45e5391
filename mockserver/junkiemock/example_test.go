package junkiemock_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// In a test this would be mockserver.RunT(t).
func newServer() *mockserver.Server {
	return mockserver.New(mockserver.WithStart(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)), mockserver.WithFrozenClock())
}

// A key that waits for its first use, on at most one device.
func ExampleWorld_Verify() {
	s := newServer()
	world := s.Junkie()
	key := world.AddKey(junkiemock.Key{ValidityMinutes: 60, ExpiryOnFirstUse: true, HWIDLimit: 1})

	s.Advance(24 * time.Hour)
	fmt.Println(world.Verify(key.Value, "laptop").Code)
	fmt.Println(world.Verify(key.Value, "desktop").Code)
	s.Advance(time.Hour)
	fmt.Println(world.Verify(key.Value, "laptop").Code)

	state, _ := world.Key(key.ID)
	fmt.Println("used", state.UsedAt, "until", state.ExpiresAt)
	// Output:
	// KEY_VALID
	// HWID_MISMATCH
	// KEY_EXPIRED
	// used 2026-01-02 12:00:00 +0000 UTC until 2026-01-02 13:00:00 +0000 UTC
}

// Keys in states that are hard to reach otherwise.
func ExampleWorld_AddKey() {
	s := newServer()
	world, now := s.Junkie(), s.Now()
	provider := world.AddProvider("shop", junkiemock.KeyPrefix("SHOP"))

	for _, seed := range []junkiemock.Key{
		{Name: "fresh", ProviderID: provider.ID, Value: "SHOP-fresh"},
		{Name: "expired", CreatedAt: now.Add(-2 * time.Hour), ValidityMinutes: 60},
		{Name: "in use", UsedAt: now.Add(-time.Hour), Devices: []junkiemock.Device{{HWID: "laptop"}}},
		{Name: "revoked", Invalidated: true},
	} {
		key := world.AddKey(seed)
		fmt.Println(key.ID, key.Name+":", key.Status(now))
	}
	// Output:
	// 1 fresh: active
	// 2 expired: expired
	// 3 in use: used
	// 4 revoked: invalidated
}

// An API key without the scope that the vendor wants, seen by a plain HTTP
// client.
func ExampleWorld_AddAPIKey() {
	s := newServer()
	weak := s.Junkie().AddAPIKey("some:other")

	req, _ := http.NewRequest("POST", "https://api.jnkie.com/api/v2/keys", strings.NewReader(`{"provider_id": 2001}`))
	req.Header.Set("Authorization", "Bearer "+weak)
	resp, err := s.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))
	// Output: 403 {"error":"Insufficient scope: rest-api:* required"}
}
