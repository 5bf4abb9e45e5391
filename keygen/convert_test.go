package keygen

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// The key as the vendor's page shows it, with a real id for the account.
const keyJSON = `{
	"id": "6e936a61-94ad-44d1-88ac-88da9f10eca7",
	"type": "keys",
	"links": {"self": "/v1/accounts/1fddcec8-8dd3-4d8d-9b16-215cac0f9b52/keys/6e936a61-94ad-44d1-88ac-88da9f10eca7"},
	"attributes": {
		"key": "C1B6DE-39A6E3-DE1529-8559A0-4AF593-V3",
		"created": "2017-01-02T20:26:53.464Z",
		"updated": "2017-01-02T20:26:53.464Z"
	},
	"relationships": {
		"account": {
			"links": {"related": "/v1/accounts/1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"},
			"data": {"type": "accounts", "id": "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"}
		},
		"product": {
			"links": {"related": "/v1/accounts/1fddcec8-8dd3-4d8d-9b16-215cac0f9b52/keys/6e936a61-94ad-44d1-88ac-88da9f10eca7/product"},
			"data": {"type": "products", "id": "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f"}
		},
		"policy": {
			"links": {"related": "/v1/accounts/1fddcec8-8dd3-4d8d-9b16-215cac0f9b52/keys/6e936a61-94ad-44d1-88ac-88da9f10eca7/policy"},
			"data": {"type": "policies", "id": "95981290-518b-4109-a611-c0001214b3c5"}
		}
	}
}`

func keyWant() *Key {
	return &Key{ID: keyID, Key: testKey, PolicyID: policyID, ProductID: productID, AccountID: accountID, CreatedAt: t0, UpdatedAt: t0}
}

const policyJSON = `{
	"id": "95981290-518b-4109-a611-c0001214b3c5",
	"type": "policies",
	"links": {"self": "/v1/accounts/1fddcec8-8dd3-4d8d-9b16-215cac0f9b52/policies/95981290-518b-4109-a611-c0001214b3c5"},
	"attributes": {
		"name": "Beta", "duration": 1209600, "strict": false, "floating": false, "usePool": true, "maxMachines": 1, "maxProcesses": null,
		"maxUsers": null, "maxCores": null, "maxMemory": null, "maxDisk": null, "maxUses": 0,
		"machineUniquenessStrategy": "UNIQUE_PER_LICENSE", "machineMatchingStrategy": "MATCH_ANY",
		"componentUniquenessStrategy": "UNIQUE_PER_MACHINE", "componentMatchingStrategy": "MATCH_ANY",
		"expirationStrategy": "RESTRICT_ACCESS", "expirationBasis": "FROM_CREATION", "renewalBasis": "FROM_EXPIRY",
		"transferStrategy": "KEEP_EXPIRY", "authenticationStrategy": "TOKEN", "machineLeasingStrategy": "PER_LICENSE",
		"processLeasingStrategy": "PER_MACHINE", "overageStrategy": "NO_OVERAGE", "scheme": null, "encrypted": false, "protected": true,
		"requireProductScope": false, "requirePolicyScope": false, "requireMachineScope": false, "requireFingerprintScope": true,
		"requireComponentsScope": false, "requireUserScope": false, "requireChecksumScope": false, "requireVersionScope": false,
		"requireCheckIn": false, "checkInInterval": null, "checkInIntervalCount": null, "heartbeatDuration": null,
		"heartbeatCullStrategy": "DEACTIVATE_DEAD", "heartbeatResurrectionStrategy": "NO_REVIVE", "heartbeatBasis": "FROM_FIRST_PING",
		"requireHeartbeat": false, "metadata": {"tier": "beta", "big": 9007199254740993}, "created": "2017-01-02T20:26:53.464Z", "updated": "2017-01-02T20:26:53.464Z"
	},
	"relationships": {
		"account": {"links": {"related": "/v1/accounts/x"}, "data": {"type": "accounts", "id": "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"}},
		"product": {"links": {"related": "/v1/accounts/x/products/y"}, "data": {"type": "products", "id": "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f"}},
		"pool": {"links": {"related": "/v1/accounts/x/policies/y/pool"}}, "licenses": {"links": {"related": "/v1/accounts/x/policies/y/licenses"}},
		"entitlements": {"links": {"related": "/v1/accounts/x/policies/y/entitlements"}}
	}
}`

func policyWant() *Policy {
	return &Policy{
		ID: policyID, ProductID: productID, AccountID: accountID, Name: "Beta", UsePool: true, Duration: 14 * 24 * time.Hour, Protected: true,
		MaxMachines: Set(1), MaxUses: Set(0), AuthenticationStrategy: AuthenticateByToken, ExpirationStrategy: ExpirationRestrictsAccess,
		ExpirationBasis: "FROM_CREATION", RenewalBasis: "FROM_EXPIRY", TransferStrategy: "KEEP_EXPIRY", OverageStrategy: "NO_OVERAGE",
		MachineUniquenessStrategy: "UNIQUE_PER_LICENSE", MachineMatchingStrategy: "MATCH_ANY", ComponentUniquenessStrategy: "UNIQUE_PER_MACHINE",
		ComponentMatchingStrategy: "MATCH_ANY", MachineLeasingStrategy: "PER_LICENSE", ProcessLeasingStrategy: "PER_MACHINE",
		HeartbeatCullStrategy: "DEACTIVATE_DEAD", HeartbeatResurrectionStrategy: "NO_REVIVE", HeartbeatBasis: "FROM_FIRST_PING",
		RequireFingerprintScope: true, Metadata: map[string]any{"tier": "beta", "big": json.Number("9007199254740993")}, CreatedAt: t0, UpdatedAt: t0,
	}
}

const productJSON = `{
	"id": "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f",
	"type": "products",
	"attributes": {"name": "App", "code": null, "distributionStrategy": "LICENSED", "url": "https://app.example", "platforms": ["linux", "macos"],
		"metadata": {}, "created": "2017-01-02T20:26:53.464Z", "updated": "2017-01-02T20:26:53.464Z"},
	"relationships": {"account": {"data": {"type": "accounts", "id": "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"}},
		"policies": {"links": {"related": "/v1/accounts/x/products/y/policies"}}}
}`

func productWant() *Product {
	return &Product{ID: productID, AccountID: accountID, Name: "App", DistributionStrategy: DistributionLicensed, URL: "https://app.example",
		Platforms: []string{"linux", "macos"}, Metadata: map[string]any{}, CreatedAt: t0, UpdatedAt: t0}
}

const licenseJSON = `{
	"id": "b18e3f3a-330c-4d8d-ae2e-014db21fa827",
	"type": "licenses",
	"attributes": {"name": "order 1042", "key": "C1B6DE-39A6E3-DE1529-8559A0-4AF593-V3", "expiry": "2017-01-16T20:26:53.464Z", "status": "ACTIVE",
		"uses": 0, "suspended": false, "scheme": null, "encrypted": false, "strict": false, "floating": false, "protected": false, "version": null,
		"maxMachines": 1, "maxProcesses": null, "maxUsers": null, "maxCores": null, "maxMemory": null, "maxDisk": null, "maxUses": null,
		"requireHeartbeat": false, "requireCheckIn": false, "lastValidated": null, "lastCheckIn": null, "nextCheckIn": null, "lastCheckOut": null,
		"metadata": {"order": 1042}, "created": "2017-01-02T20:26:53.464Z", "updated": "2017-01-02T20:26:53.464Z"},
	"relationships": {
		"account": {"data": {"type": "accounts", "id": "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"}},
		"product": {"data": {"type": "products", "id": "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f"}},
		"policy": {"data": {"type": "policies", "id": "95981290-518b-4109-a611-c0001214b3c5"}},
		"group": {"links": {"related": "/v1/accounts/x/licenses/y/group"}, "data": null},
		"owner": {"links": {"related": "/v1/accounts/x/licenses/y/owner"}, "data": {"type": "users", "id": "a5c5ebc2-2d0c-4c70-a1bb-8f1a4e3c9f11"}},
		"users": {"links": {"related": "/v1/accounts/x/licenses/y/users"}, "meta": {"count": 2}},
		"machines": {"links": {"related": "/v1/accounts/x/licenses/y/machines"}, "meta": {"cores": 8, "memory": 16, "disk": 32, "count": 1}},
		"tokens": {"links": {"related": "/v1/accounts/x/licenses/y/tokens"}}, "entitlements": {"links": {"related": "/v1/accounts/x/licenses/y/entitlements"}}
	}
}`

func licenseWant() *License {
	return &License{
		ID: licenseID, Key: testKey, PolicyID: policyID, ProductID: productID, AccountID: accountID, OwnerID: userID, Name: "order 1042",
		Status: StatusActive, ExpiresAt: t0.AddDate(0, 0, 14), Users: 2, Machines: MachineTotals{Count: 1, Cores: 8, Memory: 16, Disk: 32},
		MaxMachines: Set(1), Metadata: map[string]any{"order": json.Number("1042")}, CreatedAt: t0, UpdatedAt: t0,
	}
}

const tokenSecret = "prod-abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789v3"

const tokenJSON = `{
	"id": "0f9e4c1c-4b0a-4a58-9f5c-5b29a0f7a8d2",
	"type": "tokens",
	"attributes": {"kind": "product-token", "token": "` + tokenSecret + `", "expiry": null, "name": null,
		"created": "2017-01-02T20:26:53.464Z", "updated": "2017-01-02T20:26:53.464Z"},
	"relationships": {"account": {"data": {"type": "accounts", "id": "1fddcec8-8dd3-4d8d-9b16-215cac0f9b52"}},
		"bearer": {"data": {"type": "products", "id": "1f286fb6-c9bb-498b-a4e7-6c67748b1f4f"}}}
}`

func tokenWant() *ProductToken {
	return &ProductToken{ID: tokenID, Token: tokenSecret, Kind: "product-token", ProductID: productID, AccountID: accountID, CreatedAt: t0, UpdatedAt: t0}
}

func fromJSON[W, T any](t *testing.T, text string, convert func(*W) *T) *T {
	t.Helper()
	var w W
	require.NoError(t, json.Unmarshal([]byte(text), &w))
	return convert(&w)
}

func TestResourcesFromWire(t *testing.T) {
	t.Parallel()
	assert.Equal(t, keyWant(), fromJSON(t, keyJSON, keyFromWire))
	assert.Equal(t, policyWant(), fromJSON(t, policyJSON, policyFromWire))
	assert.Equal(t, productWant(), fromJSON(t, productJSON, productFromWire))
	assert.Equal(t, licenseWant(), fromJSON(t, licenseJSON, licenseFromWire))
	assert.Equal(t, tokenWant(), fromJSON(t, tokenJSON, tokenFromWire))
}

func TestResourcesThatLackEverything(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"attributes": null, "relationships": null}`, `{"attributes": {}, "relationships": {}}`,
		`{"relationships": {"policy": null, "product": {}, "account": {"data": null}, "owner": {"data": {"id": null}}, "bearer": {"data": {}},
			"users": {}, "machines": {"meta": null}}}`, `{"attributes": {"metadata": null, "expiry": null, "new": [1]}, "included": []}`} {
		assert.Equal(t, &Key{}, fromJSON(t, text, keyFromWire), text)
		assert.Equal(t, &Policy{}, fromJSON(t, text, policyFromWire), text)
		assert.Equal(t, &Product{}, fromJSON(t, text, productFromWire), text)
		assert.Equal(t, &License{}, fromJSON(t, text, licenseFromWire), text)
		assert.Equal(t, &ProductToken{}, fromJSON(t, text, tokenFromWire), text)
	}
}

func TestOddValues(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]time.Duration{
		"null": 0, "0": 0, "1": time.Second, "31557600": 8766 * time.Hour, "-60": -time.Minute,
		"9223372036": 9223372036 * time.Second, "9223372037": 9223372036 * time.Second, "9223372036854775807": 9223372036 * time.Second,
	} {
		policy := fromJSON(t, `{"attributes": {"duration": `+number+`, "heartbeatDuration": `+number+`}}`, policyFromWire)
		assert.Equal(t, &Policy{Duration: want, HeartbeatDuration: want}, policy, number)
	}
	assert.Equal(t, Set(math.MaxInt), fromJSON(t, `{"attributes": {"maxDisk": 9223372036854775807}}`, licenseFromWire).MaxDisk)
	for _, metadata := range []string{`"text"`, `[1]`, `7`, `null`} {
		assert.Nil(t, fromJSON(t, `{"attributes": {"metadata": `+metadata+`}}`, productFromWire).Metadata, metadata)
	}
}

// Every field of an answer must show up in what the user gets, or be listed
// here with the reason why not.
func TestEveryFieldOfAnAnswerIsMapped(t *testing.T) {
	t.Parallel()
	ignored := map[string]string{
		"PageLinks.Self": "of the page that was asked for", "PageLinks.First": "numbered pages are asked for by number",
		"PageLinks.Last": "numbered pages are asked for by number", "PageLinks.Prev": "numbered pages are asked for by number",
	}
	next := "/v1/accounts/acme/keys?page%5Bcursor%5D=" + keyID
	fields := clienttest.Fields{Ignored: ignored, Samples: []any{
		keygenwire.CountedUsers{Meta: keygenwire.UserCounts{Count: 7}},
		keygenwire.CountedMachines{Meta: keygenwire.MachineCounts{Count: 7}},
		json.RawMessage(`{"a":1}`),
	}}
	fields.Answers(t, func(any) {},
		keyFromWire, policyFromWire, productFromWire, licenseFromWire, tokenFromWire,
		func(w *keygenwire.KeyAttributes) any { return keyFromWire(&keygenwire.Key{Attributes: *w}) },
		func(w *keygenwire.KeyRelationships) any { return keyFromWire(&keygenwire.Key{Relationships: *w}) },
		func(w *keygenwire.PolicyAttributes) any { return policyFromWire(&keygenwire.Policy{Attributes: *w}) },
		func(w *keygenwire.PolicyRelationships) any {
			return policyFromWire(&keygenwire.Policy{Relationships: *w})
		},
		func(w *keygenwire.ProductAttributes) any { return productFromWire(&keygenwire.Product{Attributes: *w}) },
		func(w *keygenwire.ProductRelationships) any {
			return productFromWire(&keygenwire.Product{Relationships: *w})
		},
		func(w *keygenwire.LicenseAttributes) any { return licenseFromWire(&keygenwire.License{Attributes: *w}) },
		func(w *keygenwire.LicenseRelationships) any {
			return licenseFromWire(&keygenwire.License{Relationships: *w})
		},
		func(w *keygenwire.TokenAttributes) any { return tokenFromWire(&keygenwire.Token{Attributes: *w}) },
		func(w *keygenwire.TokenRelationships) any { return tokenFromWire(&keygenwire.Token{Relationships: *w}) },
		func(w *keygenwire.Relationship) any { return related(w) },
		func(w *keygenwire.Linkage) any { return related(&keygenwire.Relationship{Data: *w}) },
		func(w *keygenwire.CountedUsers) any { return usersOf(w) },
		func(w *keygenwire.UserCounts) any { return usersOf(&keygenwire.CountedUsers{Meta: *w}) },
		func(w *keygenwire.CountedMachines) any { return machinesOf(w) },
		func(w *keygenwire.MachineCounts) any { return machinesOf(&keygenwire.CountedMachines{Meta: *w}) },
		func(w *keygenwire.PageMeta) any {
			return pageFromWire(&listAnswer[keygenwire.Key]{Links: &keygenwire.PageLinks{Meta: w}}, keyFromWire)
		},
		func(w *keygenwire.PageLinks) any {
			if w.Next != nil {
				w.Next = &next
			}
			if w.Meta != nil {
				w.Meta = &keygenwire.PageMeta{Pages: ref[int64](7)}
			}
			return pageFromWire(&listAnswer[keygenwire.Key]{Links: w}, keyFromWire)
		},
	)
}

// The list documents are decoded by a type of our own, which must have their
// fields.
func TestListDocumentsAreAlike(t *testing.T) {
	t.Parallel()
	_ = listAnswer[keygenwire.Key](keygenwire.KeyListDocument{})
	_ = listAnswer[keygenwire.Policy](keygenwire.PolicyListDocument{})
	_ = listAnswer[keygenwire.License](keygenwire.LicenseListDocument{})
	for _, document := range []reflect.Type{
		reflect.TypeFor[keygenwire.KeyListDocument](), reflect.TypeFor[keygenwire.PolicyListDocument](), reflect.TypeFor[keygenwire.LicenseListDocument](),
	} {
		ours := reflect.TypeFor[listAnswer[keygenwire.Key]]()
		for i := range document.NumField() {
			theirs, _, _ := strings.Cut(document.Field(i).Tag.Get("json"), ",")
			assert.Equal(t, theirs, ours.Field(i).Tag.Get("json"), document)
		}
	}
}

func TestEveryConditionOfAListIsMapped(t *testing.T) {
	t.Parallel()
	fields := clienttest.Fields{Samples: []any{Set("x"), ref(keygenwire.OrderAsc)}}
	fields.Requests(t, (*ListKeysParams).toWire, (*ListPoolParams).toWire, (*ListPoliciesParams).toWire, (*ListLicensesParams).toWire)
}

// leaves returns the values of a document by their paths.
func leaves(t *testing.T, document any) map[string]string {
	t.Helper()
	text, err := json.Marshal(document)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	found := map[string]string{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		if object, ok := value.(map[string]any); ok && !strings.HasSuffix(path, "/metadata") {
			for name, member := range object {
				walk(path+"/"+name, member)
			}
			return
		}
		found[path] = fmt.Sprint(value)
	}
	walk("", value)
	return found
}

// members returns the paths of all members that a document type has.
func members(typ reflect.Type, path string) []string {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ.PkgPath() != reflect.TypeFor[keygenwire.Key]().PkgPath() {
		return []string{path}
	}
	var paths []string
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		paths = append(paths, members(typ.Field(i).Type, path+"/"+name)...)
	}
	return paths
}

// Each parameter sets a member of its own, and each member can be set.
func TestEveryMemberOfARequestIsMapped(t *testing.T) {
	t.Parallel()
	samples := map[reflect.Type]any{
		reflect.TypeFor[string](): "x", reflect.TypeFor[bool](): true, reflect.TypeFor[int](): 7, reflect.TypeFor[time.Duration](): time.Hour,
		reflect.TypeFor[time.Time](): t0, reflect.TypeFor[Opt[bool]](): Set(false), reflect.TypeFor[[]string](): []string{"x"},
		reflect.TypeFor[map[string]any](): map[string]any{"a": 1}, reflect.TypeFor[Scheme](): SchemeEd25519,
		reflect.TypeFor[AuthenticationStrategy](): AuthenticateByAny, reflect.TypeFor[ExpirationStrategy](): ExpirationRevokesAccess,
		reflect.TypeFor[DistributionStrategy](): DistributionOpen,
	}
	ignored := map[string]string{"/data/id of UpdateKeyParams": "the vendor ignores it"}
	for _, converter := range []any{
		(*CreateKeyParams).toWire, (*UpdateKeyParams).toWire, (*CreatePolicyParams).toWire, (*CreateProductParams).toWire, (*CreateLicenseParams).toWire,
	} {
		convert := reflect.ValueOf(converter)
		paramsType := convert.Type().In(0).Elem()
		document := func(params reflect.Value) map[string]string {
			return leaves(t, convert.Call([]reflect.Value{params})[0].Interface())
		}
		base := document(reflect.New(paramsType))
		reached := map[string]bool{}
		for i := range paramsType.NumField() {
			field := paramsType.Field(i)
			require.Contains(t, samples, field.Type, field.Name)
			params := reflect.New(paramsType)
			params.Elem().Field(i).Set(reflect.ValueOf(samples[field.Type]))
			before := len(reached)
			for path, value := range document(params) {
				if base[path] != value && !strings.HasSuffix(path, "/type") {
					reached[path] = true
				}
			}
			assert.Equal(t, before+1, len(reached), "%s.%s sets one member of its own", paramsType.Name(), field.Name)
		}
		for _, path := range members(convert.Type().Out(0), "") {
			note := path + " of " + paramsType.Name()
			if ignored[note] == "" && !strings.HasSuffix(path, "/type") {
				assert.True(t, reached[path], note)
			}
			delete(ignored, note)
		}
	}
	assert.Empty(t, ignored)
}

func FuzzResourcesFromWire(f *testing.F) {
	for _, seed := range []string{keyJSON, policyJSON, productJSON, licenseJSON, tokenJSON, `{}`, `null`, `{"attributes":{"duration":-9223372036854775808}}`,
		`{"attributes":{"metadata":[{}],"expiry":"9999-12-31T23:59:59.999Z"}}`, `{"relationships":{"machines":{"meta":{"count":-1}}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		survives(t, data, keyFromWire)
		survives(t, data, policyFromWire)
		survives(t, data, productFromWire)
		survives(t, data, licenseFromWire)
		survives(t, data, tokenFromWire)
	})
}

// survives asserts that what was read can be stored and read back.
func survives[W, T any](t *testing.T, data []byte, convert func(*W) *T) {
	var w W
	if json.Unmarshal(data, &w) != nil {
		return
	}
	stored, err := json.Marshal(convert(&w))
	require.NoError(t, err)
	var back T
	require.NoError(t, json.Unmarshal(stored, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(stored), string(again))
}
