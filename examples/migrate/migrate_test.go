package main

import (
	"context"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

const (
	created = "keygen." + keygenmock.EffectLicenseCreated
	before  = mockserver.BeforeCommit
	after   = mockserver.AfterCommit
)

// stage is two shops that move, and all that happens to them.
type stage struct {
	*testing.T
	server *mockserver.Server
	source Source
	target *ToKeygen
}

// eachShop runs a test with each of the old vendors, in virtual time.
func eachShop(t *testing.T, test func(s *stage)) {
	t.Helper()
	for _, from := range []string{"junkie", "luaprot"} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, from, test)
		})
	}
}

func inVirtualTime(t *testing.T, from string, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := mockserver.RunT(t, mockserver.WithStart(opening), mockserver.WithSeed(shops()))
		j, l, k, err := clients(server)
		require.NoError(t, err)
		s := &stage{T: t, server: server, source: FromJunkie(j.Keys, providerID), target: &ToKeygen{Client: k, PolicyID: policyID}}
		if from == "luaprot" {
			s.source = FromLuaProt(l, hubID)
		}
		test(s)
	})
}

// run is a new program.
func (s *stage) run(ctx context.Context, apply bool) ([]Plan, error) {
	return Migrate(ctx, s.source, &ToKeygen{Client: s.target.Client, PolicyID: s.target.PolicyID}, apply)
}

// verdicts returns what a run says of each key.
func (s *stage) verdicts(apply bool) map[string]Verdict {
	s.Helper()
	plans, err := s.run(s.Context(), apply)
	require.NoError(s, err)
	verdicts := map[string]Verdict{}
	for _, plan := range plans {
		verdicts[plan.Key.Value] = plan.Verdict
	}
	require.Len(s, verdicts, len(plans))
	return verdicts
}

// moved returns the licenses by their keys.
func (s *stage) moved() map[string]keygenmock.License {
	licenses := map[string]keygenmock.License{}
	for _, license := range s.server.Keygen().Licenses() {
		licenses[license.Key] = license
	}
	return licenses
}

// once asserts that each key that can move has one license.
func (s *stage) once() {
	s.Helper()
	want := []string{"JNK-FOREVER", "JNK-IN-USE", "JNK-EXPIRED", "JNK-BARRED", "JNK-NOT-YET-USED"}
	if s.Name()[len(s.Name())-7:] == "luaprot" {
		want = []string{"LUA-IN-USE", "LUA-GIVEAWAY"}
	}
	licenses := s.moved()
	var keys []string
	for key := range licenses {
		keys = append(keys, key)
	}
	assert.ElementsMatch(s, want, keys)
	s.server.AssertEffects(s, len(want), created)
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	eachShop(t, func(s *stage) {
		for range 2 {
			plans, err := s.run(s.Context(), false)
			require.NoError(s, err)
			require.NotEmpty(s, plans)
		}
		s.server.AssertEffects(s, 0, created)
		for _, effect := range s.server.Effects() {
			assert.Contains(s, effect.Op, "eed", "%v: nothing but the seed", effect)
		}
		for _, call := range s.server.Calls() {
			assert.Equal(s, http.MethodGet, call.Method, call.Op)
		}
	})
}

// What a dry run says is what happens, and a second run does nothing.
func TestApply(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]map[string]Verdict{
		"junkie": {
			"JNK-FOREVER": Moves, "JNK-IN-USE": Moves, "JNK-EXPIRED": Moves, "JNK-BARRED": Moves, "JNK-NOT-YET-USED": Moves,
			"JNK-A-WEEK-TO-COME": Stays, "JNK-ONCE": Stays, "SHORT": Stays,
		},
		"luaprot": {"LUA-IN-USE": Moves, "LUA-GIVEAWAY": Moves},
	} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, from, func(s *stage) {
				assert.Equal(s, want, s.verdicts(false))
				for _, verdict := range []Verdict{Moved, There, There} {
					for key := range want {
						if want[key] != Stays {
							want[key] = verdict
						}
					}
					assert.Equal(s, want, s.verdicts(true))
					s.once()
				}
				assert.Equal(s, want, s.verdicts(false))
				creates := len(s.server.Calls(keygenmock.OpCreateLicense))
				s.server.AssertEffects(s, creates, created)
			})
		})
	}
}

// What the new vendor has afterwards, to the letter.
func TestWhatIsCarriedOver(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, "junkie", func(s *stage) {
		s.server.Junkie().AddKey(junkiemock.Key{
			ID: 19, Name: "order 1049", Value: "JNK-TO-THE-SECOND", ProviderID: providerID, HWIDLimit: 3, NoHWID: true, Premium: true,
			CreatedAt: opening, ExpiresAt: opening.Add(90*time.Minute + 7*time.Second),
		})
		s.verdicts(true)
		sold := "2025-12-22T09:00:00Z"
		for key, want := range map[string]keygenmock.License{
			"JNK-FOREVER": {Name: "order 1041", PolicyID: policyID, Metadata: map[string]any{"movedFrom": "junkie/11", "createdAt": sold}},
			"JNK-IN-USE": {Name: "order 1042", PolicyID: policyID, Expiry: opening.Add(20 * day), Attributes: map[string]any{"maxMachines": 2}, Metadata: map[string]any{
				"movedFrom": "junkie/12", "createdAt": sold, "usedAt": sold, "discordId": "100000000000000001",
			}},
			"JNK-EXPIRED":      {Name: "order 1043", PolicyID: policyID, Expiry: opening.Add(-3 * day), Metadata: map[string]any{"movedFrom": "junkie/13", "createdAt": sold, "service": "1"}},
			"JNK-BARRED":       {Name: "order 1044", PolicyID: policyID, Suspended: true, Metadata: map[string]any{"movedFrom": "junkie/14", "createdAt": sold}},
			"JNK-NOT-YET-USED": {Name: "order 1045", PolicyID: firstUseID, Metadata: map[string]any{"movedFrom": "junkie/15", "createdAt": sold}},
			"JNK-TO-THE-SECOND": {Name: "order 1049", PolicyID: policyID, Expiry: opening.Add(90*time.Minute + 7*time.Second), Metadata: map[string]any{
				"movedFrom": "junkie/19", "createdAt": "2026-01-01T09:00:00Z", "premium": "true",
			}},
		} {
			license, there := s.moved()[key]
			require.True(s, there, key)
			assert.Equal(s, want.Name, license.Name)
			assert.Equal(s, want.PolicyID, license.PolicyID)
			assert.Equal(s, want.Suspended, license.Suspended)
			assert.Equal(s, want.Metadata, license.Metadata)
			assert.True(s, want.Expiry.Equal(license.Expiry), "%s: %v", key, license.Expiry)
			assert.Equal(s, fmt.Sprint(want.Attributes["maxMachines"]), fmt.Sprint(license.Attributes["maxMachines"]), key)
		}
	})
	inVirtualTime(t, "luaprot", func(s *stage) {
		s.server.LuaProt().AddKey(luaprotmock.Key{HubID: hubID, Value: "LUA-BARRED", Note: "order 2042", Blacklisted: true, BlacklistReason: "dispute", CreatedAt: opening})
		s.verdicts(true)
		in, barred := s.moved()["LUA-IN-USE"], s.moved()["LUA-BARRED"]
		assert.Equal(s, "order 2041", in.Name)
		assert.True(s, opening.Add(month).Equal(in.Expiry))
		assert.Equal(s, "1", fmt.Sprint(in.Attributes["maxMachines"]))
		assert.Equal(s, map[string]any{"movedFrom": "luaprot/de7ab5acb744ebc6", "createdAt": "2025-12-22T09:00:00Z", "discordId": "100000000000000001"}, in.Metadata)
		assert.True(s, barred.Suspended)
		assert.Equal(s, "dispute", barred.Metadata["blacklistReason"])
	})
}

// Whatever fails, before or after the commit, and at whichever call: what has been
// moved stays moved, and the next run goes on.
func TestResume(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		phase mockserver.Phase
		do    mockserver.Action
	}{
		"reset before the commit":     {before, mockserver.ConnReset()},
		"reset after it":              {after, mockserver.ConnReset()},
		"failed":                      {before, mockserver.Status(http.StatusInternalServerError)},
		"failed, but done":            {after, mockserver.Status(http.StatusBadGateway)},
		"never answered":              {before, mockserver.Hang()},
		"never answered, but done":    {after, mockserver.Hang()},
		"cut off":                     {after, mockserver.CutBody()},
		"refused for long":            {before, mockserver.RateLimited(time.Hour)},
		"revoked":                     {before, mockserver.Status(http.StatusUnauthorized)},
		"in conflict with others":     {before, mockserver.Status(http.StatusConflict)},
		"a page of a proxy, but done": {after, mockserver.HTMLPage(http.StatusOK)},
	} {
		for skip := range 11 { // of the calls of a run
			t.Run(fmt.Sprintf("%s, call %d", name, skip+1), func(t *testing.T) {
				t.Parallel()
				eachShop(t, func(s *stage) {
					fault := s.server.Inject(mockserver.Fault{Op: mockserver.AnyOp, Phase: c.phase, Do: c.do, Skip: skip, Times: 1})
					_, _ = s.run(s.Context(), true)
					fault.Remove()
					verdicts := s.verdicts(true)
					s.once()
					assert.Equal(s, len(s.moved()), count(verdicts, Moved)+count(verdicts, There), "%v", verdicts)
				})
			})
		}
	}
}

func count(verdicts map[string]Verdict, wanted Verdict) (n int) {
	for _, verdict := range verdicts {
		if verdict == wanted {
			n++
		}
	}
	return n
}

// The program is stopped in the middle of each creation.
func TestStopped(t *testing.T) {
	t.Parallel()
	for _, phase := range []mockserver.Phase{before, after} {
		for skip := range 5 {
			t.Run(fmt.Sprint(phase, ", creation ", skip), func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, "junkie", func(s *stage) {
					s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: phase, Do: mockserver.Hang(), Skip: skip, Times: 1})
					ctx, stop := context.WithTimeout(s.Context(), time.Second)
					defer stop()
					plans, err := s.run(ctx, true)
					require.ErrorIs(s, err, context.DeadlineExceeded)
					require.ErrorContains(s, err, "run this again")
					moved := 0
					for _, plan := range plans {
						if plan.Verdict == Moved {
							moved++
						}
					}
					assert.Equal(s, skip, moved)
					s.verdicts(true)
					s.once()
				})
			})
		}
	}
}

// late is a network that tells the program that a call failed, and delivers it later.
type late struct {
	http.RoundTripper
	kept *http.Request
}

func (l *late) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return l.RoundTripper.RoundTrip(req)
	}
	if l.kept == nil {
		l.kept = req.Clone(context.WithoutCancel(req.Context()))
		l.kept.Body, _ = req.GetBody()
		return nil, syscall.ECONNRESET
	}
	resp, err := l.RoundTripper.RoundTrip(l.kept) // between the list and the creation of the second run
	if err == nil {
		resp.Body.Close()
		l.kept.Body, _ = l.kept.GetBody()
	}
	return l.RoundTripper.RoundTrip(req)
}

// A vendor that is still at work on a call of the run before makes no second key.
func TestAVendorThatIsStillAtWork(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, "junkie", func(s *stage) {
		client, err := keygen.New(keygen.Config{
			Account: s.server.Keygen().Account(), Credential: keygen.Token(s.server.Keygen().Token()),
			HTTPClient: &http.Client{Transport: &late{RoundTripper: s.server.Transport()}},
		})
		require.NoError(s, err)
		s.target.Client = client
		_, err = s.run(s.Context(), true)
		require.ErrorIs(s, err, keygen.ErrUnknownOutcome)
		s.server.AssertEffects(s, 0, created)
		assert.Equal(s, Moved, s.verdicts(true)["JNK-FOREVER"])
		s.once()
	})
}

// Keys that are changed after they were moved are told, and left alone.
func TestKeysThatChangeAfterwards(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, "junkie", func(s *stage) {
		s.verdicts(true)
		j, _, _, err := clients(s.server)
		require.NoError(s, err)
		change := func(id int64, params junkie.UpdateKeyParams) {
			_, err := j.Keys.Update(s.Context(), junkie.ID(id), params)
			require.NoError(s, err)
		}
		change(11, junkie.UpdateKeyParams{Invalidated: junkie.Set(true)})
		change(12, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(opening.Add(50 * day)), HWIDLimit: junkie.Set(3)})
		require.True(s, s.server.Junkie().Verify("JNK-NOT-YET-USED", "laptop").Valid)

		plans, err := s.run(s.Context(), true)
		require.NoError(s, err)
		why := map[string]string{}
		for _, plan := range plans {
			if plan.Verdict == Differs {
				why[plan.Key.ID] = plan.Why
			}
		}
		assert.Equal(s, map[string]string{
			"junkie/11": "switched off false instead of true",
			"junkie/12": "end 2026-01-21T09:00:00Z instead of 2026-02-20T09:00:00Z; devices 2 instead of 3",
			"junkie/15": "another policy, as when the clock of the old key has started since",
		}, why)
		s.once()
		for _, license := range s.server.Keygen().Licenses() {
			assert.Equal(s, license.Created, license.Updated)
		}
	})
}

// A key whose clock has not started gets its whole time, whenever it is moved; one
// whose clock runs loses none.
func TestTheClock(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, "junkie", func(s *stage) {
		s.server.Advance(5 * day)
		s.verdicts(true)
		assert.True(s, s.moved()["JNK-NOT-YET-USED"].Expiry.IsZero())
		assert.True(s, s.moved()["JNK-IN-USE"].Expiry.Equal(opening.Add(20*day)))
		s.server.Advance(20 * day)
		verdicts := s.verdicts(true)
		assert.Equal(s, There, verdicts["JNK-IN-USE"], "expired at both")
		assert.Equal(s, There, verdicts["JNK-NOT-YET-USED"])
		s.once()
	})
}

// Other licenses are in the way of some keys, and of no others.
func TestWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, "junkie", func(s *stage) {
		require.NoError(s, s.target.Load(s.Context()))
		taken := s.server.Keygen().AddLicense(keygenmock.License{Key: "JNK-FOREVER"})
		other := s.server.Keygen().AddLicense(keygenmock.License{ID: s.target.licenseID(Key{ID: "junkie/12"}), PolicyID: policyID})
		plans, err := s.run(s.Context(), true)
		require.NoError(s, err)
		why := map[string]string{}
		for _, plan := range plans {
			why[plan.Key.Value] = plan.Why
		}
		assert.Equal(s, "the license "+taken.ID+" has the same key", why["JNK-FOREVER"])
		assert.Equal(s, "the license "+other.ID+" has its id, and does not say that it was moved from there", why["JNK-IN-USE"])
		s.server.AssertEffects(s, 2+3, created)
	})
	// Somebody takes a key while the program is at work.
	inVirtualTime(t, "junkie", func(s *stage) {
		require.NoError(s, s.target.Load(s.Context()))
		s.server.Keygen().AddLicense(keygenmock.License{Key: "JNK-FOREVER"})
		made, err := s.target.Create(s.Context(), Key{ID: "junkie/11", Value: "JNK-FOREVER"})
		require.NoError(s, err)
		assert.Equal(s, Refused, made.Verdict)
		assert.Contains(s, made.Why, "KEY_TAKEN")
	})
}

// Licenses of such policies would not be what the keys were.
func TestPoliciesThatDoNotFit(t *testing.T) {
	t.Parallel()
	for complaint, policy := range map[string]keygenmock.Policy{
		"it has a duration":             {Duration: month, Attributes: map[string]any{"floating": true}},
		"it is not floating":            {},
		"it has a limit of 5 machines":  {Attributes: map[string]any{"floating": true, "maxMachines": 5}},
		"it signs or encrypts keys":     {Attributes: map[string]any{"floating": true, "scheme": "ED25519_SIGN"}},
		"it signs or encrypts keys, so": {Attributes: map[string]any{"floating": true, "encrypted": true}},
	} {
		t.Run(complaint, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, "junkie", func(s *stage) {
				s.target.PolicyID = s.server.Keygen().AddPolicy(policy).ID
				_, err := s.run(s.Context(), true)
				require.ErrorContains(s, err, complaint)
				s.server.AssertEffects(s, 0, created)
			})
		})
	}
	inVirtualTime(t, "junkie", func(s *stage) {
		s.target.PolicyID = hubID
		_, err := s.run(s.Context(), true)
		require.ErrorContains(s, err, "the policy that keys are to move to")
	})
}

// meddler is somebody who makes and deletes keys while they are read.
type meddler struct {
	http.RoundTripper
	meddle func()
}

func (m meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	m.meddle()
	return m.RoundTripper.RoundTrip(req)
}

func TestKeysThatMoveWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]int{"for a while": 2, "all the time": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			world, calls := s.Junkie(), 0
			provider := world.AddProvider("shop")
			for range 150 {
				world.AddKey(junkiemock.Key{})
			}
			client, err := junkie.New(junkie.Config{APIKey: world.APIKey(), HTTPClient: &http.Client{Transport: meddler{s.Transport(), func() {
				if calls++; calls <= until {
					world.RemoveKey(world.Keys()[len(world.Keys())-1].ID)
				}
			}}}})
			require.NoError(t, err)
			keys, err := FromJunkie(client.Keys, provider.ID)(t.Context())
			if until > 100 {
				require.ErrorContains(t, err, "keys come and go")
				assert.Equal(t, 2*mostReadings, calls)
				return
			}
			require.NoError(t, err)
			assert.Len(t, keys, 148)
			assert.Equal(t, "junkie/1", keys[0].ID, "the oldest first")
		})
	}
	s := mockserver.RunT(t)
	client, err := luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	_, err = FromLuaProt(client, "")(t.Context())
	require.ErrorContains(t, err, "hub", "or it would be the keys of all hubs")
}
