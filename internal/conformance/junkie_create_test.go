package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

const uuidV4 = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

// junkieCreation is about new keys, and about what every key looks like.
var junkieCreation = []scenario[*shop]{
	{
		name:   "key: what it shows",
		proves: "key.fields key.names create.answer",
		play: func(s *shop) {
			service, folder := s.Junkie.AddService("game"), s.Junkie.AddFolder("orders")
			key := s.create(junkie.CreateKeyParams{
				ServiceID: service.ID, FolderID: folder.ID, Name: "order-1", DiscordID: "100000000000000001",
				Validity: 24 * time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true,
				HWIDLimit: 3, NoHWID: true, HWIDs: []string{"A"},
			})
			assert.Contains(s, s.seen.answer(), key.Value)
			assert.Equal(s, &junkie.Key{
				ID: 1, Value: key.Value, UserID: s.Junkie.UserID(), Name: "order-1",
				ProviderID: s.provider.ID, ProviderName: "shop", ServiceID: service.ID, ServiceName: "game",
				FolderID: folder.ID, FolderName: "orders", DiscordID: "100000000000000001", CreatedAt: epoch,
				Validity: 24 * time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true, HWIDLimit: 3, NoHWID: true,
				HWIDs: []junkie.HWID{{Value: "A", BoundAt: epoch, BoundBy: junkie.BoundByAPI}},
			}, key)
			assert.Equal(s, key, s.get(key.ID))
			assert.Equal(s, []*junkie.Key{key}, s.list(junkie.ListKeysParams{}).Keys, "in full everywhere")
			assert.Equal(s, junkiemock.Key{
				ID: 1, Value: key.Value, UserID: s.Junkie.UserID(), Name: "order-1", ProviderID: s.provider.ID,
				ServiceID: service.ID, FolderID: folder.ID, DiscordID: "100000000000000001", CreatedAt: epoch,
				ValidityMinutes: 24 * 60, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true, HWIDLimit: 3, NoHWID: true,
				Devices: []junkiemock.Device{{HWID: "A", BoundAt: epoch, BoundBy: junkiemock.BoundByAPI}},
			}, s.stored(key.ID))
			s.Server.AssertEffects(s, 1, junkiemock.EffectKeyCreated)

			for _, a := range []answer{s.post("/keys", s.creation("")), s.raw("GET", "/keys/2", "")} {
				for name, want := range map[string]any{"provider": "shop", "service": nil, "folder": nil} {
					assert.Equal(s, want, a.at(s, "key."+name+"_name"))
				}
			}
		},
	},
	{
		name:   "key: times to the millisecond",
		proves: "key.times",
		play: func(s *shop) {
			s.at(1234567891 * time.Nanosecond)
			created := "2026-03-01T12:00:01.234Z"
			a := s.post("/keys", s.creation(`"validity_minutes": 1, "hwid": "A"`))
			assert.Equal(s, created, a.at(s, "key.created_at"))
			assert.Equal(s, created, a.at(s, "key.hwids.0.bound_at"))
			assert.Equal(s, "2026-03-01T12:01:01.234Z", a.at(s, "key.expires_at"))
			s.put(1, `{"expires_at": "2026-03-01T12:00:00.9999+05:30"}`)
			s.at(0)
			s.Server.SetTime(epoch.AddDate(-1, 0, 0))
			s.assertVerified(junkiemock.CodeKeyValid, s.stored(1).Value, "A")
			a = s.raw("GET", "/keys/1", "")
			assert.Equal(s, "2026-03-01T06:30:00.999Z", a.at(s, "key.expires_at"))
			assert.Equal(s, "2025-03-01T12:00:00.000Z", a.at(s, "key.used_at"))
		},
	},
	{
		name:   "key: ids and values",
		proves: "key.id key.value key.prefix",
		play: func(s *shop) {
			prefixed := s.Junkie.AddProvider("prefixed", junkiemock.KeyPrefix("SHOP"))
			seen := map[string]bool{}
			for id := int64(1); id <= 5; id++ {
				key := s.create(junkie.CreateKeyParams{})
				assert.Equal(s, id, key.ID)
				assert.Regexp(s, "^"+uuidV4+"$", key.Value)
				seen[key.Value] = true
			}
			batch, err := s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{ProviderID: prefixed.ID, Amount: 5})
			require.NoError(s, err)
			for _, value := range batch.Values {
				assert.Regexp(s, "^SHOP-"+uuidV4+"$", value)
				seen[value] = true
			}
			assert.Len(s, seen, 10)
			assert.Regexp(s, "^SHOP-"+uuidV4+"$", s.create(junkie.CreateKeyParams{ProviderID: prefixed.ID}).Value)
			require.NoError(s, s.client.Keys.Delete(s.Context(), junkie.ID(11)))
			assert.Equal(s, int64(12), s.create(junkie.CreateKeyParams{}).ID, "no id is given twice")
		},
	},
	{
		name:   "create: nothing but a provider",
		proves: "create.defaults",
		play: func(s *shop) {
			a := s.post("/keys", s.creation(""))
			assert.JSONEq(s, fmt.Sprintf(`{"key": {
				"id": 1, "key_value": %q, "user_id": %d, "provider_id": %d, "provider_name": "shop",
				"service_id": null, "service_name": null, "folder_id": null, "folder_name": null,
				"key_name": null, "discord_id": null, "validity_minutes": null, "expires_at": null, "used_at": null,
				"is_premium": false, "is_invalidated": false, "one_time_use": false, "expiry_on_first_use": false,
				"no_hwid": false, "hwid_limit": null, "hwids": [], "keys_hwid": [], "created_at": "2026-03-01T12:00:00.000Z"
			}}`, a.at(s, "key.key_value"), s.Junkie.UserID(), s.provider.ID), a.Body)
			a = s.post("/keys/batch", s.creation(`"amount": 1`))
			one, two := s.stored(1), s.stored(2)
			one.ID, one.Value = two.ID, two.Value
			assert.Equal(s, one, two)
		},
	},
	{
		name:   "create: things that do not exist",
		proves: "create.provider-unknown create.service-unknown folder-unknown",
		play: func(s *shop) {
			for _, c := range []struct {
				text   string
				params junkie.CreateKeyParams
			}{
				{"Provider not found", junkie.CreateKeyParams{ProviderID: 2999, ServiceID: 3999, FolderID: 4999}},
				{"Service not found", junkie.CreateKeyParams{ProviderID: s.provider.ID, ServiceID: 3999, FolderID: 4999}},
				{"Folder not found", junkie.CreateKeyParams{ProviderID: s.provider.ID, FolderID: 4999}},
			} {
				s.unchanged(func() {
					_, err := s.client.Keys.Create(s.Context(), c.params)
					e := s.assertIs(err, junkie.ErrNotFound)
					assert.Equal(s, c.text, e.Message)
					assert.Equal(s, junkie.OutcomeNotApplied, e.Outcome)
					assert.JSONEq(s, `{"error": "`+c.text+`"}`, s.seen.answer())
					_, err = s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{
						Amount: 3, ProviderID: c.params.ProviderID, ServiceID: c.params.ServiceID, FolderID: c.params.FolderID,
					})
					assert.Equal(s, c.text, s.assertIs(err, junkie.ErrNotFound).Message)
				})
			}
			for _, id := range []string{"0", "-7"} {
				s.assertError(s.raw("POST", "/keys", s.creation(`"service_id": `+id)), 404, "Service not found")
			}
		},
	},
	{
		name:   "create: no devices after all",
		proves: "create.hwids-empty hwids.empty-text",
		play: func(s *shop) {
			for _, fields := range []string{`"hwid": "X", "hwids": []`, `"hwid": "X", "hwids": [""]`, `"hwid": ""`, `"hwids": []`, `"hwid": null`} {
				assert.Equal(s, []any{}, s.post("/keys", s.creation(fields)).at(s, "key.keys_hwid"), fields)
			}
			assert.Equal(s, []any{"A", "B"}, s.post("/keys", s.creation(`"hwids": ["", "A", "", "B"]`)).at(s, "key.keys_hwid"))
			s.put(1, `{"hwids": ["", "C"]}`)
			assert.Equal(s, []string{"C"}, hwids(s.get(1)))
			s.assertLocal("HWIDs[0]", func() error {
				_, err := s.client.Keys.Create(s.Context(), junkie.CreateKeyParams{ProviderID: 1, HWIDs: []string{""}})
				return err
			})
		},
	},
	{
		name:   "create: more devices than the limit",
		proves: "create.over-limit create.bound-by hwid.bound verify.hwid-mismatch",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 1, HWIDs: []string{"A", "B", "C"}})
			assert.Equal(s, []string{"A", "B", "C"}, hwids(key))
			assert.Zero(s, key.UsedAt)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "D") })
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "C")
			assert.Equal(s, junkie.HWID{Value: "C", BoundAt: epoch, BoundBy: junkie.BoundByAPI}, s.get(key.ID).HWIDs[2])
		},
	},
}

// junkieBatches is about many keys at once, and about folders.
var junkieBatches = []scenario[*shop]{
	{
		name:   "batch: keys that share everything",
		proves: "batch.same batch.hwid batch.config batch.values",
		play: func(s *shop) {
			service, folder := s.Junkie.AddService("game"), s.Junkie.AddFolder("resale")
			batch, err := s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{
				Amount: 3, ProviderID: s.provider.ID, ServiceID: service.ID, FolderID: folder.ID, Name: "resale-7",
				DiscordID: "100000000000000001", Validity: time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true,
				HWIDLimit: 2, NoHWID: true, HWID: "A",
			})
			require.NoError(s, err)
			assert.JSONEq(s, fmt.Sprintf(`{
				"provider_id": %d, "service_id": %d, "folder_id": %d, "key_name": "resale-7", "validity_minutes": 60, "hwid": "A",
				"discord_id": "100000000000000001", "is_premium": true, "one_time_use": true, "expiry_on_first_use": true,
				"no_hwid": true, "hwid_limit": 2
			}`, s.provider.ID, service.ID, folder.ID), string(batch.Config))
			assert.Equal(s, 3, batch.Count)
			for _, value := range batch.Values {
				key, err := s.client.Keys.Get(s.Context(), junkie.Value(value))
				require.NoError(s, err)
				one := s.create(junkie.CreateKeyParams{
					ServiceID: service.ID, FolderID: folder.ID, Name: "resale-7",
					DiscordID: "100000000000000001", Validity: time.Hour, ExpiryOnFirstUse: true, Premium: true, OneTimeUse: true,
					HWIDLimit: 2, NoHWID: true, HWIDs: []string{"A"},
				})
				one.ID, one.Value = key.ID, key.Value
				assert.Equal(s, one, key, "as if it was created alone")
			}
			a := s.post("/keys/batch", s.creation(`"amount": 1`))
			assert.JSONEq(s, fmt.Sprintf(`{"keys": [%q], "count": 1, "config": {
				"provider_id": %d, "service_id": null, "folder_id": null, "key_name": null, "validity_minutes": null, "hwid": null,
				"discord_id": null, "is_premium": false, "one_time_use": false, "expiry_on_first_use": false,
				"no_hwid": false, "hwid_limit": null
			}}`, a.at(s, "keys.0"), s.provider.ID), a.Body)
		},
	},
	{
		name:   "batch: a list of devices",
		proves: "batch.no-hwids",
		finds:  []string{`unknown field "hwids" was ignored: the vendor's name is hwid`},
		play: func(s *shop) {
			s.post("/keys/batch", s.creation(`"amount": 1, "hwids": ["A", "B"]`))
			assert.Empty(s, s.stored(1).Devices)
			s.post("/keys/batch", s.creation(`"amount": 1, "hwids": 7, "hwid": "C"`))
			assert.Equal(s, []string{"C"}, hwids(s.get(2)))
		},
	},
	{
		name:   "batch: all or none",
		proves: "batch.all-or-none",
		play: func(s *shop) {
			s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 50, "hwid_limit": 101`), "hwid_limit")
			s.unchanged(func() {
				s.assertError(s.raw("POST", "/keys/batch", s.creation(`"amount": 50, "folder_id": 4999`)), 404, "Folder not found")
			})
			assert.Empty(s, s.found(junkie.ListKeysParams{}))
		},
	},
	{
		name:   "bulk delete: numbers and texts",
		proves: "bulk.strict bulk.mixed bulk.counts",
		play: func(s *shop) {
			var keys []junkiemock.Key
			for range 4 {
				keys = append(keys, s.Junkie.AddKey(junkiemock.Key{}))
			}
			body := fmt.Sprintf(`{"keys": ["%d", %d, %q, "%s", -1, ""]}`, keys[0].ID, keys[1].ID, keys[2].Value, strings.ToUpper(keys[3].Value))
			effects := s.effects(func() {
				a := s.raw("POST", "/keys/bulk-delete", body)
				assert.Equal(s, 200, a.Status)
				assert.JSONEq(s, `{"deleted": 2, "requested": 6}`, a.Body)
			})
			assert.Equal(s, []string{"key.deleted 2", "key.deleted 3"}, effects)
			assert.Equal(s, []int64{4, 1}, s.found(junkie.ListKeysParams{}))
			// A wrong item spoils the list.
			s.assertInvalid("POST", "/keys/bulk-delete", `{"keys": [1, 4, null]}`, "keys[2]")
		},
	},
	{
		name:   "folders: all of them, by name",
		proves: "folders.answer folders.order folders.path",
		play: func(s *shop) {
			folders, err := s.client.Keys.Folders(s.Context())
			require.NoError(s, err)
			assert.Empty(s, folders)
			assert.JSONEq(s, `{"folders": []}`, s.seen.answer())
			want := make([]junkie.KeyFolder, 4)
			for _, f := range []struct {
				name  string
				place int
			}{{"b", 2}, {"a", 0}, {"b", 3}, {"aa", 1}} {
				s.Server.Advance(time.Minute)
				folder := s.Junkie.AddFolder(f.name)
				want[f.place] = junkie.KeyFolder{ID: folder.ID, Name: f.name, CreatedAt: s.Server.Now()}
			}
			folders, err = s.client.Keys.Folders(s.Context())
			require.NoError(s, err)
			assert.Equal(s, want, folders)
			for range 150 {
				s.Junkie.AddFolder("many")
			}
			folders, err = s.client.Keys.Folders(s.Context())
			require.NoError(s, err)
			assert.Len(s, folders, 154, "no pages")
		},
	},
}
