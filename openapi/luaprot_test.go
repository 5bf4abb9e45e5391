package openapi_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// luaprotHub does not fit 64 bits, like every real one.
const luaprotHub = "90000000000000000001"

var luaprot = vendor{
	file:       "luaprot.yaml",
	server:     "https://luaprot.net",
	mediaType:  "application/json",
	credential: openapi3.SecurityScheme{Type: "apiKey", In: "header", Name: "Authorization"},
	page: map[string]string{
		"GET /api/v1/keys/fetch":                  "fetchKeys Read",
		"POST /api/v1/keys/bulk-delete":           "deleteKeys Idempotent",
		"POST /api/v2/hubs/{hubId}/keys/add":      "addKey Once",
		"POST /api/v2/hubs/{hubId}/keys/generate": "generateKeys Once",
		"GET /api/v1/hubs/{hubId}/keys/info":      "getKeyInfo Read",
		"PATCH /api/v2/hubs/{hubId}/keys/update":  "updateKey Idempotent",
		"DELETE /api/v1/hubs/{hubId}/keys/delete": "deleteKey Idempotent",
		"PATCH /api/v1/hubs/{hubId}/hwid/reset":   "resetHWID Once",
	},
	refusals: map[string]string{
		"deleteKeys 404":   "No hub(s) linked to your account.",
		"addKey 400":       "Discord ID is already whitelisted to the hub.",
		"generateKeys 400": "You can only have a maximum of 300 unassigned keys per hub.",
		"getKeyInfo 400":   "Key could not be found.",
		"updateKey 403":    "This key is globally blacklisted and can only be unblacklisted by LuaProt.",
		"updateKey 404":    "Key has not been found.",
		"deleteKey 400":    "Key could not be found.",
		"resetHWID 400":    "No key(s) found.",
	},
	discordIDs: map[string]int{
		"AddKeyRequest.discordId": 20, "UpdateKeyRequest.discordId": 20,
	},
	nulls:      true,
	operations: luaprotwire.Operations(),
	requests:   luaprotRequests,
	addressed: map[string]func(...string) (transport.Request, error){
		"addKey": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewAddKeyRequest(hubID, luaprotwire.AddKeyRequest{})
		}),
		"generateKeys": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewGenerateKeysRequest(hubID, luaprotwire.GenerateKeysRequest{Amount: 5})
		}),
		"getKeyInfo": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewGetKeyInfoRequest(hubID, luaprotwire.GetKeyInfoParams{})
		}),
		"updateKey": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewUpdateKeyRequest(hubID, luaprotwire.UpdateKeyParams{}, luaprotwire.UpdateKeyRequest{})
		}),
		"deleteKey": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewDeleteKeyRequest(hubID, luaprotwire.DeleteKeyParams{})
		}),
		"resetHWID": one(func(hubID string) (transport.Request, error) {
			return luaprotwire.NewResetHWIDRequest(hubID, luaprotwire.ResetHWIDParams{})
		}),
	},
	bodies: map[string]func([]byte) (transport.Request, error){
		"deleteKeys": rebuild(luaprotwire.NewDeleteKeysRequest),
		"addKey": rebuild(func(body luaprotwire.AddKeyRequest) (transport.Request, error) {
			return luaprotwire.NewAddKeyRequest(luaprotHub, body)
		}),
		"generateKeys": rebuild(func(body luaprotwire.GenerateKeysRequest) (transport.Request, error) {
			return luaprotwire.NewGenerateKeysRequest(luaprotHub, body)
		}),
		"updateKey": rebuild(func(body luaprotwire.UpdateKeyRequest) (transport.Request, error) {
			return luaprotwire.NewUpdateKeyRequest(luaprotHub, luaprotwire.UpdateKeyParams{}, body)
		}),
	},
	answers: map[string]func([]byte) error{
		"fetchKeys":    strictly[luaprotwire.FetchKeysResponse],
		"deleteKeys":   strictly[luaprotwire.DeleteKeysResponse],
		"addKey":       strictly[luaprotwire.AddKeyResponse],
		"generateKeys": strictly[luaprotwire.GenerateKeysResponse],
		"getKeyInfo":   strictly[luaprotwire.GetKeyInfoResponse],
		"updateKey":    strictly[luaprotwire.UpdateKeyResponse],
		"deleteKey":    strictly[luaprotwire.DeleteKeyResponse],
		"resetHWID":    strictly[luaprotwire.ResetHWIDResponse],
	},
	refusal: strictly[luaprotwire.Error],
}

var luaprotRequests = map[string]request{
	"fetch everything": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewFetchKeysRequest(luaprotwire.FetchKeysParams{})
		},
		op: luaprotwire.FetchKeysOp, path: "/api/v1/keys/fetch",
	},
	"fetch with every filter": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewFetchKeysRequest(luaprotwire.FetchKeysParams{
				Hub: ptr(luaprotHub), DiscordID: ptr("100000000000000001"), Key: ptr("50% & more"), HWID: ptr("a=b+c/d"),
				Blacklisted: ptr(true), Expired: ptr(true), Unassigned: ptr(true), Active: ptr(true), Page: ptr[int64](2),
			})
		},
		op: luaprotwire.FetchKeysOp, path: "/api/v1/keys/fetch",
		query: "hub=90000000000000000001&discordId=100000000000000001&key=50%25+%26+more&hwid=a%3Db%2Bc%2Fd" +
			"&blacklisted=true&expired=true&unassigned=true&active=true&page=2",
	},
	"fetch what is in no state": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewFetchKeysRequest(luaprotwire.FetchKeysParams{
				Blacklisted: ptr(false), Expired: ptr(false), Unassigned: ptr(false), Active: ptr(false),
			})
		},
		op: luaprotwire.FetchKeysOp, path: "/api/v1/keys/fetch",
		query: "blacklisted=false&expired=false&unassigned=false&active=false",
	},
	"delete a lot": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewDeleteKeysRequest([]string{"0123456789abcdef00000001", "<a & b>"})
		},
		op: luaprotwire.DeleteKeysOp, path: "/api/v1/keys/bulk-delete", body: `["0123456789abcdef00000001","<a & b>"]`,
	},
	"add with the least": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewAddKeyRequest(luaprotHub, luaprotwire.AddKeyRequest{})
		},
		op: luaprotwire.AddKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/add", body: `{}`,
	},
	"add with everything": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewAddKeyRequest(luaprotHub, luaprotwire.AddKeyRequest{
				DiscordID: ptr("100000000000000001"), Expire: ptr[int64](3600), Note: ptr("<order & co>"),
				LimitedScripts: []string{"90000000000000000101", "90000000000000000102"},
			})
		},
		op: luaprotwire.AddKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/add",
		body: `{"discordId":"100000000000000001","expire":3600,` +
			`"limitedScripts":["90000000000000000101","90000000000000000102"],"note":"<order & co>"}`,
	},
	"add with empty values": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewAddKeyRequest(luaprotHub, luaprotwire.AddKeyRequest{Note: ptr(""), LimitedScripts: []string{}})
		},
		op: luaprotwire.AddKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/add",
		body: `{"limitedScripts":[],"note":""}`,
	},
	"generate with the least": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewGenerateKeysRequest(luaprotHub, luaprotwire.GenerateKeysRequest{Amount: 5})
		},
		op: luaprotwire.GenerateKeysOp, path: "/api/v2/hubs/90000000000000000001/keys/generate", body: `{"amount":5}`,
	},
	"generate with everything": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewGenerateKeysRequest(luaprotHub, luaprotwire.GenerateKeysRequest{
				Amount: 300, Expire: ptr[int64](86400), Note: ptr("x"), LimitedScripts: []string{},
			})
		},
		op: luaprotwire.GenerateKeysOp, path: "/api/v2/hubs/90000000000000000001/keys/generate",
		body: `{"amount":300,"expire":86400,"limitedScripts":[],"note":"x"}`,
	},
	"info by key": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewGetKeyInfoRequest(luaprotHub, luaprotwire.GetKeyInfoParams{Key: ptr("a&b=c")})
		},
		op: luaprotwire.GetKeyInfoOp, path: "/api/v1/hubs/90000000000000000001/keys/info", query: "key=a%26b%3Dc",
	},
	"info by Discord id": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewGetKeyInfoRequest(luaprotHub, luaprotwire.GetKeyInfoParams{DiscordID: ptr("100000000000000001")})
		},
		op: luaprotwire.GetKeyInfoOp, path: "/api/v1/hubs/90000000000000000001/keys/info",
		query: "discordId=100000000000000001",
	},
	"a hub that looks like a path": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewGetKeyInfoRequest("../a/b?c#d%2F e", luaprotwire.GetKeyInfoParams{Key: ptr("x")})
		},
		op: luaprotwire.GetKeyInfoOp, path: "/api/v1/hubs/..%2Fa%2Fb%3Fc%23d%252F%20e/keys/info", query: "key=x",
	},
	"update nothing": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewUpdateKeyRequest(luaprotHub, luaprotwire.UpdateKeyParams{Key: ptr("x")}, luaprotwire.UpdateKeyRequest{})
		},
		op: luaprotwire.UpdateKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/update", query: "key=x", body: `{}`,
	},
	"update with nulls": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewUpdateKeyRequest(luaprotHub, luaprotwire.UpdateKeyParams{Key: ptr("x")}, luaprotwire.UpdateKeyRequest{
				DiscordID: wire.Null[string](), Expire: wire.Null[int64](), Note: wire.Null[string](),
				BlacklistReason: wire.Null[string](), LimitedScripts: []string{},
			})
		},
		op: luaprotwire.UpdateKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/update", query: "key=x",
		body: `{"blacklistReason":null,"discordId":null,"expire":null,"limitedScripts":[],"note":null}`,
	},
	"update with values, looked up by the old Discord id": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewUpdateKeyRequest(luaprotHub,
				luaprotwire.UpdateKeyParams{DiscordID: ptr("100000000000000001")},
				luaprotwire.UpdateKeyRequest{
					DiscordID: wire.Set("100000000000000002"), Expire: wire.Set[int64](7200), Note: wire.Set(""),
					Blacklisted: ptr(false), BlacklistReason: wire.Set("r"), LimitedScripts: []string{"90000000000000000101"},
				})
		},
		op: luaprotwire.UpdateKeyOp, path: "/api/v2/hubs/90000000000000000001/keys/update",
		query: "discordId=100000000000000001",
		body: `{"blacklistReason":"r","blacklisted":false,"discordId":"100000000000000002","expire":7200,` +
			`"limitedScripts":["90000000000000000101"],"note":""}`,
	},
	"delete": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewDeleteKeyRequest(luaprotHub, luaprotwire.DeleteKeyParams{Key: ptr("x")})
		},
		op: luaprotwire.DeleteKeyOp, path: "/api/v1/hubs/90000000000000000001/keys/delete", query: "key=x",
	},
	"reset": {
		build: func() (transport.Request, error) {
			return luaprotwire.NewResetHWIDRequest(luaprotHub, luaprotwire.ResetHWIDParams{Key: ptr("x")})
		},
		op: luaprotwire.ResetHWIDOp, path: "/api/v1/hubs/90000000000000000001/hwid/reset", query: "key=x",
	},
}

// What the four fields say depends on the operation, so that they can be
// absent, null or set; and they are the only ones the vendor may leave out.
func TestLuaProtKeyTellsAbsentFromNull(t *testing.T) {
	t.Parallel()
	sometimes := map[string]bool{"hubName": true, "advertiseId": true, "activated": true, "hwid": true}
	for name, property := range load(t, "luaprot.yaml").Components.Schemas["Key"].Value.Properties {
		optional, _ := property.Value.Extensions["x-optional"].(bool)
		assert.Equal(t, sometimes[name], optional, name)
		goType, _ := property.Value.Extensions["x-go-type"].(string)
		assert.Equal(t, sometimes[name], strings.HasPrefix(goType, "wire.Opt["), name)
	}

	read := func(raw string) luaprotwire.Key {
		var key luaprotwire.Key
		require.NoError(t, json.Unmarshal([]byte(raw), &key))
		return key
	}
	absent := read(`{}`)
	assert.True(t, absent.HubName.IsZero())
	assert.True(t, absent.AdvertiseID.IsZero())
	assert.True(t, absent.Activated.IsZero())
	assert.True(t, absent.HWID.IsZero())
	null := read(`{"hubName":null,"advertiseId":null,"activated":null,"hwid":null}`)
	assert.Equal(t, wire.Null[string](), null.HubName)
	assert.Equal(t, wire.Null[string](), null.AdvertiseID)
	assert.Equal(t, wire.Null[bool](), null.Activated)
	assert.Equal(t, wire.Null[string](), null.HWID)
	set := read(`{"hubName":"h","advertiseId":"90000000000000000201","activated":false,"hwid":""}`)
	assert.Equal(t, wire.Set("h"), set.HubName)
	assert.Equal(t, wire.Set("90000000000000000201"), set.AdvertiseID)
	assert.Equal(t, wire.Set(false), set.Activated)
	assert.Equal(t, wire.Set(""), set.HWID)
}

// Each example of a key has exactly the fields that its operation shows.
func TestLuaProtExamplesHaveTheShapeOfTheirOperation(t *testing.T) {
	t.Parallel()
	doc := load(t, "luaprot.yaml")
	all := slices.Sorted(maps.Keys(doc.Components.Schemas["Key"].Value.Properties))
	require.Len(t, all, 18)
	without := func(fields ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(field string) bool { return slices.Contains(fields, field) })
	}
	shapes := map[string][]string{
		"fetchKeys":  all,
		"getKeyInfo": without("hubName"),
		"addKey":     without("hubName", "advertiseId", "activated", "hwid"),
		"updateKey":  without("hubName", "advertiseId", "activated", "hwid"),
	}
	checked := map[string]bool{}
	for _, op := range operations(doc) {
		shape := shapes[op.OperationID]
		if shape == nil {
			continue
		}
		for name, example := range contentExamples(op.Responses.Value("200")) {
			var answer struct {
				Key  map[string]any
				Keys []map[string]any
			}
			require.NoError(t, json.Unmarshal(marshal(t, example.Value.Value), &answer))
			if answer.Key != nil {
				answer.Keys = append(answer.Keys, answer.Key)
			}
			for _, key := range answer.Keys {
				checked[op.OperationID] = true
				assert.Equal(t, shape, slices.Sorted(maps.Keys(key)), "%s %s", op.OperationID, name)
			}
		}
	}
	assert.Len(t, checked, len(shapes), "every operation that shows a key has an example of one")
}

// Hub, script and ad ids have 20 digits; as numbers they would lose some.
func TestLuaProtIDsAreText(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"hubId", "advertiseId", "discordId", "hwid"} {
		raw := `{"` + field + `":"90000000000000000001"}`
		var key luaprotwire.Key
		require.NoError(t, json.Unmarshal([]byte(raw), &key), field)
		again, err := wire.JSON(key)
		require.NoError(t, err)
		assert.Equal(t, raw, string(again))
		require.Error(t, json.Unmarshal([]byte(`{"`+field+`":90000000000000000001}`), &key), field)
	}
}

func TestLuaProtResetIsReadInBothSpellings(t *testing.T) {
	t.Parallel()
	var asShown, mended luaprotwire.ResetHWIDResponse
	require.NoError(t, json.Unmarshal([]byte(`{"succcess":true,"resets":["a"]}`), &asShown))
	assert.Equal(t, luaprotwire.ResetHWIDResponse{Succcess: ptr(true), Resets: []string{"a"}}, asShown)
	require.NoError(t, json.Unmarshal([]byte(`{"success":true,"resets":[]}`), &mended))
	assert.Equal(t, luaprotwire.ResetHWIDResponse{Success: ptr(true), Resets: []string{}}, mended)
}

func TestLuaProtBounds(t *testing.T) {
	t.Parallel()
	all := schemas(load(t, "luaprot.yaml"))
	for place, bounds := range map[string]struct{ lowest, highest float64 }{
		"AddKeyRequest.expire":       {3600, math.MaxInt64},
		"GenerateKeysRequest.expire": {3600, math.MaxInt64},
		"UpdateKeyRequest.expire":    {3600, math.MaxInt64},
		"GenerateKeysRequest.amount": {5, 300},
	} {
		schema := all[place]
		require.NotNil(t, schema, place)
		assert.NoError(t, schema.VisitJSON(bounds.lowest), place)
		assert.Error(t, schema.VisitJSON(bounds.lowest-1), place)
		if bounds.highest < math.MaxInt64 {
			assert.NoError(t, schema.VisitJSON(bounds.highest), place)
			assert.Error(t, schema.VisitJSON(bounds.highest+1), place)
		}
		assert.Error(t, schema.VisitJSON(bounds.lowest+0.5), place)
	}
	assert.NoError(t, all["UpdateKeyRequest.expire"].VisitJSON(nil), "null is for ever")
	assert.Error(t, all["UpdateKeyRequest.blacklisted"].VisitJSON(nil), "neither true nor false")
}

func TestLuaProtBulkDeleteTakesABareListOfKeys(t *testing.T) {
	t.Parallel()
	schema := load(t, "luaprot.yaml").Components.Schemas["DeleteKeysRequest"].Value
	assert.NoError(t, schema.VisitJSON([]any{"a", "b"}))
	for _, body := range []any{[]any{}, []any{1.0}, []any{nil}, "a", nil, map[string]any{"keys": []any{"a"}}} {
		assert.Error(t, schema.VisitJSON(body), "%v", body)
	}
}

// Whatever names a hub or a key of it does so in one way.
func TestLuaProtAddressesAreAlike(t *testing.T) {
	t.Parallel()
	doc := load(t, "luaprot.yaml")
	hubs, lookups := map[string]string{}, map[string]string{}
	for _, op := range operations(doc) {
		if strings.Contains(op.path, "{hubId}") {
			hubs[op.OperationID] = string(marshal(t, doc.Paths.Value(op.path).Parameters))
			hub := op.Responses.Value("404").Value.Content["application/json"].Examples["hub"]
			require.NotNil(t, hub, op.OperationID)
			assert.Equal(t, "#/components/examples/HubNotFound", hub.Ref, op.OperationID)
			if len(op.Parameters) > 0 {
				lookups[op.OperationID] = string(marshal(t, op.Parameters))
			}
		}
	}
	assert.Len(t, hubs, 6)
	assert.Len(t, slices.Compact(slices.Sorted(maps.Values(hubs))), 1, hubs)
	assert.Equal(t, []string{"deleteKey", "getKeyInfo", "resetHWID", "updateKey"}, slices.Sorted(maps.Keys(lookups)))
	assert.Len(t, slices.Compact(slices.Sorted(maps.Values(lookups))), 1, lookups)
}
