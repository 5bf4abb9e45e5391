package openapi_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

var junkie = vendor{
	file:       "junkie.yaml",
	server:     "https://api.jnkie.com/api/v2",
	mediaType:  "application/json",
	credential: openapi3.SecurityScheme{Type: "http", Scheme: "bearer", BearerFormat: "API Key"},
	page: map[string]string{
		"GET /keys":                     "listKeys Read",
		"POST /keys":                    "createKey Once",
		"POST /keys/batch":              "createKeys Once",
		"POST /keys/bulk-delete":        "deleteKeys Idempotent",
		"GET /keys/folders":             "listFolders Read",
		"GET /keys/{keyId}":             "getKey Read",
		"PUT /keys/{keyId}":             "updateKey Idempotent",
		"DELETE /keys/{keyId}":          "deleteKey Idempotent",
		"POST /keys/{keyId}/reset-hwid": "resetKeyHWIDs Once",
	},
	refusals: map[string]string{}, // the page shows none
	discordIDs: map[string]int{
		"CreateKeyRequest.discord_id": 19, "CreateKeysRequest.discord_id": 19, "UpdateKeyRequest.discord_id": 19,
	},
	nulls:      true,
	operations: junkiewire.Operations(),
	requests:   junkieRequests,
	addressed: map[string]func(...string) (transport.Request, error){
		"getKey":        one(junkiewire.NewGetKeyRequest),
		"deleteKey":     one(junkiewire.NewDeleteKeyRequest),
		"resetKeyHWIDs": one(junkiewire.NewResetKeyHWIDsRequest),
		"updateKey": one(func(keyID string) (transport.Request, error) {
			return junkiewire.NewUpdateKeyRequest(keyID, junkiewire.UpdateKeyRequest{})
		}),
	},
	bodies: map[string]func([]byte) (transport.Request, error){
		"createKey":  rebuild(junkiewire.NewCreateKeyRequest),
		"createKeys": rebuild(junkiewire.NewCreateKeysRequest),
		"deleteKeys": rebuild(junkiewire.NewDeleteKeysRequest),
		"updateKey": rebuild(func(body junkiewire.UpdateKeyRequest) (transport.Request, error) {
			return junkiewire.NewUpdateKeyRequest("42", body)
		}),
	},
	answers: map[string]func([]byte) error{
		"listKeys":      strictly[junkiewire.ListKeysResponse],
		"createKey":     strictly[junkiewire.CreateKeyResponse],
		"createKeys":    strictly[junkiewire.CreateKeysResponse],
		"deleteKeys":    strictly[junkiewire.DeleteKeysResponse],
		"listFolders":   strictly[junkiewire.ListFoldersResponse],
		"getKey":        strictly[junkiewire.GetKeyResponse],
		"updateKey":     strictly[junkiewire.UpdateKeyResponse],
		"resetKeyHWIDs": strictly[junkiewire.ResetKeyHWIDsResponse],
	},
	refusal: strictly[junkiewire.Error],
}

// junkieDue is a moment in a zone other than UTC.
var junkieDue = wire.Time{Time: time.Date(2026, 12, 31, 1, 0, 0, 0, time.FixedZone("CET", 60*60))}

var junkieRequests = map[string]request{
	"list everything": {
		build: func() (transport.Request, error) {
			return junkiewire.NewListKeysRequest(junkiewire.ListKeysParams{})
		},
		op: junkiewire.ListKeysOp, path: "/keys",
	},
	"list with every filter": {
		build: func() (transport.Request, error) {
			return junkiewire.NewListKeysRequest(junkiewire.ListKeysParams{
				Page: ptr[int64](2), Limit: ptr[int64](100), DiscordID: ptr("100000000000000001"),
				Key: ptr("50% & more"), HWID: ptr("a=b+c/d"),
				ServiceID: ptr[int64](3), ProviderID: ptr[int64](1 << 53), FolderID: ptr[int64](5),
				Status:        ptr(junkiewire.KeyStatusInvalidated),
				ExpiresBefore: &junkieDue,
				ExpiresAfter:  &wire.Time{Time: time.Date(2026, 1, 1, 0, 0, 0, 500_000_000, time.UTC)},
			})
		},
		op: junkiewire.ListKeysOp, path: "/keys",
		query: "page=2&limit=100&discord_id=100000000000000001&key=50%25+%26+more&hwid=a%3Db%2Bc%2Fd" +
			"&service_id=3&provider_id=9007199254740992&folder_id=5&status=invalidated" +
			"&expires_before=2026-12-31T00%3A00%3A00Z&expires_after=2026-01-01T00%3A00%3A00.5Z",
	},
	"list with zero values": {
		build: func() (transport.Request, error) {
			return junkiewire.NewListKeysRequest(junkiewire.ListKeysParams{Key: ptr(""), Page: ptr[int64](0)})
		},
		op: junkiewire.ListKeysOp, path: "/keys", query: "page=0&key=",
	},
	"create with the least": {
		build: func() (transport.Request, error) {
			return junkiewire.NewCreateKeyRequest(junkiewire.CreateKeyRequest{ProviderID: 7})
		},
		op: junkiewire.CreateKeyOp, path: "/keys", body: `{"provider_id":7}`,
	},
	"create with everything": {
		build: func() (transport.Request, error) {
			return junkiewire.NewCreateKeyRequest(junkiewire.CreateKeyRequest{
				ProviderID: 7, ServiceID: wire.Set[int64](3), FolderID: wire.Set[int64](5),
				KeyName: wire.Set("<order & co>"), ValidityMinutes: wire.Set[int64](0), HWID: wire.Set("one"),
				HWIDs: []string{"two", "three"}, DiscordID: wire.Set("100000000000000001"),
				IsPremium: ptr(true), OneTimeUse: ptr(false), ExpiryOnFirstUse: ptr(true), NoHWID: ptr(false),
				HWIDLimit: wire.Set[int64](0),
			})
		},
		op: junkiewire.CreateKeyOp, path: "/keys",
		body: `{"discord_id":"100000000000000001","expiry_on_first_use":true,"folder_id":5,"hwid":"one",` +
			`"hwid_limit":0,"hwids":["two","three"],"is_premium":true,"key_name":"<order & co>","no_hwid":false,` +
			`"one_time_use":false,"provider_id":7,"service_id":3,"validity_minutes":0}`,
	},
	"create with nulls": {
		build: func() (transport.Request, error) {
			return junkiewire.NewCreateKeyRequest(junkiewire.CreateKeyRequest{
				ProviderID: 7, ServiceID: wire.Null[int64](), FolderID: wire.Null[int64](),
				KeyName: wire.Null[string](), ValidityMinutes: wire.Null[int64](), HWID: wire.Null[string](),
				HWIDs: []string{}, DiscordID: wire.Null[string](), HWIDLimit: wire.Null[int64](),
			})
		},
		op: junkiewire.CreateKeyOp, path: "/keys",
		body: `{"discord_id":null,"folder_id":null,"hwid":null,"hwid_limit":null,"hwids":[],"key_name":null,` +
			`"provider_id":7,"service_id":null,"validity_minutes":null}`,
	},
	"create a batch": {
		build: func() (transport.Request, error) {
			return junkiewire.NewCreateKeysRequest(junkiewire.CreateKeysRequest{
				ProviderID: 7, Amount: 100, ServiceID: wire.Set[int64](3), FolderID: wire.Null[int64](),
				KeyName: wire.Set("x"), ValidityMinutes: wire.Set[int64](60), HWID: wire.Set("one"),
				DiscordID: wire.Set("100000000000000001"), IsPremium: ptr(false), OneTimeUse: ptr(true),
				ExpiryOnFirstUse: ptr(false), NoHWID: ptr(true), HWIDLimit: wire.Set[int64](100),
			})
		},
		op: junkiewire.CreateKeysOp, path: "/keys/batch",
		body: `{"amount":100,"discord_id":"100000000000000001","expiry_on_first_use":false,"folder_id":null,` +
			`"hwid":"one","hwid_limit":100,"is_premium":false,"key_name":"x","no_hwid":true,"one_time_use":true,` +
			`"provider_id":7,"service_id":3,"validity_minutes":60}`,
	},
	"delete a mixed lot": {
		build: func() (transport.Request, error) {
			return junkiewire.NewDeleteKeysRequest(junkiewire.DeleteKeysRequest{
				Keys: []json.RawMessage{json.RawMessage(`9007199254740993`), json.RawMessage(`"42"`), json.RawMessage(`"<a>"`)},
			})
		},
		op: junkiewire.DeleteKeysOp, path: "/keys/bulk-delete", body: `{"keys":[9007199254740993,"42","<a>"]}`,
	},
	"list folders": {
		build: junkiewire.NewListFoldersRequest,
		op:    junkiewire.ListFoldersOp, path: "/keys/folders",
	},
	"get": {
		build: func() (transport.Request, error) { return junkiewire.NewGetKeyRequest("42") },
		op:    junkiewire.GetKeyOp, path: "/keys/42",
	},
	"get a value that looks like a path": {
		build: func() (transport.Request, error) { return junkiewire.NewGetKeyRequest("../a/b?c#d%2F e") },
		op:    junkiewire.GetKeyOp, path: "/keys/..%2Fa%2Fb%3Fc%23d%252F%20e",
	},
	"update nothing": {
		build: func() (transport.Request, error) {
			return junkiewire.NewUpdateKeyRequest("42", junkiewire.UpdateKeyRequest{})
		},
		op: junkiewire.UpdateKeyOp, path: "/keys/42", body: `{}`,
	},
	"update with nulls": {
		build: func() (transport.Request, error) {
			return junkiewire.NewUpdateKeyRequest("42", junkiewire.UpdateKeyRequest{
				KeyName: wire.Null[string](), FolderID: wire.Null[int64](), ValidityMinutes: wire.Null[int64](),
				ExpiresAt: wire.Null[wire.Time](), HWIDLimit: wire.Null[int64](), DiscordID: wire.Null[string](),
				HWIDs: []string{},
			})
		},
		op: junkiewire.UpdateKeyOp, path: "/keys/42",
		body: `{"discord_id":null,"expires_at":null,"folder_id":null,"hwid_limit":null,"hwids":[],"key_name":null,` +
			`"validity_minutes":null}`,
	},
	"update with values": {
		build: func() (transport.Request, error) {
			return junkiewire.NewUpdateKeyRequest("a b", junkiewire.UpdateKeyRequest{
				KeyName: wire.Set(""), FolderID: wire.Set[int64](5), ValidityMinutes: wire.Set[int64](0),
				ExpiresAt: wire.Set(junkieDue), HWIDLimit: wire.Set[int64](0), DiscordID: wire.Set("100000000000000001"),
				HWIDs: []string{"one"}, IsPremium: ptr(false), OneTimeUse: ptr(false),
				ExpiryOnFirstUse: ptr(false), NoHWID: ptr(false), IsInvalidated: ptr(false),
			})
		},
		op: junkiewire.UpdateKeyOp, path: "/keys/a%20b",
		body: `{"discord_id":"100000000000000001","expires_at":"2026-12-31T00:00:00Z","expiry_on_first_use":false,` +
			`"folder_id":5,"hwid_limit":0,"hwids":["one"],"is_invalidated":false,"is_premium":false,"key_name":"",` +
			`"no_hwid":false,"one_time_use":false,"validity_minutes":0}`,
	},
	"delete": {
		build: func() (transport.Request, error) { return junkiewire.NewDeleteKeyRequest("a/b") },
		op:    junkiewire.DeleteKeyOp, path: "/keys/a%2Fb",
	},
	"reset": {
		build: func() (transport.Request, error) { return junkiewire.NewResetKeyHWIDsRequest("42") },
		op:    junkiewire.ResetKeyHWIDsOp, path: "/keys/42/reset-hwid",
	},
}

func TestJunkieBuildersRefuseWhatJSONCannotCarry(t *testing.T) {
	t.Parallel()
	_, err := junkiewire.NewDeleteKeysRequest(junkiewire.DeleteKeysRequest{Keys: []json.RawMessage{json.RawMessage(`{`)}})
	require.Error(t, err)
	late := wire.Time{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err = junkiewire.NewUpdateKeyRequest("42", junkiewire.UpdateKeyRequest{ExpiresAt: wire.Set(late)})
	require.ErrorContains(t, err, "RFC 3339")
	_, err = junkiewire.NewListKeysRequest(junkiewire.ListKeysParams{ExpiresAfter: &late})
	require.ErrorContains(t, err, "expires_after")
}

func TestJunkieDetailedKeyIsReadWithItsKey(t *testing.T) {
	t.Parallel()
	var answer junkiewire.GetKeyResponse
	require.NoError(t, json.Unmarshal([]byte(`{"key":{"id":9007199254740993,"key_value":"v","expires_at":null,
		"used_at":"2026-01-02 03:04:05","hwids":[],"discord_redemption":{"redemption_status":"redeemed"}}}`), &answer))
	key := answer.Key.Key
	assert.EqualValues(t, 9007199254740993, key.ID)
	assert.Equal(t, "v", key.KeyValue)
	assert.Zero(t, key.ExpiresAt, "null and missing times are no times")
	assert.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), key.UsedAt.Time)
	assert.Empty(t, key.HWIDs)
	assert.NotNil(t, key.HWIDs, "an empty list is not a missing one")
	assert.Nil(t, key.KeysHWID, "a missing list is not an empty one")
	assert.False(t, key.IsPremium, "a missing flag is a false one: see x-go-values")
	assert.Equal(t, "redeemed", answer.Key.DiscordRedemption.RedemptionStatus)
}

func TestJunkieBulkDeleteTakesNumbersAndStrings(t *testing.T) {
	t.Parallel()
	schema := load(t, "junkie.yaml").Components.Schemas["DeleteKeysRequest"].Value
	for _, keys := range [][]any{{1.0}, {"a"}, {1.0, "1"}} {
		assert.NoError(t, schema.VisitJSON(map[string]any{"keys": keys}), "%v", keys)
	}
	for _, keys := range [][]any{{}, {true}, {nil}, {1.5}, make([]any, 1001)} {
		assert.Error(t, schema.VisitJSON(map[string]any{"keys": keys}), "%v", keys)
	}
}

// The document writes the detailed key out, so that each schema stands alone;
// the two must not drift apart.
func TestJunkieDetailedKeyIsAKeyAndItsRedemption(t *testing.T) {
	t.Parallel()
	components := load(t, "junkie.yaml").Components.Schemas
	detailed := maps.Clone(components["KeyDetailed"].Value.Properties)
	require.Contains(t, detailed, "discord_redemption")
	delete(detailed, "discord_redemption")
	key, err := json.Marshal(components["Key"].Value.Properties)
	require.NoError(t, err)
	rest, err := json.Marshal(detailed)
	require.NoError(t, err)
	assert.JSONEq(t, string(key), string(rest))
}
