package keycratemock_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// call sends a call to the vendor's host, in process, and returns the status
// and the body.
func call(s *mockserver.Server, apiKey, path, body string) (status int, text string) {
	req, err := http.NewRequest("POST", "https://api.keycrate.dev"+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	if apiKey != "" {
		req.Header.Set("x-api-key", apiKey)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var raw json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(raw)
}

// TestOneOfManyDevicesIsBound: a hundred devices start one unused locked
// license at once. One of them is bound, and the license is activated once.
func TestOneOfManyDevicesIsBound(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]func(*mockserver.Server, string, string) string{
		"by Go": func(s *mockserver.Server, key, hwid string) string { return s.Keycrate().Auth(key, hwid).Code },
		"over HTTP": func(s *mockserver.Server, key, hwid string) string {
			_, body := call(s, "", "/auth", fmt.Sprintf(`{"app_id": %q, "license": %q, "hwid": %q}`, s.Keycrate().AppID(), key, hwid))
			var answer struct{ Message string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				return body
			}
			return answer.Message
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			license := s.Keycrate().AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7, HWIDLock: true})
			const devices = 100
			codes := make([]string, devices)
			var all sync.WaitGroup
			for i := range devices {
				all.Go(func() { codes[i] = login(s, license.Key, fmt.Sprintf("device-%d", i)) })
			}
			all.Wait()

			winner, count := -1, map[string]int{}
			for i, code := range codes {
				count[code]++
				if code == keycratemock.CodeVerifiedUnused {
					winner = i
				}
			}
			assert.Equal(t, map[string]int{keycratemock.CodeVerifiedUnused: 1, keycratemock.CodeHWIDMismatch: devices - 1}, count)
			state, found := s.Keycrate().License(license.Key)
			require.True(t, found)
			assert.Equal(t, fmt.Sprintf("device-%d", winner), state.HWID)
			assert.Equal(t, state.ActivatedAt.AddDate(0, 0, 7), state.ExpiresAt)
			s.AssertEffects(t, 1, keycratemock.EffectLicenseActivated)
			s.AssertEffects(t, 1, keycratemock.EffectLicenseHWIDBound)
		})
	}
}

// TestOneOfManyNamesIsTaken: of many licenses that ask for one username, by
// whichever way, one gets it.
func TestOneOfManyNamesIsTaken(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Keycrate()
	const users = 50
	done := make([]bool, users)
	var all sync.WaitGroup
	for i := range users {
		key := world.AddLicense(keycratemock.License{}).Key
		all.Go(func() {
			if i%2 == 0 {
				done[i] = world.Register(key, "alice", "pw").Success
				return
			}
			status, _ := call(s, world.APIKey(), "/license/update-user-credentials", fmt.Sprintf(`{"license_key": %q, "username": "alice"}`, key))
			done[i] = status == http.StatusOK
		})
	}
	all.Wait()
	won, named := 0, 0
	for _, yes := range done {
		if yes {
			won++
		}
	}
	for _, l := range world.Licenses() {
		if l.Username == "alice" {
			named++
		}
	}
	assert.Equal(t, 1, won)
	assert.Equal(t, 1, named)
}

// TestOneLicenseForADevice: of many licenses of a subscription with one license
// for a device, one is bound to it.
func TestOneLicenseForADevice(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Keycrate()
	world.AddSubscription(keycratemock.Subscription{SingleKeyPerHWID: true})
	const licenses = 50
	codes := make([]string, licenses)
	var all sync.WaitGroup
	for i := range licenses {
		key := world.AddLicense(keycratemock.License{HWIDLock: true}).Key
		all.Go(func() { codes[i] = world.Auth(key, "pc").Code })
	}
	all.Wait()
	count := map[string]int{}
	for _, code := range codes {
		count[code]++
	}
	assert.Equal(t, map[string]int{keycratemock.CodeVerifiedUnused: 1, keycratemock.CodeDeviceRegistered: licenses - 1}, count)
}
