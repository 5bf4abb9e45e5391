package luaprot

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpiredAndUsable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key             Key
		expired, usable bool
	}{
		"for ever":               {Key{}, false, true},
		"runs out later":         {Key{ExpiresAt: t0.Add(1)}, false, true},
		"runs out now":           {Key{ExpiresAt: t0}, true, false},
		"ran out":                {Key{ExpiresAt: t0.Add(-1)}, true, false},
		"barred":                 {Key{Blacklisted: true}, false, false},
		"barred, runs out later": {Key{Blacklisted: true, ExpiresAt: t0.Add(1)}, false, false},
		"barred, ran out":        {Key{Blacklisted: true, ExpiresAt: t0}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.expired, test.key.Expired(t0))
			assert.Equal(t, test.usable, test.key.Usable(t0))
		})
	}
}

func TestRefOfAKey(t *testing.T) {
	t.Parallel()
	assert.Equal(t, ByKey("v"), (&Key{Value: "v", DiscordID: testUser}).Ref())
	assert.Equal(t, KeyRef{}, (&Key{DiscordID: testUser}).Ref())
}

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	for want, page := range map[int]KeyPage{
		0: {Total: 51}, 1: {TotalPages: 1, Total: 51, Limit: 25}, 2: {Total: 50, Limit: 25}, 3: {Total: 51, Limit: 25},
	} {
		assert.Equal(t, want, page.pages(), "%+v", page)
	}
	assert.Zero(t, (&KeyPage{Limit: 25}).pages())
	assert.Zero(t, (&KeyPage{Total: -3, Limit: 25}).pages())
}

// Absent and null stay apart in stored keys and parameters.
func TestStoredAsJSON(t *testing.T) {
	t.Parallel()
	for _, key := range []*Key{{}, fetchKeyWant(), infoKeyWant(), shortKeyWant(), {HubName: Null[string](), Activated: Set(false), HWID: Null[string]()}} {
		stored, err := json.Marshal(key)
		require.NoError(t, err)
		var back Key
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, key, &back)
	}
	for _, params := range []UpdateKeyParams{
		{}, {ExpiresIn: Set(time.Hour), LimitedScripts: Set([]string{})}, {DiscordID: Null[string](), ExpiresIn: Null[time.Duration](), Note: Set("")},
		{Blacklisted: Set(false), BlacklistReason: Null[string](), LimitedScripts: Set([]string{testScript})},
	} {
		stored, err := json.Marshal(params)
		require.NoError(t, err)
		var back UpdateKeyParams
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, params, back)
	}
	stored, err := json.Marshal(ListKeysParams{Active: Set(false)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Page": 0, "HubID": "", "DiscordID": "", "Value": "", "HWID": "", "Active": false}`, string(stored))
}
