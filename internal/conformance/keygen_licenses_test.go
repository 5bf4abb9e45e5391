package conformance

import (
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func wrongLicenseKey(code, detail string) string {
	return wrongAttributeJSON("licenses", "key", code, detail)
}

// draw creates a license of a policy with the client.
func (s *keygenStage) draw(params keygen.CreateLicenseParams) *keygen.License {
	s.Helper()
	license, err := s.client().Licenses.Create(s.Context(), params)
	require.NoError(s, err)
	return license
}

func (s *keygenStage) tryDraw(params keygen.CreateLicenseParams) error {
	_, err := s.client().Licenses.Create(s.Context(), params)
	return err
}

var keygenLicenses = []scenario[*keygenStage]{
	{
		name:   "license: drawn from a pool",
		proves: "license.created license.client-id license.drawn license.by-key license.object license.deleted event.recorded license.deleters header.location",
		play: func(s *keygenStage) {
			policy, keys := s.pool(3)
			client := s.client()
			license := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, Name: "order 7", Metadata: map[string]any{"order": "7"}, Suspended: true})
			assert.Equal(s, keys[0].Key, license.Key)
			assert.Equal(s, "order 7", license.Name)
			assert.Equal(s, map[string]any{"order": "7"}, license.Metadata)
			assert.Equal(s, keygen.StatusSuspended, license.Status)
			assert.Equal(s, []string{s.Keygen.AccountID(), policy.ProductID, policy.ID}, []string{license.AccountID, license.ProductID, license.PolicyID})
			assert.Contains(s, s.seen.read().resp.Header.Get("Location"), "/v1/accounts/"+s.Keygen.AccountID()+"/licenses/"+license.ID)
			assert.Contains(s, s.seen.request(), `"id":"`+license.ID+`"`, "the client's own id")
			assert.Equal(s, keys[1:], newestFirst(s.Keygen.Pool(policy.ID)))
			for _, name := range []string{license.ID, license.Key, strings.ToUpper(license.ID)} {
				got, err := client.Licenses.Get(s.Context(), name)
				require.NoError(s, err)
				assert.Equal(s, license, got)
			}
			s.assertHidden(s.get("/licenses/"+strings.ToLower(license.Key)), "license", strings.ToLower(license.Key))
			require.Len(s, s.Keygen.Events(), 1)
			assert.Equal(s, "license.created", s.Keygen.Events()[0].Name)

			require.NoError(s, client.Licenses.Delete(s.Context(), license.ID))
			s.assertRefused(client.Licenses.Delete(s.Context(), license.ID), 404, keygen.ErrNotFound)
			assert.Equal(s, keys[1:], newestFirst(s.Keygen.Pool(policy.ID)), "nothing goes back")
			_, err := client.Keys.Create(s.Context(), keygen.CreateKeyParams{Key: license.Key, PolicyID: policy.ID})
			require.NoError(s, err, "the text is free again")
		},
	},
	{
		name:   "license: all members of one",
		proves: "license.object license.inherits license.protected license.expiry",
		play: func(s *keygenStage) {
			policy := s.Keygen.AddPolicy(keygenmock.Policy{
				Pooled: true, Duration: time.Hour, Protected: true,
				Attributes: map[string]any{"maxMachines": 3, "maxUses": 7, "floating": true, "strict": true, "requireCheckIn": true},
			})
			user := s.Keygen.AddUser(keygenmock.User{})
			keys := s.fill(policy.ID, 1)
			a := s.assertStatus(s.post("/licenses", licenseDocument(policy.ID, `"name": "n", "maxCores": 2, "maxUses": null`, ownedBy(user.ID))), 201)
			assert.JSONEq(s, `{"name": "n", "key": "`+keys[0].Key+`", "expiry": "`+keygenTime(s.Server.Now().Add(time.Hour))+`", "status": "EXPIRING", "uses": 0,
				"suspended": false, "scheme": null, "encrypted": false, "strict": true, "floating": true, "protected": true, "version": null, "maxMachines": 3,
				"maxProcesses": null, "maxUsers": null, "maxCores": 2, "maxMemory": null, "maxDisk": null, "maxUses": 7, "requireHeartbeat": false,
				"requireCheckIn": true, "lastValidated": null, "lastCheckIn": null, "nextCheckIn": null, "lastCheckOut": null, "metadata": {},
				"created": "`+keygenTime(s.Server.Now())+`", "updated": "`+keygenTime(s.Server.Now())+`"}`, asJSON(s.T, a.at(s, "data.attributes")))
			account, self := "/v1/accounts/"+s.Keygen.AccountID(), a.at(s, "data.links.self").(string)
			assert.Equal(s, account+"/licenses/"+a.at(s, "data.id").(string), self)
			assert.JSONEq(s, strings.NewReplacer("SELF", self, "ACCOUNT", account).Replace(`{
				"account": {"links": {"related": "ACCOUNT"}, "data": {"type": "accounts", "id": "`+s.Keygen.AccountID()+`"}},
				"product": {"links": {"related": "SELF/product"}, "data": {"type": "products", "id": "`+policy.ProductID+`"}},
				"policy": {"links": {"related": "SELF/policy"}, "data": {"type": "policies", "id": "`+policy.ID+`"}},
				"group": {"links": {"related": "SELF/group"}, "data": null},
				"owner": {"links": {"related": "SELF/owner"}, "data": {"type": "users", "id": "`+user.ID+`"}},
				"users": {"links": {"related": "SELF/users"}, "meta": {"count": 1}},
				"machines": {"links": {"related": "SELF/machines"}, "meta": {"cores": 0, "memory": 0, "disk": 0, "count": 0}},
				"tokens": {"links": {"related": "SELF/tokens"}},
				"entitlements": {"links": {"related": "SELF/entitlements"}}}`), asJSON(s.T, a.at(s, "data.relationships")))

			s.fill(policy.ID, 1)
			license := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, OwnerID: user.ID, MaxMachines: 9, Protected: keygen.Set(false)})
			assert.Equal(s, user.ID, license.OwnerID)
			assert.Equal(s, 1, license.Users)
			assert.Equal(s, []keygen.Opt[int]{keygen.Set(9), keygen.Set(7), {}}, []keygen.Opt[int]{license.MaxMachines, license.MaxUses, license.MaxCores})
			assert.Equal(s, []bool{false, true, true, true}, []bool{license.Protected, license.Floating, license.Strict, license.RequireCheckIn})
			plain := s.draw(keygen.CreateLicenseParams{PolicyID: s.Keygen.AddPolicy(keygenmock.Policy{}).ID, Protected: keygen.Set(true)})
			assert.Equal(s, keygen.Set(1), plain.MaxMachines)
			assert.True(s, plain.Protected)
			assert.True(s, plain.ExpiresAt.IsZero())
		},
	},
	{
		name:   "license: an id that is taken",
		proves: "license.id-taken license.client-id",
		play: func(s *keygenStage) {
			policy, keys := s.pool(1)
			mine, theirs := s.Keygen.AddLicense(keygenmock.License{}), s.Keygen.AddAccount("elsewhere").AddLicense(keygenmock.License{})
			for _, id := range []string{mine.ID, theirs.ID} {
				s.assertRefused(s.tryDraw(keygen.CreateLicenseParams{PolicyID: policy.ID, ID: id}), 409, keygen.ErrConflict)
			}
			s.assertErrors(s.post("/licenses", strings.Replace(licenseDocument(policy.ID, ""), `"type"`, `"id": "`+mine.ID+`", "type"`, 1)), 409, conflictJSON)
			s.assertMalformed(s.post("/licenses", strings.Replace(licenseDocument(policy.ID, ""), `"type"`, `"id": "mine", "type"`, 1)), "/data/id", mismatch("string", "UUID string"))
			assert.Equal(s, keys, s.Keygen.Keys())
			s.assertStatus(s.post("/licenses", strings.Replace(licenseDocument(policy.ID, `"name": "`+strings.Repeat("x", 256)+`"`), `"type"`, `"id": "`+sampleID+`", "type"`, 1)), 422)
			assert.Equal(s, keys, s.Keygen.Keys())
			license := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, ID: "6E936A6194AD44D188AC88DA9F10ECA7"})
			assert.Equal(s, "6e936a61-94ad-44d1-88ac-88da9f10eca7", license.ID)
		},
	},
	{
		name:   "license: a wedged pool",
		proves: "license.wedged license.one-way license.atomic license.explicit-key license.pool-empty",
		play: func(s *keygenStage) {
			policy, keys := s.pool(2)
			draw := keygen.CreateLicenseParams{PolicyID: policy.ID}
			stuck := keygen.CreateLicenseParams{PolicyID: policy.ID, ID: sampleID} // so that the conflict is the last answer
			own := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: keys[0].Key})
			assert.Equal(s, keys[0].Key, own.Key)
			for range 3 {
				s.assertRefused(s.tryDraw(stuck), 409, keygen.ErrConflict)
			}
			assert.Empty(s, s.assertIs(s.tryDraw(draw), keygen.ErrConflict).LicenseID, "it was looked for, and is not there")
			s.assertErrors(s.createLicense(policy.ID, ""), 409, conflictJSON)
			assert.Equal(s, keys, newestFirst(s.Keygen.Pool(policy.ID)), "nothing has left the pool")
			newer := s.fill(policy.ID, 1)[0]
			assert.Equal(s, newer.Key, s.draw(draw).Key)
			s.assertRefused(s.tryDraw(stuck), 409, keygen.ErrConflict)
			require.NoError(s, s.client().Keys.Delete(s.Context(), keys[0].ID))
			assert.Equal(s, keys[1].Key, s.draw(draw).Key)
			e := s.assertRefused(s.tryDraw(draw), 422, keygen.ErrConflict, keygen.ErrPoolEmpty)
			assert.Equal(s, "POLICY_POOL_EMPTY", e.Code)
			assert.Empty(s, e.LicenseID)
		},
	},
	{
		name:   "license: keys of its own",
		proves: "license.explicit-key license.generated-key license.key-length license.key-taken license.key-reserved license.key-conflict error.links",
		play: func(s *keygenStage) {
			policy, keys := s.pool(2)
			unpooled := s.Keygen.AddPolicy(keygenmock.Policy{})
			taken := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: " a key of my own "})
			assert.Equal(s, keys, newestFirst(s.Keygen.Pool(policy.ID)))
			generated := s.draw(keygen.CreateLicenseParams{PolicyID: unpooled.ID})
			assert.Regexp(s, `^([0-9A-F]{6}-){5}V3$`, generated.Key)
			assert.NotEqual(s, generated.Key, s.draw(keygen.CreateLicenseParams{PolicyID: unpooled.ID}).Key)

			long := func(n int) string { return strings.Repeat("é", n) }
			for text, problem := range map[string]string{
				long(5):     wrongLicenseKey("KEY_TOO_SHORT", "is too short (minimum is 6 characters)"),
				long(16385): wrongLicenseKey("KEY_TOO_LONG", "is too long (maximum is 16384 characters)"),
				"action":    wrongLicenseKey("KEY_NOT_ALLOWED", "is reserved"),
				"actions":   wrongLicenseKey("KEY_NOT_ALLOWED", "is reserved"),
			} {
				s.assertErrors(s.createLicense(policy.ID, `"key": "`+text+`"`), 422, problem)
				s.assertLocal("Key", func() error { return s.tryDraw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: text}) })
			}
			for _, text := range []string{long(6), long(16384), "Actions", strings.ToUpper(taken.Key), s.Keygen.AddAccount("elsewhere").AddLicense(keygenmock.License{}).ID} {
				assert.Equal(s, text, s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: text}).Key)
			}
			s.assertRefused(s.tryDraw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: taken.Key}), 422, keygen.ErrConflict, keygen.ErrKeyTaken)
			s.assertErrors(s.createLicense(policy.ID, `"key": "`+taken.Key+`"`), 422, wrongLicenseKey("KEY_TAKEN", "has already been taken"))
			for _, id := range []string{taken.ID, strings.ToUpper(strings.ReplaceAll(taken.ID, "-", ""))} {
				s.assertRefused(s.tryDraw(keygen.CreateLicenseParams{PolicyID: policy.ID, Key: id}), 422, keygen.ErrConflict, keygen.ErrKeyConflict)
			}
		},
	},
	{
		name:   "license: policies, owners and groups that are none",
		proves: "license.policy-not-found license.owner-not-found license.foreign-policy role.forbidden role.permission",
		play: func(s *keygenStage) {
			tokens, own, other := s.tokens(), s.Keygen.AddPolicy(keygenmock.Policy{}), s.Keygen.AddPolicy(keygenmock.Policy{})
			foreign := s.Keygen.AddAccount("elsewhere")
			missing := wrongRelationJSON("licenses", "policy", "POLICY_NOT_FOUND")
			for _, id := range []string{sampleID, foreign.AddPolicy(keygenmock.Policy{}).ID} {
				for _, role := range []string{"admin", "developer", "sales agent"} {
					s.assertErrors(s.createLicense(id, "", bearer(tokens[role])), 422, missing)
				}
				s.assertForbidden(s.createLicense(id, "", bearer(tokens["product"])))
				s.assertForbidden(s.createLicense(id, "", bearer(tokens["user"])))
				s.assertRefused(s.tryDraw(keygen.CreateLicenseParams{PolicyID: id}), 422, keygen.ErrInvalid)
			}
			s.assertErrors(s.createLicense(sampleID, `"key": "short"`), 422, missing, wrongLicenseKey("KEY_TOO_SHORT", "is too short (minimum is 6 characters)"))
			group := `"group": {"data": {"type": "groups", "id": "` + sampleID + `"}}`
			s.assertErrors(s.post("/licenses", licenseDocument(own.ID, "", ownedBy(foreign.Users()[0].ID), group)), 422,
				wrongRelationJSON("licenses", "owner", "OWNER_NOT_FOUND"), wrongRelationJSON("licenses", "group", "GROUP_NOT_FOUND"))
			e := s.assertRefused(s.tryDraw(keygen.CreateLicenseParams{PolicyID: own.ID, OwnerID: sampleID, GroupID: sampleID}), 422, keygen.ErrInvalid)
			assert.Len(s, e.Errors, 2)
			s.assertHas(s.post("/licenses", licenseDocument(own.ID, "", `"owner": {"data": null}`)), 201, map[string]any{"data.relationships.owner.data": nil})

			product := s.tokenOf(own.ProductID)
			s.assertStatus(s.createLicense(own.ID, "", bearer(product)), 201)
			s.assertForbidden(s.createLicense(other.ID, "", bearer(product)))
			s.assertForbidden(s.createLicense(own.ID, "", bearer(tokens["support agent"])))
			s.assertLacks(s.createLicense(own.ID, "", bearer(tokens["read only"])), "read only")
			s.assertLacks(s.createLicense(own.ID, "", bearer(tokens["license"])), "license")
		},
	},
	{
		name:   "license: created by a user",
		proves: "license.customer role.forbidden license.deleters",
		play: func(s *keygenStage) {
			policy, keys := s.pool(1)
			guarded := s.Keygen.AddPolicy(keygenmock.Policy{Protected: true})
			user, other := s.Keygen.AddUser(keygenmock.User{}), s.Keygen.AddUser(keygenmock.User{})
			token := s.tokenOf(user.ID)
			client := s.clientAs(keygen.Token(token))
			license, err := client.Licenses.Create(s.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, OwnerID: user.ID, Name: "mine"})
			require.NoError(s, err)
			assert.Equal(s, []string{keys[0].Key, user.ID, "mine"}, []string{license.Key, license.OwnerID, license.Name})
			s.assertBody(licenseDocument(policy.ID, `"name": "mine"`, ownedBy(user.ID)), s.seen.request()) // without an id
			asUser := strings.Replace(licenseDocument(policy.ID, `"key": "of my own"`, ownedBy(user.ID)), `"owner"`, `"user"`, 1)
			s.assertStatus(s.post("/licenses", asUser, bearer(token)), 201)
			for _, document := range []string{
				licenseDocument(policy.ID, "", ownedBy(other.ID)), licenseDocument(policy.ID, ""), licenseDocument(guarded.ID, "", ownedBy(user.ID)),
			} {
				s.assertForbidden(s.post("/licenses", document, bearer(token)))
			}
			for _, name := range []string{"expiry", "suspended", "protected", "maxMachines"} {
				s.assertMalformed(s.post("/licenses", licenseDocument(policy.ID, `"`+name+`": null`, ownedBy(user.ID)), bearer(token)), "/data/attributes/"+name, unpermitted)
			}
			protected := s.Keygen.AddLicense(keygenmock.License{PolicyID: policy.ID, OwnerID: user.ID, Protected: true})
			s.assertForbidden(s.remove("/licenses/"+protected.ID, bearer(token)))
			require.NoError(s, client.Licenses.Delete(s.Context(), license.ID))
		},
	},
	{
		name:   "license: when it expires, and how it fares",
		proves: "license.expiry license.expiration-basis license.status",
		play: func(s *keygenStage) {
			const day = 24 * time.Hour
			policy := s.Keygen.AddPolicy(keygenmock.Policy{Duration: 10 * day})
			license := s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID})
			created := license.CreatedAt
			assert.Equal(s, created.Add(10*day), license.ExpiresAt)
			fixed := time.Date(2030, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
			assert.True(s, fixed.Equal(s.draw(keygen.CreateLicenseParams{PolicyID: policy.ID, ExpiresAt: fixed}).ExpiresAt))
			s.assertAttributes(s.createLicense(policy.ID, `"expiry": null`), 201, map[string]any{"expiry": keygenTime(s.Server.Now().Add(10 * day))})
			later := s.Keygen.AddPolicy(keygenmock.Policy{Duration: day, Attributes: map[string]any{"expirationBasis": "FROM_FIRST_VALIDATION"}})
			assert.True(s, s.draw(keygen.CreateLicenseParams{PolicyID: later.ID}).ExpiresAt.IsZero())

			endless := s.draw(keygen.CreateLicenseParams{PolicyID: s.Keygen.AddPolicy(keygenmock.Policy{}).ID})
			barred := s.Keygen.AddLicense(keygenmock.License{OwnerID: s.Keygen.AddUser(keygenmock.User{Banned: true}).ID, Suspended: true})
			paused := s.Keygen.AddLicense(keygenmock.License{Suspended: true, Expiry: epoch})
			for _, c := range []struct {
				at   time.Duration
				id   string
				want keygen.LicenseStatus
			}{
				{0, barred.ID, keygen.StatusBanned}, {0, paused.ID, keygen.StatusSuspended},
				{7*day - time.Second, license.ID, keygen.StatusActive}, {7*day + time.Second, license.ID, keygen.StatusExpiring},
				{10*day + time.Second, license.ID, keygen.StatusExpired},
				{90*day - time.Second, endless.ID, keygen.StatusActive}, {90*day + time.Second, endless.ID, keygen.StatusInactive},
			} {
				s.Server.SetTime(created.Add(c.at))
				got, err := s.client().Licenses.Get(s.Context(), c.id)
				require.NoError(s, err)
				assert.Equal(s, c.want, got.Status, "after %v", c.at)
				assert.Equal(s, c.want == keygen.StatusExpired, got.Expired(s.Server.Now()) && c.id == license.ID)
			}
		},
	},
	{
		name:   "license: who sees which",
		proves: "license.scope license.filter license.filter-owner license.deleters scope.hidden license.deleted",
		play: func(s *keygenStage) {
			a, b := s.Keygen.AddPolicy(keygenmock.Policy{}), s.Keygen.AddPolicy(keygenmock.Policy{})
			user := s.Keygen.AddUser(keygenmock.User{})
			tokens := s.tokens()
			idle := s.Keygen.Licenses()[0].ID
			first := s.Keygen.AddLicense(keygenmock.License{PolicyID: a.ID, OwnerID: user.ID}).ID
			second := s.Keygen.AddLicense(keygenmock.License{PolicyID: b.ID, OwnerID: user.ID}).ID
			third := s.Keygen.AddLicense(keygenmock.License{PolicyID: b.ID}).ID
			for role := range employees {
				s.assertIDs(s.get("/licenses", bearer(tokens[role])), third, second, first, idle)
			}
			for token, want := range map[string][]string{
				s.tokenOf(b.ProductID): {third, second}, s.tokenOf(user.ID): {second, first}, s.tokenOf(first): {first}, tokens["product"]: nil,
			} {
				s.assertIDs(s.get("/licenses", bearer(token)), want...)
				s.assertHidden(s.get("/licenses/"+idle, bearer(token)), "license", idle)
				s.assertHidden(s.remove("/licenses/"+idle, bearer(token)), "license", idle)
			}
			for query, want := range map[string][]string{
				"policy=" + b.ID: {third, second}, "product=" + a.ProductID: {first}, "product=" + a.ProductID + "&policy=" + b.ID: nil,
				"owner=" + user.ID: {second, first}, "user=" + user.ID + "&policy=" + a.ID: {first}, "owner=" + sampleID: nil,
			} {
				s.assertIDs(s.get("/licenses?"+query), want...)
			}
			page, err := s.client().Licenses.List(s.Context(), keygen.ListLicensesParams{PolicyID: b.ID, ProductID: b.ProductID, Page: 1, PageSize: 1})
			require.NoError(s, err)
			require.Len(s, page.Items, 1)
			assert.Equal(s, third, page.Items[0].ID)
			assert.Equal(s, 2, page.Count)

			s.assertForbidden(s.remove("/licenses/"+third, bearer(tokens["support agent"])))
			s.assertLacks(s.remove("/licenses/"+third, bearer(tokens["read only"])), "read only")
			s.assertLacks(s.remove("/licenses/"+first, bearer(s.tokenOf(first))), "license")
			for id, token := range map[string]string{third: s.tokenOf(b.ProductID), second: s.tokenOf(user.ID), first: tokens["sales agent"], idle: tokens["developer"]} {
				assert.Empty(s, s.assertStatus(s.remove("/licenses/"+id, bearer(token)), 204).Body)
			}
			assert.Empty(s, s.Keygen.Licenses())
		},
	},
}

func newestFirst(keys []keygenmock.Key) []keygenmock.Key {
	list := []keygenmock.Key{}
	for i := range keys {
		list = append(list, keys[len(keys)-1-i])
	}
	return list
}
