package openapi_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

const (
	keygenPolicy = "33333333-3333-4333-8333-333333333333"
	keygenKey    = "44444444-4444-4444-8444-444444444444"
)

var keygen = vendor{
	file:       "keygen.yaml",
	server:     "https://api.keygen.sh/v1",
	mediaType:  "application/vnd.api+json",
	credential: openapi3.SecurityScheme{Type: "http", Scheme: "bearer"},
	page: map[string]string{ // the five key operations are on the page, the others are their neighbours
		"GET /accounts/{account}/keys":                             "listKeys Read",
		"POST /accounts/{account}/keys":                            "createKey Idempotent",
		"GET /accounts/{account}/keys/{keyId}":                     "getKey Read",
		"PATCH /accounts/{account}/keys/{keyId}":                   "updateKey Idempotent",
		"DELETE /accounts/{account}/keys/{keyId}":                  "deleteKey Idempotent",
		"GET /accounts/{account}/keys/{keyId}/policy":              "getKeyPolicy Read",
		"GET /accounts/{account}/keys/{keyId}/product":             "getKeyProduct Read",
		"GET /accounts/{account}/policies/{policyId}/pool":         "listPool Read",
		"GET /accounts/{account}/policies/{policyId}/pool/{keyId}": "getPoolKey Read",
		"DELETE /accounts/{account}/policies/{policyId}/pool":      "popPool Once",
		"GET /accounts/{account}/policies":                         "listPolicies Read",
		"POST /accounts/{account}/policies":                        "createPolicy Once",
		"GET /accounts/{account}/policies/{policyId}":              "getPolicy Read",
		"DELETE /accounts/{account}/policies/{policyId}":           "deletePolicy Idempotent",
		"POST /accounts/{account}/products":                        "createProduct Once",
		"GET /accounts/{account}/products/{productId}":             "getProduct Read",
		"POST /accounts/{account}/products/{productId}/tokens":     "createProductToken Once",
		"GET /accounts/{account}/licenses":                         "listLicenses Read",
		"POST /accounts/{account}/licenses":                        "createLicense Once",
		"GET /accounts/{account}/licenses/{licenseId}":             "getLicense Read",
		"DELETE /accounts/{account}/licenses/{licenseId}":          "deleteLicense Idempotent",
	},
	refusals:   map[string]string{}, // the page shows none
	operations: keygenwire.Operations(),
	requests:   keygenRequests,
	addressed: map[string]func(...string) (transport.Request, error){
		"listKeys": one(func(account string) (transport.Request, error) {
			return keygenwire.NewListKeysRequest(account, keygenwire.ListKeysParams{})
		}),
		"createKey": one(func(account string) (transport.Request, error) {
			return keygenwire.NewCreateKeyRequest(account, keygenwire.CreateKeyRequest{})
		}),
		"getKey":    two(keygenwire.NewGetKeyRequest),
		"deleteKey": two(keygenwire.NewDeleteKeyRequest),
		"updateKey": two(func(account, keyID string) (transport.Request, error) {
			return keygenwire.NewUpdateKeyRequest(account, keyID, keygenwire.UpdateKeyRequest{})
		}),
		"getKeyPolicy":  two(keygenwire.NewGetKeyPolicyRequest),
		"getKeyProduct": two(keygenwire.NewGetKeyProductRequest),
		"listPool": two(func(account, policyID string) (transport.Request, error) {
			return keygenwire.NewListPoolRequest(account, policyID, keygenwire.ListPoolParams{})
		}),
		"getPoolKey": three(keygenwire.NewGetPoolKeyRequest),
		"popPool":    two(keygenwire.NewPopPoolRequest),
		"listPolicies": one(func(account string) (transport.Request, error) {
			return keygenwire.NewListPoliciesRequest(account, keygenwire.ListPoliciesParams{})
		}),
		"createPolicy": one(func(account string) (transport.Request, error) {
			return keygenwire.NewCreatePolicyRequest(account, keygenwire.CreatePolicyRequest{})
		}),
		"getPolicy":    two(keygenwire.NewGetPolicyRequest),
		"deletePolicy": two(keygenwire.NewDeletePolicyRequest),
		"createProduct": one(func(account string) (transport.Request, error) {
			return keygenwire.NewCreateProductRequest(account, keygenwire.CreateProductRequest{})
		}),
		"getProduct":         two(keygenwire.NewGetProductRequest),
		"createProductToken": two(keygenwire.NewCreateProductTokenRequest),
		"listLicenses": one(func(account string) (transport.Request, error) {
			return keygenwire.NewListLicensesRequest(account, keygenwire.ListLicensesParams{})
		}),
		"createLicense": one(func(account string) (transport.Request, error) {
			return keygenwire.NewCreateLicenseRequest(account, keygenwire.CreateLicenseRequest{})
		}),
		"getLicense":    two(keygenwire.NewGetLicenseRequest),
		"deleteLicense": two(keygenwire.NewDeleteLicenseRequest),
	},
	bodies: map[string]func([]byte) (transport.Request, error){
		"createKey":     rebuild(inAccount(keygenwire.NewCreateKeyRequest)),
		"createPolicy":  rebuild(inAccount(keygenwire.NewCreatePolicyRequest)),
		"createProduct": rebuild(inAccount(keygenwire.NewCreateProductRequest)),
		"createLicense": rebuild(inAccount(keygenwire.NewCreateLicenseRequest)),
		"updateKey": rebuild(func(body keygenwire.UpdateKeyRequest) (transport.Request, error) {
			return keygenwire.NewUpdateKeyRequest("acme", keygenKey, body)
		}),
	},
	answers: map[string]func([]byte) error{
		"listKeys":           strictly[keygenwire.KeyListDocument],
		"createKey":          strictly[keygenwire.KeyDocument],
		"getKey":             strictly[keygenwire.KeyDocument],
		"updateKey":          strictly[keygenwire.KeyDocument],
		"getKeyPolicy":       strictly[keygenwire.PolicyDocument],
		"getKeyProduct":      strictly[keygenwire.ProductDocument],
		"listPool":           strictly[keygenwire.KeyListDocument],
		"getPoolKey":         strictly[keygenwire.KeyDocument],
		"popPool":            strictly[keygenwire.KeyDocument],
		"listPolicies":       strictly[keygenwire.PolicyListDocument],
		"createPolicy":       strictly[keygenwire.PolicyDocument],
		"getPolicy":          strictly[keygenwire.PolicyDocument],
		"createProduct":      strictly[keygenwire.ProductDocument],
		"getProduct":         strictly[keygenwire.ProductDocument],
		"createProductToken": strictly[keygenwire.TokenDocument],
		"listLicenses":       strictly[keygenwire.LicenseListDocument],
		"createLicense":      strictly[keygenwire.LicenseDocument],
		"getLicense":         strictly[keygenwire.LicenseDocument],
	},
	refusal: strictly[keygenwire.ErrorDocument],
}

// inAccount fixes the account of a builder.
func inAccount[T any](build func(string, T) (transport.Request, error)) func(T) (transport.Request, error) {
	return func(body T) (transport.Request, error) { return build("acme", body) }
}

// toPolicy is the policy that a new key or license belongs to.
var toPolicy = keygenwire.PolicyRelationship{
	Data: keygenwire.PolicyLinkage{Type: keygenwire.PolicyTypePolicies, ID: keygenPolicy},
}

var keygenRequests = map[string]request{
	"list all keys": {
		build: func() (transport.Request, error) {
			return keygenwire.NewListKeysRequest("acme", keygenwire.ListKeysParams{})
		},
		op: keygenwire.ListKeysOp, path: "/accounts/acme/keys",
	},
	"list keys by everything": {
		build: func() (transport.Request, error) {
			return keygenwire.NewListKeysRequest("acme", keygenwire.ListKeysParams{
				Limit: ptr[int64](100), PageSize: ptr[int64](15), PageNumber: ptr[int64](2), PageCursor: ptr(keygenKey),
				Order: ptr(keygenwire.OrderAsc), Product: ptr("a&b"), Policy: ptr(keygenPolicy),
			})
		},
		op: keygenwire.ListKeysOp, path: "/accounts/acme/keys",
		query: "limit=100&page%5Bsize%5D=15&page%5Bnumber%5D=2&page%5Bcursor%5D=" + keygenKey +
			"&order=asc&product=a%26b&policy=" + keygenPolicy,
	},
	"list keys from the start": { // an empty cursor says so
		build: func() (transport.Request, error) {
			return keygenwire.NewListKeysRequest("acme", keygenwire.ListKeysParams{PageSize: ptr[int64](5), PageCursor: ptr("")})
		},
		op: keygenwire.ListKeysOp, path: "/accounts/acme/keys", query: "page%5Bsize%5D=5&page%5Bcursor%5D=",
	},
	"create a key": {
		build: func() (transport.Request, error) {
			return keygenwire.NewCreateKeyRequest("acme", keygenwire.CreateKeyRequest{Data: keygenwire.CreateKeyData{
				Type:          keygenwire.KeyTypeKeys,
				Attributes:    keygenwire.CreateKeyAttributes{Key: " <A & B>-000001"},
				Relationships: keygenwire.CreateKeyRelationships{Policy: toPolicy},
			}})
		},
		op: keygenwire.CreateKeyOp, path: "/accounts/acme/keys",
		body: `{"data":{"attributes":{"key":" <A & B>-000001"},` +
			`"relationships":{"policy":{"data":{"id":"` + keygenPolicy + `","type":"policies"}}},"type":"keys"}}`,
	},
	"get a key": {
		build: func() (transport.Request, error) { return keygenwire.NewGetKeyRequest("acme", keygenKey) },
		op:    keygenwire.GetKeyOp, path: "/accounts/acme/keys/" + keygenKey,
	},
	"update a key": {
		build: func() (transport.Request, error) {
			return keygenwire.NewUpdateKeyRequest("acme", keygenKey, keygenwire.UpdateKeyRequest{Data: keygenwire.UpdateKeyData{
				Type: keygenwire.KeyTypeKeys, Attributes: keygenwire.UpdateKeyAttributes{Key: ptr("B-000000002")},
			}})
		},
		op: keygenwire.UpdateKeyOp, path: "/accounts/acme/keys/" + keygenKey,
		body: `{"data":{"attributes":{"key":"B-000000002"},"type":"keys"}}`,
	},
	"update nothing of a key": { // attributes must be there all the same
		build: func() (transport.Request, error) {
			return keygenwire.NewUpdateKeyRequest("acme", keygenKey, keygenwire.UpdateKeyRequest{Data: keygenwire.UpdateKeyData{
				Type: keygenwire.KeyTypeKeys, ID: ptr(keygenKey),
			}})
		},
		op: keygenwire.UpdateKeyOp, path: "/accounts/acme/keys/" + keygenKey,
		body: `{"data":{"attributes":{},"id":"` + keygenKey + `","type":"keys"}}`,
	},
	"delete a key": {
		build: func() (transport.Request, error) { return keygenwire.NewDeleteKeyRequest("acme", keygenKey) },
		op:    keygenwire.DeleteKeyOp, path: "/accounts/acme/keys/" + keygenKey,
	},
	"get the policy of a key": {
		build: func() (transport.Request, error) { return keygenwire.NewGetKeyPolicyRequest("acme", keygenKey) },
		op:    keygenwire.GetKeyPolicyOp, path: "/accounts/acme/keys/" + keygenKey + "/policy",
	},
	"get the product of a key": {
		build: func() (transport.Request, error) { return keygenwire.NewGetKeyProductRequest("acme", keygenKey) },
		op:    keygenwire.GetKeyProductOp, path: "/accounts/acme/keys/" + keygenKey + "/product",
	},
	"list a pool": {
		build: func() (transport.Request, error) {
			return keygenwire.NewListPoolRequest("acme", keygenPolicy, keygenwire.ListPoolParams{
				Limit: ptr[int64](1), PageSize: ptr[int64](2), PageNumber: ptr[int64](3), PageCursor: ptr(keygenKey),
				Order: ptr(keygenwire.OrderDesc),
			})
		},
		op: keygenwire.ListPoolOp, path: "/accounts/acme/policies/" + keygenPolicy + "/pool",
		query: "limit=1&page%5Bsize%5D=2&page%5Bnumber%5D=3&page%5Bcursor%5D=" + keygenKey + "&order=desc",
	},
	"get a key of a pool": {
		build: func() (transport.Request, error) {
			return keygenwire.NewGetPoolKeyRequest("acme", keygenPolicy, keygenKey)
		},
		op: keygenwire.GetPoolKeyOp, path: "/accounts/acme/policies/" + keygenPolicy + "/pool/" + keygenKey,
	},
	"pop": {
		build: func() (transport.Request, error) { return keygenwire.NewPopPoolRequest("acme", keygenPolicy) },
		op:    keygenwire.PopPoolOp, path: "/accounts/acme/policies/" + keygenPolicy + "/pool",
	},
	"list policies": {
		build: func() (transport.Request, error) {
			return keygenwire.NewListPoliciesRequest("acme", keygenwire.ListPoliciesParams{
				Limit: ptr[int64](1), PageSize: ptr[int64](2), PageNumber: ptr[int64](3), PageCursor: ptr(keygenPolicy),
				Order: ptr(keygenwire.OrderDesc), Product: ptr("p"),
			})
		},
		op: keygenwire.ListPoliciesOp, path: "/accounts/acme/policies",
		query: "limit=1&page%5Bsize%5D=2&page%5Bnumber%5D=3&page%5Bcursor%5D=" + keygenPolicy + "&order=desc&product=p",
	},
	"create a policy with zero values": { // they are not the vendor's defaults, so each is sent
		build: func() (transport.Request, error) {
			return keygenwire.NewCreatePolicyRequest("acme", keygenwire.CreatePolicyRequest{Data: keygenwire.CreatePolicyData{
				Type: keygenwire.PolicyTypePolicies,
				Attributes: keygenwire.CreatePolicyAttributes{
					Name: "Beta", UsePool: ptr(true), Strict: ptr(false), MaxUses: ptr[int64](0),
					CheckInInterval: ptr(""), Metadata: json.RawMessage(`{"n":9007199254740993}`),
				},
				Relationships: keygenwire.CreatePolicyRelationships{Product: keygenwire.ProductRelationship{
					Data: keygenwire.ProductLinkage{Type: keygenwire.ProductTypeProducts, ID: "p"},
				}},
			}})
		},
		op: keygenwire.CreatePolicyOp, path: "/accounts/acme/policies",
		body: `{"data":{"attributes":{"checkInInterval":"","maxUses":0,"metadata":{"n":9007199254740993},"name":"Beta",` +
			`"strict":false,"usePool":true},"relationships":{"product":{"data":{"id":"p","type":"products"}}},"type":"policies"}}`,
	},
	"get a policy": {
		build: func() (transport.Request, error) { return keygenwire.NewGetPolicyRequest("acme", keygenPolicy) },
		op:    keygenwire.GetPolicyOp, path: "/accounts/acme/policies/" + keygenPolicy,
	},
	"delete a policy": {
		build: func() (transport.Request, error) { return keygenwire.NewDeletePolicyRequest("acme", keygenPolicy) },
		op:    keygenwire.DeletePolicyOp, path: "/accounts/acme/policies/" + keygenPolicy,
	},
	"create a product": {
		build: func() (transport.Request, error) {
			return keygenwire.NewCreateProductRequest("acme", keygenwire.CreateProductRequest{Data: keygenwire.CreateProductData{
				Type:       keygenwire.ProductTypeProducts,
				Attributes: keygenwire.CreateProductAttributes{Name: "App", Code: ptr("app"), Platforms: []string{}},
			}})
		},
		op: keygenwire.CreateProductOp, path: "/accounts/acme/products",
		body: `{"data":{"attributes":{"code":"app","name":"App","platforms":[]},"type":"products"}}`,
	},
	"get a product": {
		build: func() (transport.Request, error) { return keygenwire.NewGetProductRequest("acme", "app") },
		op:    keygenwire.GetProductOp, path: "/accounts/acme/products/app",
	},
	"create a token of a product": {
		build: func() (transport.Request, error) { return keygenwire.NewCreateProductTokenRequest("acme", "app") },
		op:    keygenwire.CreateProductTokenOp, path: "/accounts/acme/products/app/tokens",
	},
	"list licenses": {
		build: func() (transport.Request, error) {
			return keygenwire.NewListLicensesRequest("acme", keygenwire.ListLicensesParams{
				Limit: ptr[int64](1), PageSize: ptr[int64](2), PageNumber: ptr[int64](3), PageCursor: ptr("c"),
				Order: ptr(keygenwire.OrderDesc), Product: ptr("p"), Policy: ptr("q"),
			})
		},
		op: keygenwire.ListLicensesOp, path: "/accounts/acme/licenses",
		query: "limit=1&page%5Bsize%5D=2&page%5Bnumber%5D=3&page%5Bcursor%5D=c&order=desc&product=p&policy=q",
	},
	"create a license from a pool": {
		build: func() (transport.Request, error) {
			return keygenwire.NewCreateLicenseRequest("acme", keygenwire.CreateLicenseRequest{Data: keygenwire.CreateLicenseData{
				Type: keygenwire.LicenseTypeLicenses, Relationships: keygenwire.CreateLicenseRelationships{Policy: toPolicy},
			}})
		},
		op: keygenwire.CreateLicenseOp, path: "/accounts/acme/licenses",
		body: `{"data":{"relationships":{"policy":{"data":{"id":"` + keygenPolicy + `","type":"policies"}}},"type":"licenses"}}`,
	},
	"create a license with everything": {
		build: func() (transport.Request, error) {
			return keygenwire.NewCreateLicenseRequest("acme", keygenwire.CreateLicenseRequest{Data: keygenwire.CreateLicenseData{
				Type: keygenwire.LicenseTypeLicenses, ID: ptr("55555555-5555-4555-8555-555555555555"),
				Attributes: &keygenwire.CreateLicenseAttributes{
					Name: ptr(""), Key: ptr("K-00000001"), Suspended: ptr(false), Protected: ptr(true), MaxMachines: ptr[int64](0),
					Expiry:   &wire.Time{Time: time.Date(2027, 1, 1, 1, 0, 0, 0, time.FixedZone("CET", 60*60))},
					Metadata: json.RawMessage(`{}`),
				},
				Relationships: keygenwire.CreateLicenseRelationships{
					Policy: toPolicy,
					Owner:  &keygenwire.UserRelationship{Data: keygenwire.UserLinkage{Type: keygenwire.UserTypeUsers, ID: "u"}},
					Group:  &keygenwire.GroupRelationship{Data: keygenwire.GroupLinkage{Type: keygenwire.GroupTypeGroups, ID: "g"}},
				},
			}})
		},
		op: keygenwire.CreateLicenseOp, path: "/accounts/acme/licenses",
		body: `{"data":{"attributes":{"expiry":"2027-01-01T00:00:00Z","key":"K-00000001","maxMachines":0,"metadata":{},"name":"",` +
			`"protected":true,"suspended":false},"id":"55555555-5555-4555-8555-555555555555","relationships":{` +
			`"group":{"data":{"id":"g","type":"groups"}},"owner":{"data":{"id":"u","type":"users"}},` +
			`"policy":{"data":{"id":"` + keygenPolicy + `","type":"policies"}}},"type":"licenses"}}`,
	},
	"get a license by a key that looks like a path": {
		build: func() (transport.Request, error) { return keygenwire.NewGetLicenseRequest("acme", "../a/b?c#d%2F e") },
		op:    keygenwire.GetLicenseOp, path: "/accounts/acme/licenses/..%2Fa%2Fb%3Fc%23d%252F%20e",
	},
	"delete a license": {
		build: func() (transport.Request, error) { return keygenwire.NewDeleteLicenseRequest("acme", keygenKey) },
		op:    keygenwire.DeleteLicenseOp, path: "/accounts/acme/licenses/" + keygenKey,
	},
}

// keygenDocuments returns an example of each request document, to be spoiled.
func keygenDocument(t *testing.T, doc *openapi3.T, operationID, example string) (*openapi3.Schema, map[string]any) {
	t.Helper()
	for _, op := range operations(doc) {
		if op.OperationID == operationID {
			content := only(op.RequestBody.Value.Content)
			var body map[string]any
			require.NoError(t, json.Unmarshal(marshal(t, content.Examples[example].Value.Value), &body))
			return content.Schema.Value, body
		}
	}
	require.Fail(t, "no such operation", operationID)
	return nil, nil
}

// The vendor refuses members that it does not know, so no request schema
// allows any; free-form values excepted.
func TestKeygenRequestsAreStrict(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	requests, checked := requestSchemas(doc), 0
	for place, schema := range schemas(doc) {
		if !requests[component(place)] || !schema.Type.Is("object") || strings.HasSuffix(place, ".metadata") {
			continue
		}
		checked++
		allowed := schema.AdditionalProperties.Has
		assert.True(t, allowed != nil && !*allowed, place)
	}
	assert.Greater(t, checked, 20)

	const license, key = "createLicense", "createKey"
	for name, tt := range map[string]struct {
		operation, example string
		ok                 bool
		spoil              func(body, data map[string]any)
	}{
		"as it is":          {key, "key", true, func(_, _ map[string]any) {}},
		"meta":              {key, "key", false, func(body, _ map[string]any) { body["meta"] = map[string]any{} }},
		"included":          {key, "key", false, func(body, _ map[string]any) { body["included"] = []any{} }},
		"version":           {key, "key", false, func(body, _ map[string]any) { body["jsonapi"] = map[string]any{"version": "1.1"} }},
		"links":             {key, "key", false, func(_, data map[string]any) { data["links"] = map[string]any{} }},
		"id of a key":       {key, "key", false, func(_, data map[string]any) { data["id"] = keygenKey }},
		"another type":      {key, "key", false, func(_, data map[string]any) { data["type"] = "licenses" }},
		"no attributes":     {key, "key", false, func(_, data map[string]any) { delete(data, "attributes") }},
		"no relationships":  {key, "key", false, func(_, data map[string]any) { delete(data, "relationships") }},
		"short key":         {key, "key", false, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": "1234567"} }},
		"shortest key":      {key, "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": "12345678"} }},
		"longest key":       {key, "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": strings.Repeat("ü", 1024)} }},
		"long key":          {key, "key", false, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": strings.Repeat("ü", 1025)} }},
		"moved key":         {"updateKey", "key", false, func(_, data map[string]any) { data["relationships"] = map[string]any{} }},
		"id of an update":   {"updateKey", "key", true, func(_, data map[string]any) { data["id"] = keygenKey }},
		"nothing to update": {"updateKey", "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{} }},
		"id of a license":   {license, "bare", true, func(_, data map[string]any) { data["id"] = keygenKey }},
		"no policy":         {license, "everything", false, func(_, data map[string]any) { delete(data["relationships"].(map[string]any), "policy") }},
	} {
		schema, body := keygenDocument(t, doc, tt.operation, tt.example)
		data, _ := body["data"].(map[string]any)
		tt.spoil(body, data)
		err := schema.VisitJSON(body)
		assert.Equal(t, tt.ok, err == nil, "%s: %v", name, err)
	}
}

// The account is the first argument of every builder.
func TestKeygenOperationsAreOfAnAccount(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	accounts := map[string]bool{}
	for _, op := range operations(doc) {
		assert.True(t, strings.HasPrefix(op.path, "/accounts/{account}/"), op.path)
		accounts[string(marshal(t, doc.Paths.Value(op.path).Parameters[0]))] = true
	}
	assert.Len(t, accounts, 1, "it is named in one way")
}

// Whatever is listed is listed in the same three ways.
func TestKeygenListsArePagedAlike(t *testing.T) {
	t.Parallel()
	paging := []string{"limit", "page[size]", "page[number]", "page[cursor]", "order"}
	filters := map[string][]string{
		"listKeys": {"product", "policy"}, "listLicenses": {"product", "policy"}, "listPolicies": {"product"}, "listPool": nil,
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		var names []string
		for _, param := range op.Parameters {
			names = append(names, param.Value.Name)
			assert.False(t, param.Value.Required, "%s %s", op.OperationID, param.Value.Name)
			if param.Value.Schema.Value.Type.Is("integer") {
				for number, ok := range map[float64]bool{0: false, 1: true, 100: true, 101: false} {
					assert.Equal(t, ok, param.Value.Schema.Value.VisitJSON(number) == nil, "%s %s", op.OperationID, param.Value.Name)
				}
			}
		}
		want, lists := filters[op.OperationID]
		if !lists {
			assert.Empty(t, names, op.OperationID)
			continue
		}
		assert.Equal(t, slices.Concat(paging, want), names, op.OperationID)
		for _, example := range []string{"limited", "page", "cursor"} {
			assert.Contains(t, contentExamples(op.Responses.Value("200")), example, op.OperationID)
		}
	}
}

// With a limit alone there are no links, with a number all, from a cursor two.
func TestKeygenLinksTellTheWayOfListing(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"limited": nil, "page": {"first", "last", "meta", "next", "prev", "self"}, "cursor": {"next", "self"},
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		if len(op.Parameters) == 0 {
			continue
		}
		for name, example := range contentExamples(op.Responses.Value("200")) {
			var answer struct {
				Data  []any
				Links map[string]any
			}
			require.NoError(t, json.Unmarshal(marshal(t, example.Value.Value), &answer))
			assert.NotNil(t, answer.Data, "%s %s", op.OperationID, name)
			assert.Equal(t, want[name], slices.Sorted(maps.Keys(answer.Links)), "%s %s", op.OperationID, name)
		}
	}
}

var (
	keygenID   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	keygenTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
)

// The examples have ids, moments and addresses in the vendor's form, each
// resource its own address.
func TestKeygenResourcesAreWellFormed(t *testing.T) {
	t.Parallel()
	moments := []string{"created", "updated", "expiry"}
	checked := map[string]bool{}
	check := func(resource map[string]any) {
		kind, _ := resource["type"].(string)
		id, _ := resource["id"].(string)
		checked[kind] = true
		assert.Regexp(t, keygenID, id, kind)
		links, _ := resource["links"].(map[string]any)
		self, _ := links["self"].(string)
		assert.Regexp(t, `^/v1/accounts/11111111-1111-4111-8111-111111111111/`+kind+"/"+id+"$", self)

		attributes, _ := resource["attributes"].(map[string]any)
		for _, name := range moments {
			if moment, _ := attributes[name].(string); moment != "" {
				assert.Regexp(t, keygenTime, moment, "%s %s", kind, name)
			}
		}
		relationships, _ := resource["relationships"].(map[string]any)
		require.NotEmpty(t, relationships, kind)
		for name, related := range relationships {
			links, _ := related.(map[string]any)["links"].(map[string]any)
			address, _ := links["related"].(string)
			assert.True(t, strings.HasPrefix(address, "/v1/accounts/11111111-1111-4111-8111-111111111111"), "%s %s", kind, name)
			if data, _ := related.(map[string]any)["data"].(map[string]any); data != nil {
				assert.Regexp(t, keygenID, data["id"], "%s %s", kind, name)
			}
		}
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		for _, status := range []string{"200", "201"} {
			response := op.Responses.Value(status)
			if response == nil {
				continue
			}
			for _, example := range contentExamples(response) {
				switch data := example.Value.Value.(map[string]any)["data"].(type) {
				case map[string]any:
					check(data)
				case []any:
					for _, resource := range data {
						check(resource.(map[string]any))
					}
				}
			}
		}
	}
	assert.Equal(t, []string{"keys", "licenses", "policies", "products", "tokens"}, slices.Sorted(maps.Keys(checked)))
}

// Creating answers 201 with the address of what was created; a token's
// creation and a pop are odd.
func TestKeygenSuccesses(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"POST": "201", "GET": "200", "PATCH": "200", "DELETE": "204",
		"createProductToken": "200", "popPool": "200",
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		status, odd := want[op.OperationID]
		if !odd {
			status = want[op.method]
		}
		response := op.Responses.Value(status)
		require.NotNil(t, response, "%s %s", op.OperationID, status)
		assert.Equal(t, status == "201", response.Value.Headers["Location"] != nil, op.OperationID)
		assert.Equal(t, status == "204", len(response.Value.Content) == 0, op.OperationID)
	}
}

// Whatever breaks a rule of the vendor is told in a 422, with a pointer.
func TestKeygenRulesArePointedAt(t *testing.T) {
	t.Parallel()
	var ruled []string
	for _, op := range operations(load(t, "keygen.yaml")) {
		response := op.Responses.Value("422")
		if response == nil {
			continue
		}
		ruled = append(ruled, op.OperationID)
		for name, example := range contentExamples(response) {
			var refusal keygenwire.ErrorDocument
			require.NoError(t, decodeStrictly(marshal(t, example.Value.Value), &refusal))
			require.NotEmpty(t, refusal.Errors, name)
			for _, reason := range refusal.Errors {
				require.NotNil(t, reason.Source, name)
				assert.Regexp(t, "^/data/(attributes|relationships)/", wire.Value(reason.Source.Pointer), name)
				assert.Equal(t, op.OperationID == "popPool", reason.Code == nil, "%s %s: only a pop's refusals have no code", op.OperationID, name)
				assert.Equal(t, reason.Code == nil, reason.Links == nil, "%s %s: links come with codes", op.OperationID, name)
			}
		}
	}
	slices.Sort(ruled)
	assert.Equal(t, []string{"createKey", "createLicense", "createPolicy", "createProduct", "popPool", "updateKey"}, ruled)
}

// A refusal keeps every member that the vendor may put into it.
func TestKeygenErrorsAreReadWhole(t *testing.T) {
	t.Parallel()
	const raw = `{"errors":[{"code":"KEY_TAKEN","detail":"d","links":{"about":"https://example.com"},` +
		`"source":{"header":"Keygen-Environment","parameter":"page[size]","pointer":"/data/attributes/key"},"title":"t"},` +
		`{"title":"u"}],"meta":{"id":"77777777-7777-7777-8777-777777777777"}}`
	var refusal keygenwire.ErrorDocument
	require.NoError(t, decodeStrictly([]byte(raw), &refusal))
	again, err := wire.JSON(refusal)
	require.NoError(t, err)
	assert.Equal(t, raw, string(again))
}

// What a policy shows can be set when it is created, but for its times.
func TestKeygenPolicyIsCreatedWithWhatItShows(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	shown := slices.Collect(maps.Keys(doc.Components.Schemas["PolicyAttributes"].Value.Properties))
	set := slices.Collect(maps.Keys(doc.Components.Schemas["CreatePolicyAttributes"].Value.Properties))
	assert.Len(t, shown, 46)
	assert.ElementsMatch(t, shown, append(set, "created", "updated"))
}

// Free-form values survive to the digit.
func TestKeygenMetadataIsKeptAsSent(t *testing.T) {
	t.Parallel()
	const raw = `{"metadata":{"a":[1,null],"n":9007199254740993}}`
	for _, attributes := range []any{
		new(keygenwire.PolicyAttributes), new(keygenwire.ProductAttributes), new(keygenwire.LicenseAttributes),
	} {
		require.NoError(t, decodeStrictly([]byte(raw), attributes))
		again, err := wire.JSON(attributes)
		require.NoError(t, err)
		assert.Equal(t, raw, string(again))
	}
}
