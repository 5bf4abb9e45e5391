package conformance

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieInput is about what a request may look like.
var junkieInput = []scenario[*shop]{
	{
		name:   "body: unknown fields",
		proves: "body.unknown-field",
		finds: []string{
			`unknown field "note" was ignored: the vendor's name is key_name`,
			`unknown field "maxHwids" was ignored: the vendor's name is hwid_limit`,
			`unknown field "isPremium" was ignored: the vendor's name is is_premium`,
			`unknown field "validity_hours" was ignored: the vendor's name is validity_minutes`,
			`unknown field "count" was ignored: the vendor's name is amount`,
			`unknown field "color" was ignored`,
			`unknown field "max_hwids" was ignored: the vendor's name is hwid_limit`,
			`unknown field "Key_Name" was ignored: the vendor's name is key_name`,
			`unknown field "ids" was ignored`,
		},
		play: func(s *shop) {
			a := s.post("/keys", s.creation(`"note": "n", "maxHwids": 3, "isPremium": true, "validity_hours": 1, "color": {"red": [1]}`))
			for _, field := range []string{"key_name", "hwid_limit", "validity_minutes", "expires_at"} {
				assert.Nil(s, a.at(s, "key."+field), field)
			}
			assert.Equal(s, false, a.at(s, "key.is_premium"))
			s.assertInvalid("POST", "/keys/batch", s.creation(`"count": 3`), "amount")
			was := s.stored(1)
			s.put(1, `{"max_hwids": 3, "Key_Name": null}`)
			assert.Equal(s, was, s.stored(1))
			s.assertInvalid("POST", "/keys/bulk-delete", `{"ids": [1]}`, "keys")
		},
	},
	{
		name:   "body: types",
		proves: "body.type",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			const text, number, flag, list, object = `"7"`, `7`, `true`, `[7]`, `{}`
			for fields, wrong := range map[string][]string{
				"provider_id service_id folder_id validity_minutes hwid_limit": {text, flag, list, object, `"0"`, `""`},
				"key_name hwid discord_id":                                     {number, flag, list, object},
				"is_premium one_time_use expiry_on_first_use no_hwid":          {text, number, list, object, `"true"`, `1`, `0`},
				"hwids": {text, number, flag, object},
			} {
				for _, field := range strings.Fields(fields) {
					for _, value := range wrong {
						sent := fmt.Sprintf(`"%s": %s`, field, value)
						body := s.creation(sent)
						if field == "provider_id" {
							body = `{` + sent + `}`
						}
						s.assertInvalid("POST", "/keys", body, field)
						if field != "hwids" {
							s.assertInvalid("POST", "/keys/batch", strings.TrimSuffix(body, "}")+`, "amount": 1}`, field)
						}
						if !strings.Contains("provider_id service_id hwid", field) {
							s.assertInvalid("PUT", "/keys/1", `{`+sent+`}`, field)
						}
					}
				}
			}
			s.assertInvalid("PUT", "/keys/1", `{"is_invalidated": 1, "expires_at": 1767225600}`, "is_invalidated", "expires_at")
			s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": "3"`), "amount")
			for _, item := range []string{"7", "null", "true", `["A"]`, "{}"} {
				s.assertInvalid("PUT", "/keys/1", `{"hwids": ["A", `+item+`]}`, "hwids[1]")
			}
			for _, item := range []string{"null", "true", `[1]`, "{}", "1.5"} {
				s.assertInvalid("POST", "/keys/bulk-delete", `{"keys": [1, `+item+`]}`, "keys[1]")
			}
			for _, keys := range []string{text, number, flag, object} {
				s.assertInvalid("POST", "/keys/bulk-delete", `{"keys": `+keys+`}`, "keys")
			}
			for _, body := range []string{"[]", `"x"`, "7", "null", "true"} {
				s.assertInvalid("PUT", "/keys/1", body, "body")
			}
		},
	},
	{
		name:   "body: whole numbers in any spelling",
		proves: "body.whole-number",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			for sent, minutes := range map[string]int64{"7.0": 7, "1e2": 100, "12.5e1": 125, "5": 5} {
				s.put(key.ID, `{"validity_minutes": `+sent+`}`)
				assert.Equal(s, minutes, s.stored(key.ID).ValidityMinutes)
			}
			for _, sent := range []string{"7.5", "1e-1", "-0.5", "1e300", "1e400", "1e17"} {
				s.assertInvalid("PUT", keyPath(key.ID), `{"validity_minutes": `+sent+`}`, "validity_minutes")
			}
			assert.Equal(s, 1.0, s.raw("POST", "/keys/bulk-delete", fmt.Sprintf(`{"keys": [%d.0]}`, key.ID)).at(s, "deleted"))
		},
	},
	{
		name:   "body: null where there is none",
		proves: "body.not-null",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			flags := []string{"is_premium", "one_time_use", "expiry_on_first_use", "no_hwid"}
			for _, flag := range flags {
				s.assertInvalid("POST", "/keys", s.creation(`"`+flag+`": null`), flag)
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, "`+flag+`": null`), flag)
			}
			for _, flag := range append(flags, "is_invalidated", "hwids") {
				s.assertInvalid("PUT", "/keys/1", `{"`+flag+`": null}`, flag)
			}
			s.assertInvalid("POST", "/keys", s.creation(`"hwids": null`), "hwids")
			a := s.post("/keys", s.creation(`"service_id": null, "folder_id": null, "key_name": null, "validity_minutes": null, "hwid": null, "discord_id": null, "hwid_limit": null`))
			for _, field := range []string{"service_id", "folder_id", "key_name", "validity_minutes", "expires_at", "discord_id", "hwid_limit"} {
				assert.Nil(s, a.at(s, "key."+field), field)
			}
			assert.Empty(s, a.at(s, "key.hwids"))
			null := junkie.Null[bool]()
			for field, params := range map[string]junkie.UpdateKeyParams{
				"Premium":          {Premium: null},
				"OneTimeUse":       {OneTimeUse: null},
				"ExpiryOnFirstUse": {ExpiryOnFirstUse: null},
				"NoHWID":           {NoHWID: null},
				"Invalidated":      {Invalidated: null},
				"HWIDs":            {HWIDs: junkie.Null[[]string]()},
			} {
				s.assertLocal(field, func() error {
					_, err := s.client.Keys.Update(s.Context(), junkie.ID(1), params)
					return err
				})
			}
		},
	},
	{
		name:   "body: what must be there",
		proves: "body.required",
		play: func(s *shop) {
			s.assertInvalid("POST", "/keys", `{}`, "provider_id")
			s.assertInvalid("POST", "/keys", `{"provider_id": null}`, "provider_id")
			s.assertInvalid("POST", "/keys/batch", `{}`, "provider_id", "amount")
			s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": null`), "amount")
			s.assertInvalid("POST", "/keys/bulk-delete", `{}`, "keys")
			s.assertInvalid("POST", "/keys/bulk-delete", `{"keys": null}`, "keys")
			s.assertLocal("ProviderID", func() error {
				_, err := s.client.Keys.Create(s.Context(), junkie.CreateKeyParams{})
				return err
			})
			s.assertLocal("ProviderID", func() error {
				_, err := s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{Amount: 1})
				return err
			})
		},
	},
	{
		name:   "body: sent where none is read",
		proves: "body.ignored",
		finds:  []string{"a body was sent and ignored: this operation takes none"},
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDs: []string{"A", "B"}})
			assert.Equal(s, 200, s.raw("POST", keyPath(key.ID)+"/reset-hwid", `{"hwid": "A"}`).Status)
			assert.Empty(s, s.stored(key.ID).Devices, "all of them")
			assert.Equal(s, 200, s.raw("DELETE", keyPath(key.ID), "{").Status)
			assert.Empty(s, s.Junkie.Keys())
		},
	},
	{
		name:   "body: JSON under another name",
		proves: "body.content-type",
		finds:  []string{"the body was sent without Content-Type", `the body was sent as "text/plain"`},
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			for i, header := range []string{"Content-Type:", "Content-Type: text/plain"} {
				name := fmt.Sprint("n", i)
				assert.Equal(s, 200, s.raw("PUT", keyPath(key.ID), `{"key_name": "`+name+`"}`, header).Status)
				assert.Equal(s, name, s.stored(key.ID).Name)
			}
			before := s.Server.Findings()
			s.raw("PUT", keyPath(key.ID), `{}`, "Content-Type: Application/JSON; charset=UTF-8")
			assert.Equal(s, before, s.Server.Findings())
		},
	},
	{
		name:   "query: unknown parameters",
		proves: "query.unknown",
		finds: []string{
			`unknown query parameter "serviceId" was ignored: the vendor's name is service_id`,
			`unknown query parameter "key_value" was ignored: the vendor's name is key`,
			`unknown query parameter "sort" was ignored`,
		},
		play: func(s *shop) {
			for range 3 {
				s.Junkie.AddKey(junkiemock.Key{})
			}
			a := s.raw("GET", "/keys?serviceId=9&key_value=nothing&sort=id", "")
			assert.Equal(s, 3.0, a.at(s, "pagination.total"))
		},
	},
	{
		name:   "query: empty parameters",
		proves: "query.empty",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			a := s.raw("GET", "/keys?page=&limit=&key=&hwid=&discord_id=&service_id=&provider_id=&folder_id=&status=&expires_before=&expires_after", "")
			assert.Equal(s, 1.0, a.at(s, "pagination.total"))
			assert.Equal(s, 50.0, a.at(s, "pagination.limit"))
		},
	},
	{
		name:   "query: repeated parameters",
		proves: "query.repeated",
		finds:  []string{"query parameter status was sent 2 times: only the first counts"},
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			assert.Equal(s, 1.0, s.raw("GET", "/keys?status=active&status=gone", "").at(s, "pagination.total"))
			assert.Equal(s, 0.0, s.raw("GET", "/keys?status=used&status=active", "").at(s, "pagination.total"))
		},
	},
	{
		name:   "query: integers",
		proves: "query.integer",
		play: func(s *shop) {
			for _, name := range []string{"page", "limit", "service_id", "provider_id", "folder_id"} {
				for _, value := range []string{"x", "1.0", "1e1", "+1", "0x1", " 1", "99999999999999999999"} {
					s.assertInvalid("GET", "/keys?"+name+"="+url.QueryEscape(value), "", name)
				}
			}
			assert.Equal(s, 200, s.raw("GET", "/keys?service_id=-1&page=007", "").Status)
		},
	},
	{
		name:   "time: the form of RFC 3339",
		proves: "date-time.form",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{ExpiresAt: epoch})
			for _, text := range []string{"", "soon", "2026-03-01", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-02-29T12:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:00:00,5Z", "1767225600"} {
				s.assertInvalid("PUT", keyPath(key.ID), `{"expires_at": "`+text+`"}`, "expires_at")
				if text != "" {
					s.assertInvalid("GET", "/keys?expires_before="+url.QueryEscape(text), "", "expires_before")
				}
			}
			s.assertInvalid("GET", "/keys?expires_after=2026-03-01T12:00:00+01:00", "", "expires_after") // the plus is a blank
			for text, at := range map[string]time.Time{
				"2026-03-01T12:00:00Z":          epoch,
				"2026-03-01T13:00:00+01:00":     epoch,
				"2026-03-01T12:00:00.123Z":      epoch.Add(123 * time.Millisecond),
				"2026-03-01T12:00:00.12345678Z": epoch.Add(123 * time.Millisecond),
			} {
				s.put(key.ID, `{"expires_at": "`+text+`"}`)
				assert.Equal(s, at, s.stored(key.ID).ExpiresAt, text)
				assert.Equal(s, 0.0, s.raw("GET", "/keys?expires_after="+url.QueryEscape(text), "").at(s, "pagination.total"), text)
			}
			zone := time.FixedZone("", -9*60*60)
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(epoch.In(zone))})
			assert.Equal(s, epoch, s.stored(key.ID).ExpiresAt)
			assert.Equal(s, []int64{key.ID}, s.found(junkie.ListKeysParams{ExpiresBefore: epoch.Add(time.Second).In(zone)}))
		},
	},
	{
		name:   "time: from 1970 to 9999",
		proves: "date-time.range",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			first, last := time.Unix(0, 0).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
			for _, at := range []time.Time{first, last} {
				s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(at)})
				assert.Equal(s, at, s.get(key.ID).ExpiresAt)
			}
			before := first.Add(-time.Millisecond)
			s.assertInvalid("PUT", keyPath(key.ID), `{"expires_at": "1969-12-31T23:59:59.999Z"}`, "expires_at")
			s.assertInvalid("GET", "/keys?expires_after=1969-12-31T23:59:59.999Z", "", "expires_after")
			s.assertInvalid("PUT", keyPath(key.ID), `{"expires_at": "9999-12-31T23:59:59-01:00"}`, "expires_at")
			for _, at := range []time.Time{before, last.Add(time.Second)} {
				s.assertLocal("ExpiresAt", func() error {
					_, err := s.client.Keys.Update(s.Context(), junkie.ID(key.ID), junkie.UpdateKeyParams{ExpiresAt: junkie.Set(at)})
					return err
				})
				s.assertLocal("ExpiresAfter", func() error {
					_, err := s.client.Keys.List(s.Context(), junkie.ListKeysParams{ExpiresAfter: at})
					return err
				})
			}
			s.Server.SetTime(last.AddDate(-1000, 0, 0))
			a := s.post("/keys", s.creation(`"validity_minutes": 2147483647`))
			assert.Equal(s, "9999-12-31T23:59:59.999Z", a.at(s, "key.expires_at"), "no deadline lies beyond")
		},
	},
}

// junkieBounds has the first value within each bound and the first beyond. What
// the client refuses by itself never reaches the vendor.
var junkieBounds = []scenario[*shop]{
	{
		name:   "bounds: ids",
		proves: "bound.provider-id bound.folder-id bound.batch-service-id",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for _, id := range []string{"0", "-1", "-9223372036854775808"} {
				s.assertInvalid("POST", "/keys", `{"provider_id": `+id+`}`, "provider_id")
				s.assertInvalid("POST", "/keys/batch", `{"amount": 1, "provider_id": `+id+`}`, "provider_id")
				s.assertInvalid("POST", "/keys", s.creation(`"folder_id": `+id), "folder_id")
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, "folder_id": `+id), "folder_id")
				s.assertInvalid("PUT", "/keys/1", `{"folder_id": `+id+`}`, "folder_id")
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, "service_id": `+id), "service_id")
				s.assertError(s.raw("POST", "/keys", s.creation(`"service_id": `+id)), 404, "Service not found")
			}
			for field, params := range map[string]junkie.CreateKeyParams{
				"ProviderID": {ProviderID: -1},
				"ServiceID":  {ProviderID: 1, ServiceID: -1},
				"FolderID":   {ProviderID: 1, FolderID: -1},
			} {
				s.assertLocal(field, func() error {
					_, err := s.client.Keys.Create(s.Context(), params)
					return err
				})
			}
		},
	},
	{
		name:   "bounds: minutes",
		proves: "bound.validity bound.validity-max",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			for _, minutes := range []string{"-1", "2147483648", "9007199254740993"} {
				s.assertInvalid("POST", "/keys", s.creation(`"validity_minutes": `+minutes), "validity_minutes")
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, "validity_minutes": `+minutes), "validity_minutes")
				s.assertInvalid("PUT", "/keys/1", `{"validity_minutes": `+minutes+`}`, "validity_minutes")
			}
			s.put(key.ID, `{"validity_minutes": 2147483647}`)
			got := s.get(key.ID)
			assert.Equal(s, epoch.Unix()+60*2147483647, got.ExpiresAt.Unix(), "4083 years from now")
			assert.Greater(s, got.Validity, 292*365*24*time.Hour, "as much of it as a Duration holds")
			for _, validity := range []time.Duration{-time.Minute, time.Second, time.Minute + 1} {
				s.assertLocal("Validity", func() error {
					_, err := s.client.Keys.Create(s.Context(), junkie.CreateKeyParams{ProviderID: 1, Validity: validity})
					return err
				})
			}
			// The longest that a Duration holds is no problem.
			longest := time.Duration(1<<63 - 1).Truncate(time.Minute)
			assert.Equal(s, longest, s.create(junkie.CreateKeyParams{Validity: longest}).Validity)
		},
	},
	{
		name:   "bounds: devices",
		proves: "bound.hwid-limit",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for _, limit := range []int{-1, 101} {
				field := fmt.Sprintf(`"hwid_limit": %d`, limit)
				s.assertInvalid("POST", "/keys", s.creation(field), "hwid_limit")
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, `+field), "hwid_limit")
				s.assertInvalid("PUT", "/keys/1", `{`+field+`}`, "hwid_limit")
				s.assertLocal("HWIDLimit", func() error {
					_, err := s.client.Keys.Update(s.Context(), junkie.ID(1), junkie.UpdateKeyParams{HWIDLimit: junkie.Set(limit)})
					return err
				})
			}
			for _, limit := range []int{0, 1, 100} {
				s.update(1, junkie.UpdateKeyParams{HWIDLimit: junkie.Set(limit)})
				assert.Equal(s, limit, s.get(1).HWIDLimit)
			}
		},
	},
	{
		name:   "bounds: characters",
		proves: "bound.text bound.text-unit",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for _, char := range []string{"x", "ä", "鍵", "🔑"} {
				fits, long := strings.Repeat(char, 255), strings.Repeat(char, 256)
				for _, field := range []string{"key_name", "hwid"} {
					sent := fmt.Sprintf(`"%s": "%s"`, field, long)
					s.assertInvalid("POST", "/keys", s.creation(sent), field)
					s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, `+sent), field)
				}
				s.assertInvalid("PUT", "/keys/1", `{"key_name": "`+long+`"}`, "key_name")
				s.assertInvalid("PUT", "/keys/1", `{"hwids": ["A", "`+long+`"]}`, "hwids[1]")
				s.assertLocal("Name", func() error {
					_, err := s.client.Keys.Create(s.Context(), junkie.CreateKeyParams{ProviderID: 1, Name: long})
					return err
				})
				s.assertLocal("HWIDs[1]", func() error {
					_, err := s.client.Keys.Update(s.Context(), junkie.ID(1), junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{"A", long})})
					return err
				})
				key := s.create(junkie.CreateKeyParams{Name: fits, HWIDs: []string{fits}})
				assert.Equal(s, fits, key.Name)
				assert.Equal(s, []string{fits}, hwids(key))
			}
		},
	},
	{
		name:   "bounds: pages",
		proves: "bound.page",
		play: func(s *shop) {
			for _, page := range []string{"0", "-1"} {
				s.assertInvalid("GET", "/keys?page="+page, "", "page")
			}
			s.assertLocal("Page", func() error {
				_, err := s.client.Keys.List(s.Context(), junkie.ListKeysParams{Page: -1})
				return err
			})
			assert.Equal(s, 9223372036854775807.0, s.raw("GET", "/keys?page=9223372036854775807&limit=100", "").at(s, "pagination.page"))
		},
	},
}
