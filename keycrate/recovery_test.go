package keycrate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

const month = 30 * 24 * time.Hour

// stage is a test's own vendor with a client, an app and a subscription.
type stage struct {
	*keycrate.Client
	end       *keycrate.App
	server    *mockserver.Server
	app, tier string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	server := mockserver.RunT(t)
	world := server.Keycrate()
	client, err := keycrate.New(keycrate.Config{APIKey: world.APIKey(), HTTPClient: server.Client()})
	require.NoError(t, err)
	end, err := keycrate.NewApp(keycrate.AppConfig{AppID: world.AppID(), HTTPClient: server.Client()})
	require.NoError(t, err)
	tier := world.AddSubscription(keycratemock.Subscription{Name: "premium"})
	return &stage{client, end, server, world.AppID(), tier.ID}
}

// used adds a license of seven days whose clock is running.
func (s *stage) used() string {
	world := s.server.Keycrate()
	key := world.AddLicense(keycratemock.License{SubscriptionID: s.tier, DurationUnit: keycratemock.UnitDays, DurationValue: 7}).Key
	world.Auth(key, "laptop")
	return key
}

func (s *stage) lose(op string, phase mockserver.Phase) {
	s.server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: mockserver.ConnReset(), Times: 1})
}

func (s *stage) expiry(t *testing.T, key string) time.Time {
	t.Helper()
	license, found := s.server.Keycrate().License(key)
	require.True(t, found)
	return license.ExpiresAt
}

// The vendor advises to retry after network errors, whatever the call. Whoever
// does so with an extension whose answer was lost gives the time twice.
func TestTheVendorsAdviceExtendsTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		key := s.used()
		before := s.expiry(t, key)
		s.lose(keycratemock.OpExtendLicense, mockserver.AfterCommit)

		client := s.server.Client()
		body := fmt.Sprintf(`{"license_key": %q, "extend_seconds": 2592000}`, key)
		var status int
		for _, wait := range []time.Duration{0, time.Second, 4 * time.Second, 10 * time.Second} { // to the letter
			time.Sleep(wait)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.keycrate.dev/license/extend", strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("x-api-key", s.server.Keycrate().APIKey())
			req.Header.Set("Content-Type", "application/json")
			resp, err := client.Do(req)
			if err != nil {
				continue
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			status = resp.StatusCode
			break
		}
		require.Equal(t, http.StatusOK, status)
		assert.Equal(t, 2*month, s.expiry(t, key).Sub(before), "sold once, given twice")
		s.server.AssertEffects(t, 2, keycratemock.EffectLicenseExtended)
	})
}

// This package tells the caller instead, and the expiry moves once.
func TestALostExtensionIsToldAndHappensOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		key := s.used()
		before := s.expiry(t, key)
		s.lose(keycratemock.OpExtendLicense, mockserver.AfterCommit)

		_, err := s.Licenses.Extend(t.Context(), key, month)
		require.ErrorIs(t, err, keycrate.ErrUnknownOutcome)
		assert.ErrorContains(t, err, "compare its expiry")
		var e *keycrate.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Attempts)
		assert.Equal(t, keycrate.OutcomeUnknown, e.Outcome)
		s.server.AssertCalls(t, 1, keycratemock.OpExtendLicense)
		s.server.AssertEffects(t, 1, keycratemock.EffectLicenseExtended)
		assert.Equal(t, month, s.expiry(t, key).Sub(before))
	})
}

// recoveries are the recipes of the manual, one for each operation of class
// Once: each makes the call, finds out what became of it, and repeats it only
// if nothing did.
var recoveries = map[string]struct {
	effect  string
	effects int
	run     func(context.Context, *stage) error
}{
	keycratemock.OpCreateLicense: {keycratemock.EffectLicenseCreated, 1, func(ctx context.Context, s *stage) error {
		params := keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: s.tier, Duration: keycrate.Days(7), Tags: []string{"order-1042"}}
		_, err := s.Licenses.Create(ctx, params)
		return ifNothing(err, func() (bool, error) { n, err := s.tagged(ctx, "order-1042"); return n > 0, err }, func() error {
			_, err := s.Licenses.Create(ctx, params)
			return err
		})
	}},
	keycratemock.OpCreateLicensesBulk: {keycratemock.EffectLicenseCreated, 130, func(ctx context.Context, s *stage) error {
		params := keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: s.tier, Duration: keycrate.Lifetime, Tags: []string{"trial", "batch-1"}}
		_, err := s.Licenses.CreateBulk(ctx, 130, params)
		return ifNothing(err, func() (bool, error) { n, err := s.tagged(ctx, "batch-1"); return n == 130, err }, func() error {
			_, err := s.Licenses.CreateBulk(ctx, 130, params)
			return err
		})
	}},
	keycratemock.OpExtendLicense: {keycratemock.EffectLicenseExtended, 1, func(ctx context.Context, s *stage) error {
		key := s.used()
		before, err := s.Licenses.Get(ctx, key)
		if err != nil {
			return err
		}
		_, err = s.Licenses.Extend(ctx, key, month)
		return ifNothing(err, func() (bool, error) { return s.moved(ctx, before) }, func() error {
			_, err := s.Licenses.Extend(ctx, key, month)
			return err
		})
	}},
	keycratemock.OpExtendLicensesBulk: {keycratemock.EffectLicenseExtended, 2, func(ctx context.Context, s *stage) error {
		unused := s.server.Keycrate().AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7}).Key
		keys := []string{s.used(), unused}
		var before []*keycrate.License
		for _, key := range keys {
			license, err := s.Licenses.Get(ctx, key)
			if err != nil {
				return err
			}
			before = append(before, license)
		}
		_, err := s.Licenses.ExtendBulk(ctx, keys, month)
		for i, key := range keys {
			if err := ifNothing(err, func() (bool, error) { return s.moved(ctx, before[i]) }, func() error {
				_, err := s.Licenses.Extend(ctx, key, month)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}},
	keycratemock.OpSetHWIDLock: {keycratemock.EffectLicenseUpdated, 1, func(ctx context.Context, s *stage) error {
		key := s.used()
		_, err := s.HWIDs.SetLock(ctx, key, true)
		return ifNothing(err, func() (bool, error) { return s.is(ctx, key, func(l *keycrate.License) bool { return l.HWIDLock }) }, func() error {
			_, err := s.HWIDs.SetLock(ctx, key, true)
			return err
		})
	}},
	keycratemock.OpSetHWIDLockBulk: {keycratemock.EffectLicenseUpdated, 2, func(ctx context.Context, s *stage) error {
		keys := []string{s.used(), s.used()}
		_, err := s.HWIDs.SetLockBulk(ctx, keys, true)
		for _, key := range keys {
			if err := ifNothing(err, func() (bool, error) { return s.is(ctx, key, func(l *keycrate.License) bool { return l.HWIDLock }) }, func() error {
				_, err := s.HWIDs.SetLock(ctx, key, true)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}},
	keycratemock.OpSetHWIDResetAllowed: {keycratemock.EffectLicenseUpdated, 1, func(ctx context.Context, s *stage) error {
		key := s.used()
		_, err := s.HWIDs.SetResetAllowed(ctx, key, true)
		return ifNothing(err, func() (bool, error) {
			return s.is(ctx, key, func(l *keycrate.License) bool { return l.HWIDResetAllowed })
		}, func() error {
			_, err := s.HWIDs.SetResetAllowed(ctx, key, true)
			return err
		})
	}},
	keycratemock.OpCreateSubscription: {keycratemock.EffectSubscriptionCreated, 2, func(ctx context.Context, s *stage) error { // one is there already
		params := keycrate.CreateSubscriptionParams{AppID: s.app, Name: "gold"}
		_, err := s.Subscriptions.Create(ctx, params)
		return ifNothing(err, func() (found bool, err error) {
			list, err := s.Subscriptions.List(ctx, s.app)
			return slices.ContainsFunc(list, func(l *keycrate.Subscription) bool { return l.Name == "gold" }), err
		}, func() error {
			_, err := s.Subscriptions.Create(ctx, params)
			return err
		})
	}},
	keycratemock.OpRegister: {keycratemock.EffectLicenseRegistered, 1, func(ctx context.Context, s *stage) error {
		key, credentials := s.used(), keycrate.Credentials{Username: "example", Password: "correct horse"}
		_, err := s.end.Register(ctx, key, credentials)
		return ifNothing(err, func() (bool, error) {
			_, err := s.end.Authenticate(ctx, keycrate.AuthParams{Credentials: credentials})
			if errors.Is(err, keycrate.ErrInvalidCredentials) {
				return false, nil
			}
			return err == nil, err
		}, func() error {
			_, err := s.end.Register(ctx, key, credentials)
			return err
		})
	}},
}

// ifNothing repeats a call whose outcome is unknown if it had no effect.
func ifNothing(err error, happened func() (bool, error), again func() error) error {
	if !errors.Is(err, keycrate.ErrUnknownOutcome) {
		return err
	}
	if done, err := happened(); done || err != nil {
		return err
	}
	return again()
}

// tagged counts the licenses with a tag.
func (s *stage) tagged(ctx context.Context, tag string) (n int, err error) {
	for license, err := range s.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: s.app, Tags: []string{tag}}) {
		if err != nil {
			return n, err
		}
		if slices.Contains(license.Tags, tag) {
			n++
		}
	}
	return n, nil
}

// moved reports whether a license was extended since.
func (s *stage) moved(ctx context.Context, before *keycrate.License) (bool, error) {
	now, err := s.Licenses.Get(ctx, before.Key)
	return err == nil && (!now.ExpiresAt.Equal(before.ExpiresAt) || now.Granted != before.Granted), err
}

func (s *stage) is(ctx context.Context, key string, so func(*keycrate.License) bool) (bool, error) {
	license, err := s.Licenses.Get(ctx, key)
	return err == nil && so(license), err
}

// Every operation that is sent once has a recipe.
func TestEveryOnceOperationHasARecovery(t *testing.T) {
	t.Parallel()
	n := 0
	for _, op := range keycratewire.Operations() {
		if op.Class == transport.Once {
			n++
			assert.Contains(t, recoveries, "keycrate."+op.ID)
		}
	}
	assert.Len(t, recoveries, n)
}

// Wherever the answer is lost, the recipe ends with the effect that was wanted,
// and with no other.
func TestRecoveriesEndWithOneEffect(t *testing.T) {
	t.Parallel()
	for op, recovery := range recoveries {
		for name, phase := range map[string]mockserver.Phase{"before the commit": mockserver.BeforeCommit, "after the commit": mockserver.AfterCommit} {
			t.Run(op+" lost "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t)
					s.lose(op, phase)
					require.NoError(t, recovery.run(t.Context(), s))
					s.server.AssertEffects(t, recovery.effects, recovery.effect)
					assert.NotEmpty(t, s.server.Calls(op))
				})
			})
		}
		t.Run(op+" answered", func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			require.NoError(t, recovery.run(t.Context(), s))
			s.server.AssertEffects(t, recovery.effects, recovery.effect)
			s.server.AssertCalls(t, 1, op)
		})
	}
}
