package mockserver

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
