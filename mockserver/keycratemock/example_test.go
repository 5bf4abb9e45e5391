package keycratemock_test

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// In a test this would be mockserver.RunT(t).
func newServer(opts ...mockserver.Option) *mockserver.Server {
	return mockserver.New(append(opts, mockserver.WithStart(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)))...)
}

// Seven days from the first use, on one device.
func ExampleWorld_Auth() {
	s := newServer(mockserver.WithFrozenClock())
	world := s.Keycrate()
	license := world.AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7, HWIDLock: true})

	s.Advance(30 * 24 * time.Hour) // nobody has used it yet
	fmt.Println(world.Auth(license.Key, "laptop").Code)
	fmt.Println(world.Auth(license.Key, "desktop").Code)
	s.Advance(7 * 24 * time.Hour)
	fmt.Println(world.Auth(license.Key, "laptop").Code)

	state, _ := world.License(license.Key)
	fmt.Println("bound to", state.HWID, "until", state.ExpiresAt.Format(time.DateOnly), "and still", state.Status)
	// Output:
	// LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY
	// HWID_MISMATCH
	// LICENSE_EXPIRED
	// bound to laptop until 2026-02-07 and still active
}

// Licenses in states that are hard to reach otherwise.
func ExampleWorld_AddLicense() {
	s := newServer(mockserver.WithFrozenClock())
	world, now := s.Keycrate(), s.Now()
	for _, seed := range []keycratemock.License{
		{Key: "FOR-EVER"},
		{Key: "EXPIRED", ExpiresAt: now.Add(-time.Hour)},
		{Key: "PAUSED", Status: keycratemock.StatusPaused},
		{Key: "BOUND", HWIDLock: true, HWID: "desktop"},
	} {
		license := world.AddLicense(seed)
		fmt.Println(license.Key+":", world.Auth(license.Key, "laptop").Code)
	}
	// Output:
	// FOR-EVER: LICENSE_VERIFIED
	// EXPIRED: LICENSE_EXPIRED
	// PAUSED: LICENSE_NOT_ACTIVE
	// BOUND: HWID_MISMATCH
}

// An end user changes the device, and may do so once a day.
func ExampleWorld_PortalReset() {
	s := newServer(mockserver.WithFrozenClock())
	world := s.Keycrate()
	license := world.AddLicense(keycratemock.License{HWIDLock: true, HWIDResetAllowed: true, HWIDResetCooldown: 24 * time.Hour})
	fmt.Println(world.PortalReset(license.Key).Blocked)

	world.Auth(license.Key, "laptop")
	fmt.Println(world.PortalReset(license.Key).Done)
	fmt.Println(world.Auth(license.Key, "desktop").Code)
	s.Advance(20 * time.Hour)
	again := world.PortalReset(license.Key)
	fmt.Println(again.Blocked, "for", again.Wait)
	// Output:
	// not activated
	// true
	// LICENSE_VERIFIED
	// cooling down for 4h0m0s
}

// An API key without access to the app, seen by a plain HTTP client.
func ExampleWorld_AddAPIKey() {
	s := newServer()
	world := s.Keycrate()
	license := world.AddLicense(keycratemock.License{})
	stranger := world.AddAPIKey() // may use no app
	fmt.Println(call(s, stranger, "/license/get", `{"license_key": "`+license.Key+`"}`))
	world.RevokeAPIKey(stranger)
	fmt.Println(call(s, stranger, "/license/get", `{"license_key": "`+license.Key+`"}`))
	// Output:
	// 403 {"error":"This API key may not use the app","error_code":"ACCESS_DENIED"}
	// 401 {"error":"This API key is not in use","error_code":"INVALID_API_KEY"}
}

// The vendor publishes no rate limits; a test can set some.
func ExampleWorld_SetRateLimit() {
	s := newServer()
	world := s.Keycrate()
	world.SetRateLimit(1, time.Minute)
	body := `{"app_id": "` + world.AppID() + `"}`
	fmt.Println(call(s, world.APIKey(), "/subscription/get-bulk", body))
	fmt.Println(call(s, world.APIKey(), "/subscription/get-bulk", body))
	s.Advance(time.Minute)
	fmt.Println(call(s, world.APIKey(), "/subscription/get-bulk", body))
	// Output:
	// 200 {"success":true,"data":[]}
	// 429 {"error":"Too many requests","error_code":"RATE_LIMITED"}
	// 200 {"success":true,"data":[]}
}
