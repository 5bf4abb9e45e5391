package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// Discord users of the LuaProt tests.
const (
	buyer  = "100000000000000001"
	friend = "100000000000000002"
)

func luaprotMatrix() vendorMatrix {
	return vendorMatrix{
		name:       "luaprot",
		operations: luaprotwire.Operations(),
		kinds: []error{
			luaprot.ErrUnauthorized, luaprot.ErrForbidden, luaprot.ErrNotFound, luaprot.ErrConflict, luaprot.ErrInvalid,
			luaprot.ErrRateLimited, luaprot.ErrServer, luaprot.ErrBadResponse, luaprot.ErrUnknownOutcome,
		},
		settles:  []int{400},
		windows:  []time.Duration{10 * time.Second, time.Minute},
		stage:    func(t *testing.T, r *rig, s settings) stage { return luaprotStage(t, r, luaprotClientWith(t, r, s)) },
		exhibits: luaprotExhibits,
		explain: func(err error) (account, bool) {
			var e *luaprot.Error
			if !errors.As(err, &e) {
				return account{}, false
			}
			return account{e.Op, e.StatusCode, e.Attempts, e.RetryAfter, e.Outcome.String()}, true
		},
	}
}

func luaprotClientWith(t *testing.T, r *rig, s settings) *luaprot.Client {
	cfg := r.luaprotConfig()
	cfg.MaxResponseBytes = s.maxResponseBytes
	if s.noWaits {
		cfg.Retry = luaprot.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
	}
	cfg.Logger = s.logger
	cfg.OnAttempt = func(_ context.Context, a luaprot.Attempt) {
		if s.onAttempt != nil {
			s.onAttempt(step{a.Op, a.Number, a.StatusCode, a.Wait, a.Duration, a.Err})
		}
		if s.witness != nil {
			s.witness(a)
		}
	}
	client, err := luaprot.New(cfg)
	require.NoError(t, err)
	return client
}

// luaprotStage addresses keys by their values: what must not be shown is then
// part of the request.
func luaprotStage(t *testing.T, r *rig, client *luaprot.Client) stage {
	const info = "Get the key's info"
	w := r.LuaProt
	secrets := []string{w.APIKey()}
	hub := client.Hub(w.AddHub("shop").ID)
	seed := func(note string) luaprotmock.Key {
		key := w.AddKey(luaprotmock.Key{HubID: hub.ID(), Note: note, HWID: "the-device-of-" + note, Activated: true})
		secrets = append(secrets, key.Value, key.HWID)
		return key
	}
	read, relabelled, reset := seed("read"), seed("relabelled"), seed("reset")
	deleted, first, second := seed("deleted"), seed("first"), seed("second")

	drives := map[string]drive{
		"fetchKeys": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			page, err := client.Keys.List(ctx, luaprot.ListKeysParams{Value: read.Value, HWID: read.HWID})
			if err != nil {
				assert.Nil(t, page)
				return err
			}
			require.Len(t, page.Keys, 1)
			assert.Equal(t, read.Value, page.Keys[0].Value)
			return nil
		}},
		"deleteKeys": {class: transport.Idempotent, status: 200, effect: luaprotmock.EffectKeyDeleted, effects: 2, recover: "Delete the same keys again",
			call: func(ctx context.Context) error {
				return client.Keys.BulkDelete(ctx, []string{first.Value, second.Value})
			}},
		"addKey": {class: transport.Once, status: 200, effect: luaprotmock.EffectKeyCreated, effects: 1, answer: partNeeded,
			recover: info + " by the Discord id of this call",
			call: func(ctx context.Context) error {
				key, err := hub.Add(ctx, luaprot.AddKeyParams{DiscordID: buyer, Note: "order 66", ExpiresIn: time.Hour})
				if err != nil {
					assert.Nil(t, key)
					return err
				}
				created, exists := w.KeyOfDiscord(hub.ID(), buyer)
				assert.True(t, exists)
				assert.Equal(t, created.Value, key.Value)
				return nil
			}},
		"generateKeys": {class: transport.Once, status: 200, effect: luaprotmock.EffectKeyCreated, effects: 5, answer: partNeeded,
			recover: "Fetch the hub's unassigned keys",
			call: func(ctx context.Context) error {
				values, err := hub.Generate(ctx, luaprot.GenerateKeysParams{Amount: 5, Note: "batch 66"})
				if err != nil {
					assert.Nil(t, values)
					return err
				}
				require.Len(t, values, 5)
				for _, value := range values {
					_, exists := w.Key(value)
					assert.True(t, exists)
				}
				return nil
			}},
		"getKeyInfo": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			key, err := hub.Get(ctx, luaprot.ByKey(read.Value))
			if err != nil {
				assert.Nil(t, key)
				return err
			}
			assert.Equal(t, read.Note, key.Note)
			return nil
		}},
		"updateKey": {class: transport.Idempotent, status: 200, effect: luaprotmock.EffectKeyUpdated, effects: 1, answer: partNeeded, recover: info,
			call: func(ctx context.Context) error {
				key, err := hub.Update(ctx, luaprot.ByKey(relabelled.Value), luaprot.UpdateKeyParams{Note: luaprot.Set("new note")})
				if err != nil {
					assert.Nil(t, key)
					return err
				}
				assert.Equal(t, "new note", key.Note)
				return nil
			}},
		"deleteKey": {class: transport.Idempotent, status: 200, effect: luaprotmock.EffectKeyDeleted, effects: 1, gone: true, recover: info,
			call: func(ctx context.Context) error { return hub.Delete(ctx, luaprot.ByKey(deleted.Value)) }},
		"resetHWID": {class: transport.Once, status: 200, effect: luaprotmock.EffectKeyHWIDReset, effects: 1, recover: info,
			call: func(ctx context.Context) error {
				values, err := hub.ResetHWID(ctx, luaprot.ByKey(reset.Value))
				if err != nil {
					assert.Nil(t, values)
					return err
				}
				for _, value := range values { // none, if the answer names none
					assert.Equal(t, reset.Value, value)
				}
				return nil
			}},
	}
	return stage{drives: drives, secrets: func() []string { return secrets }}
}

func luaprotExhibits(t *testing.T, r *rig) (shown []any, secrets []string) {
	cfg := r.luaprotConfig()
	cfg.Pacing = luaprot.NewPacing()
	client, err := luaprot.New(cfg)
	require.NoError(t, err)
	key := r.LuaProt.AddKey(luaprotmock.Key{})
	hub, ref := client.Hub(key.HubID), luaprot.ByKey(key.Value)
	// A key where the id of a Discord user belongs is a mistake that must not show.
	mistaken := luaprot.ByDiscordID(key.Value)
	_, unsendable := hub.Update(t.Context(), mistaken, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(key.Value)})
	undeletable := client.Keys.BulkDelete(t.Context(), []string{key.Value, ""})
	cfg.BaseURL = "https://user:" + cfg.APIKey + "@shop.example/?key=" + cfg.APIKey
	cfg.UserAgent = "shop\n" + cfg.APIKey
	_, misconfigured := luaprot.New(cfg)
	cfg.BaseURL, cfg.UserAgent = "", ""
	return []any{
		cfg, &cfg, struct{ Config luaprot.Config }{cfg}, struct{ Config *luaprot.Config }{&cfg}, []luaprot.Config{cfg}, map[string]luaprot.Config{"shop": cfg},
		client, *client, client.Keys, struct{ Client *luaprot.Client }{client}, struct{ client *luaprot.Client }{client}, struct{ client luaprot.Client }{*client},
		hub, *hub, struct{ Hub *luaprot.Hub }{hub}, struct{ hub luaprot.Hub }{*hub}, cfg.Pacing,
		ref, &ref, []luaprot.KeyRef{ref}, map[luaprot.KeyRef]int{ref: 1}, struct{ Ref luaprot.KeyRef }{ref}, struct{ ref luaprot.KeyRef }{ref}, struct{ ref *luaprot.KeyRef }{&ref},
		mistaken, struct{ ref luaprot.KeyRef }{mistaken},
		unsendable, undeletable, misconfigured, struct{ err error }{unsendable}, struct{ err error }{misconfigured},
	}, []string{cfg.APIKey, key.Value}
}
