package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

func junkieMatrix() vendorMatrix {
	return vendorMatrix{
		name:       "junkie",
		operations: junkiewire.Operations(),
		kinds: []error{
			junkie.ErrUnauthorized, junkie.ErrForbidden, junkie.ErrNotFound, junkie.ErrConflict, junkie.ErrInvalid,
			junkie.ErrRateLimited, junkie.ErrServer, junkie.ErrBadResponse, junkie.ErrUnknownOutcome,
		},
		settles:  []int{404},
		stage:    func(t *testing.T, r *rig, s settings) stage { return junkieStage(t, r, junkieClientWith(t, r, s)) },
		exhibits: junkieExhibits,
		explain: func(err error) (account, bool) {
			var e *junkie.Error
			if !errors.As(err, &e) {
				return account{}, false
			}
			return account{e.Op, e.StatusCode, e.Attempts, e.RetryAfter, e.Outcome.String()}, true
		},
	}
}

func junkieClientWith(t *testing.T, r *rig, s settings) *junkie.Client {
	cfg := r.junkieConfig()
	cfg.MaxResponseBytes = s.maxResponseBytes
	if s.noWaits {
		cfg.Retry = junkie.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
	}
	cfg.Logger = s.logger
	cfg.OnAttempt = func(_ context.Context, a junkie.Attempt) {
		if s.onAttempt != nil {
			s.onAttempt(step{a.Op, a.Number, a.StatusCode, a.Wait, a.Duration, a.Err})
		}
		if s.witness != nil {
			s.witness(a)
		}
	}
	client, err := junkie.New(cfg)
	require.NoError(t, err)
	return client
}

// junkieStage addresses keys by their values where it can: what must not be
// shown is then part of the request.
func junkieStage(t *testing.T, r *rig, client *junkie.Client) stage {
	const find = "List the keys of the provider"
	keys, w := client.Keys, r.Junkie
	secrets := []string{w.APIKey()}
	provider := w.AddProvider("shop")
	folder := w.AddFolder("vip")
	seed := func(name string) junkiemock.Key {
		key := w.AddKey(junkiemock.Key{Name: name, ProviderID: provider.ID, Devices: []junkiemock.Device{{HWID: "device-of-" + name}}})
		secrets = append(secrets, key.Value, key.Devices[0].HWID)
		return key
	}
	read, renamed, reset := seed("read"), seed("renamed"), seed("reset")
	deleted, first, second := seed("deleted"), seed("first"), seed("second")

	drives := map[string]drive{
		"listKeys": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			page, err := keys.List(ctx, junkie.ListKeysParams{ValueContains: read.Value})
			if err != nil {
				assert.Nil(t, page)
				return err
			}
			require.Len(t, page.Keys, 1)
			assert.Equal(t, read.Value, page.Keys[0].Value)
			return nil
		}},
		"createKey": {class: transport.Once, status: 201, effect: junkiemock.EffectKeyCreated, effects: 1, answer: partNeeded, recover: find,
			call: func(ctx context.Context) error {
				key, err := keys.Create(ctx, junkie.CreateKeyParams{ProviderID: provider.ID, Name: "order 66", Validity: time.Hour})
				if err != nil {
					assert.Nil(t, key)
					return err
				}
				created, exists := w.Key(key.ID)
				assert.True(t, exists)
				assert.Equal(t, created.Value, key.Value)
				return nil
			}},
		"createKeys": {class: transport.Once, status: 201, effect: junkiemock.EffectKeyCreated, effects: 3, answer: partNeeded, recover: find,
			call: func(ctx context.Context) error {
				batch, err := keys.CreateBatch(ctx, junkie.CreateBatchParams{Amount: 3, ProviderID: provider.ID})
				if err != nil {
					assert.Nil(t, batch)
					return err
				}
				require.Len(t, batch.Values, 3)
				for _, value := range batch.Values {
					_, exists := w.KeyByValue(value)
					assert.True(t, exists)
				}
				return nil
			}},
		"deleteKeys": {class: transport.Idempotent, status: 200, effect: junkiemock.EffectKeyDeleted, effects: 2, answer: partNeeded, recover: "Delete the same keys again",
			call: func(ctx context.Context) error {
				result, err := keys.BulkDelete(ctx, []junkie.KeyRef{junkie.ID(first.ID), junkie.Value(second.Value)})
				if err != nil {
					assert.Nil(t, result)
					return err
				}
				assert.Equal(t, 2, result.Requested)
				return nil
			}},
		"listFolders": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			folders, err := keys.Folders(ctx)
			if err != nil {
				assert.Nil(t, folders)
				return err
			}
			require.Len(t, folders, 1)
			assert.Equal(t, folder.Name, folders[0].Name)
			return nil
		}},
		"getKey": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			key, err := keys.Get(ctx, junkie.Value(read.Value))
			if err != nil {
				assert.Nil(t, key)
				return err
			}
			assert.Equal(t, read.ID, key.ID)
			return nil
		}},
		"updateKey": {class: transport.Idempotent, status: 200, effect: junkiemock.EffectKeyUpdated, effects: 1, answer: bodyOptional, recover: "Get the key",
			call: func(ctx context.Context) error {
				result, err := keys.Update(ctx, junkie.Value(renamed.Value), junkie.UpdateKeyParams{Name: junkie.Set("new name")})
				if err != nil {
					assert.Nil(t, result)
					return err
				}
				assert.NotNil(t, result)
				return nil
			}},
		"deleteKey": {class: transport.Idempotent, status: 200, effect: junkiemock.EffectKeyDeleted, effects: 1, answer: bodyIgnored, gone: true, recover: "Get the key",
			call: func(ctx context.Context) error { return keys.Delete(ctx, junkie.Value(deleted.Value)) }},
		"resetKeyHWIDs": {class: transport.Once, status: 200, effect: junkiemock.EffectKeyHWIDsReset, effects: 1, recover: "Get the key",
			call: func(ctx context.Context) error { return keys.ResetHWIDs(ctx, junkie.Value(reset.Value)) }},
	}
	return stage{drives: drives, secrets: func() []string { return secrets }}
}

func junkieExhibits(t *testing.T, r *rig) (shown []any, secrets []string) {
	cfg := r.junkieConfig()
	client, err := junkie.New(cfg)
	require.NoError(t, err)
	key := r.Junkie.AddKey(junkiemock.Key{})
	ref := junkie.Value(key.Value)
	_, unsendable := client.Keys.BulkDelete(t.Context(), []junkie.KeyRef{ref, {}})
	cfg.BaseURL = "https://user:" + cfg.APIKey + "@shop.example/?key=" + cfg.APIKey
	cfg.UserAgent = "shop\n" + cfg.APIKey
	_, misconfigured := junkie.New(cfg)
	cfg.BaseURL, cfg.UserAgent = "", ""
	return []any{
		cfg, &cfg, struct{ Config junkie.Config }{cfg}, struct{ Config *junkie.Config }{&cfg}, []junkie.Config{cfg}, map[string]junkie.Config{"shop": cfg},
		client, *client, client.Keys, struct{ Client *junkie.Client }{client}, struct{ client *junkie.Client }{client}, struct{ client junkie.Client }{*client},
		ref, &ref, []junkie.KeyRef{ref}, map[junkie.KeyRef]int{ref: 1}, struct{ Ref junkie.KeyRef }{ref}, struct{ ref junkie.KeyRef }{ref}, struct{ ref *junkie.KeyRef }{&ref},
		unsendable, misconfigured, struct{ err error }{unsendable}, struct{ err error }{misconfigured},
	}, []string{cfg.APIKey, key.Value}
}
