package luaprot

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/luaprotwire"
)

// The three shapes of one key, as the vendor's page shows them: fetchKeys has
// every field, getKeyInfo all but hubName, addKey and updateKey neither that
// nor advertiseId, activated and hwid.
const (
	always = `
		"hubId": "90000000000000000001", "discordId": "100000000000000001", "key": "0123456789abcdef00000001",
		"expire": 1767312000, "note": "order 1042", "created": 1767225600,
		"hwidResetCount": 2, "lastHwidReset": 1767225660, "executionCount": 3, "lastExecution": 1767229200,
		"blacklisted": true, "blacklistReason": "charged back", "limitedScripts": ["90000000000000000101"],
		"discordData": {"id": "10000000000000001", "username": "example_user", "avatar": "a1b2", "global_name": "Example User",
			"modified": 1767222000, "created": 1767218400}`
	shortKey = `{` + always + `}`
	infoKey  = `{"advertiseId": "90000000000000000201", "activated": true, "hwid": "900000000000000000000000001",` + always + `}`
	fetchKey = `{"hubName": "Main", "advertiseId": "90000000000000000201", "activated": true, "hwid": "900000000000000000000000001",` + always + `}`
)

func shortKeyWant() *Key {
	return &Key{
		Value: testValue, HubID: testHub, DiscordID: testUser, Note: "order 1042",
		CreatedAt: t0, ExpiresAt: t0.AddDate(0, 0, 1),
		HWIDResetCount: 2, LastHWIDResetAt: t0.Add(time.Minute), ExecutionCount: 3, LastExecutionAt: t0.Add(time.Hour),
		Blacklisted: true, BlacklistReason: "charged back", LimitedScripts: []string{testScript},
		DiscordData: &DiscordData{
			ID: "10000000000000001", Username: "example_user", Avatar: "a1b2", GlobalName: "Example User",
			ModifiedAt: t0.Add(-time.Hour), CreatedAt: t0.Add(-2 * time.Hour),
		},
	}
}

func infoKeyWant() *Key {
	key := shortKeyWant()
	key.AdvertiseID, key.Activated, key.HWID = Set("90000000000000000201"), Set(true), Set("900000000000000000000000001")
	return key
}

func fetchKeyWant() *Key {
	key := infoKeyWant()
	key.HubName = Set("Main")
	return key
}

func keyFromJSON(t *testing.T, text string) *Key {
	t.Helper()
	var w luaprotwire.Key
	require.NoError(t, json.Unmarshal([]byte(text), &w))
	return keyFromWire(&w)
}

func TestKeyFromWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		json string
		want *Key
	}{
		"of fetchKeys":            {fetchKey, fetchKeyWant()},
		"of getKeyInfo":           {infoKey, infoKeyWant()},
		"of addKey and updateKey": {shortKey, shortKeyWant()},
		"unassigned for ever": {`{"hubId": "90000000000000000001", "hubName": "Main", "advertiseId": null, "discordId": null,
				"key": "0123456789abcdef00000001", "expire": null, "note": null, "created": 1767225600, "activated": false, "hwid": null,
				"hwidResetCount": 0, "lastHwidReset": 0, "executionCount": 0, "lastExecution": 0, "blacklisted": false,
				"blacklistReason": null, "limitedScripts": null, "discordData": null}`,
			&Key{Value: testValue, HubID: testHub, HubName: Set("Main"), AdvertiseID: Null[string](), CreatedAt: t0,
				Activated: Set(false), HWID: Null[string]()}},
		"bare":             {`{}`, &Key{}},
		"unknown fields":   {`{"key": "k", "color": "red", "nested": {"a": [1]}}`, &Key{Value: "k"}},
		"no limit as list": {`{"limitedScripts": []}`, &Key{LimitedScripts: []string{}}},
		"bare user":        {`{"discordData": {}}`, &Key{DiscordData: &DiscordData{}}},
		"user with nulls":  {`{"discordData": {"id": "1", "username": "", "avatar": null, "global_name": null}}`, &Key{DiscordData: &DiscordData{ID: "1"}}},
		"null for absent":  {`{"hubName": null, "activated": null}`, &Key{HubName: Null[string](), Activated: Null[bool]()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, keyFromJSON(t, test.json))
		})
	}
}

// Whatever is falsy, and what lies before 1970, is never.
func TestMoments(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]time.Time{
		"null": {}, "0": {}, "-1": {}, "-9223372036854775808": {},
		"1": time.Unix(1, 0).UTC(), "1767225600": t0,
		"253402300799":        time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"253402300800":        time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"9223372036854775807": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		key := keyFromJSON(t, `{"created": `+number+`, "expire": `+number+`, "lastHwidReset": `+number+`, "lastExecution": `+number+`,
			"discordData": {"created": `+number+`, "modified": `+number+`}}`)
		assert.Equal(t, &Key{CreatedAt: want, ExpiresAt: want, LastHWIDResetAt: want, LastExecutionAt: want,
			DiscordData: &DiscordData{CreatedAt: want, ModifiedAt: want}}, key, number)
		_, err := json.Marshal(key)
		assert.NoError(t, err, number)
	}
}

// What was read must not be writable where it means something else: a moment
// would be taken for a span of some 56 years.
func TestAnExpiryCannotBeWrittenBack(t *testing.T) {
	t.Parallel()
	read := reflect.TypeFor[Key]()
	field, found := read.FieldByName("ExpiresAt")
	require.True(t, found)
	for _, params := range []reflect.Type{reflect.TypeFor[AddKeyParams](), reflect.TypeFor[GenerateKeysParams](), reflect.TypeFor[UpdateKeyParams]()} {
		for _, param := range reflect.VisibleFields(params) {
			assert.False(t, field.Type.ConvertibleTo(param.Type), "%v.%s", params, param.Name)
			assert.NotEqual(t, reflect.TypeFor[Opt[time.Time]](), param.Type, "%v.%s", params, param.Name)
		}
	}
}

// Every field of an answer must show up in what the user gets, or be listed
// here with the reason why not.
func TestEveryFieldOfAnAnswerIsMapped(t *testing.T) {
	t.Parallel()
	ignored := map[string]string{
		"ResetHWIDResponse.Succcess": "false is an error, true goes without saying",
	}
	for _, answer := range []string{"AddKey", "DeleteKey", "DeleteKeys", "FetchKeys", "GenerateKeys", "GetKeyInfo", "ResetHWID", "UpdateKey"} {
		ignored[answer+"Response.Success"] = "false is an error, true goes without saying"
		ignored[answer+"Response.Message"] = "for people, and says nothing that the success does not"
	}
	clienttest.Fields{Ignored: ignored}.Answers(t, requiredParts,
		keyFromWire,
		pageFromWire,
		func(w *luaprotwire.DiscordData) any { return keyFromWire(&luaprotwire.Key{DiscordData: w}) },
		func(w *luaprotwire.AddKeyResponse) any { return keyFromWire(w.Key) },
		func(w *luaprotwire.GetKeyInfoResponse) any { return keyFromWire(w.Key) },
		func(w *luaprotwire.UpdateKeyResponse) any { return keyFromWire(w.Key) },
		func(w *luaprotwire.GenerateKeysResponse) any { return w.Keys },
		func(w *luaprotwire.ResetHWIDResponse) any { return w.Resets },
		func(*luaprotwire.DeleteKeyResponse) any { return nil },
		func(*luaprotwire.DeleteKeysResponse) any { return nil },
	)
}

// requiredParts sets what a Check guarantees to a converter.
func requiredParts(w any) {
	switch w := w.(type) {
	case *luaprotwire.AddKeyResponse:
		w.Key = &luaprotwire.Key{}
	case *luaprotwire.GetKeyInfoResponse:
		w.Key = &luaprotwire.Key{}
	case *luaprotwire.UpdateKeyResponse:
		w.Key = &luaprotwire.Key{}
	}
}

func TestEveryFieldOfARequestIsMapped(t *testing.T) {
	t.Parallel()
	fields := clienttest.Fields{Samples: []any{Set("x"), Set(true), Set(time.Hour), Set([]string{"x"})}}
	fields.Requests(t, (*ListKeysParams).toWire, (*AddKeyParams).toWire, (*GenerateKeysParams).toWire, (*UpdateKeyParams).toWire)
}

func FuzzKeyFromWire(f *testing.F) {
	for _, seed := range []string{
		fetchKey, infoKey, shortKey, `{}`, `null`, `{"expire":-9223372036854775808,"created":9223372036854775807}`,
		`{"hwid":null,"activated":null,"discordData":{"avatar":null}}`, `{"limitedScripts":[null]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var w luaprotwire.Key
		if json.Unmarshal(data, &w) != nil {
			return
		}
		key := keyFromWire(&w)
		require.False(t, key.Usable(t0) && (key.Blacklisted || key.Expired(t0)))
		require.Equal(t, key.Value == "", key.Ref() == KeyRef{})
		stored, err := json.Marshal(key)
		require.NoError(t, err)
		var back Key
		require.NoError(t, json.Unmarshal(stored, &back))
		require.Equal(t, key, &back, "a key survives being stored")
	})
}
