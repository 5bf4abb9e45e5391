package keycrate_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// What README.md and RETRIES.md show of this package stands here, so that the
// compiler reads it, too; a test in internal/conformance compares the two.

func create(ctx context.Context, appID, tierID string) error {
	client, err := keycrate.New(keycrate.Config{APIKey: os.Getenv("KEYCRATE_API_KEY")})
	if err != nil {
		return err
	}
	license, err := client.Licenses.Create(ctx, keycrate.CreateLicenseParams{
		AppID: appID, SubscriptionID: tierID, Duration: keycrate.Days(30), Tags: []string{"order-1042"},
	})
	_ = license
	return err
}

func renew(ctx context.Context, client *keycrate.Client, sold *keycrate.License) (*keycrate.License, error) {
	license, err := client.Licenses.Extend(ctx, sold.Key, 30*24*time.Hour)
	if !errors.Is(err, keycrate.ErrUnknownOutcome) {
		return license, err
	}
	now, failed := client.Licenses.Get(ctx, sold.Key)
	if failed != nil {
		return nil, err // still not known: look again later
	}
	granted := sold.Granted > 0 && now.Granted > 0 // a first use moves ExpiresAt, too
	switch {
	case !granted && (sold.ExpiresAt.IsZero() || now.ExpiresAt.IsZero()):
		return nil, err // nor does the license tell
	case granted && now.Granted == sold.Granted, !granted && now.ExpiresAt.Equal(sold.ExpiresAt):
		return nil, errNotRenewed // nothing has moved: safe to renew again
	default:
		return now, nil // it was extended
	}
}

var errNotRenewed = errors.New("not renewed")

func TestReadmeExample(t *testing.T) {
	t.Setenv("KEYCRATE_API_KEY", "")
	const id = "01234567-89ab-cdef-0123-456789abcdef"
	assert.ErrorContains(t, create(t.Context(), id, id), "APIKey is empty")
}

// What RETRIES.md says of renew: the time is added once, whatever happens to the
// answers, also to a license that nobody has used yet.
func TestReadmeExampleAddsTheTimeOnce(t *testing.T) {
	t.Parallel()
	lost := func(op string, phase mockserver.Phase) mockserver.Fault {
		return mockserver.Fault{Op: op, Phase: phase, Do: mockserver.ConnReset(), Times: 1}
	}
	const extend, get = keycratemock.OpExtendLicense, keycratemock.OpGetLicense
	mute := func(phase mockserver.Phase) []mockserver.Fault { // the vendor shows neither end nor time
		return []mockserver.Fault{lost(extend, phase), {
			Op: get, Phase: mockserver.AfterCommit, Times: 1,
			Do: mockserver.Status(200).WithBody("application/json", `{"data": {"key": "K", "status": "active"}}`),
		}}
	}
	for name, c := range map[string]struct {
		faults []mockserver.Fault
		err    error // of the first call
		added  bool  // by it
	}{
		"answered":              {added: true},
		"lost after the commit": {faults: []mockserver.Fault{lost(extend, mockserver.AfterCommit)}, added: true},
		"lost, and lost when the client looks": {added: true, faults: []mockserver.Fault{
			lost(extend, mockserver.AfterCommit), lost(get, mockserver.BeforeCommit),
		}},
		"lost before the commit": {faults: []mockserver.Fault{lost(extend, mockserver.BeforeCommit)}, err: errNotRenewed},
		"failed before the commit": {err: errNotRenewed, faults: []mockserver.Fault{
			{Op: extend, Do: mockserver.Status(500), Times: 1},
		}},
		"down when the client looks": {err: keycrate.ErrUnknownOutcome, added: true, faults: []mockserver.Fault{
			lost(extend, mockserver.AfterCommit), {Op: get, Do: mockserver.Status(503), Times: 4},
		}},
		"lost after the commit, and nothing shown":  {faults: mute(mockserver.AfterCommit), err: keycrate.ErrUnknownOutcome, added: true},
		"lost before the commit, and nothing shown": {faults: mute(mockserver.BeforeCommit), err: keycrate.ErrUnknownOutcome},
		"refused for the rate limit": {added: true, faults: []mockserver.Fault{
			{Op: extend, Do: mockserver.RateLimited(time.Second), Times: 1},
		}},
	} {
		for _, used := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t)
					key := s.server.Keycrate().AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7}).Key
					if used {
						s.server.Keycrate().Auth(key, "")
					}
					sold, err := s.Licenses.Get(t.Context(), key)
					require.NoError(t, err)
					for _, fault := range c.faults {
						s.server.Inject(fault)
					}
					renewed, err := renew(t.Context(), s.Client, sold)
					require.ErrorIs(t, err, c.err)
					if errors.Is(err, keycrate.ErrUnknownOutcome) { // the shop looks again later
						renewed, err = s.Licenses.Get(t.Context(), key)
						require.NoError(t, err)
					}
					if !c.added {
						s.server.AssertEffects(t, 0, keycratemock.EffectLicenseExtended)
						renewed, err = renew(t.Context(), s.Client, sold)
						require.NoError(t, err)
					}
					assert.Equal(t, sold.Granted+month, renewed.Granted)
					if used {
						assert.Equal(t, sold.ExpiresAt.Add(month), renewed.ExpiresAt)
					}
					s.server.AssertEffects(t, 1, keycratemock.EffectLicenseExtended)
				})
			})
		}
	}
}

// A license that is used for the first time meanwhile gets an end, and has not been
// extended for that.
func TestReadmeExampleTakesNoFirstUseForAnExtension(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		key := s.server.Keycrate().AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7}).Key
		sold, err := s.Licenses.Get(t.Context(), key)
		require.NoError(t, err)
		s.server.Keycrate().Auth(key, "")
		s.server.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Do: mockserver.ConnReset(), Times: 1})
		_, err = renew(t.Context(), s.Client, sold)
		require.ErrorIs(t, err, errNotRenewed)
		s.server.AssertEffects(t, 0, keycratemock.EffectLicenseExtended)
	})
}
