package junkie

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/junkiewire"
)

// fullKey is a key with every field of the vendor's page, as its types and
// notes describe them.
const fullKey = `{
	"id": 42, "key_value": "SHOP-6ba7b810-9dad-41d1-80b4-00c04fd430c8", "user_id": 9,
	"service_id": 3, "provider_id": 7, "folder_id": 5,
	"expires_at": "2026-02-01T03:04:05.678Z", "used_at": "2026-01-02T04:04:05.000Z",
	"is_premium": true, "is_invalidated": true, "one_time_use": true, "expiry_on_first_use": true,
	"validity_minutes": 43200, "no_hwid": true, "key_name": "order 1042", "hwid_limit": 2,
	"discord_id": "123456789012345678", "created_at": "2026-01-02T03:04:05.000Z",
	"service_name": "Hub", "provider_name": "Shop", "folder_name": "VIP",
	"hwids": [
		{"hwid": "dev-1", "executor_user_id": "1234", "bound_at": "2026-01-02T04:04:05.000Z", "bound_by": "verify"},
		{"hwid": "dev-2", "executor_user_id": null, "bound_at": "2026-01-02T03:04:05.000Z", "bound_by": "api"}
	],
	"keys_hwid": ["dev-1", "dev-2"]
}`

func fullKeyWant() *Key {
	return &Key{
		ID: 42, Value: "SHOP-6ba7b810-9dad-41d1-80b4-00c04fd430c8", UserID: 9, Name: "order 1042",
		ProviderID: 7, ProviderName: "Shop", ServiceID: 3, ServiceName: "Hub", FolderID: 5, FolderName: "VIP",
		DiscordID: "123456789012345678",
		CreatedAt: t0, UsedAt: t0.Add(time.Hour), ExpiresAt: t0.AddDate(0, 0, 30).Add(678 * time.Millisecond),
		Validity: 30 * 24 * time.Hour, ExpiryOnFirstUse: true,
		Premium: true, Invalidated: true, OneTimeUse: true, HWIDLimit: 2, NoHWID: true,
		HWIDs: []HWID{
			{Value: "dev-1", ExecutorUserID: "1234", BoundAt: t0.Add(time.Hour), BoundBy: BoundByVerify},
			{Value: "dev-2", BoundAt: t0, BoundBy: BoundByAPI},
		},
	}
}

// keyFromJSON decodes a key as a call does.
func keyFromJSON(t testing.TB, data string) *Key {
	t.Helper()
	var w junkiewire.Key
	require.NoError(t, json.Unmarshal([]byte(data), &w))
	return keyFromWire(&w)
}

func TestKeyFromWire(t *testing.T) {
	t.Parallel()
	nulls := `{"id": 42, "key_value": "v", "provider_id": 7, "service_id": null, "folder_id": null, "expires_at": null,
		"used_at": null, "validity_minutes": null, "key_name": null, "hwid_limit": null, "discord_id": null,
		"service_name": null, "provider_name": null, "folder_name": null, "hwids": [], "keys_hwid": []}`
	for name, test := range map[string]struct {
		json string
		want *Key
	}{
		"every field":      {fullKey, fullKeyWant()},
		"nothing":          {`{}`, &Key{}},
		"nulls":            {nulls, &Key{ID: 42, Value: "v", ProviderID: 7}},
		"null lists":       {`{"hwids": null, "keys_hwid": null}`, &Key{}},
		"unknown fields":   {`{"id": 1, "color": "red", "nested": {"a": [1]}}`, &Key{ID: 1}},
		"unknown binder":   {`{"hwids": [{"hwid": "d", "bound_by": "robot"}]}`, &Key{HWIDs: []HWID{{Value: "d", BoundBy: "robot"}}}},
		"bare device":      {`{"hwids": [{}]}`, &Key{HWIDs: []HWID{{}}}},
		"plain devices":    {`{"keys_hwid": ["a", "b"]}`, &Key{HWIDs: []HWID{{Value: "a"}, {Value: "b"}}}},
		"objects win":      {`{"hwids": [], "keys_hwid": ["a"]}`, &Key{}},
		"limit of 0":       {`{"hwid_limit": 0}`, &Key{}},
		"validity of 0":    {`{"validity_minutes": 0}`, &Key{}},
		"beyond Duration":  {`{"validity_minutes": 9223372036854775807}`, &Key{Validity: 153722867 * time.Minute}},
		"below Duration":   {`{"validity_minutes": -9223372036854775808}`, &Key{Validity: -153722867 * time.Minute}},
		"longest Duration": {`{"validity_minutes": 153722867}`, &Key{Validity: 153722867 * time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, keyFromJSON(t, test.json))
		})
	}
}

func TestValidityCanBeWrittenBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 60, 153722867, 153722868, math.MaxInt64} {
		var found faults
		found.minutes("Validity", durationFromMinutes(n))
		assert.Empty(t, found, "%d minutes", n)
	}
	assert.EqualValues(t, 153722867, minutes(durationFromMinutes(math.MaxInt64)))
}

func TestTimestampsOfOtherForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05.000Z":         t0,
		"2026-01-02T03:04:05Z":             t0,
		"2026-01-02T03:04:05":              t0,
		"2026-01-02 03:04:05":              t0,
		"2026-01-02 03:04:05+00:00":        t0,
		"2026-01-02T04:04:05+01:00":        t0,
		"2026-01-02T03:04:05.5Z":           t0.Add(500 * time.Millisecond),
		"2026-01-02T03:04:05.123456789":    t0.Add(123456789),
		"2026-01-02 03:04:05.000001Z":      t0.Add(time.Microsecond),
		"2026-01-02T03:04:05.000000+00:00": t0,
		"":                                 {},
	} {
		key := keyFromJSON(t, `{"created_at": "`+text+`"}`)
		assert.Equal(t, want, key.CreatedAt, "%q", text)
	}
}

func TestDetailedKeyFromWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		redemption string
		want       *DiscordRedemption
	}{
		"redeemed": {`{"discord_user_id": "123456789012345678", "redemption_status": "redeemed", "redeemed_at": "2026-01-02T03:04:05.000Z"}`,
			&DiscordRedemption{DiscordUserID: "123456789012345678", Status: "redeemed", RedeemedAt: t0}},
		"unknown status": {`{"redemption_status": "pending review"}`, &DiscordRedemption{Status: "pending review"}},
		"bare":           {`{}`, &DiscordRedemption{}},
		"null":           {`null`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w junkiewire.KeyDetailed
			require.NoError(t, json.Unmarshal([]byte(strings.Replace(fullKey, "{", `{"discord_redemption": `+test.redemption+`, `, 1)), &w))
			want := fullKeyWant()
			want.DiscordRedemption = test.want
			assert.Equal(t, want, detailedKeyFromWire(&w))
		})
	}
}

func TestEveryFieldOfAnAnswerIsMapped(t *testing.T) {
	t.Parallel()
	fields := clienttest.Fields{Ignored: map[string]string{
		"UpdateKeyResponse.Success":     "false is an error, true goes without saying",
		"ResetKeyHWIDsResponse.Success": "false is an error, true goes without saying",
		"ResetKeyHWIDsResponse.Message": "says nothing that success does not",
	}}
	fields.Answers(t, requiredParts,
		keyFromWire,
		detailedKeyFromWire,
		pageFromWire,
		batchFromWire,
		foldersFromWire,
		bulkResultFromWire,
		updateResultFromWire,
		func(*junkiewire.ResetKeyHWIDsResponse) any { return nil },
		func(w *junkiewire.CreateKeyResponse) any { return keyFromWire(w.Key) },
		func(w *junkiewire.GetKeyResponse) any { return detailedKeyFromWire(w.Key) },
		func(w *junkiewire.HWID) any { return hwidsFromWire([]junkiewire.HWID{*w}, nil) },
		func(w *junkiewire.Pagination) any { return pageFromWire(&junkiewire.ListKeysResponse{Pagination: w}) },
		func(w *junkiewire.DiscordRedemption) any {
			return detailedKeyFromWire(&junkiewire.KeyDetailed{DiscordRedemption: w}).DiscordRedemption
		},
		func(w *junkiewire.KeyFolder) any {
			return foldersFromWire(&junkiewire.ListFoldersResponse{Folders: []junkiewire.KeyFolder{*w}})
		},
	)
}

// requiredParts sets what a Check guarantees to a converter.
func requiredParts(w any) {
	switch w := w.(type) {
	case *junkiewire.CreateKeyResponse:
		w.Key = &junkiewire.Key{}
	case *junkiewire.GetKeyResponse:
		w.Key = &junkiewire.KeyDetailed{}
	case *junkiewire.DeleteKeysResponse:
		w.Deleted = new(int64)
	}
}

func TestEveryFieldOfARequestIsMapped(t *testing.T) {
	t.Parallel()
	fields := clienttest.Fields{
		Samples: []any{Set("x"), Set(7), Set[int64](7), Set(true), Set(t0), Set(time.Hour), Set([]string{"x"})},
		Ignored: map[string]string{"CreateKeyRequest.HWID": "HWIDs says the same for any number of devices"},
	}
	fields.Requests(t, (*ListKeysParams).toWire, (*CreateKeyParams).toWire, (*CreateBatchParams).toWire, (*UpdateKeyParams).toWire)
}

// decodeKey decodes a key with its redemption, if data is one.
func decodeKey(data []byte) (*Key, bool) {
	var w junkiewire.KeyDetailed
	if json.Unmarshal(data, &w) != nil {
		return nil, false
	}
	return detailedKeyFromWire(&w), true
}
