package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// What the demo seed calls its keys is what they are, now and after forty days.
func TestTheDemoSeedIsWhatItSays(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.WithSeedJSON(mockserver.DemoSeed()))
	verify := func(key, device string) string { return s.Junkie().Verify(key, device).Code }
	assert.Equal(t, junkiemock.CodeHWIDBanned, verify("SHOP-FRESH", "device-banned"))
	assert.Equal(t, junkiemock.CodeKeyValid, verify("SHOP-FRESH", "device-2"))
	assert.Equal(t, junkiemock.CodeKeyValid, verify("SHOP-USED", "device-1"))
	assert.Equal(t, junkiemock.CodeHWIDMismatch, verify("SHOP-USED", "device-2"))
	assert.Equal(t, junkiemock.CodeKeyExpired, verify("SHOP-EXPIRED", "device-1"))
	assert.Equal(t, junkiemock.CodeKeyInvalidated, verify("SHOP-BARRED", "device-1"))

	fresh, _ := s.LuaProt().Key("lua-fresh")
	script := s.LuaProt().AddScript(fresh.HubID, "another").ID
	check := func(key, device string) string { return s.LuaProt().Check(script, key, device).Status }
	assert.Equal(t, luaprotmock.CheckValid, check("lua-fresh", "device-2"))
	assert.Equal(t, luaprotmock.CheckValid, check("lua-used", "device-1"))
	assert.Equal(t, luaprotmock.CheckHWIDMismatch, check("lua-used", "device-2"))
	assert.Equal(t, luaprotmock.CheckExpired, check("lua-expired", "device-1"))
	assert.Equal(t, luaprotmock.CheckBlacklisted, check("lua-barred", "device-1"))

	auth := func(key, device string) string { return s.Keycrate().Auth(key, device).Code }
	assert.Equal(t, keycratemock.CodeVerified, auth("CRATE-FRESH", "device-2"))
	assert.Equal(t, keycratemock.CodeVerified, auth("CRATE-USED", "device-1"))
	assert.Equal(t, keycratemock.CodeHWIDMismatch, auth("CRATE-USED", "device-2"))
	assert.Equal(t, keycratemock.CodeLicenseExpired, auth("CRATE-EXPIRED", "device-1"))
	assert.Equal(t, keycratemock.CodeLicenseNotActive, auth("CRATE-PAUSED", "device-1"))

	assert.Len(t, s.Keygen().Keys(), 3)
	expiries := map[string]bool{}
	for _, license := range s.Keygen().Licenses() {
		expiries[license.Key] = !license.Expiry.IsZero() && !license.Expiry.After(s.Now())
		assert.Equal(t, license.Key == "MONTH-BARRED", license.Suspended)
	}
	assert.Equal(t, map[string]bool{"MONTH-FRESH": false, "MONTH-EXPIRED": true, "MONTH-BARRED": false}, expiries)

	s.Advance(40 * 24 * time.Hour)
	assert.Equal(t, junkiemock.CodeKeyExpired, verify("SHOP-FRESH", "device-2"))
	assert.Equal(t, junkiemock.CodeKeyExpired, verify("SHOP-USED", "device-1"))
	assert.Equal(t, luaprotmock.CheckExpired, check("lua-fresh", "device-2"))
	assert.Equal(t, keycratemock.CodeLicenseExpired, auth("CRATE-FRESH", "device-2"))
	assert.Equal(t, keycratemock.CodeLicenseExpired, auth("CRATE-USED", "device-1"))
}
