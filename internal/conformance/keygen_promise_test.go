package conformance

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// eachKeygen runs a test with a client and a pool of Keygen in every way.
func eachKeygen(t *testing.T, keys int, run func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy)) {
	t.Helper()
	each(t, func(t *testing.T, r *rig) {
		policy := r.Keygen.AddPolicy(keygenmock.Policy{Pooled: true})
		for range keys {
			r.Keygen.AddKey(keygenmock.Key{PolicyID: policy.ID})
		}
		run(t, r, r.keygenClient(t), policy)
	})
}

func keygenFailed(t *testing.T, err error) *keygen.Error {
	t.Helper()
	var e *keygen.Error
	require.ErrorAs(t, err, &e)
	return e
}

// loses describes on which side of the commit an answer was lost.
type loses struct {
	name  string
	phase mockserver.Phase
	done  int // how often it took effect
}

var bothSides = []loses{{"before the commit", mockserver.BeforeCommit, 0}, {"after the commit", mockserver.AfterCommit, 1}}

func (r *rig) lose(op string, phase mockserver.Phase) {
	r.Server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: mockserver.ConnReset(), Times: 1})
}

// A key is created once, whatever becomes of the first answer.
func TestKeygenLostCreationReturnsTheOneKey(t *testing.T) {
	t.Parallel()
	for _, lost := range bothSides {
		t.Run(lost.name, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 150, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
				r.lose(keygenmock.OpCreateKey, lost.phase)
				key, err := client.Keys.Create(t.Context(), keygen.CreateKeyParams{Key: "order-0001", PolicyID: policy.ID})
				require.NoError(t, err)
				assert.Equal(t, "order-0001", key.Key)
				stored, found := r.Keygen.Key(key.ID)
				require.True(t, found)
				assert.Equal(t, "order-0001", stored.Key)
				assert.Len(t, r.Keygen.Keys(), 151)

				r.Server.AssertCalls(t, 2, keygenmock.OpCreateKey)
				created := effectsOf(r.Server, keygenmock.OpCreateKey)
				require.Len(t, created, 1)
				assert.Equal(t, key.ID, created[0].ID)
				r.Server.AssertCalls(t, lost.done, keygenmock.OpListKeys) // it looks only for what is said to be taken
			})
		})
	}
}

// That a key is taken is good news only if it was this very call that took it.
func TestKeygenLostCreationOfWhatWasThereIsAConflict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		before func(r *rig, policy keygenmock.Policy)
		kind   error
		known  bool // that nothing was created
	}{
		{"by an older key of the pool", func(r *rig, p keygenmock.Policy) {
			r.Keygen.AddKey(keygenmock.Key{Key: "order-0001", PolicyID: p.ID})
			r.Server.Advance(time.Minute)
		}, keygen.ErrKeyTaken, true},
		{"by a key of another pool", func(r *rig, _ keygenmock.Policy) {
			r.Keygen.AddKey(keygenmock.Key{Key: "order-0001"})
			r.Server.Advance(time.Minute)
		}, keygen.ErrKeyTaken, false},
		{"by a license", func(r *rig, _ keygenmock.Policy) {
			r.Keygen.AddLicense(keygenmock.License{Key: "order-0001"})
			r.Server.Advance(time.Minute)
		}, keygen.ErrKeyConflict, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 3, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
				c.before(r, policy)
				keys := r.Keygen.Keys()
				params := keygen.CreateKeyParams{Key: "order-0001", PolicyID: policy.ID}
				_, err := client.Keys.Create(t.Context(), params)
				require.ErrorIs(t, err, c.kind, "without anything lost")
				assert.NotErrorIs(t, err, keygen.ErrUnknownOutcome)
				assert.Equal(t, keygen.OutcomeNotApplied, keygenFailed(t, err).Outcome)

				r.lose(keygenmock.OpCreateKey, mockserver.BeforeCommit)
				_, err = client.Keys.Create(t.Context(), params)
				require.ErrorIs(t, err, c.kind)
				assert.Equal(t, !c.known, errors.Is(err, keygen.ErrUnknownOutcome), "%v", err)
				assert.Equal(t, keys, r.Keygen.Keys())
				assert.Empty(t, effectsOf(r.Server, keygenmock.OpCreateKey))
				r.Server.AssertCalls(t, 3, keygenmock.OpCreateKey)
			})
		})
	}
}

// What was created may be gone before the repeat arrives.
func TestKeygenLostCreationOfWhatWasTakenAwayIsUnknown(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(r *rig, k keygenmock.Key){
		"moved": func(r *rig, k keygenmock.Key) { // the text is another pool's now
			r.Keygen.RemoveKey(k.ID)
			r.Keygen.AddKey(keygenmock.Key{Key: k.Key})
		},
		"drawn": func(r *rig, k keygenmock.Key) {
			r.Keygen.RemoveKey(k.ID)
			r.Keygen.AddLicense(keygenmock.License{Key: k.Key})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 0, func(t *testing.T, r *rig, _ *keygen.Client, policy keygenmock.Policy) {
				cfg := r.keygenConfig()
				cfg.HTTPClient = &http.Client{Transport: &between{next: r.http.Transport, do: func() { take(r, r.Keygen.Keys()[0]) }}}
				client, err := keygen.New(cfg)
				require.NoError(t, err)
				r.lose(keygenmock.OpCreateKey, mockserver.AfterCommit)
				_, err = client.Keys.Create(t.Context(), keygen.CreateKeyParams{Key: "order-0001", PolicyID: policy.ID})
				require.ErrorIs(t, err, keygen.ErrUnknownOutcome)
				assert.ErrorIs(t, err, keygen.ErrConflict)
				assert.Equal(t, keygen.OutcomeUnknown, keygenFailed(t, err).Outcome)
				r.Server.AssertCalls(t, 2, keygenmock.OpCreateKey)
				assert.Len(t, effectsOf(r.Server, keygenmock.OpCreateKey), 1)
			})
		})
	}
}

// between does something after the first request.
type between struct {
	next http.RoundTripper
	do   func()
	once sync.Once
}

func (b *between) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	b.once.Do(b.do)
	return resp, err
}

// A license that was drawn is found by the id that the client gave it.
func TestKeygenLostLicenseIsResolvedByItsID(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 5, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
		newest := r.Keygen.Pool(policy.ID)[4]
		r.lose(keygenmock.OpCreateLicense, mockserver.AfterCommit)
		license, err := client.Licenses.Create(t.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, Name: "order 1"})
		require.NoError(t, err)
		assert.Equal(t, newest.Key, license.Key)
		assert.Len(t, r.Keygen.Pool(policy.ID), 4, "exactly one key has left the pool")
		require.Len(t, r.Keygen.Licenses(), 1)
		assert.Equal(t, r.Keygen.Licenses()[0].ID, license.ID)
		r.Server.AssertCalls(t, 1, keygenmock.OpCreateLicense)
		r.Server.AssertCalls(t, 1, keygenmock.OpGetLicense)
		var kinds []string
		for _, effect := range effectsOf(r.Server, keygenmock.OpCreateLicense) {
			kinds = append(kinds, effect.Kind)
		}
		assert.Equal(t, []string{keygenmock.EffectKeyDrawn, keygenmock.EffectLicenseCreated}, kinds)
	})
}

// If it is not there, nothing was drawn, and the id tells so later as well.
func TestKeygenLostLicenseThatIsNotThereDrewNothing(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 5, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
		r.lose(keygenmock.OpCreateLicense, mockserver.BeforeCommit)
		params := keygen.CreateLicenseParams{PolicyID: policy.ID}
		_, err := client.Licenses.Create(t.Context(), params)
		require.ErrorIs(t, err, keygen.ErrUnknownOutcome)
		e := keygenFailed(t, err)
		require.NotEmpty(t, e.LicenseID)
		assert.Contains(t, err.Error(), e.LicenseID)
		r.Server.AssertCalls(t, 1, keygenmock.OpCreateLicense)
		assert.Len(t, r.Keygen.Pool(policy.ID), 5)

		_, err = client.Licenses.Get(t.Context(), e.LicenseID)
		require.ErrorIs(t, err, keygen.ErrNotFound)
		params.ID = e.LicenseID
		license, err := client.Licenses.Create(t.Context(), params)
		require.NoError(t, err)
		assert.Equal(t, e.LicenseID, license.ID)
		assert.Len(t, r.Keygen.Pool(policy.ID), 4)
	})
}

// A user may not choose an id, and is told that nobody can say.
func TestKeygenLostLicenseOfAUserIsUnknown(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 5, func(t *testing.T, r *rig, _ *keygen.Client, policy keygenmock.Policy) {
		user := r.Keygen.AddUser(keygenmock.User{})
		cfg := r.keygenConfig()
		cfg.Credential = keygen.Token(r.Keygen.AddToken(keygenmock.Token{BearerID: user.ID}).Value)
		client, err := keygen.New(cfg)
		require.NoError(t, err)
		r.lose(keygenmock.OpCreateLicense, mockserver.AfterCommit)
		_, err = client.Licenses.Create(t.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, OwnerID: user.ID})
		require.ErrorIs(t, err, keygen.ErrUnknownOutcome)
		assert.Empty(t, keygenFailed(t, err).LicenseID)
		r.Server.AssertCalls(t, 1, "keygen.*")
		assert.Len(t, r.Keygen.Pool(policy.ID), 4)
	})
}

// A pop is never repeated: the key is gone, and the caller is told so.
func TestKeygenLostPopIsUnknownAndNeverRepeated(t *testing.T) {
	t.Parallel()
	for _, lost := range bothSides {
		t.Run(lost.name, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 5, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
				before := r.Keygen.Pool(policy.ID)
				r.lose(keygenmock.OpPopPool, lost.phase)
				key, err := client.Pool(policy.ID).Pop(t.Context())
				require.ErrorIs(t, err, keygen.ErrUnknownOutcome)
				assert.Nil(t, key)
				e := keygenFailed(t, err)
				assert.Equal(t, keygen.OutcomeUnknown, e.Outcome)
				assert.Equal(t, 1, e.Attempts)
				assert.False(t, e.Temporary())
				r.Server.AssertCalls(t, 1, "keygen.*")
				assert.Len(t, effectsOf(r.Server, keygenmock.OpPopPool), lost.done)
				assert.Equal(t, before[:5-lost.done], r.Keygen.Pool(policy.ID))
			})
		})
	}
}

// Deletions succeed if the repeat finds nothing, and only then.
func TestKeygenLostDeletionSucceedsAfterOneRepeat(t *testing.T) {
	t.Parallel()
	for op, remove := range map[string]func(t *testing.T, c *keygen.Client, w *keygenmock.World) error{
		keygenmock.OpDeleteKey: func(t *testing.T, c *keygen.Client, w *keygenmock.World) error {
			return c.Keys.Delete(t.Context(), w.Keys()[0].ID)
		},
		keygenmock.OpDeleteLicense: func(t *testing.T, c *keygen.Client, w *keygenmock.World) error {
			return c.Licenses.Delete(t.Context(), w.AddLicense(keygenmock.License{}).ID)
		},
		keygenmock.OpDeletePolicy: func(t *testing.T, c *keygen.Client, w *keygenmock.World) error {
			return c.Policies.Delete(t.Context(), w.AddPolicy(keygenmock.Policy{}).ID)
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 1, func(t *testing.T, r *rig, client *keygen.Client, _ keygenmock.Policy) {
				r.lose(op, mockserver.AfterCommit)
				require.NoError(t, remove(t, client, r.Keygen))
				assert.Equal(t, 404, r.Server.Calls(op)[1].Status)
				r.Server.AssertCalls(t, 2, op)
				assert.Len(t, effectsOf(r.Server, op), 1)
			})
		})
	}
}

// A refused attempt has deleted nothing: that the key is not found then is no
// good news.
func TestKeygenDeletionOfWhatWasNeverThereIsAnError(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 1, func(t *testing.T, r *rig, client *keygen.Client, _ keygenmock.Policy) {
		r.Server.Inject(mockserver.Fault{Op: keygenmock.OpDeleteKey, Do: mockserver.RateLimited(time.Second), Times: 1})
		err := client.Keys.Delete(t.Context(), sampleID)
		require.ErrorIs(t, err, keygen.ErrNotFound)
		assert.NotErrorIs(t, err, keygen.ErrUnknownOutcome)
		assert.Equal(t, 2, keygenFailed(t, err).Attempts)
		assert.Len(t, r.Keygen.Keys(), 1)
	})
}

// playCrowd has a thousand callers at once ask a pool of 500, half of them for a
// pop and half for a license.
func playCrowd(s *keygenStage) {
	const callers, keys = 1000, 500
	policy, all := s.pool(keys)
	client, pool := s.client(), s.client().Pool(policy.ID)
	texts, errs := make([]string, callers), make([]error, callers)
	var crowd sync.WaitGroup
	for i := range callers {
		crowd.Go(func() {
			if i%2 == 0 {
				key, err := pool.Pop(s.Context())
				if errs[i] = err; err == nil {
					texts[i] = key.Key
				}
				return
			}
			license, err := client.Licenses.Create(s.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, Name: strconv.Itoa(i)})
			if errs[i] = err; err == nil {
				texts[i] = license.Key
			}
		})
	}
	crowd.Wait()

	given := map[string]int{}
	for i, err := range errs {
		if err == nil {
			given[texts[i]]++
			continue
		}
		e := s.assertIs(err, keygen.ErrConflict, keygen.ErrPoolEmpty)
		assert.Equal(s, 1, e.Attempts)
	}
	assert.Len(s, given, keys, "winners, each with a key of its own")
	for _, key := range all {
		assert.Equal(s, 1, given[key.Key], "a key was given to %d", given[key.Key])
	}
	assert.Empty(s, s.Keygen.Keys())
	s.Server.AssertEffects(s, len(s.Keygen.Licenses()), keygenmock.EffectKeyDrawn)
	s.Server.AssertEffects(s, keys-len(s.Keygen.Licenses()), keygenmock.EffectKeyPopped)
	s.Server.AssertCalls(s, callers, keygenmock.OpPopPool, keygenmock.OpCreateLicense)
}

var keygenCrowds = []scenario[*keygenStage]{{
	name:   "pool: a thousand pops and licenses of 500 keys at once",
	proves: "pool.atomic pool.empty license.pool-empty pool.pop license.drawn",
	play:   playCrowd,
}}

// walkKeys goes over all keys of a policy and lets something happen after so
// many of them.
func walkKeys(t *testing.T, client *keygen.Client, policyID string, order keygen.Order, happen map[int]func(seen []string)) ([]string, error) {
	t.Helper()
	var seen []string
	for key, err := range client.Keys.All(t.Context(), keygen.ListKeysParams{PolicyID: policyID, Order: order}) {
		if err != nil {
			return seen, err
		}
		seen = append(seen, key.ID)
		if do := happen[len(seen)]; do != nil {
			do(seen)
		}
	}
	return seen, nil
}

// A list of more than two pages is walked whole, also if the key that the next
// page is to follow is removed meanwhile.
func TestKeygenAllGoesOnWhereItsCursorWasDeleted(t *testing.T) {
	t.Parallel()
	const keys, page = 257, 100
	for _, c := range []struct {
		name   string
		remove func(seen []string) []string // at the end of a page
	}{
		{"nothing", func([]string) []string { return nil }},
		{"the cursor", func(seen []string) []string { return seen[len(seen)-1:] }},
		{"the last ten seen", func(seen []string) []string { return seen[len(seen)-10:] }},
		{"all seen of the page but its first", func(seen []string) []string { return seen[len(seen)-page+1:] }},
	} {
		for _, order := range []keygen.Order{keygen.NewestFirst, keygen.OldestFirst} {
			t.Run(c.name+" "+string(order), func(t *testing.T) {
				t.Parallel()
				eachKeygen(t, keys, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
					want := keyIDs(r.Keygen.Pool(policy.ID)...)
					if order == keygen.NewestFirst {
						slices.Reverse(want)
					}
					remove := func(seen []string) {
						for _, id := range c.remove(seen) {
							assert.True(t, r.Keygen.RemoveKey(id))
						}
					}
					seen, err := walkKeys(t, client, policy.ID, order, map[int]func([]string){page: remove, 2 * page: remove})
					require.NoError(t, err)
					assert.Equal(t, want, seen, "each once, in order, and none is missed")
				})
			})
		}
	}
}

// Keys that nobody has seen yet may go as well: the others are all found.
func TestKeygenAllMissesNoneThatWasThereAllTheTime(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 250, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
		want := keyIDs(r.Keygen.Pool(policy.ID)...)
		slices.Reverse(want)
		gone := slices.Concat(want[99:100], want[100:130], want[240:250])
		seen, err := walkKeys(t, client, policy.ID, "", map[int]func([]string){100: func([]string) {
			for _, id := range gone {
				r.Keygen.RemoveKey(id)
			}
			r.Keygen.AddKey(keygenmock.Key{PolicyID: policy.ID}) // newer than all: not asked for any more
		}})
		require.NoError(t, err)
		assert.Equal(t, slices.Concat(want[:100], want[130:240]), seen)
	})
}

// What follows a page that was deleted as a whole is not known, and a list that
// ends early would be a lie.
func TestKeygenAllIsNeverShort(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 250, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
		seen, err := walkKeys(t, client, policy.ID, "", map[int]func([]string){100: func(seen []string) {
			for _, id := range seen {
				r.Keygen.RemoveKey(id)
			}
		}})
		require.ErrorIs(t, err, keygen.ErrListBroken)
		assert.ErrorIs(t, err, keygen.ErrConflict)
		assert.Len(t, seen, 100)
		assert.Contains(t, err.Error(), "start again")

		seen, err = walkKeys(t, client, policy.ID, "", nil)
		require.NoError(t, err)
		assert.Len(t, seen, 150)
	})
}

// The other lists are walked alike.
func TestKeygenAllOfEverything(t *testing.T) {
	t.Parallel()
	eachKeygen(t, 120, func(t *testing.T, r *rig, client *keygen.Client, policy keygenmock.Policy) {
		for range 120 {
			r.Keygen.AddLicense(keygenmock.License{PolicyID: policy.ID})
			r.Keygen.AddPolicy(keygenmock.Policy{ProductID: policy.ProductID})
		}
		keys, licenses, policies := 0, 0, 0
		for _, err := range client.Pool(policy.ID).All(t.Context(), keygen.ListPoolParams{PageSize: 50}) {
			require.NoError(t, err)
			keys++
		}
		for _, err := range client.Licenses.All(t.Context(), keygen.ListLicensesParams{PolicyID: policy.ID}) {
			require.NoError(t, err)
			licenses++
		}
		for _, err := range client.Policies.All(t.Context(), keygen.ListPoliciesParams{ProductID: policy.ProductID}) {
			require.NoError(t, err)
			policies++
		}
		assert.Equal(t, []int{120, 120, 121}, []int{keys, licenses, policies})
		r.Server.AssertCalls(t, 3, keygenmock.OpListPool)
		r.Server.AssertCalls(t, 2, keygenmock.OpListLicenses)
		r.Server.AssertCalls(t, 2, keygenmock.OpListPolicies)
	})
}
