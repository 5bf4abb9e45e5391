package mockserver

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

func TestASnapshotBringsEverythingBack(t *testing.T) {
	t.Parallel()
	s, shop := open(t, with(shopVendor(), depotVendor()), WithStart(t0), WithFrozenClock())
	shop.Stock("pen")
	s.vendor("shop").rand.Hex(3)
	taken := s.Snapshot()
	drawn := s.vendor("shop").rand.Hex(8)

	shop.Stock("book")
	s.Resume()
	s.Advance(time.Hour)
	require.NoError(t, s.Restore(taken))
	assert.Equal(t, 1, shop.Len())
	assert.Equal(t, t0, s.Now(), "it stands still again")
	assert.Equal(t, drawn, s.vendor("shop").rand.Hex(8))

	other, twin := open(t, with(shopVendor(), depotVendor()))
	require.NoError(t, other.Restore(taken))
	assert.Equal(t, 1, twin.Len())
	assert.Equal(t, t0, other.Now())
	assert.Equal(t, drawn, other.vendor("shop").rand.Hex(8))
	again, here := other.Snapshot(), s.Snapshot()
	assert.JSONEq(t, string(here), string(again))
}

func TestWhatIsNoSnapshotChangesNothing(t *testing.T) {
	t.Parallel()
	s, shop := open(t, with(shopVendor(), depotVendor()), WithStart(t0), WithFrozenClock())
	shop.Stock("pen")
	taken := string(s.Snapshot())
	shop.Stock("book")
	before := s.Snapshot()
	c := consoleOf(t, s)
	for document, complaint := range map[string]string{
		``:                           "no snapshot",
		`[]`:                         "no snapshot",
		`{"format":"x","version":1}`: "its format is not " + snapshotFormat,
		strings.Replace(taken, `"version":1`, `"version":2`, 1):                       "the snapshot is of version 2, and this program reads version 1",
		strings.Replace(taken, `"version":1`, `"version":0`, 1):                       "of version 0",
		strings.Replace(taken, `"depot"`, `"store"`, 1):                               "the snapshot has no depot",
		strings.Replace(taken, `"depot":{`, `"spare":{},"depot":{`, 1):                "has 3 vendors, and this server 2",
		strings.Replace(taken, `"last":1`, `"last":"one"`, 1):                         "damaged: shop: state: ",
		strings.Replace(taken, `"random":"`, `"random":"AAAA`, 1):                     "damaged: ",
		strings.Replace(taken, `"limited":false`, `"limited":true`, 1):                "the rate limit of shop is on",
		strings.Replace(taken, `"2026-03-01T12:00:00Z"`, `"0001-01-01T00:00:00Z"`, 1): "time is zero",
		strings.Replace(taken, `"frozen":true`, `"frozen":7`, 1):                      "damaged",
	} {
		require.NotEqual(t, taken, document)
		err := s.Restore([]byte(document))
		require.ErrorContains(t, err, complaint, document)
		if document != "" && document != "[]" {
			assert.Contains(t, c.refused("PUT", "/snapshot", document).Detail, complaint)
		}
		assert.JSONEq(t, string(before), string(s.Snapshot()), "%s", complaint)
	}
}

func TestSnapshotsOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, with(shopVendor(), depotVendor()), WithStart(t0), WithFrozenClock())
	shop.Stock("pen")
	c := consoleOf(t, s)
	resp, taken := c.ask("GET", "/snapshot", "")
	require.Equal(t, 200, resp.StatusCode)
	assert.JSONEq(t, string(s.Snapshot()), taken)
	shop.Stock("book")
	c.want("PUT", "/snapshot", taken, 204, "")
	assert.Equal(t, 1, shop.Len())
	var document map[string]any
	require.NoError(t, json.Unmarshal([]byte(taken), &document))
	assert.Equal(t, snapshotFormat, document["format"])
}

// TestASnapshotIsOfOneMoment takes snapshots while every world changes: each is of a
// moment at which the world was so, though it is written while that goes on.
func TestASnapshotIsOfOneMoment(t *testing.T) {
	t.Parallel()
	s := New()
	const kept = 20 // keys at any time, or one more
	value := func(n int) string { return fmt.Sprintf("key-%05d", n) }
	ids := map[int]int64{}
	add := func(n int) {
		ids[n] = s.Junkie().AddKey(junkiemock.Key{Value: value(n)}).ID
	}
	for n := range kept {
		add(n)
	}
	lua := s.LuaProt().AddKey(luaprotmock.Key{})
	script := s.LuaProt().AddScript(lua.HubID, "script")
	license := s.Keycrate().AddLicense(keycratemock.License{HWIDLock: true, HWIDResetAllowed: true})
	pool := s.Keygen().AddPolicy(keygenmock.Policy{Pooled: true})
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := kept; n < 50_000; n++ {
			select {
			case <-quit:
				return
			default:
			}
			add(n)
			s.Junkie().RemoveKey(ids[n-kept])
			s.Junkie().Verify(value(n), "pc")
			s.LuaProt().Check(script.ID, lua.Value, "pc")
			s.Keycrate().Auth(license.Key, "pc")
			s.Keycrate().PortalReset(license.Key)
			s.Keygen().RemoveKey(s.Keygen().AddKey(keygenmock.Key{PolicyID: pool.ID}).ID)
		}
	}()
	other := New()
	for range 20 {
		require.NoError(t, other.Restore(s.Snapshot()))
		keys := other.Junkie().Keys()
		require.Contains(t, []int{kept, kept + 1}, len(keys))
		first, err := strconv.Atoi(keys[0].Value[len("key-"):])
		require.NoError(t, err)
		for i, k := range keys {
			require.Equal(t, value(first+i), k.Value)
		}
		require.LessOrEqual(t, len(other.Keygen().Keys()), 1)
	}
	close(quit)
	<-done
}
