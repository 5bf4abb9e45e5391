package main

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/luaprot"
)

// Whatever a key has is carried over, told as lost, or left out for a reason.
func TestNoFieldIsForgotten(t *testing.T) {
	t.Parallel()
	noField(t, fromJunkie, junkie.Key{
		ID: 1, Value: "JNK-1042", ExpiresAt: opening, ServiceID: 1, Validity: time.Hour, HWIDLimit: 2,
	}, map[string]string{
		"UserID": "the seller's own account", "ProviderID": "that of all keys that move", "ProviderName": "likewise",
		"FolderID": "its name is a note", "DiscordRedemption": "only Get shows it",
		"Validity": "what counts is the end", "ExpiryOnFirstUse": "likewise",
	})
	noField(t, fromLuaProt, luaprot.Key{Value: "LUA-1042"}, map[string]string{
		"HubID": "that of all keys that move", "HubName": "likewise", "DiscordData": "known by the Discord user",
	})
}

// noField changes each field of a key and expects another result.
func noField[K any](t *testing.T, convert func(*K) Key, key K, exceptions map[string]string) {
	t.Helper()
	plain := convert(&key)
	kind := reflect.TypeFor[K]()
	for n := range kind.NumField() {
		field := kind.Field(n)
		changed := key
		value := reflect.ValueOf(&changed).Elem().Field(n)
		value.Set(other(t, field))
		differs := !assert.ObjectsAreEqual(plain, convert(&changed))
		_, exception := exceptions[field.Name]
		assert.NotEqual(t, exception, differs, "%v.%s", kind, field.Name)
	}
	for name := range exceptions {
		_, there := kind.FieldByName(name)
		assert.True(t, there, name)
	}
}

// other returns a value that a field does not have by itself.
func other(t *testing.T, field reflect.StructField) reflect.Value {
	t.Helper()
	for _, value := range []any{
		"other", true, 7, int64(7), 7 * time.Minute, opening.Add(time.Hour), []string{"other"}, []junkie.HWID{{Value: "pc"}},
		&junkie.DiscordRedemption{}, &luaprot.DiscordData{}, luaprot.Set("other"), luaprot.Set(true),
	} {
		if reflect.TypeOf(value) == field.Type {
			return reflect.ValueOf(value)
		}
	}
	require.Fail(t, "no value", "for a field of type %v", field.Type)
	return reflect.Value{}
}

// The ends of Junkie's keys, and those that must not move.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key     junkie.Key
		expires time.Time
		starts  time.Duration
		stays   string
	}{
		"for ever":                    {key: junkie.Key{}},
		"for ever, from its use on":   {key: junkie.Key{ExpiryOnFirstUse: true}},
		"running":                     {key: junkie.Key{Validity: month, ExpiresAt: opening}, expires: opening},
		"not started":                 {key: junkie.Key{Validity: month, ExpiryOnFirstUse: true}, starts: month},
		"started":                     {key: junkie.Key{Validity: month, ExpiryOnFirstUse: true, UsedAt: opening, ExpiresAt: opening}, expires: opening},
		"started, and nobody says so": {key: junkie.Key{Validity: month, ExpiryOnFirstUse: true, UsedAt: opening}, starts: month, stays: "its clock runs"},
		"running, and nobody says so": {key: junkie.Key{Validity: month}, starts: month, stays: "its clock runs"},
		"to be used once":             {key: junkie.Key{OneTimeUse: true}, stays: "to be used once, which"},
		"used once":                   {key: junkie.Key{OneTimeUse: true, UsedAt: opening}, stays: "to be used once, and was"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.key.ID, c.key.Value = 17, "JNK-1042"
			key := fromJunkie(&c.key)
			assert.Equal(t, c.expires, key.Expires)
			assert.Equal(t, c.starts, key.Starts)
			assert.Contains(t, key.Stays, c.stays)
			assert.Equal(t, c.stays == "", key.Stays == "")
		})
	}
	for _, key := range []junkie.Key{{ID: 17}, {Value: "JNK-1042"}} {
		assert.Contains(t, fromJunkie(&key).Stays, "does not tell its number or its value")
	}
}
