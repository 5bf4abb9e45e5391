package conformance

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenKeyOf is a key as the client should show it.
func (s *keygenStage) keygenKeyOf(k keygenmock.Key, policy keygenmock.Policy) *keygen.Key {
	milliseconds := func(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
	return &keygen.Key{
		ID: k.ID, Key: k.Key, PolicyID: policy.ID, ProductID: policy.ProductID, AccountID: s.Keygen.AccountID(),
		CreatedAt: milliseconds(k.Created), UpdatedAt: milliseconds(k.Updated),
	}
}

var keygenKeys = []scenario[*keygenStage]{
	{
		name:   "key: from beginning to end",
		proves: "key.created key.object key.by-id key.updated key.deleted key.policy event.recorded header.location links.account-id pool.key",
		play:   playKey,
	},
	{
		name:   "key: an update checks the text again",
		proves: "key.recheck key.conflict key.updated license.one-way",
		play: func(s *keygenStage) {
			policy, keys := s.pool(2)
			mine, other := keys[0], keys[1]
			s.at(time.Hour)
			client := s.client()
			same, err := client.Keys.Update(s.Context(), mine.ID, keygen.UpdateKeyParams{Key: mine.Key})
			require.NoError(s, err)
			assert.Equal(s, s.keygenKeyOf(mine, policy), same)
			_, err = client.Keys.Update(s.Context(), mine.ID, keygen.UpdateKeyParams{Key: other.Key})
			s.assertRefused(err, 422, keygen.ErrConflict, keygen.ErrKeyTaken)

			_, err = client.Licenses.Create(s.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, Key: mine.Key})
			require.NoError(s, err)
			_, err = client.Keys.Update(s.Context(), mine.ID, keygen.UpdateKeyParams{Key: mine.Key})
			s.assertRefused(err, 422, keygen.ErrConflict, keygen.ErrKeyConflict)
			s.assertErrors(s.raw("PATCH", "/keys/"+mine.ID, updateDocument("")), 422, rowBadKey("KEY_CONFLICT", "is already being used as a license's key"))

			stray := s.Keygen.AddKey(keygenmock.Key{PolicyID: s.Keygen.AddPolicy(keygenmock.Policy{}).ID})
			moved, err := client.Keys.Update(s.Context(), stray.ID, keygen.UpdateKeyParams{Key: "of a policy without a pool"})
			require.NoError(s, err)
			assert.Equal(s, "of a policy without a pool", moved.Key)
		},
	},
	{
		name:   "key: bounds of its text",
		proves: "key.length key.reserved key.error-order",
		play: func(s *keygenStage) {
			policy, _ := s.pool(0)
			unpooled := s.Keygen.AddPolicy(keygenmock.Policy{})
			short := rowBadKey("KEY_TOO_SHORT", "is too short (minimum is 8 characters)")
			long := rowBadKey("KEY_TOO_LONG", "is too long (maximum is 1024 characters)")
			reserved := rowBadKey("KEY_NOT_ALLOWED", "is reserved")
			for text, problems := range map[string][]string{
				"éééé567": {short}, strings.Repeat("é", 1025): {long}, "action": {reserved, short}, "actions": {reserved, short},
			} {
				s.assertErrors(s.post("/keys", newKeyDocument(text, policy.ID)), 422, problems...)
				s.assertErrors(s.post("/keys", newKeyDocument(text, unpooled.ID)), 422,
					append(problems, rowBadPolicy("POLICY_NOT_SUPPORTED", "cannot be added to an unpooled policy"))...)
				s.assertErrors(s.post("/keys", newKeyDocument(text, sampleID)), 422,
					append([]string{rowBadPolicy("POLICY_NOT_FOUND", "must exist")}, problems...)...)
				s.assertLocal("Key", func() error {
					_, err := s.client().Keys.Create(s.Context(), keygen.CreateKeyParams{Key: text, PolicyID: policy.ID})
					return err
				})
			}
			for _, text := range []string{"éééé5678", strings.Repeat("é", 1024), "Actions?"} {
				_, err := s.client().Keys.Create(s.Context(), keygen.CreateKeyParams{Key: text, PolicyID: policy.ID})
				require.NoError(s, err)
			}
			license := s.Keygen.AddLicense(keygenmock.License{ID: "6e936a61-94ad-44d1-88ac-88da9f10eca7"})
			s.Keygen.AddLicense(keygenmock.License{Key: license.ID})
			s.assertErrors(s.post("/keys", newKeyDocument(license.ID, policy.ID)), 422,
				rowBadKey("KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")) // and its key: the same code, once
		},
	},
	{
		name:   "key: texts are the account's, not the pool's",
		proves: "key.taken key.policy-not-found key.other-account",
		play: func(s *keygenStage) {
			one, keys := s.pool(1)
			another, _ := s.pool(0)
			elsewhere := s.Keygen.AddAccount("elsewhere")
			foreign := elsewhere.AddKey(keygenmock.Key{})
			create := func(text, policyID string) error {
				_, err := s.client().Keys.Create(s.Context(), keygen.CreateKeyParams{Key: text, PolicyID: policyID})
				return err
			}
			s.assertRefused(create(keys[0].Key, another.ID), 422, keygen.ErrConflict, keygen.ErrKeyTaken)
			require.NoError(s, create(strings.ToLower(keys[0].Key), one.ID))
			require.NoError(s, create(foreign.Key, one.ID))
			e := s.assertRefused(create("in another account's", foreign.PolicyID), 422, keygen.ErrInvalid)
			require.Len(s, e.Fields, 1)
			assert.Equal(s, "PolicyID", e.Fields[0].Field)
		},
	},
	{
		name:   "key: a product and the policies of others",
		proves: "key.foreign-policy role.forbidden key.policy-not-found",
		play: func(s *keygenStage) {
			mine, _ := s.pool(0)
			other, _ := s.pool(0)
			token := s.tokenOf(mine.ProductID)
			client := s.clientAs(keygen.Token(token))
			for _, policyID := range []string{other.ID, sampleID} {
				_, err := client.Keys.Create(s.Context(), keygen.CreateKeyParams{Key: "AAAA-BBBB", PolicyID: policyID})
				s.assertRefused(err, 403, keygen.ErrForbidden)
				s.assertForbidden(s.post("/keys", newKeyDocument("AAAA-BBBB", policyID), bearer(token)))
			}
			for _, role := range []string{"admin", "developer"} {
				s.assertErrors(s.post("/keys", newKeyDocument("AAAA-BBBB", sampleID), bearer(s.tokens()[role])), 422, rowBadPolicy("POLICY_NOT_FOUND", "must exist"))
			}
			_, err := client.Keys.Create(s.Context(), keygen.CreateKeyParams{Key: "AAAA-BBBB", PolicyID: mine.ID})
			require.NoError(s, err)
		},
	},
	{
		name:   "key: filters",
		proves: "key.filters key.filter-value query.unknown",
		finds:  []string{`unknown query parameter "list"`, `"include"`, `"fields"`, `"sort"`},
		play: func(s *keygenStage) {
			a, keysA := s.pool(2)
			b := s.Keygen.AddPolicy(keygenmock.Policy{Pooled: true, ProductID: a.ProductID})
			keysB := s.fill(b.ID, 1)
			c, keysC := s.pool(1)
			all := keyIDs(keysC[0], keysB[0], keysA[0], keysA[1])
			for query, want := range map[string][]string{
				"policy=" + a.ID: all[2:], "product=" + a.ProductID: all[1:], "product=" + a.ProductID + "&policy=" + b.ID: all[1:2],
				"product=" + a.ProductID + "&policy=" + c.ID: nil, "policy=" + sampleID: nil, "policy=nothing": nil, "product=" + keysA[0].ID: nil,
				"policy=": all, "policy[]=" + a.ID: all, "policy[x]=" + a.ID: all, "policy": all, "list=15": all, "include=policy&fields[keys]=key&sort=created": all,
				"policy=" + strings.ToUpper(strings.ReplaceAll(c.ID, "-", "")): all[:1],
			} {
				s.assertIDs(s.get("/keys?"+query), want...)
			}
			for _, params := range []keygen.ListKeysParams{{PolicyID: b.ID}, {PolicyID: b.ID, ProductID: b.ProductID}} {
				page, err := s.client().Keys.List(s.Context(), params)
				require.NoError(s, err)
				assert.Equal(s, []*keygen.Key{s.keygenKeyOf(keysB[0], b)}, page.Items)
			}
		},
	},
	{
		name:   "pool: the oldest first, if asked for",
		proves: "pool.oldest-first pool.newest-first pool.pop license.drawn",
		play: func(s *keygenStage) {
			policy, keys := s.pool(5)
			pool := s.client().Pool(policy.ID)
			pop := func() string {
				key, err := pool.Pop(s.Context())
				require.NoError(s, err)
				return key.ID
			}
			assert.Equal(s, keys[0].ID, pop())
			s.Keygen.SetPoolOrder(true)
			assert.Equal(s, keys[4].ID, pop())
			license, err := s.client().Licenses.Create(s.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID})
			require.NoError(s, err)
			assert.Equal(s, keys[3].Key, license.Key)
			s.Keygen.SetPoolOrder(false)
			assert.Equal(s, keys[1].ID, pop())
			assert.Equal(s, keys[2].ID, pop())
			_, err = pool.Pop(s.Context())
			s.assertRefused(err, 422, keygen.ErrConflict, keygen.ErrPoolEmpty)
		},
	},
	{
		name:   "pool: what the client does with one",
		proves: "pool.list pool.key pool.pop pool.unpooled pool.empty",
		finds:  []string{`unknown query parameter "policy" was ignored`},
		play: func(s *keygenStage) {
			policy, keys := s.pool(2)
			_, others := s.pool(1)
			unpooled := s.Keygen.AddPolicy(keygenmock.Policy{})
			s.fill(unpooled.ID, 1)
			pool := s.client().Pool(policy.ID)
			page, err := pool.List(s.Context(), keygen.ListPoolParams{})
			require.NoError(s, err)
			assert.Equal(s, keyIDs(keys...), keygenIDs(page.Items))
			got, err := pool.Get(s.Context(), keys[1].ID)
			require.NoError(s, err)
			assert.Equal(s, s.keygenKeyOf(keys[1], policy), got)
			_, err = pool.Get(s.Context(), others[0].ID)
			s.assertRefused(err, 404, keygen.ErrNotFound)
			s.assertIDs(s.get("/policies/"+policy.ID+"/pool?policy="+others[0].PolicyID), keyIDs(keys...)...)

			key, err := pool.Pop(s.Context())
			require.NoError(s, err)
			assert.Equal(s, s.keygenKeyOf(keys[0], policy), key)
			assert.Equal(s, keys[1:], s.Keygen.Pool(policy.ID))

			page, err = s.client().Pool(unpooled.ID).List(s.Context(), keygen.ListPoolParams{})
			require.NoError(s, err)
			assert.Empty(s, page.Items)
			_, err = s.client().Pool(unpooled.ID).Pop(s.Context())
			s.assertRefused(err, 422, keygen.ErrInvalid, keygen.ErrPoolNotSupported)
			empty, _ := s.pool(0)
			_, err = s.client().Pool(empty.ID).Pop(s.Context())
			s.assertRefused(err, 422, keygen.ErrConflict, keygen.ErrPoolEmpty)
			_, err = s.client().Pool(sampleID).Pop(s.Context())
			s.assertRefused(err, 404, keygen.ErrNotFound)
		},
	},
}

// playKey is the life of a key.
func playKey(s *keygenStage) {
	policy, _ := s.pool(0)
	client := s.client()
	s.Keygen.AddWebhookEndpoint(keygenmock.WebhookEndpoint{Subscriptions: []string{"key.created", "key.updated"}})
	s.at(90 * time.Minute)

	key, err := client.Keys.Create(s.Context(), keygen.CreateKeyParams{Key: "AAAA-BBBB", PolicyID: policy.ID})
	require.NoError(s, err)
	stored, _ := s.Keygen.Key(key.ID)
	assert.Equal(s, s.keygenKeyOf(stored, policy), key)
	assert.Equal(s, epoch.Add(90*time.Minute), key.CreatedAt)
	assert.Equal(s, key.CreatedAt, key.UpdatedAt)
	host, _ := url.Parse(s.keygenURL)
	location := fmt.Sprintf("https://%s/v1/accounts/%s/keys/%s", host.Host, s.Keygen.AccountID(), key.ID)
	assert.Equal(s, location, s.seen.read().resp.Header.Get("Location"))

	for _, id := range []string{key.ID, strings.ToUpper(key.ID), strings.ReplaceAll(key.ID, "-", "")} {
		got, err := client.Keys.Get(s.Context(), id)
		require.NoError(s, err)
		assert.Equal(s, key, got)
		s.assertHas(s.get("/keys/"+id), 200, map[string]any{
			"data.id": key.ID, "data.links.self": "/v1/accounts/" + s.Keygen.AccountID() + "/keys/" + key.ID,
		})
	}
	s.assertHidden(s.get("/keys/AAAA-BBBB"), "key", "AAAA-BBBB")
	s.assertLocal("keyID", func() error { _, err := client.Keys.Get(s.Context(), "AAAA-BBBB"); return err })

	itsPolicy, err := client.Keys.Policy(s.Context(), key.ID)
	require.NoError(s, err)
	assert.Equal(s, policy.ID, itsPolicy.ID)
	assert.True(s, itsPolicy.UsePool)
	itsProduct, err := client.Keys.Product(s.Context(), key.ID)
	require.NoError(s, err)
	assert.Equal(s, policy.ProductID, itsProduct.ID)
	inPool, err := client.Pool(policy.ID).Get(s.Context(), key.ID)
	require.NoError(s, err)
	assert.Equal(s, key, inPool)

	s.at(2 * time.Hour)
	changed, err := client.Keys.Update(s.Context(), key.ID, keygen.UpdateKeyParams{Key: "CCCC-DDDD"})
	require.NoError(s, err)
	want := *key
	want.Key, want.UpdatedAt = "CCCC-DDDD", epoch.Add(2*time.Hour)
	assert.Equal(s, &want, changed)
	s.at(3 * time.Hour)
	changed, err = client.Keys.Update(s.Context(), key.ID, keygen.UpdateKeyParams{Key: "CCCC-DDDD"})
	require.NoError(s, err)
	assert.Equal(s, &want, changed)

	require.NoError(s, client.Keys.Delete(s.Context(), key.ID))
	s.assertRefused(client.Keys.Delete(s.Context(), key.ID), 404, keygen.ErrNotFound)
	_, err = client.Keys.Policy(s.Context(), key.ID)
	s.assertRefused(err, 404, keygen.ErrNotFound)
	assert.Contains(s, s.seen.answer(), "The requested key '"+key.ID)
	var told []string
	for _, event := range s.Keygen.Events() {
		assert.Equal(s, key.ID, event.ObjectID)
		told = append(told, fmt.Sprint(event.Name, event.Webhooks))
	}
	assert.Equal(s, []string{"key.created1", "key.updated1", "key.updated1", "key.deleted0"}, told)
}
