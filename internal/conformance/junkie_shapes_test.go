package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// Keys as the vendor's page describes them, with made-up contents: one that has
// everything, and one that has nothing.
const (
	fullKeyJSON = `{
		"id": 1001,
		"key_value": "SHOP-00000000-0000-4000-8000-0000000003e9",
		"user_id": 1001,
		"service_id": 3001,
		"provider_id": 2002,
		"folder_id": 4001,
		"expires_at": "2026-03-31T12:05:00.000Z",
		"used_at": "2026-03-01T12:05:00.000Z",
		"is_premium": true,
		"is_invalidated": true,
		"one_time_use": true,
		"expiry_on_first_use": true,
		"validity_minutes": 43200,
		"no_hwid": true,
		"key_name": "order <0001> & \"more\" ключ",
		"hwid_limit": 3,
		"discord_id": "100000000000000001",
		"created_at": "2026-03-01T12:00:00.250Z",
		"service_name": "Example service",
		"provider_name": "Example provider",
		"folder_name": "Example folder",
		"hwids": [
			{"hwid": "EXAMPLE-DEVICE-1", "executor_user_id": "300000001", "bound_at": "2026-03-01T12:05:00.000Z", "bound_by": "verify"},
			{"hwid": "EXAMPLE-DEVICE-2", "executor_user_id": "300000002", "bound_at": "2026-03-01T12:06:00.000Z", "bound_by": "admin"}
		],
		"keys_hwid": ["EXAMPLE-DEVICE-1", "EXAMPLE-DEVICE-2"]
	}`
	bareKeyJSON = `{
		"id": 7,
		"key_value": "00000000-0000-4000-8000-000000000007",
		"user_id": 1001,
		"service_id": null,
		"provider_id": 2001,
		"folder_id": null,
		"expires_at": null,
		"used_at": null,
		"is_premium": false,
		"is_invalidated": false,
		"one_time_use": false,
		"expiry_on_first_use": false,
		"validity_minutes": null,
		"no_hwid": false,
		"key_name": null,
		"hwid_limit": null,
		"discord_id": null,
		"created_at": "2026-03-01T11:00:00.000Z",
		"service_name": null,
		"provider_name": "shop",
		"folder_name": null,
		"hwids": [],
		"keys_hwid": []
	}`
	redemptionJSON = `{"discord_user_id": "100000000000000002", "redemption_status": "redeemed", "redeemed_at": "2026-03-01T12:07:00.000Z"}`
)

// The same keys as the client shows them.
func fullKey() *junkie.Key {
	return &junkie.Key{
		ID: 1001, Value: "SHOP-00000000-0000-4000-8000-0000000003e9", UserID: 1001,
		Name:       "order <0001> & \"more\" ключ",
		ProviderID: 2002, ProviderName: "Example provider",
		ServiceID: 3001, ServiceName: "Example service",
		FolderID: 4001, FolderName: "Example folder",
		DiscordID: "100000000000000001",
		CreatedAt: epoch.Add(250 * time.Millisecond),
		UsedAt:    epoch.Add(5 * time.Minute),
		ExpiresAt: epoch.Add(5*time.Minute + 30*24*time.Hour),
		Validity:  30 * 24 * time.Hour, ExpiryOnFirstUse: true,
		Premium: true, Invalidated: true, OneTimeUse: true,
		HWIDLimit: 3, NoHWID: true,
		HWIDs: []junkie.HWID{
			{Value: "EXAMPLE-DEVICE-1", ExecutorUserID: "300000001", BoundAt: epoch.Add(5 * time.Minute), BoundBy: junkie.BoundByVerify},
			{Value: "EXAMPLE-DEVICE-2", ExecutorUserID: "300000002", BoundAt: epoch.Add(6 * time.Minute), BoundBy: junkie.BoundByAdmin},
		},
	}
}

func bareKey() *junkie.Key {
	return &junkie.Key{
		ID: 7, Value: "00000000-0000-4000-8000-000000000007", UserID: 1001,
		ProviderID: 2001, ProviderName: "shop", CreatedAt: epoch.Add(-time.Hour),
	}
}

// addShapes puts the two keys into the shop.
func addShapes(s *shop) {
	s.Junkie.AddProvider("Example provider", junkiemock.KeyPrefix("SHOP"))
	s.Junkie.AddService("Example service")
	s.Junkie.AddFolder("Example folder")
	s.Junkie.AddKey(junkiemock.Key{ID: 7, Value: "00000000-0000-4000-8000-000000000007", ProviderID: 2001, CreatedAt: epoch.Add(-time.Hour)})
	s.Junkie.AddKey(junkiemock.Key{
		ID: 1001, Value: "SHOP-00000000-0000-4000-8000-0000000003e9",
		Name:       "order <0001> & \"more\" ключ",
		ProviderID: 2002, ServiceID: 3001, FolderID: 4001, DiscordID: "100000000000000001",
		CreatedAt: epoch.Add(250 * time.Millisecond), UsedAt: epoch.Add(5 * time.Minute), ValidityMinutes: 43200, ExpiryOnFirstUse: true,
		Premium: true, Invalidated: true, OneTimeUse: true, HWIDLimit: 3, NoHWID: true,
		Devices: []junkiemock.Device{
			{HWID: "EXAMPLE-DEVICE-1", ExecutorUserID: "300000001", BoundAt: epoch.Add(5 * time.Minute), BoundBy: junkiemock.BoundByVerify},
			{HWID: "EXAMPLE-DEVICE-2", ExecutorUserID: "300000002", BoundAt: epoch.Add(6 * time.Minute), BoundBy: junkiemock.BoundByAdmin},
		},
		Redemption: &junkiemock.Redemption{DiscordUserID: "100000000000000002", Status: "redeemed", RedeemedAt: epoch.Add(7 * time.Minute)},
	})
}

// junkieShapes hold the raw JSON of each operation, request and answer, against
// what was written down by hand: the client's word for it would not show that a
// field is missing on both sides.
var junkieShapes = []scenario[*shop]{
	{
		name:   "shape: keys that are read",
		proves: "key.fields key.hwids key.names key.times get.answer list.answer",
		play: func(s *shop) {
			addShapes(s)
			got, err := s.client.Keys.Get(s.Context(), junkie.ID(1001))
			require.NoError(s, err)
			s.assertExchange("", `{"key": `+strings.TrimSuffix(fullKeyJSON, "}")+`, "discord_redemption": `+redemptionJSON+`}}`)
			s.assertPopulated()
			want := fullKey()
			want.DiscordRedemption = &junkie.DiscordRedemption{DiscordUserID: "100000000000000002", Status: "redeemed", RedeemedAt: epoch.Add(7 * time.Minute)}
			assert.Equal(s, want, got)

			got, err = s.client.Keys.Get(s.Context(), junkie.Value("00000000-0000-4000-8000-000000000007"))
			require.NoError(s, err)
			s.assertExchange("", `{"key": `+strings.TrimSuffix(bareKeyJSON, "}")+`, "discord_redemption": null}}`)
			assert.Equal(s, bareKey(), got)

			page := s.list(junkie.ListKeysParams{Limit: 10})
			s.assertExchange("", `{"keys": [`+fullKeyJSON+`, `+bareKeyJSON+`], "pagination": {"page": 1, "limit": 10, "total": 2, "totalPages": 1}}`)
			assert.Equal(s, &junkie.KeyPage{Keys: []*junkie.Key{fullKey(), bareKey()}, Page: 1, Limit: 10, Total: 2, TotalPages: 1}, page)
			s.list(junkie.ListKeysParams{ServiceID: 3001})
			s.assertPopulated()

			folders, err := s.client.Keys.Folders(s.Context())
			require.NoError(s, err)
			s.assertExchange("", `{"folders": [{"id": 4001, "name": "Example folder", "created_at": "2026-03-01T12:00:00.000Z"}]}`)
			assert.Equal(s, []junkie.KeyFolder{{ID: 4001, Name: "Example folder", CreatedAt: epoch}}, folders)
		},
	},
	{
		name:   "shape: every filter",
		proves: "filter.and",
		play: func(s *shop) {
			at := time.Date(2026, 4, 5, 6, 7, 8, 9e6, time.FixedZone("", 2*60*60))
			s.list(junkie.ListKeysParams{
				Page: 2, Limit: 3, ValueContains: "a b&c", HWIDContains: "d=é", DiscordID: "100000000000000001", ServiceID: 4,
				ProviderID: 5, FolderID: 6, Status: junkie.StatusUsed, ExpiresBefore: at, ExpiresAfter: at.Add(-time.Hour),
			})
			assert.Equal(s, map[string][]string{
				"page": {"2"}, "limit": {"3"}, "key": {"a b&c"}, "hwid": {"d=é"}, "discord_id": {"100000000000000001"}, "service_id": {"4"},
				"provider_id": {"5"}, "folder_id": {"6"}, "status": {"used"},
				"expires_before": {"2026-04-05T04:07:08.009Z"}, "expires_after": {"2026-04-05T03:07:08.009Z"},
			}, map[string][]string(s.seen.query()))
			s.list(junkie.ListKeysParams{})
			assert.Empty(s, s.seen.query())
		},
	},
	{
		name:   "shape: a key that is created",
		proves: "create.answer key.fields",
		play: func(s *shop) {
			addShapes(s)
			key := s.create(junkie.CreateKeyParams{
				ProviderID: 2002, ServiceID: 3001, FolderID: 4001, Name: "order <0001> & \"more\" ключ", DiscordID: "100000000000000001",
				Validity: 30 * 24 * time.Hour, Premium: true, OneTimeUse: true, HWIDLimit: 3, NoHWID: true, HWIDs: []string{"EXAMPLE-DEVICE-1"},
			})
			s.assertExchange(`{
				"provider_id": 2002, "service_id": 3001, "folder_id": 4001, "key_name": "order <0001> & \"more\" ключ",
				"discord_id": "100000000000000001", "validity_minutes": 43200, "is_premium": true, "one_time_use": true,
				"expiry_on_first_use": false, "no_hwid": true, "hwid_limit": 3, "hwids": ["EXAMPLE-DEVICE-1"]
			}`, fmt.Sprintf(`{"key": {
				"id": 1002, "key_value": %q, "user_id": 1001, "service_id": 3001, "provider_id": 2002, "folder_id": 4001,
				"expires_at": "2026-03-31T12:00:00.000Z", "used_at": null,
				"is_premium": true, "is_invalidated": false, "one_time_use": true, "expiry_on_first_use": false,
				"validity_minutes": 43200, "no_hwid": true, "key_name": "order <0001> & \"more\" ключ", "hwid_limit": 3,
				"discord_id": "100000000000000001", "created_at": "2026-03-01T12:00:00.000Z",
				"service_name": "Example service", "provider_name": "Example provider", "folder_name": "Example folder",
				"hwids": [{"hwid": "EXAMPLE-DEVICE-1", "executor_user_id": null, "bound_at": "2026-03-01T12:00:00.000Z", "bound_by": "api"}],
				"keys_hwid": ["EXAMPLE-DEVICE-1"]
			}}`, key.Value))
			s.create(junkie.CreateKeyParams{ProviderID: 2002})
			assert.JSONEq(s, `{
				"provider_id": 2002, "validity_minutes": 0, "is_premium": false, "one_time_use": false,
				"expiry_on_first_use": false, "no_hwid": false, "hwid_limit": 0
			}`, s.seen.request())
		},
	},
	{
		name:   "shape: keys by the dozen",
		proves: "batch.answer batch.config bulk.answer bulk.mixed",
		play: func(s *shop) {
			addShapes(s)
			batch, err := s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{
				Amount: 2, ProviderID: 2002, ServiceID: 3001, FolderID: 4001, Name: "resale", DiscordID: "100000000000000001",
				Validity: time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true, HWIDLimit: 3, NoHWID: true, HWID: "EXAMPLE-DEVICE-1",
			})
			require.NoError(s, err)
			settings := `"provider_id": 2002, "service_id": 3001, "folder_id": 4001, "key_name": "resale",
				"discord_id": "100000000000000001", "validity_minutes": 60, "is_premium": true, "one_time_use": true,
				"expiry_on_first_use": true, "no_hwid": true, "hwid_limit": 3, "hwid": "EXAMPLE-DEVICE-1"`
			s.assertExchange(`{"amount": 2, `+settings+`}`,
				fmt.Sprintf(`{"keys": [%q, %q], "count": 2, "config": {%s}}`, batch.Values[0], batch.Values[1], settings))
			s.assertPopulated()

			_, err = s.client.Keys.BulkDelete(s.Context(), []junkie.KeyRef{junkie.ID(7), junkie.Value(batch.Values[0]), junkie.Value("7")})
			require.NoError(s, err)
			s.assertExchange(fmt.Sprintf(`{"keys": [7, %q, "7"]}`, batch.Values[0]), `{"deleted": 2, "requested": 3}`)
		},
	},
	{
		name:   "shape: a key that is changed",
		proves: "update.answer update.keys-hwid reset.answer delete.answer",
		play: func(s *shop) {
			addShapes(s)
			s.update(7, junkie.UpdateKeyParams{
				Name: junkie.Set("n"), FolderID: junkie.Set[int64](4001), DiscordID: junkie.Set("100000000000000001"),
				Validity: junkie.Set(time.Hour), ExpiryOnFirstUse: junkie.Set(false), ExpiresAt: junkie.Set(epoch.Add(time.Hour)),
				Premium: junkie.Set(true), OneTimeUse: junkie.Set(false), Invalidated: junkie.Set(true),
				HWIDLimit: junkie.Set(0), NoHWID: junkie.Set(false), HWIDs: junkie.Set([]string{"A", "B"}),
			})
			s.assertExchange(`{
				"key_name": "n", "folder_id": 4001, "discord_id": "100000000000000001", "validity_minutes": 60,
				"expiry_on_first_use": false, "expires_at": "2026-03-01T13:00:00Z", "is_premium": true, "one_time_use": false,
				"is_invalidated": true, "hwid_limit": 0, "no_hwid": false, "hwids": ["A", "B"]
			}`, `{"success": true, "message": "Key updated successfully", "keys_hwid": ["A", "B"]}`)
			s.update(7, junkie.UpdateKeyParams{
				Name: junkie.Null[string](), FolderID: junkie.Null[int64](), DiscordID: junkie.Null[string](), Validity: junkie.Null[time.Duration](),
				ExpiresAt: junkie.Null[time.Time](), HWIDLimit: junkie.Null[int](), HWIDs: junkie.Set([]string{}),
			})
			s.assertExchange(`{
				"key_name": null, "folder_id": null, "discord_id": null, "validity_minutes": null, "expires_at": null, "hwid_limit": null, "hwids": []
			}`, `{"success": true, "message": "Key updated successfully", "keys_hwid": []}`)
			s.update(7, junkie.UpdateKeyParams{})
			s.assertExchange(`{}`, `{"success": true, "message": "Key updated successfully"}`)

			s.reset(7)
			s.assertExchange("", `{"success": true, "message": "HWIDs reset successfully"}`)
			require.NoError(s, s.client.Keys.Delete(s.Context(), junkie.ID(7)))
			s.assertExchange("", "")
		},
	},
	{
		name:   "shape: a refusal with its details",
		proves: "error.envelope error.validation",
		play: func(s *shop) {
			a := s.raw("POST", "/keys", s.creation(`"hwid_limit": 101, "is_premium": null`))
			assert.JSONEq(s, `{"error": "Validation failed", "details": [
				{"field": "hwid_limit", "message": "must be at most 100"},
				{"field": "is_premium", "message": "must not be null"}
			]}`, a.Body)
			err := s.client.Keys.Delete(s.Context(), junkie.ID(7))
			s.assertIs(err, junkie.ErrNotFound)
			s.assertExchange("", `{"error": "Key not found"}`)
		},
	},
	{
		name: "shape: the document's requests",
		play: playDocumentRequests,
	},
}

// playDocumentRequests sends the document's examples of requests to the mock,
// with ids that exist there.
func playDocumentRequests(s *shop) {
	addShapes(s)
	contract := loadContract(s.T, "junkie")
	status := map[string]int{"createKey": 201, "createKeys": 201, "deleteKeys": 200, "updateKey": 200}
	all := samples(s.T, contract.doc)
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(all))) { // deletes after updates
		x := all[name]
		op, documented, _ := strings.Cut(name, " ")
		if documented >= "300" || len(x.sent) == 0 {
			continue
		}
		var body map[string]any
		require.NoError(s, json.Unmarshal(x.sent, &body))
		for field, id := range map[string]int{"provider_id": 2002, "service_id": 3001, "folder_id": 4001} {
			if body[field] != nil {
				body[field] = id
			}
		}
		sent, err := json.Marshal(body)
		require.NoError(s, err)
		a := s.raw(x.req.Method, strings.TrimPrefix(x.req.URL.Path, "/api/v2"), string(sent))
		assert.Equal(s, status[op], a.Status, "%s %s", op, a.Body)
		delete(status, op)
	}
	assert.Empty(s, status, "operations without an example")
}
