package conformance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// usualPolicy are the attributes of a policy of which nothing but the name was
// said, without those that tell the time.
const usualPolicy = `{
	"name": "Trial", "duration": null, "strict": false, "floating": false, "scheme": null, "encrypted": false, "usePool": false,
	"protected": false, "requireProductScope": false, "requirePolicyScope": false, "requireMachineScope": false,
	"requireFingerprintScope": false, "requireComponentsScope": false, "requireUserScope": false, "requireChecksumScope": false,
	"requireVersionScope": false, "requireCheckIn": false, "checkInInterval": null, "checkInIntervalCount": null,
	"requireHeartbeat": false, "heartbeatDuration": null, "heartbeatCullStrategy": "DEACTIVATE_DEAD",
	"heartbeatResurrectionStrategy": "NO_REVIVE", "heartbeatBasis": "FROM_FIRST_PING", "machineUniquenessStrategy": "UNIQUE_PER_LICENSE",
	"machineMatchingStrategy": "MATCH_ANY", "componentUniquenessStrategy": "UNIQUE_PER_MACHINE", "componentMatchingStrategy": "MATCH_ANY",
	"expirationStrategy": "RESTRICT_ACCESS", "expirationBasis": "FROM_CREATION", "renewalBasis": "FROM_EXPIRY",
	"transferStrategy": "KEEP_EXPIRY", "authenticationStrategy": "TOKEN", "machineLeasingStrategy": "PER_LICENSE",
	"processLeasingStrategy": "PER_MACHINE", "overageStrategy": "NO_OVERAGE", "maxMachines": 1, "maxProcesses": null, "maxUsers": null,
	"maxCores": null, "maxMemory": null, "maxDisk": null, "maxUses": null, "metadata": {}}`

// assertUsual checks that a policy has all the defaults.
func (s *keygenStage) assertUsual(a answer, status int) {
	s.Helper()
	s.assertStatus(a, status)
	attributes := a.at(s, "data.attributes").(map[string]any)
	assert.Equal(s, attributes["created"], attributes["updated"])
	delete(attributes, "created")
	delete(attributes, "updated")
	assert.JSONEq(s, usualPolicy, asJSON(s.T, attributes))
}

func wrongPolicy(name, code, detail string) string {
	return wrongAttributeJSON("policies", name, code, detail)
}

var keygenPolicies = []scenario[*keygenStage]{
	{
		name:   "policy: created, shown and deleted",
		proves: "policy.created policy.object policy.defaults policy.deleted policy.deleted-at-once event.recorded header.location",
		play:   playPolicy,
	},
	{
		name:   "policy: what the vendor fills in and what it keeps",
		proves: "policy.defaults policy.values policy.encrypted",
		play: func(s *keygenStage) {
			s.assertUsual(s.createPolicy(`"name": "Trial", "maxMachines": null, "floating": null`), 201)
			for sent, want := range map[string]map[string]any{
				`"floating": true`:                                              {"maxMachines": nil, "floating": true},
				`"floating": true, "maxMachines": 5`:                            {"maxMachines": 5},
				`"requireHeartbeat": true`:                                      {"heartbeatBasis": "FROM_CREATION"},
				`"requireHeartbeat": true, "heartbeatBasis": "FROM_FIRST_PING"`: {"heartbeatBasis": "FROM_FIRST_PING"},
				`"overageStrategy": "WHATEVER", "maxUses": -7, "checkInInterval": "fortnight", "scheme": "MINE"`: {
					"overageStrategy": "WHATEVER", "maxUses": -7, "checkInInterval": "fortnight", "scheme": "MINE",
				},
				`"encrypted": true`: {"encrypted": true, "scheme": "LEGACY_ENCRYPT"},
			} {
				s.assertAttributes(s.createPolicy(`"name": "a", `+sent), 201, want)
			}
			product := s.Keygen.AddProduct(keygenmock.Product{})
			params := keygen.CreatePolicyParams{
				Name: "All", ProductID: product.ID, UsePool: true, Duration: 36 * time.Hour, Strict: true, Floating: true, Protected: keygen.Set(true),
				MaxUses: 3, AuthenticationStrategy: keygen.AuthenticateByLicense, ExpirationStrategy: keygen.ExpirationRevokesAccess,
				RequireHeartbeat: true, HeartbeatDuration: time.Hour, Metadata: map[string]any{"a": "b"},
			}
			policy, err := s.client().Policies.Create(s.Context(), params)
			require.NoError(s, err)
			assert.Equal(s, []any{params.Name, params.ProductID, true, params.Duration, true, true, true, keygen.Set(3), keygen.Opt[int]{}},
				[]any{policy.Name, policy.ProductID, policy.UsePool, policy.Duration, policy.Strict, policy.Floating, policy.Protected, policy.MaxUses, policy.MaxMachines})
			assert.Equal(s, []any{params.AuthenticationStrategy, params.ExpirationStrategy, true, params.HeartbeatDuration, params.Metadata},
				[]any{policy.AuthenticationStrategy, policy.ExpirationStrategy, policy.RequireHeartbeat, policy.HeartbeatDuration, policy.Metadata})
		},
	},
	{
		name:   "policy: what is refused",
		proves: "policy.name policy.name-length policy.product-not-found policy.pool-exclusions policy.duration error.links",
		play: func(s *keygenStage) {
			long := strings.Repeat("é", 256)
			nameless := wrongPolicy("name", "NAME_MISSING", "can't be blank")
			encrypted := wrongPolicy("encrypted", "ENCRYPTED_NOT_SUPPORTED", "cannot be encrypted and use a pool")
			scheme := wrongPolicy("scheme", "SCHEME_NOT_SUPPORTED", "cannot use a scheme and use a pool")
			short := wrongPolicy("duration", "DURATION_INVALID", "must be greater than 0")
			tooLong := wrongPolicy("duration", "DURATION_INVALID", "must be less than or equal to 2147483647")
			for sent, problems := range map[string][]string{
				``: {nameless}, `"name": null`: {nameless},
				`"name": "` + long + `"`:                                                    {wrongPolicy("name", "NAME_TOO_LONG", "is too long (maximum is 255 characters)")},
				`"name": "a", "usePool": true, "encrypted": true`:                           {encrypted, scheme},
				`"name": "a", "usePool": true, "scheme": "ED25519_SIGN"`:                    {scheme},
				`"name": "a", "usePool": true, "encrypted": true, "scheme": "ED25519_SIGN"`: {encrypted, scheme},
				`"name": "a", "duration": 0`:                                                {short},
				`"name": "a", "duration": -7`:                                               {short},
				`"name": "a", "duration": 2147483648`:                                       {tooLong},
			} {
				s.assertErrors(s.createPolicy(sent), 422, problems...)
			}
			s.assertMalformed(s.createPolicy(`"name": ""`), "/data/attributes/name", "cannot be blank")
			s.assertErrors(s.post("/products", productDocument(`"name": "`+long+`"`)), 422,
				wrongAttributeJSON("products", "name", "NAME_TOO_LONG", "is too long (maximum is 255 characters)"))
			missing := wrongRelationJSON("policies", "product", "PRODUCT_NOT_FOUND")
			for _, id := range []string{sampleID, s.Keygen.AddAccount("elsewhere").AddProduct(keygenmock.Product{}).ID} {
				s.assertErrors(s.post("/policies", policyDocument(id, "")), 422, missing, nameless)
				_, err := s.client().Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "a", ProductID: id})
				s.assertRefused(err, 422, keygen.ErrInvalid)
			}
			for _, sent := range []string{
				`"usePool": true, "encrypted": false, "scheme": null`, `"usePool": false, "scheme": "ED25519_SIGN"`, `"duration": 1`, `"duration": 2147483647`,
			} {
				s.assertStatus(s.createPolicy(`"name": "`+long[2:]+`", `+sent), 201)
			}
			for field, params := range map[string]keygen.CreatePolicyParams{
				"Name": {}, "Encrypted": {Name: "a", UsePool: true, Encrypted: true}, "Scheme": {Name: "a", UsePool: true, Scheme: keygen.SchemeEd25519},
				"Duration": {Name: "a", Duration: time.Millisecond},
			} {
				params.ProductID = sampleID
				s.assertLocal(field, func() error { _, err := s.client().Policies.Create(s.Context(), params); return err })
			}
		},
	},
	{
		name:   "policy: who may what",
		proves: "policy.scope policy.filter policy.foreign-product policy.deleters role.forbidden role.permission scope.hidden",
		play:   playPolicyRoles,
	},
}

func playPolicy(s *keygenStage) {
	product := s.Keygen.AddProduct(keygenmock.Product{})
	client := s.client()
	made, err := client.Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "Trial", ProductID: product.ID})
	require.NoError(s, err)
	assert.Contains(s, s.seen.read().resp.Header.Get("Location"), "/v1/accounts/"+s.Keygen.AccountID()+"/policies/"+made.ID)
	got, err := client.Policies.Get(s.Context(), made.ID)
	require.NoError(s, err)
	assert.Equal(s, made, got)
	a := s.get("/policies/" + made.ID)
	s.assertUsual(a, 200)
	account := "/v1/accounts/" + s.Keygen.AccountID()
	self := account + "/policies/" + made.ID
	assert.Equal(s, self, a.at(s, "data.links.self"))
	assert.JSONEq(s, strings.NewReplacer("SELF", self, "ACCOUNT", account).Replace(`{
		"account": {"links": {"related": "ACCOUNT"}, "data": {"type": "accounts", "id": "`+s.Keygen.AccountID()+`"}},
		"product": {"links": {"related": "SELF/product"}, "data": {"type": "products", "id": "`+product.ID+`"}},
		"pool": {"links": {"related": "SELF/pool"}},
		"licenses": {"links": {"related": "SELF/licenses"}},
		"entitlements": {"links": {"related": "SELF/entitlements"}}}`), asJSON(s.T, a.at(s, "data.relationships")))

	pool, err := client.Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "Pool", ProductID: product.ID, UsePool: true})
	require.NoError(s, err)
	keys, kept := s.fill(pool.ID, 2), s.Keygen.AddKey(keygenmock.Key{})
	license := s.Keygen.AddLicense(keygenmock.License{PolicyID: pool.ID})
	token := s.tokenOf(license.ID)
	effects := s.effects(func() { require.NoError(s, client.Policies.Delete(s.Context(), pool.ID)) })
	assert.ElementsMatch(s, []string{
		"key.deleted " + keys[0].ID, "key.deleted " + keys[1].ID, "license.deleted " + license.ID, "policy.deleted " + pool.ID,
	}, effects)
	assert.Equal(s, []keygenmock.Key{kept}, s.Keygen.Keys())
	s.assertErrors(s.get("/keys", bearer(token)), 401, rowTokenInvalid)
	s.assertRefused(client.Policies.Delete(s.Context(), pool.ID), 404, keygen.ErrNotFound)
	_, err = client.Keys.Get(s.Context(), keys[0].ID)
	s.assertRefused(err, 404, keygen.ErrNotFound)
	_, err = client.Pool(pool.ID).Pop(s.Context())
	s.assertRefused(err, 404, keygen.ErrNotFound)
	var told []string
	for _, event := range s.Keygen.Events() {
		told = append(told, event.Name)
	}
	assert.Equal(s, []string{"policy.created", "policy.created", "policy.deleted"}, told)
}

func playPolicyRoles(s *keygenStage) {
	tokens := s.tokens()
	own, foreign := s.Keygen.AddPolicy(keygenmock.Policy{Pooled: true}), s.Keygen.AddPolicy(keygenmock.Policy{})
	tokens["product"] = s.tokenOf(own.ProductID)
	for role := range employees {
		page := s.assertStatus(s.get("/policies", bearer(tokens[role])), 200)
		assert.Equal(s, foreign.ID, page.at(s, "data.0.id"))
		s.assertStatus(s.get("/policies/"+own.ID, bearer(tokens[role])), 200)
	}
	s.assertIDs(s.get("/policies", bearer(tokens["product"])), own.ID)
	s.assertHidden(s.get("/policies/"+foreign.ID, bearer(tokens["product"])), "policy", foreign.ID)
	s.assertHidden(s.remove("/policies/"+foreign.ID, bearer(tokens["product"])), "policy", foreign.ID)
	for _, role := range []string{"user", "license"} {
		s.assertLacks(s.get("/policies", bearer(tokens[role])), role)
		s.assertHidden(s.get("/policies/"+own.ID, bearer(tokens[role])), "policy", own.ID)
	}
	user := s.Keygen.AddUser(keygenmock.User{})
	license := s.Keygen.AddLicense(keygenmock.License{PolicyID: own.ID, OwnerID: user.ID})
	s.assertLacks(s.get("/policies/"+own.ID, bearer(s.tokenOf(user.ID))), "user")
	s.assertLacks(s.get("/policies/"+own.ID, bearer(s.tokenOf(license.ID))), "license")

	for query, want := range map[string][]string{"product=" + own.ProductID: {own.ID}, "product=" + sampleID: nil, "product=nothing": nil} {
		s.assertIDs(s.get("/policies?"+query), want...)
	}
	page, err := s.client().Policies.List(s.Context(), keygen.ListPoliciesParams{ProductID: foreign.ProductID})
	require.NoError(s, err)
	require.Len(s, page.Items, 1)
	assert.Equal(s, foreign.ID, page.Items[0].ID)

	document := policyDocument(own.ProductID, `"name": "a"`)
	made := map[string]string{}
	for _, role := range []string{"admin", "developer", "sales agent", "product"} {
		made[role] = s.assertStatus(s.post("/policies", document, bearer(tokens[role])), 201).at(s, "data.id").(string)
	}
	for _, id := range []string{foreign.ProductID, sampleID} {
		s.assertForbidden(s.post("/policies", policyDocument(id, `"name": "a"`), bearer(tokens["product"])))
	}
	s.assertForbidden(s.post("/policies", document, bearer(tokens["support agent"])))
	s.assertForbidden(s.remove("/policies/"+own.ID, bearer(tokens["support agent"])))
	s.assertLacks(s.remove("/policies/"+own.ID, bearer(tokens["read only"])), "read only")
	for _, role := range []string{"read only", "user", "license"} {
		s.assertLacks(s.post("/policies", document, bearer(tokens[role])), role)
	}
	for role, id := range made {
		s.assertStatus(s.remove("/policies/"+id, bearer(tokens[role])), 204)
	}
}
