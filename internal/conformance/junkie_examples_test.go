package conformance

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
)

// junkieReads has, for each operation whose answer has content, what a caller
// gets to see of it.
var junkieReads = map[string]func(context.Context, *junkie.KeysService) (any, error){
	"listKeys": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.List(ctx, junkie.ListKeysParams{})
	},
	"createKey": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.Create(ctx, junkie.CreateKeyParams{ProviderID: 7})
	},
	"createKeys": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.CreateBatch(ctx, junkie.CreateBatchParams{ProviderID: 7, Amount: 3})
	},
	"deleteKeys": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.BulkDelete(ctx, []junkie.KeyRef{junkie.ID(1)})
	},
	"listFolders": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.Folders(ctx)
	},
	"getKey": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.Get(ctx, junkie.ID(1))
	},
	"updateKey": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return keys.Update(ctx, junkie.ID(1), junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{})})
	},
	"resetKeyHWIDs": func(ctx context.Context, keys *junkie.KeysService) (any, error) {
		return nil, keys.ResetHWIDs(ctx, junkie.ID(1))
	},
}

// junkieUnread are the fields that a caller does not get to see, and why.
var junkieUnread = map[string]string{
	"listKeys keys[].keys_hwid[]": "repeats the devices of hwids",
	"createKey key.keys_hwid[]":   "repeats the devices of hwids",
	"getKey key.keys_hwid[]":      "repeats the devices of hwids",
	"resetKeyHWIDs message":       "says what the caller knows from there being no error",
}

func TestJunkieReadsEveryField(t *testing.T) {
	t.Parallel()
	assertReadsEveryField(t, "junkie", junkieUnread, func(t *testing.T, op string, http *http.Client) (any, error) {
		client, err := junkie.New(junkie.Config{APIKey: "key", HTTPClient: http})
		require.NoError(t, err)
		require.Contains(t, junkieReads, op)
		return junkieReads[op](t.Context(), client.Keys)
	})
}
