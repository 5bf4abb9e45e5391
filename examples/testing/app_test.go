package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// stage is what every test begins with: a vendor of its own, and our program in
// front of it.
type stage struct {
	*mockserver.Server
	vendor   *keycratemock.World // the vendor's dashboard, and the truth
	client   *keycrate.Client
	app      *keycrate.App
	renewals *Renewals
	saved    int
}

func newStage(t *testing.T) *stage {
	t.Helper()
	// No port and no goroutine. When the test ends, it fails for everything that
	// our program has sent in vain, and for every fault that never struck.
	server := mockserver.RunT(t)
	client, err := keycrate.New(keycrate.Config{APIKey: server.Keycrate().APIKey(), HTTPClient: server.Client()})
	require.NoError(t, err)
	app, err := keycrate.NewApp(keycrate.AppConfig{AppID: server.Keycrate().AppID(), HTTPClient: server.Client()})
	require.NoError(t, err)
	s := &stage{Server: server, vendor: server.Keycrate(), client: client, app: app}
	s.renewals = &Renewals{Licenses: client.Licenses, Save: func(*Payment) error { s.saved++; return nil }}
	return s
}

// sell puts a license of 30 days for one device into the vendor's hands. A test
// can give it any state: expired, paused, used.
func (s *stage) sell() string {
	return s.vendor.AddLicense(keycratemock.License{
		DurationUnit: keycratemock.UnitDays, DurationValue: 30, HWIDLock: true,
	}).Key
}

func (s *stage) gate(license, device string) *Gate {
	return &Gate{App: s.app, License: license, Device: device, Now: s.Now}
}

func TestALicenseExpires(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	gate := s.gate(s.sell(), "laptop")
	ok, _ := gate.Enter(t.Context())
	require.True(t, ok)

	s.Advance(30*24*time.Hour - time.Minute)
	ok, _ = gate.Enter(t.Context())
	require.True(t, ok, "a minute before the end")

	s.Advance(time.Minute)
	ok, why := gate.Enter(t.Context())
	assert.False(t, ok)
	assert.Equal(t, "Your license ended on "+s.Now().Format(time.DateOnly)+".", why)
}

func TestOneDeviceAtATime(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	license := s.sell()
	ok, _ := s.gate(license, "laptop").Enter(t.Context())
	require.True(t, ok)
	ok, why := s.gate(license, "phone").Enter(t.Context())
	require.False(t, ok)
	assert.Contains(t, why, "another device")

	_, err := s.client.HWIDs.Clear(t.Context(), license) // what our support does
	require.NoError(t, err)
	ok, _ = s.gate(license, "phone").Enter(t.Context())
	assert.True(t, ok)
	ok, _ = s.gate(license, "laptop").Enter(t.Context())
	assert.False(t, ok, "the license has moved")
}

func TestWhatCustomersAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		license func(s *stage) string
		why     string
	}{
		"mistyped": {func(*stage) string { return "K-0000" }, "There is no such license"},
		"paused": {func(s *stage) string {
			return s.vendor.AddLicense(keycratemock.License{Status: keycratemock.StatusPaused}).Key
		}, "cannot be used: LICENSE_NOT_ACTIVE"},
		"barred": {func(s *stage) string {
			s.vendor.Blacklist(keycratemock.ByHWID, "laptop")
			return s.sell()
		}, "cannot be used: HWID_BLACKLISTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			ok, why := s.gate(c.license(s), "laptop").Enter(t.Context())
			assert.False(t, ok)
			assert.Contains(t, why, c.why)
		})
	}
}

// A vendor that is down is no reason to lock out who has paid, for some days. The
// client tries again by itself, with waits between, so this test runs in a bubble
// of package testing/synctest, in which waiting takes no time.
func TestAVendorThatIsDown(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]mockserver.Action{
		"failing":     mockserver.Status(503),
		"unreachable": mockserver.ConnReset(),
		"silent":      mockserver.Hang(),
		"busy":        mockserver.RateLimited(time.Hour),
		"hijacked":    mockserver.HTMLPage(403), // the page of a hotel's network
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t)
				known, stranger := s.gate(s.sell(), "laptop"), s.gate(s.sell(), "phone")
				ok, _ := known.Enter(t.Context())
				require.True(t, ok)
				down := s.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Do: outage})

				began := time.Now()
				ok, _ = known.Enter(t.Context())
				assert.True(t, ok, "we know that customer")
				assert.LessOrEqual(t, time.Since(began), patience, "who does not wait for long")
				ok, why := stranger.Enter(t.Context())
				assert.False(t, ok)
				assert.Contains(t, why, "cannot check")

				s.Advance(grace)
				ok, _ = known.Enter(t.Context())
				assert.False(t, ok, "not for ever")
				down.Remove()
				ok, _ = known.Enter(t.Context())
				assert.True(t, ok)
			})
		})
	}
}

// After the vendor's no, an outage is no way back in.
func TestARefusalEndsTheGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		license := s.sell()
		gate := s.gate(license, "laptop")
		ok, _ := gate.Enter(t.Context())
		require.True(t, ok)
		_, err := s.client.Licenses.Pause(t.Context(), license)
		require.NoError(t, err)
		ok, _ = gate.Enter(t.Context())
		require.False(t, ok)

		s.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Do: mockserver.Status(503)})
		ok, _ = gate.Enter(t.Context())
		assert.False(t, ok)
	})
}

func TestARenewalAddsAMonth(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	license := s.sell()
	s.vendor.Auth(license, "laptop") // the customer starts the program, and the 30 days begin
	before, _ := s.vendor.License(license)

	payment := &Payment{License: license}
	for range 3 {
		require.NoError(t, s.renewals.Run(t.Context(), []*Payment{payment}))
	}
	after, _ := s.vendor.License(license)
	assert.Equal(t, before.ExpiresAt.Add(month), after.ExpiresAt)
	assert.True(t, payment.Done)
	assert.Equal(t, 2, s.saved, "before the call and after it")
}

// The vendor allows three calls in a minute, and our job needs ten. The client waits
// as long as the vendor says, which takes no time in the bubble.
func TestARateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		var payments []*Payment
		for range 5 {
			payments = append(payments, &Payment{License: s.sell()})
		}
		s.vendor.SetRateLimit(3, time.Minute)
		require.NoError(t, s.renewals.Run(t.Context(), payments))
		s.AssertEffects(t, 5, keycratemock.EffectLicenseExtended)
	})
}

// The test that no vendor's sandbox lets you write: the answer to an extension is
// lost, on either side of the vendor's work. Our job is told the same in both
// cases, and must neither give a month away nor keep one.
func TestALostAnswerAddsOneMonth(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mockserver.Fault{
		"after the vendor did the work":  {Phase: mockserver.AfterCommit, Do: mockserver.ConnReset()},
		"before":                         {Phase: mockserver.BeforeCommit, Do: mockserver.ConnReset()},
		"with a failure after the work":  {Phase: mockserver.AfterCommit, Do: mockserver.Status(502)},
		"with a failure before the work": {Phase: mockserver.BeforeCommit, Do: mockserver.Status(500)},
		"in the middle of the answer":    {Phase: mockserver.AfterCommit, Do: mockserver.CutBody()},
	} {
		for _, used := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				license := s.sell()
				if used {
					s.vendor.Auth(license, "laptop")
				}
				s.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Phase: fault.Phase, Do: fault.Do, Times: 1})
				payments := []*Payment{{License: license}}

				require.Error(t, s.renewals.Run(t.Context(), payments))
				assert.False(t, payments[0].Done)
				s.vendor.Auth(license, "laptop") // an unused license begins to run now
				for range 2 {
					require.NoError(t, s.renewals.Run(t.Context(), payments))
				}
				s.AssertEffects(t, 1, keycratemock.EffectLicenseExtended) // whatever we were told
				after, _ := s.vendor.License(license)
				assert.Equal(t, after.ActivatedAt.Add(2*month), after.ExpiresAt)
			})
		}
	}
}

// A customer who pays for two months at once gets two, even if the call for the
// first one is lost.
func TestTwoPaymentsForOneLicense(t *testing.T) {
	t.Parallel()
	for _, phase := range []mockserver.Phase{mockserver.BeforeCommit, mockserver.AfterCommit} {
		s := newStage(t)
		license := s.sell()
		s.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Phase: phase, Do: mockserver.ConnReset(), Times: 1})
		payments := []*Payment{{License: license}, {License: license}}
		require.Error(t, s.renewals.Run(t.Context(), payments))
		require.NoError(t, s.renewals.Run(t.Context(), payments))
		s.AssertEffects(t, 2, keycratemock.EffectLicenseExtended)
	}
}

// Where the vendor does not show what we go by, nothing is extended twice.
func TestALicenseThatShowsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	payments := []*Payment{{License: s.sell(), Before: &Mark{Granted: month}}}
	s.Inject(mockserver.Fault{
		Op: keycratemock.OpGetLicense, Phase: mockserver.AfterCommit, Times: 1,
		Do: mockserver.Status(200).WithBody("application/json", `{"data": {"key": "K-1", "status": "active"}}`),
	})
	require.ErrorContains(t, s.renewals.Run(t.Context(), payments), "does not show")
	s.AssertCalls(t, 0, keycratemock.OpExtendLicense)
}

// One customer's trouble is not another's.
func TestALicenseThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	payments := []*Payment{{License: "K-0000"}, {License: s.sell()}}
	require.ErrorIs(t, s.renewals.Run(t.Context(), payments), keycrate.ErrLicenseNotFound)
	assert.False(t, payments[0].Done)
	assert.True(t, payments[1].Done)
}

// A payment that cannot be saved is not worked on, and not taken for done.
func TestADatabaseThatIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	payments := []*Payment{{License: s.sell()}}
	down := errors.New("database down")
	s.renewals.Save = func(*Payment) error { return down }
	require.ErrorIs(t, s.renewals.Run(t.Context(), payments), down)
	s.AssertEffects(t, 0, keycratemock.EffectLicenseExtended)

	s.renewals.Save = func(p *Payment) error {
		if p.Done {
			return down
		}
		return nil
	}
	require.ErrorIs(t, s.renewals.Run(t.Context(), payments), down)
	s.renewals.Save = func(*Payment) error { return nil }
	require.NoError(t, s.renewals.Run(t.Context(), payments))
	assert.True(t, payments[0].Done)
	s.AssertEffects(t, 1, keycratemock.EffectLicenseExtended)
}

// The README shows this file's beginning, and what the program prints.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("app_test.go")
	require.NoError(t, err)
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		assert.Contains(t, string(source), block)
	}
	var out bytes.Buffer
	require.NoError(t, story(t.Context(), &out))
	assert.Contains(t, string(readme), "```text\n"+out.String()+"```")
}
