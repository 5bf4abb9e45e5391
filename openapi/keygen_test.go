package openapi_test

import (
	"encoding/json"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

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
