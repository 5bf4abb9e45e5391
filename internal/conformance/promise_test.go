package conformance

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// failed returns the error of a call in the client's own type.
func failed(t *testing.T, err error) *junkie.Error {
	t.Helper()
	var e *junkie.Error
	require.ErrorAs(t, err, &e)
	return e
}

// A shop that sells a key and loses the answer must neither issue a second one
// nor believe that there is none.
func TestLostCreationIsToldAndCanBeFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		keys, shop := r.junkieClient(t).Keys, r.Junkie.AddProvider("shop")
		r.Junkie.AddKey(junkiemock.Key{ProviderID: shop.ID, Name: "order 1000"})
		time.Sleep(time.Minute)
		r.Server.Inject(mockserver.Fault{
			Op: junkiemock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1,
		})
		started := r.Server.Now()
		_, err := keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID, Name: "order 1001"})

		require.ErrorIs(t, err, junkie.ErrUnknownOutcome)
		e := failed(t, err)
		assert.Equal(t, junkie.OutcomeUnknown, e.Outcome)
		assert.Equal(t, 1, e.Attempts)
		assert.Contains(t, err.Error(), "List the keys of the provider, newest first")
		r.Server.AssertCalls(t, 1, junkiemock.OpCreateKey)
		assert.Len(t, effectsOf(r.Server, junkiemock.OpCreateKey), 1, "keys created")

		// What the error and the manual tell to do.
		page, err := keys.List(t.Context(), junkie.ListKeysParams{ProviderID: shop.ID})
		require.NoError(t, err)
		var found []*junkie.Key
		for _, key := range page.Keys {
			if key.Name == "order 1001" && !key.CreatedAt.Before(started) {
				found = append(found, key)
			}
		}
		require.Len(t, found, 1)
		stored, exists := r.Junkie.Key(found[0].ID)
		require.True(t, exists)
		assert.Equal(t, stored.Value, found[0].Value)
		assert.Same(t, page.Keys[0], found[0], "newest first")
	})
}

func TestRateLimitedCreationMakesOneKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		keys, shop := r.junkieClient(t).Keys, r.Junkie.AddProvider("shop")
		r.Server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Do: mockserver.RateLimited(2 * time.Second), Times: 1})
		started := time.Now()
		key, err := keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})

		require.NoError(t, err)
		assert.Equal(t, 2*time.Second, time.Since(started))
		r.Server.AssertCalls(t, 2, junkiemock.OpCreateKey)
		assert.Len(t, effectsOf(r.Server, junkiemock.OpCreateKey), 1, "keys created")
		stored, exists := r.Junkie.Key(key.ID)
		require.True(t, exists)
		assert.Equal(t, stored.Value, key.Value)
	})
}

// A wait of a day is not slept through and not cut short either.
func TestTooLongAWaitIsReturnedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		keys, shop := r.junkieClient(t).Keys, r.Junkie.AddProvider("shop")
		r.Server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Do: mockserver.RateLimited(24 * time.Hour)})
		started := time.Now()
		_, err := keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})

		require.ErrorIs(t, err, junkie.ErrRateLimited)
		assert.NotErrorIs(t, err, junkie.ErrUnknownOutcome)
		assert.Zero(t, time.Since(started))
		e := failed(t, err)
		assert.Equal(t, 24*time.Hour, e.RetryAfter)
		assert.Equal(t, http.StatusTooManyRequests, e.StatusCode)
		assert.Equal(t, "Rate limit exceeded", e.Message)
		assert.Equal(t, 1, e.Attempts)
		assert.Equal(t, junkie.OutcomeNotApplied, e.Outcome)
		assert.Contains(t, err.Error(), "Rate limit exceeded")
		assert.Contains(t, err.Error(), "try again in 24h0m0s")
		r.Server.AssertCalls(t, 1)
		assert.Empty(t, effectsOf(r.Server, junkiemock.OpCreateKey))
	})
}

func TestLostDeletionSucceedsAfterOneRepeat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		keys, key := r.junkieClient(t).Keys, r.Junkie.AddKey(junkiemock.Key{})
		r.Server.Inject(mockserver.Fault{
			Op: junkiemock.OpDeleteKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1,
		})
		require.NoError(t, keys.Delete(t.Context(), junkie.ID(key.ID)))
		r.Server.AssertCalls(t, 2, junkiemock.OpDeleteKey)
		assert.Len(t, effectsOf(r.Server, junkiemock.OpDeleteKey), 1)
		_, exists := r.Junkie.Key(key.ID)
		assert.False(t, exists)
	})
}

// An update that was lost is sent again. If it binds devices, that binds them anew:
// the time of the binding moves, and nothing else.
func TestLostUpdateOfDevicesMovesTheirBindingOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		seeded := r.Junkie.AddKey(junkiemock.Key{Name: "before", Devices: []junkiemock.Device{{HWID: "old"}}})
		r.Server.Inject(mockserver.Fault{
			Op: junkiemock.OpUpdateKey, Phase: mockserver.AfterCommit, Do: mockserver.Hang(), Times: 1,
		})
		params := junkie.UpdateKeyParams{Name: junkie.Set("after"), HWIDs: junkie.Set([]string{"new", "newer"})}
		began := r.Server.Now()
		_, err := r.junkieClient(t).Keys.Update(t.Context(), junkie.ID(seeded.ID), params)
		require.NoError(t, err)
		r.Server.AssertCalls(t, 2, junkiemock.OpUpdateKey)
		effects := effectsOf(r.Server, junkiemock.OpUpdateKey)
		require.Len(t, effects, 2)
		assert.Equal(t, "key_name hwids", effects[0].Detail)
		assert.Equal(t, "hwids", effects[1].Detail)

		key, exists := r.Junkie.Key(seeded.ID)
		require.True(t, exists)
		want, bound := seeded, effects[1].At.Truncate(time.Millisecond) // as the vendor writes times
		want.Name = "after"
		want.Devices = []junkiemock.Device{
			{HWID: "new", BoundBy: junkiemock.BoundByAPI, BoundAt: bound},
			{HWID: "newer", BoundBy: junkiemock.BoundByAPI, BoundAt: bound},
		}
		assert.Equal(t, want, key)
		assert.GreaterOrEqual(t, effects[1].At.Sub(began), attemptTimeout, "the first attempt was long over")
	})
}

// That a key is not found is good news only after an attempt that may have
// deleted it; a refused attempt and one that never left have not.
func TestDeletionOfWhatWasNeverThereIsAnError(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mockserver.Action{
		"at once":            {},
		"after a rate limit": mockserver.RateLimited(time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				attempts := 1
				if fault.String() != (mockserver.Action{}).String() {
					attempts = 2
					r.Server.Inject(mockserver.Fault{Op: junkiemock.OpDeleteKey, Do: fault, Times: 1})
				}
				err := r.junkieClient(t).Keys.Delete(t.Context(), junkie.ID(4711))
				require.ErrorIs(t, err, junkie.ErrNotFound)
				assert.NotErrorIs(t, err, junkie.ErrUnknownOutcome)
				assert.Equal(t, attempts, failed(t, err).Attempts)
				r.Server.AssertCalls(t, attempts, junkiemock.OpDeleteKey)
			})
		})
	}
}

// Every refusal has the documented status, is of a kind that a program can ask
// for, and tells a person what to do.
func TestRefusalsTellWhatToDo(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		call     func(ctx context.Context, r *rig, cfg junkie.Config) error
		status   int
		kind     error
		attempts int
		message  string
		words    []string
	}{
		"wrong API key": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				cfg.APIKey = "00000000-0000-4000-8000-000000000000"
				return get(ctx, cfg, 1)
			},
			status: 401, kind: junkie.ErrUnauthorized, attempts: 1, message: "Unauthorized",
			words: []string{"check the credentials"},
		},
		"revoked API key": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				cfg.APIKey = r.Junkie.AddAPIKey(junkiemock.ScopeREST)
				r.Junkie.RevokeAPIKey(cfg.APIKey)
				return get(ctx, cfg, 1)
			},
			status: 401, kind: junkie.ErrUnauthorized, attempts: 1, message: "Unauthorized",
			words: []string{"check the credentials"},
		},
		"missing scope": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				cfg.APIKey = r.Junkie.AddAPIKey()
				return get(ctx, cfg, 1)
			},
			status: 403, kind: junkie.ErrForbidden, attempts: 1, message: "Insufficient scope: rest-api:* required",
			words: []string{"rest-api:*", "lack the permission"},
		},
		"unknown key": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				return get(ctx, cfg, 4711)
			},
			status: 404, kind: junkie.ErrNotFound, attempts: 1, message: "Key not found",
			words: []string{"check what the call refers to", "another account"},
		},
		"unknown folder": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				shop := r.Junkie.AddProvider("shop")
				return create(ctx, cfg, junkie.CreateKeyParams{ProviderID: shop.ID, FolderID: 4711})
			},
			status: 404, kind: junkie.ErrNotFound, attempts: 1, message: "Folder not found",
			words: []string{"Folder not found", "check what the call refers to"},
		},
		"bad bound": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				return create(ctx, cfg, junkie.CreateKeyParams{ProviderID: 1, HWIDLimit: 101})
			},
			kind:  junkie.ErrInvalid,
			words: []string{"HWIDLimit", "101", "0 to 100", "nothing was sent"},
		},
		"bad bound that only the vendor knows": {
			call: func(ctx context.Context, r *rig, cfg junkie.Config) error {
				r.Server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Do: mockserver.Status(400).WithBody("application/json",
					`{"error": "Validation failed", "details": [{"field": "validity_minutes", "message": "must be at most 5256000"}]}`)})
				return create(ctx, cfg, junkie.CreateKeyParams{ProviderID: 1, Validity: 100_000 * time.Hour})
			},
			status: 400, kind: junkie.ErrInvalid, attempts: 1, message: "Validation failed",
			words: []string{"validity_minutes: must be at most 5256000"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				err := refusal.call(t.Context(), r, r.junkieConfig())
				require.ErrorIs(t, err, refusal.kind)
				e := failed(t, err)
				assert.Equal(t, refusal.status, e.StatusCode)
				assert.Equal(t, refusal.attempts, e.Attempts)
				assert.Equal(t, refusal.message, e.Message)
				assert.Equal(t, junkie.OutcomeNotApplied, e.Outcome)
				for _, words := range refusal.words {
					assert.Contains(t, err.Error(), words)
				}
				for _, other := range junkieMatrix().kinds {
					assert.Equal(t, other == refusal.kind, errors.Is(err, other), "errors.Is(err, %q)", other)
				}
				r.Server.AssertCalls(t, refusal.attempts)
				assert.Empty(t, effectsOf(r.Server, junkiemock.OpCreateKey))
			})
		})
	}
}

func get(ctx context.Context, cfg junkie.Config, id int64) error {
	client, err := junkie.New(cfg)
	if err != nil {
		return err
	}
	_, err = client.Keys.Get(ctx, junkie.ID(id))
	return err
}

func create(ctx context.Context, cfg junkie.Config, params junkie.CreateKeyParams) error {
	client, err := junkie.New(cfg)
	if err != nil {
		return err
	}
	_, err = client.Keys.Create(ctx, params)
	return err
}

// Waits without Retry-After are spread over the whole of their bounds: callers
// that failed together must not come back together.
func TestWaitsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: junkiemock.OpListFolders, Do: mockserver.Status(503)})
		var waits [2][]time.Duration
		client, err := junkie.New(junkie.Config{
			APIKey:     s.Junkie().APIKey(),
			HTTPClient: s.Client(),
			OnAttempt: func(_ context.Context, a junkie.Attempt) {
				if a.Number < 3 {
					waits[a.Number-1] = append(waits[a.Number-1], a.Wait)
				}
			},
		})
		require.NoError(t, err)
		for range 200 {
			_, err := client.Keys.Folders(t.Context())
			require.ErrorIs(t, err, junkie.ErrServer)
		}
		for i, bound := range []time.Duration{250 * time.Millisecond, 500 * time.Millisecond} {
			require.Len(t, waits[i], 200)
			var quarters [4]int
			for _, wait := range waits[i] {
				require.Less(t, wait, bound)
				quarters[4*wait/bound]++
			}
			for q, n := range quarters { // 50 are expected in each; fewer than 15 in one of a billion runs
				assert.Greater(t, n, 15, "waits in quarter %d of %v", q+1, bound)
			}
		}
	})
}

// Two accounts at once, over one HTTP client: nobody sees or touches what
// belongs to the other.
func TestClientsOfTwoAccountsDoNotMix(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		accounts := []*junkiemock.Account{r.Junkie.AddAccount(), r.Junkie.AddAccount()}
		const calls = 50
		errs := make(chan error, len(accounts)*calls)
		for i, account := range accounts {
			cfg := r.junkieConfig()
			cfg.APIKey = account.APIKey()
			client, err := junkie.New(cfg)
			require.NoError(t, err)
			shop := account.AddProvider("shop")
			name := strings.Repeat("x", i+1)
			for range calls {
				go func() {
					key, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID, Name: name})
					if err == nil && (key.UserID != account.UserID() || key.Name != name) {
						err = errors.New("another account's key")
					}
					errs <- err
				}()
			}
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		for i, account := range accounts {
			keys := account.Keys()
			assert.Len(t, keys, calls)
			for _, key := range keys {
				assert.Equal(t, strings.Repeat("x", i+1), key.Name)
			}
		}
		assert.Empty(t, r.Junkie.Keys())
	})
}
