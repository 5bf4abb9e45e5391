package conformance

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieAccess is about who may do what, and to which key.
var junkieAccess = []scenario[*shop]{
	{
		name:   "access: no credentials",
		proves: "auth.bearer error.envelope",
		play: func(s *shop) {
			for _, call := range s.everyCall(s.Junkie.AddKey(junkiemock.Key{})) {
				for _, header := range []string{
					"Authorization:", "Authorization: Bearer", "Authorization: Bearer  ", "Authorization: " + s.Junkie.APIKey(),
					"Authorization: Basic " + s.Junkie.APIKey(), "Authorization: Bearer" + s.Junkie.APIKey(),
				} {
					s.unchanged(func() {
						s.assertError(s.raw(call.method, call.path, call.body, header), 401, "Unauthorized")
					})
				}
			}
		},
	},
	{
		name:   "access: an API key that is unknown or revoked",
		proves: "auth.api-key",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			other := s.Junkie.AddAPIKey(junkiemock.ScopeREST)
			revoked := s.as(other)
			_, err := revoked.Keys.Folders(s.Context())
			require.NoError(s, err, "a second API key works as the first")
			s.Junkie.RevokeAPIKey(other)
			for _, client := range []*junkie.Client{revoked, s.as("00000000-0000-4000-8000-00000000dead")} {
				before := len(s.Server.Calls())
				s.unchanged(func() {
					err := client.Keys.Delete(s.Context(), junkie.ID(1))
					e := s.assertIs(err, junkie.ErrUnauthorized)
					assert.Equal(s, 401, e.StatusCode)
					assert.Equal(s, "Unauthorized", e.Message)
					assert.Equal(s, junkie.OutcomeNotApplied, e.Outcome)
				})
				s.Server.AssertCalls(s, before+1)
			}
		},
	},
	{
		name:   "access: the word Bearer in any case",
		proves: "auth.scheme-case",
		play: func(s *shop) {
			for _, scheme := range []string{"bearer", "BEARER", "bEARER"} {
				a := s.raw("GET", "/keys/folders", "", "Authorization: "+scheme+" "+s.Junkie.APIKey())
				assert.Equal(s, 200, a.Status)
			}
		},
	},
	{
		name:   "access: an API key without the scope",
		proves: "auth.scope auth.forbidden",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			for _, apiKey := range []string{s.Junkie.AddAPIKey(), s.Junkie.AddAPIKey("services:read", "rest-api"), s.Junkie.AddAPIKey("rest-api:keys")} {
				for _, call := range s.everyCall(key) {
					s.unchanged(func() {
						a := s.raw(call.method, call.path, call.body, "Authorization: Bearer "+apiKey)
						s.assertError(a, 403, "Insufficient scope: rest-api:* required")
					})
				}
				_, err := s.as(apiKey).Keys.List(s.Context(), junkie.ListKeysParams{})
				e := s.assertIs(err, junkie.ErrForbidden)
				assert.Equal(s, "Insufficient scope: rest-api:* required", e.Message)
				assert.Equal(s, 1, e.Attempts)
			}
			both := s.as(s.Junkie.AddAPIKey("services:read", junkiemock.ScopeREST))
			_, err := both.Keys.List(s.Context(), junkie.ListKeysParams{})
			require.NoError(s, err)
		},
	},
	{
		name:   "access: another account",
		proves: "auth.account",
		play:   playOtherAccount,
	},
	{
		name:   "route: a path that nothing has",
		proves: "route.unknown",
		finds:  []string{"no route"},
		play: func(s *shop) {
			for _, path := range []string{"/", "/key", "/keys/", "/keys/1/hwids", "/keys/1/reset-hwid/2", "/keys//reset-hwid", "/services"} {
				for _, header := range []string{"Accept: application/json", "Authorization:"} {
					s.assertError(s.raw("GET", path, "", header), 404, "Not found")
				}
			}
		},
	},
	{
		name:   "route: a path with another method",
		proves: "route.method",
		finds:  []string{"is no method of"},
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for _, c := range []struct{ method, path, allow string }{
				{"PATCH", "/keys/1", "DELETE, GET, PUT"},
				{"POST", "/keys/1", "DELETE, GET, PUT"},
				{"DELETE", "/keys", "GET, POST"},
				{"GET", "/keys/1/reset-hwid", "POST"},
			} {
				for _, header := range []string{"Accept: application/json", "Authorization:"} {
					s.unchanged(func() {
						a := s.raw(c.method, c.path, "", header)
						s.assertError(a, 405, "Method not allowed")
						assert.Equal(s, c.allow, a.Header.Get("Allow"))
					})
				}
			}
		},
	},
	{
		name:   "route: words that are paths of their own",
		proves: "route.literal folders.path",
		play: func(s *shop) {
			s.Junkie.AddFolder("orders")
			for word, allow := range map[string]string{"folders": "GET", "batch": "POST", "bulk-delete": "POST"} {
				s.Junkie.AddKey(junkiemock.Key{Value: word})
				s.unchanged(func() {
					for _, method := range []string{"PUT", "DELETE"} {
						a := s.raw(method, "/keys/"+word, "")
						s.assertError(a, 405, "Method not allowed")
						assert.Equal(s, allow, a.Header.Get("Allow"))
					}
				})
				s.assertLocal("ref", func() error {
					_, err := s.client.Keys.Get(s.Context(), junkie.Value(word))
					return err
				})
			}
			folders, err := s.client.Keys.Folders(s.Context())
			require.NoError(s, err)
			assert.Len(s, folders, 1)
			result, err := s.client.Keys.BulkDelete(s.Context(), []junkie.KeyRef{junkie.Value("folders"), junkie.Value("batch"), junkie.Value("bulk-delete")})
			require.NoError(s, err)
			assert.Equal(s, 3, result.Deleted, "a bulk delete reaches them")
		},
	},
	{
		name:   "reference: by id or by value",
		proves: "ref.either",
		play: func(s *shop) {
			for _, ref := range []func(*junkie.Key) junkie.KeyRef{
				func(k *junkie.Key) junkie.KeyRef { return junkie.ID(k.ID) },
				func(k *junkie.Key) junkie.KeyRef { return junkie.Value(k.Value) },
			} {
				key := s.create(junkie.CreateKeyParams{HWIDs: []string{"A"}})
				got, err := s.client.Keys.Get(s.Context(), ref(key))
				require.NoError(s, err)
				assert.Equal(s, key, got)
				_, err = s.client.Keys.Update(s.Context(), ref(key), junkie.UpdateKeyParams{Name: junkie.Set("n")})
				require.NoError(s, err)
				require.NoError(s, s.client.Keys.ResetHWIDs(s.Context(), ref(key)))
				now := s.stored(key.ID)
				assert.Equal(s, "n", now.Name)
				assert.Empty(s, now.Devices)
				require.NoError(s, s.client.Keys.Delete(s.Context(), ref(key)))
				_, found := s.Junkie.Key(key.ID)
				assert.False(s, found)
			}
		},
	},
	{
		name:   "reference: digits are an id",
		proves: "ref.digits bulk.strict",
		play: func(s *shop) {
			one := s.Junkie.AddKey(junkiemock.Key{Value: "2"})
			two := s.Junkie.AddKey(junkiemock.Key{Value: "1"})
			assert.Equal(s, two.Value, s.get(two.ID).Value)
			assert.Equal(s, float64(one.ID), s.raw("GET", "/keys/01", "").at(s, "key.id"), "a leading zero changes nothing")
			s.assertError(s.raw("GET", "/keys/99999999999999999999", ""), 404, "Key not found")
			s.assertLocal("ref", func() error { return s.client.Keys.Delete(s.Context(), junkie.Value("2")) })
			result, err := s.client.Keys.BulkDelete(s.Context(), []junkie.KeyRef{junkie.Value("2"), junkie.Value("99")})
			require.NoError(s, err)
			assert.Equal(s, 1, result.Deleted)
			assert.Equal(s, []int64{two.ID}, s.found(junkie.ListKeysParams{}), "the value 2, not the id 2, is gone")
			result, err = s.client.Keys.BulkDelete(s.Context(), []junkie.KeyRef{junkie.ID(1), junkie.ID(2)})
			require.NoError(s, err)
			assert.Equal(s, 1, result.Deleted)
			assert.Empty(s, s.found(junkie.ListKeysParams{}))
		},
	},
	{
		name:   "reference: a value to the letter",
		proves: "ref.value",
		play: func(s *shop) {
			for i, value := range []string{"Abc", "abc", "a/b", "a b+c", "50%", "%2F", "a?b=c", "a#b", "a;b", "..b", "ключ", "1e3", "-1", "+1", "folders/1"} {
				key := s.Junkie.AddKey(junkiemock.Key{Value: value})
				got, err := s.client.Keys.Get(s.Context(), junkie.Value(value))
				require.NoError(s, err, value)
				assert.Equal(s, key.ID, got.ID, value)
				_, err = s.client.Keys.Update(s.Context(), junkie.Value(value), junkie.UpdateKeyParams{Name: junkie.Set(fmt.Sprint("n", i))})
				require.NoError(s, err, value)
				assert.Equal(s, fmt.Sprint("n", i), s.stored(key.ID).Name)
			}
			for _, value := range []string{"ABC", "ab", "abcd", " abc"} {
				_, err := s.client.Keys.Get(s.Context(), junkie.Value(value))
				s.assertIs(err, junkie.ErrNotFound)
			}
		},
	},
	{
		name:   "reference: a key that does not exist",
		proves: "ref.not-found",
		play: func(s *shop) {
			refused := func(err error) {
				e := s.assertIs(err, junkie.ErrNotFound)
				assert.Equal(s, "Key not found", e.Message)
				assert.Equal(s, http.StatusNotFound, e.StatusCode)
				assert.Equal(s, 1, e.Attempts)
				assert.JSONEq(s, `{"error": "Key not found"}`, s.seen.answer())
			}
			for _, ref := range []junkie.KeyRef{junkie.ID(1), junkie.Value("00000000-0000-4000-8000-000000000000")} {
				s.unchanged(func() {
					_, err := s.client.Keys.Get(s.Context(), ref)
					refused(err)
					_, err = s.client.Keys.Update(s.Context(), ref, junkie.UpdateKeyParams{})
					refused(err)
					refused(s.client.Keys.Delete(s.Context(), ref))
					refused(s.client.Keys.ResetHWIDs(s.Context(), ref))
				})
			}
		},
	},
}

// playOtherAccount lets one account reach for everything of another.
func playOtherAccount(s *shop) {
	folder, service := s.Junkie.AddFolder("orders"), s.Junkie.AddService("game")
	mine := s.create(junkie.CreateKeyParams{FolderID: folder.ID, ServiceID: service.ID, HWIDs: []string{"A"}})
	account := s.Junkie.AddAccount()
	assert.Greater(s, account.UserID(), s.Junkie.UserID())
	provider := account.AddProvider("other shop")
	other := s.as(account.APIKey()).Keys

	s.unchanged(func() {
		for _, ref := range []junkie.KeyRef{junkie.ID(mine.ID), junkie.Value(mine.Value)} {
			_, err := other.Get(s.Context(), ref)
			s.assertIs(err, junkie.ErrNotFound)
			_, err = other.Update(s.Context(), ref, junkie.UpdateKeyParams{Name: junkie.Set("theirs")})
			s.assertIs(err, junkie.ErrNotFound)
			s.assertIs(other.Delete(s.Context(), ref), junkie.ErrNotFound)
			s.assertIs(other.ResetHWIDs(s.Context(), ref), junkie.ErrNotFound)
			result, err := other.BulkDelete(s.Context(), []junkie.KeyRef{ref})
			require.NoError(s, err)
			assert.Equal(s, &junkie.BulkDeleteResult{Requested: 1}, result)
		}
		for _, params := range []junkie.ListKeysParams{{}, {ProviderID: s.provider.ID}, {ServiceID: service.ID}, {FolderID: folder.ID}, {ValueContains: mine.Value}} {
			page, err := other.List(s.Context(), params)
			require.NoError(s, err)
			assert.Zero(s, page.Total)
			assert.Empty(s, page.Keys)
		}
		folders, err := other.Folders(s.Context())
		require.NoError(s, err)
		assert.Empty(s, folders)
		for text, params := range map[string]junkie.CreateKeyParams{
			"Provider not found": {ProviderID: s.provider.ID},
			"Service not found":  {ProviderID: provider.ID, ServiceID: service.ID},
			"Folder not found":   {ProviderID: provider.ID, FolderID: folder.ID},
		} {
			_, err := other.Create(s.Context(), params)
			assert.Equal(s, text, s.assertIs(err, junkie.ErrNotFound).Message)
		}
	})

	theirs, err := other.Create(s.Context(), junkie.CreateKeyParams{ProviderID: provider.ID})
	require.NoError(s, err)
	assert.Equal(s, account.UserID(), theirs.UserID)
	assert.Equal(s, s.Junkie.UserID(), mine.UserID)
	_, err = other.Update(s.Context(), junkie.ID(theirs.ID), junkie.UpdateKeyParams{FolderID: junkie.Set(folder.ID)})
	assert.Equal(s, "Folder not found", s.assertIs(err, junkie.ErrNotFound).Message)
	assert.Equal(s, []int64{mine.ID}, s.found(junkie.ListKeysParams{}))
}
