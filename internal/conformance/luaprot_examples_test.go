package conformance

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
)

// luaprotReads has, for each operation, what a caller gets to see of its answer.
var luaprotReads = map[string]func(context.Context, *luaprot.Client, *luaprot.Hub) (any, error){
	"fetchKeys": func(ctx context.Context, c *luaprot.Client, _ *luaprot.Hub) (any, error) {
		return c.Keys.List(ctx, luaprot.ListKeysParams{})
	},
	"deleteKeys": func(ctx context.Context, c *luaprot.Client, _ *luaprot.Hub) (any, error) {
		return nil, c.Keys.BulkDelete(ctx, []string{"a"})
	},
	"addKey": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return h.Add(ctx, luaprot.AddKeyParams{})
	},
	"generateKeys": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return h.Generate(ctx, luaprot.GenerateKeysParams{Amount: 5})
	},
	"getKeyInfo": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return h.Get(ctx, luaprot.ByKey("a"))
	},
	"updateKey": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return h.Update(ctx, luaprot.ByKey("a"), luaprot.UpdateKeyParams{})
	},
	"deleteKey": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return nil, h.Delete(ctx, luaprot.ByKey("a"))
	},
	"resetHWID": func(ctx context.Context, _ *luaprot.Client, h *luaprot.Hub) (any, error) {
		return h.ResetHWID(ctx, luaprot.ByKey("a"))
	},
}

// luaprotUnread are the fields that a caller does not get to see, and why.
var luaprotUnread = map[string]string{
	"fetchKeys message":    messageUnread,
	"deleteKeys message":   messageUnread,
	"addKey message":       messageUnread,
	"generateKeys message": messageUnread,
	"getKeyInfo message":   messageUnread,
	"updateKey message":    messageUnread,
	"deleteKey message":    messageUnread,
	"resetHWID message":    messageUnread,
}

const messageUnread = "says what the caller knows from there being no error"

func TestLuaProtReadsEveryField(t *testing.T) {
	t.Parallel()
	assertReadsEveryField(t, "luaprot", luaprotUnread, func(t *testing.T, op string, http *http.Client) (any, error) {
		client, err := luaprot.New(luaprot.Config{APIKey: "key", HTTPClient: http, Retry: luaprot.RetryPolicy{MaxAttempts: 1}})
		require.NoError(t, err)
		require.Contains(t, luaprotReads, op)
		return luaprotReads[op](t.Context(), client, client.Hub("1"))
	})
}
