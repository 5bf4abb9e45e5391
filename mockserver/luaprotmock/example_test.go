package luaprotmock_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// In a test this would be mockserver.RunT(t).
func newServer(opts ...mockserver.Option) *mockserver.Server {
	return mockserver.New(append(opts, mockserver.WithStart(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)))...)
}

// A key for an hour, on one device.
func ExampleWorld_Check() {
	s := newServer(mockserver.WithFrozenClock())
	world := s.LuaProt()
	hub := world.AddHub("Main Hub")
	script := world.AddScript(hub.ID, "loader")
	key := world.AddKey(luaprotmock.Key{ExpiresAt: s.Now().Add(time.Hour)})

	result := world.Check(script.ID, key.Value, "laptop")
	fmt.Println(result.Status, result.Data.Expire, "seconds left")
	fmt.Println(world.Check(script.ID, key.Value, "desktop").Status)
	s.Advance(time.Hour)
	fmt.Println(world.Check(script.ID, key.Value, "laptop").Status)

	state, _ := world.Key(key.Value)
	fmt.Println("bound to", state.HWID, "after", state.Executions, "execution")
	// Output:
	// VALID 3600 seconds left
	// HWID_MISMATCH
	// EXPIRED
	// bound to laptop after 1 execution
}

// Keys in states that are hard to reach otherwise.
func ExampleWorld_AddKey() {
	s := newServer(mockserver.WithFrozenClock())
	world, now := s.LuaProt(), s.Now()
	for _, seed := range []luaprotmock.Key{
		{Note: "fresh"},
		{Note: "sold", DiscordID: "123456789012345678"},
		{Note: "expired", ExpiresAt: now.Add(-time.Hour)},
		{Note: "from an advertisement", AdvertiseID: "78078400606734922815", HWID: "laptop", Activated: true},
		{Note: "barred by the vendor", GloballyBlacklisted: true},
	} {
		key := world.AddKey(seed)
		fmt.Println(key.Note+":", key.Status(now))
	}
	// Output:
	// fresh: unassigned
	// sold: active
	// expired: expired
	// from an advertisement: active
	// barred by the vendor: blacklisted
}

// The vendor's two rate limits, seen by a plain HTTP client.
func ExampleWorld_SetRateLimit() {
	s := newServer()
	s.LuaProt().SetRateLimit(luaprotmock.DocumentedLimits()...)
	call := func() *http.Response {
		req, _ := http.NewRequest("GET", "https://luaprot.net/api/v1/keys/fetch", nil)
		req.Header.Set("Authorization", s.LuaProt().APIKey())
		req.Header.Set("Content-Type", "application/json")
		resp, err := s.Client().Do(req)
		if err != nil {
			panic(err)
		}
		return resp
	}
	for range 20 {
		_ = call().Body.Close()
	}
	resp := call()
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))

	s.Advance(10 * time.Second)
	resp = call()
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output:
	// 429 {"success":false,"message":"Too many requests."}
	// 200
}

// Bearer before the API key is a mistake that this vendor does not forgive.
func ExampleWorld_APIKey() {
	s := newServer()
	hub := s.LuaProt().AddHub("Main Hub", luaprotmock.HubID("40511091490620200512"))

	req, _ := http.NewRequest("POST", "https://luaprot.net/api/v2/hubs/"+hub.ID+"/keys/add", strings.NewReader(`{"expire": 86400}`))
	req.Header.Set("Authorization", "Bearer "+s.LuaProt().APIKey())
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))
	for _, finding := range s.Findings() {
		fmt.Println(finding)
	}
	// Output:
	// 401 {"success":false,"message":"Invalid API key."}
	// luaprot.addKey: Authorization was sent with Bearer in front: the vendor wants the bare API key
}
