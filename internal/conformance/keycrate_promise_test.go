package conformance

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// eachCrate runs a test on Keycrate's stage in every way.
func eachCrate(t *testing.T, run func(s *crate)) {
	t.Helper()
	each(t, func(t *testing.T, r *rig) { run(openCrate(t, r)) })
}

// advise sends a call as the vendor's page says: whatever it is, again after a
// failure of the network and after SERVER_ERROR, with waits of 1, 4 and 10 s.
func (s *crate) advise(path, body string) (status int) {
	s.Helper()
	for _, wait := range []time.Duration{0, time.Second, 4 * time.Second, 10 * time.Second} {
		time.Sleep(wait)
		req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.keycrateURL+path, strings.NewReader(body))
		require.NoError(s, err)
		req.Header.Set("x-api-key", s.Keycrate.APIKey())
		req.Header.Set("Content-Type", "application/json")
		resp, err := s.http.Do(req)
		if err != nil {
			continue
		}
		text, err := io.ReadAll(resp.Body)
		require.NoError(s, err)
		require.NoError(s, resp.Body.Close())
		if status = resp.StatusCode; !strings.Contains(string(text), "SERVER_ERROR") {
			return status
		}
	}
	return status
}

// What the vendor's page advises gives the time twice.
func TestKeycrateAdviceTakenLiterallyExtendsTwice(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]mockserver.Action{"the answer is lost": mockserver.ConnReset(), "the vendor fails after the work": mockserver.Status(500)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCrate(t, func(s *crate) {
				key := s.seed(days(7))
				end := s.enter(verified, key, "").ExpiresAt
				s.Server.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Phase: mockserver.AfterCommit, Do: lost, Times: 1})
				require.Equal(s, 200, s.advise("/license/extend", about(key, `"extend_seconds": 2592000`)))
				assert.Equal(s, end.Add(2*30*day), s.stored(key).ExpiresAt, "sold once, given twice")
				s.Server.AssertCalls(s, 2, keycratemock.OpExtendLicense)
				s.Server.AssertEffects(s, 2, keycratemock.EffectLicenseExtended)
			})
		})
	}
}

// With this client the expiry moves once, the caller is told, and what the manual
// says settles the matter.
func TestKeycrateLostExtensionIsToldAndSettled(t *testing.T) {
	t.Parallel()
	type loss struct {
		phase mockserver.Phase
		do    mockserver.Action
	}
	for name, lost := range map[string]loss{
		"before the commit":             {mockserver.BeforeCommit, mockserver.ConnReset()},
		"after the commit":              {mockserver.AfterCommit, mockserver.ConnReset()},
		"the vendor fails before it":    {mockserver.BeforeCommit, mockserver.Status(500)},
		"the vendor fails after it":     {mockserver.AfterCommit, mockserver.Status(500)},
		"a proxy's page after the work": {mockserver.AfterCommit, mockserver.HTMLPage(502)},
		"no answer until time runs out": {mockserver.AfterCommit, mockserver.Hang()},
	} {
		for _, used := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, used: %v", name, used), func(t *testing.T) {
				t.Parallel()
				eachCrate(t, func(s *crate) {
					key := s.seed(days(7))
					if used {
						s.enter(verified, key, "")
					}
					noted := s.get(key) // what the manual says to note before
					s.Server.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Phase: lost.phase, Do: lost.do, Times: 1})
					_, err := s.client.Licenses.Extend(s.Context(), key, 30*day)
					require.ErrorIs(s, err, keycrate.ErrUnknownOutcome)
					var e *keycrate.Error
					require.ErrorAs(s, err, &e)
					assert.Equal(s, []any{1, keycrate.OutcomeUnknown}, []any{e.Attempts, e.Outcome})
					assert.Contains(s, err.Error(), "compare its expiry")
					s.Server.AssertCalls(s, 1, keycratemock.OpExtendLicense)

					now := s.get(key)
					happened := now.Granted != noted.Granted
					if used {
						happened = !now.ExpiresAt.Equal(noted.ExpiresAt)
					}
					assert.Equal(s, lost.phase == mockserver.AfterCommit, happened)
					if !happened {
						s.extend(key, 30*day)
					}
					after := s.stored(key)
					assert.Equal(s, int64(37*86400), after.DurationSeconds)
					if used {
						assert.Equal(s, noted.ExpiresAt.Add(30*day), after.ExpiresAt, "exactly once")
					}
					s.Server.AssertEffects(s, 1, keycratemock.EffectLicenseExtended)
				})
			})
		}
	}
}

// A license whose creation had no answer is found by the tag that only it has.
func TestKeycrateLostCreationIsFoundByItsTag(t *testing.T) {
	t.Parallel()
	for _, amount := range []int{1, 7} {
		for _, phase := range []mockserver.Phase{mockserver.BeforeCommit, mockserver.AfterCommit} {
			t.Run(fmt.Sprintf("%d, %v", amount, phase), func(t *testing.T) {
				t.Parallel()
				eachCrate(t, func(s *crate) {
					s.create(s.week())
					params := s.week()
					params.Tags = []string{"shop", "order-1042"}
					create := func() error { return errorOf(s.client.Licenses.Create(s.Context(), params)) }
					op := keycratemock.OpCreateLicense
					if amount > 1 {
						create = func() error { return errorOf(s.client.Licenses.CreateBulk(s.Context(), amount, params)) }
						op = keycratemock.OpCreateLicensesBulk
					}
					s.Server.ResetJournal()
					s.Server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: mockserver.ConnReset(), Times: 1})
					err := create()
					require.ErrorIs(s, err, keycrate.ErrUnknownOutcome)
					assert.Contains(s, err.Error(), "tag")
					s.Server.AssertCalls(s, 1, op)
					find := func() []string { return s.found(keycrate.ListLicensesParams{Tags: []string{"order-1042"}}) }
					if phase == mockserver.BeforeCommit {
						require.Empty(s, find())
						require.NoError(s, create())
					}
					assert.Len(s, find(), amount)
					assert.Len(s, s.Keycrate.Licenses(), amount+1)
				})
			})
		}
	}
}

// Deleting what an attempt with a lost answer has deleted succeeds, and so does
// every other call that reaches the same state.
func TestKeycrateLostAnswersOfSettersAreRepeated(t *testing.T) {
	t.Parallel()
	for op, call := range map[string]func(s *crate, key string) error{
		keycratemock.OpDeleteLicense: func(s *crate, key string) error { return s.client.Licenses.Delete(s.Context(), key) },
		keycratemock.OpDeleteSubscription: func(s *crate, _ string) error {
			return errorOf(s.client.Subscriptions.Delete(s.Context(), s.sub.ID))
		},
		keycratemock.OpUpdateLicenseStatus: func(s *crate, key string) error { return errorOf(s.client.Licenses.Pause(s.Context(), key)) },
		keycratemock.OpEditHWID:            func(s *crate, key string) error { return errorOf(s.client.HWIDs.Set(s.Context(), key, "pc")) },
		keycratemock.OpAuthenticate:        func(s *crate, key string) error { return errorOf(s.tryEnter(key, "pc")) },
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			eachCrate(t, func(s *crate) {
				key := s.seed(locked(7))
				s.loseAnswer(op)
				require.NoError(s, call(s, key))
				s.Server.AssertCalls(s, 2, op)
				first, second := s.Server.Calls(op)[0], s.Server.Calls(op)[1]
				assert.NotEmpty(s, first.Effects)
				assert.Empty(s, second.Effects)
			})
		})
	}
	for op, call := range map[string]func(s *crate, key string) error{ // but not what may flip, or answer "already"
		keycratemock.OpSetHWIDLock: func(s *crate, key string) error { return errorOf(s.client.HWIDs.SetLock(s.Context(), key, false)) },
		keycratemock.OpSetHWIDLockBulk: func(s *crate, key string) error {
			return errorOf(s.client.HWIDs.SetLockBulk(s.Context(), []string{key}, false))
		},
		keycratemock.OpSetHWIDResetAllowed: func(s *crate, key string) error {
			return errorOf(s.client.HWIDs.SetResetAllowed(s.Context(), key, true))
		},
		keycratemock.OpRegister: func(s *crate, key string) error { return s.tryRegister(key, "alice", "pw") },
		keycratemock.OpCreateSubscription: func(s *crate, _ string) error {
			return errorOf(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app, Name: "n"}))
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			eachCrate(t, func(s *crate) {
				key := s.seed(locked(7))
				s.loseAnswer(op)
				require.ErrorIs(s, call(s, key), keycrate.ErrUnknownOutcome)
				s.Server.AssertCalls(s, 1, op)
				assert.Len(s, effectsOf(s.Server, op), 1)
			})
		})
	}
}

// A hundred devices want one license that nobody has used.
func TestKeycrateOneOfAHundredDevicesGetsTheLicense(t *testing.T) {
	t.Parallel()
	eachCrate(t, func(s *crate) {
		const crowd = 100
		key := s.seed(locked(7))
		answers, refusals := make([]*keycrate.Authentication, crowd), make([]error, crowd)
		var devices sync.WaitGroup
		for i := range crowd {
			devices.Go(func() { answers[i], refusals[i] = s.tryEnter(key, fmt.Sprint("device", i)) })
		}
		devices.Wait()

		winner := -1
		for i, auth := range answers {
			if auth != nil {
				require.Equal(s, -1, winner, "a second device is let in")
				winner = i
				continue
			}
			e := assertKeycrateError(s, refusals[i], keycrate.ErrHWIDMismatch)
			assert.Equal(s, 1, e.Attempts)
		}
		require.NotEqual(s, -1, winner, "no device is let in")
		auth := answers[winner]
		assert.Equal(s, []any{firstUse, fmt.Sprint("device", winner), epoch, epoch.Add(7 * day)}, []any{auth.Code, auth.HWID, auth.ActivatedAt, auth.ExpiresAt})
		stored := s.stored(key)
		assert.Equal(s, []any{auth.HWID, auth.ActivatedAt, auth.ExpiresAt}, []any{stored.HWID, stored.ActivatedAt, stored.ExpiresAt})
		s.Server.AssertCalls(s, crowd, keycratemock.OpAuthenticate)
		s.Server.AssertEffects(s, 1, keycratemock.EffectLicenseHWIDBound)
		s.Server.AssertEffects(s, 1, keycratemock.EffectLicenseActivated)
		s.enter(verified, key, auth.HWID)
	})
}
