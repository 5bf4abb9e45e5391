package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// keycrateOrder is one call of an operation that must never be delivered twice,
// about things that no other order is about.
type keycrateOrder struct {
	op    string // without the vendor's name
	do    func(context.Context) error
	made  func(keycrateBooks) int                      // how often the vendor has done it
	found func(context.Context) (done bool, err error) // the manual's way to find that out

	tries []keycrate.Attempt
	err   error
}

// keycrateBooks is what the world holds at a moment, by the names that orders
// give to things.
type keycrateBooks struct {
	tagged, tiers map[string]int
	licenses      map[string]keycratemock.License
}

func keycrateAudit(w *keycratemock.World) keycrateBooks {
	books := keycrateBooks{map[string]int{}, map[string]int{}, map[string]keycratemock.License{}}
	for _, license := range w.Licenses() {
		books.licenses[license.Key] = license
		for _, tag := range license.Tags {
			books.tagged[tag]++
		}
	}
	for _, tier := range w.Subscriptions() {
		books.tiers[tier.Name]++
	}
	return books
}

// keycrateCounter is where orders are placed.
type keycrateCounter struct {
	world  *keycratemock.World
	client *keycrate.Client
	app    *keycrate.App
	tier   string
	orders []*keycrateOrder
}

const (
	keycrateWeek  = 7 * 24 * time.Hour
	keycrateMonth = 30 * 24 * time.Hour
	keycrateBatch = 3 // licenses of one bulk creation
)

// newKeycrateCounter places n orders of each operation that is Once. The clients
// write down the attempts of each.
func newKeycrateCounter(t *testing.T, r *rig, n int) *keycrateCounter {
	t.Helper()
	note := func(ctx context.Context, a keycrate.Attempt) {
		if order, ok := ctx.Value(orderOfCrowd{}).(*keycrateOrder); ok {
			order.tries = append(order.tries, a)
		}
	}
	ours, theirs := r.keycrateConfig(), r.keycrateAppConfig()
	ours.MaxResponseBytes, theirs.MaxResponseBytes = maxAnswer, maxAnswer
	ours.OnAttempt, theirs.OnAttempt = note, note
	client, err := keycrate.New(ours)
	require.NoError(t, err)
	app, err := keycrate.NewApp(theirs)
	require.NoError(t, err)
	c := &keycrateCounter{world: r.Keycrate, client: client, app: app}
	c.tier = c.world.AddSubscription(keycratemock.Subscription{Name: "premium"}).ID
	for i := range n {
		c.placeSales(fmt.Sprintf("order-%d", i))
		c.placeExtensions()
		c.placeToggles()
		c.placeTier(fmt.Sprintf("tier-%d", i))
		c.placeRegistration(fmt.Sprintf("user-%d", i))
	}
	return c
}

// orderOfCrowd is the context's key for the order that a call is made for.
type orderOfCrowd struct{}

func (c *keycrateCounter) place(order keycrateOrder) { c.orders = append(c.orders, &order) }

func (c *keycrateCounter) license() string {
	return c.world.AddLicense(keycratemock.License{
		SubscriptionID: c.tier, DurationUnit: keycratemock.UnitDays, DurationValue: 7,
	}).Key
}

// placeSales: a tag tells whether there are licenses.
func (c *keycrateCounter) placeSales(name string) {
	params := func(tag string) keycrate.CreateLicenseParams {
		return keycrate.CreateLicenseParams{AppID: c.world.AppID(), SubscriptionID: c.tier, Duration: keycrate.Days(7), Tags: []string{"sale", tag}}
	}
	tagged := func(ctx context.Context, tag string, want int) (bool, error) {
		n := 0
		for license, err := range c.client.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: c.world.AppID(), Tags: []string{tag}}) {
			if err != nil {
				return false, err
			}
			if slices.Contains(license.Tags, tag) {
				n++
			}
		}
		return n == want, nil
	}
	c.place(keycrateOrder{op: "createLicense",
		do: func(ctx context.Context) error {
			_, err := c.client.Licenses.Create(ctx, params(name))
			return err
		},
		made:  func(b keycrateBooks) int { return b.tagged[name] },
		found: func(ctx context.Context) (bool, error) { return tagged(ctx, name, 1) },
	})
	batch := "batch of " + name
	c.place(keycrateOrder{op: "createLicensesBulk",
		do: func(ctx context.Context) error {
			_, err := c.client.Licenses.CreateBulk(ctx, keycrateBatch, params(batch))
			return err
		},
		made:  func(b keycrateBooks) int { return whole(b.tagged[batch], keycrateBatch) },
		found: func(ctx context.Context) (bool, error) { return tagged(ctx, batch, keycrateBatch) },
	})
}

// placeExtensions: what was noted of the licenses tells, of one whose clock runs
// and of one that is unused.
func (c *keycrateCounter) placeExtensions() {
	running, unused, alone := c.license(), c.license(), c.license()
	c.world.Auth(running, "")
	c.world.Auth(alone, "")
	before := map[string]keycratemock.License{}
	for _, key := range []string{running, unused, alone} {
		before[key], _ = c.world.License(key)
	}
	moved := func(ctx context.Context, key string) (bool, error) {
		now, err := c.client.Licenses.Get(ctx, key)
		if err != nil {
			return false, err
		}
		noted := before[key]
		return !now.ExpiresAt.Equal(noted.ExpiresAt) || now.Granted != time.Duration(noted.DurationSeconds)*time.Second, nil
	}
	extended := func(b keycrateBooks, key string) int {
		added := time.Duration(b.licenses[key].DurationSeconds)*time.Second - keycrateWeek
		return whole(int(added/time.Second), int(keycrateMonth/time.Second))
	}
	c.place(keycrateOrder{op: "extendLicense",
		do: func(ctx context.Context) error {
			_, err := c.client.Licenses.Extend(ctx, alone, keycrateMonth)
			return err
		},
		made:  func(b keycrateBooks) int { return extended(b, alone) },
		found: func(ctx context.Context) (bool, error) { return moved(ctx, alone) },
	})
	c.place(keycrateOrder{op: "extendLicensesBulk",
		do: func(ctx context.Context) error {
			_, err := c.client.Licenses.ExtendBulk(ctx, []string{running, unused}, keycrateMonth)
			return err
		},
		made: func(b keycrateBooks) int { return same(extended(b, running), extended(b, unused)) },
		found: func(ctx context.Context) (bool, error) {
			first, err := moved(ctx, running)
			if err != nil {
				return false, err
			}
			second, err := moved(ctx, unused)
			return first && second, err
		},
	})
}

// placeToggles: the field tells.
func (c *keycrateCounter) placeToggles() {
	locked, first, second, allowed := c.license(), c.license(), c.license(), c.license()
	is := func(ctx context.Context, key string, on func(*keycrate.License) bool) (bool, error) {
		license, err := c.client.Licenses.Get(ctx, key)
		return err == nil && on(license), err
	}
	lock := func(l *keycrate.License) bool { return l.HWIDLock }
	c.place(keycrateOrder{op: "setHWIDLock",
		do: func(ctx context.Context) error {
			_, err := c.client.HWIDs.SetLock(ctx, locked, true)
			return err
		},
		made:  func(b keycrateBooks) int { return one(b.licenses[locked].HWIDLock) },
		found: func(ctx context.Context) (bool, error) { return is(ctx, locked, lock) },
	})
	c.place(keycrateOrder{op: "setHWIDLockBulk",
		do: func(ctx context.Context) error {
			_, err := c.client.HWIDs.SetLockBulk(ctx, []string{first, second}, true)
			return err
		},
		made: func(b keycrateBooks) int {
			return same(one(b.licenses[first].HWIDLock), one(b.licenses[second].HWIDLock))
		},
		found: func(ctx context.Context) (bool, error) {
			on, err := is(ctx, first, lock)
			if err != nil || !on {
				return false, err
			}
			return is(ctx, second, lock)
		},
	})
	c.place(keycrateOrder{op: "setHWIDResetAllowed",
		do: func(ctx context.Context) error {
			_, err := c.client.HWIDs.SetResetAllowed(ctx, allowed, true)
			return err
		},
		made: func(b keycrateBooks) int { return one(b.licenses[allowed].HWIDResetAllowed) },
		found: func(ctx context.Context) (bool, error) {
			return is(ctx, allowed, func(l *keycrate.License) bool { return l.HWIDResetAllowed })
		},
	})
}

// placeTier: a name of its own tells.
func (c *keycrateCounter) placeTier(name string) {
	c.place(keycrateOrder{op: "createSubscription",
		do: func(ctx context.Context) error {
			_, err := c.client.Subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: c.world.AppID(), Name: name})
			return err
		},
		made: func(b keycrateBooks) int { return b.tiers[name] },
		found: func(ctx context.Context) (bool, error) {
			list, err := c.client.Subscriptions.List(ctx, c.world.AppID())
			return slices.ContainsFunc(list, func(s *keycrate.Subscription) bool { return s.Name == name }), err
		},
	})
}

// placeRegistration: whether the credentials are accepted tells.
func (c *keycrateCounter) placeRegistration(name string) {
	key, credentials := c.license(), keycrate.Credentials{Username: name, Password: "correct horse"}
	c.place(keycrateOrder{op: "register",
		do: func(ctx context.Context) error {
			_, err := c.app.Register(ctx, key, credentials)
			return err
		},
		made: func(b keycrateBooks) int { return one(b.licenses[key].Username == name) },
		found: func(ctx context.Context) (bool, error) {
			_, err := c.app.Authenticate(ctx, keycrate.AuthParams{Credentials: credentials})
			if errors.Is(err, keycrate.ErrInvalidCredentials) {
				return false, nil
			}
			return err == nil, err
		},
	})
}

// broken is a count that no number of executions can lead to.
const broken = -1

// whole returns how many parts there are, if none is broken.
func whole(n, part int) int {
	if n%part != 0 {
		return broken
	}
	return n / part
}

func same(a, b int) int {
	if a != b {
		return broken
	}
	return a
}

func one(done bool) int {
	if done {
		return 1
	}
	return 0
}

// serveAll makes the calls of all orders at once and waits for them.
func (c *keycrateCounter) serveAll(ctx context.Context) {
	var all sync.WaitGroup
	for _, order := range c.orders {
		all.Go(func() { order.err = order.do(context.WithValue(ctx, orderOfCrowd{}, order)) })
	}
	all.Wait()
}

// verdicts counts how the calls of each operation have ended.
func (c *keycrateCounter) verdicts() map[string]map[string]int {
	told := map[string]map[string]int{}
	for _, order := range c.orders {
		if told[order.op] == nil {
			told[order.op] = map[string]int{}
		}
		told[order.op][order.verdict()]++
	}
	return told
}

func (o *keycrateOrder) verdict() string {
	var e *keycrate.Error
	switch {
	case o.err == nil:
		return "success"
	case errors.As(o.err, &e):
		return e.Outcome.String()
	default:
		return o.err.Error()
	}
}

// assertTruth checks that what a caller was told is what the books say.
func (o *keycrateOrder) assertTruth(t *testing.T, b keycrateBooks) {
	t.Helper()
	switch made := o.made(b); o.verdict() {
	case "success", keycrate.OutcomeApplied.String():
		assert.Equal(t, 1, made, "%s: %v", o.op, o.err)
	case keycrate.OutcomeNotApplied.String():
		assert.Zero(t, made, "%s: %v", o.op, o.err)
	default:
		assert.Contains(t, []int{0, 1}, made, "%s: %v", o.op, o.err)
	}
}

// assertSentOnce checks that a call went out again only after an answer which
// proves that nothing had been done, and that nothing else went out with it.
func (o *keycrateOrder) assertSentOnce(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, o.tries)
	for i, a := range o.tries {
		assert.Equal(t, o.op, a.Op)
		if i < len(o.tries)-1 {
			assert.Equal(t, http.StatusTooManyRequests, a.StatusCode, "%s was sent again after: %v", o.op, a.Err)
		}
	}
}

// settleAll lets everybody whose call failed do what the manual says, now that
// the vendor works again, and checks that each thing is then done exactly once.
func (c *keycrateCounter) settleAll(t *testing.T) {
	t.Helper()
	before := keycrateAudit(c.world)
	for _, order := range c.orders {
		done := order.err == nil
		if order.err != nil && order.verdict() != keycrate.OutcomeNotApplied.String() {
			var err error
			done, err = order.found(t.Context())
			require.NoError(t, err, order.op)
			assert.Equal(t, order.made(before) == 1, done, "%s: what the recipe finds is the truth: %v", order.op, order.err)
		}
		if !done {
			require.NoError(t, order.do(t.Context()), order.op)
		}
	}
	after := keycrateAudit(c.world)
	for _, order := range c.orders {
		assert.Equal(t, 1, order.made(after), "%s: %v", order.op, order.err)
	}
}

// keycrateOnceOps are the operations whose second delivery would do something
// else than the first. The list is made by hand, not from the client's own.
var keycrateOnceOps = []string{
	keycratemock.OpCreateLicense, keycratemock.OpCreateLicensesBulk, keycratemock.OpExtendLicense, keycratemock.OpExtendLicensesBulk,
	keycratemock.OpSetHWIDLock, keycratemock.OpSetHWIDLockBulk, keycratemock.OpSetHWIDResetAllowed,
	keycratemock.OpCreateSubscription, keycratemock.OpRegister,
}

func TestKeycrateOrdersAreOfEveryOnceOperation(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	r := inProcess(t, s)
	r.serve(s)
	var placed []string
	for _, order := range newKeycrateCounter(t, r, 1).orders {
		placed = append(placed, "keycrate."+order.op)
	}
	assert.ElementsMatch(t, keycrateOnceOps, placed)
	for _, op := range keycratewire.Operations() {
		assert.Equal(t, op.Class == transport.Once, slices.Contains(keycrateOnceOps, "keycrate."+op.ID), op.ID)
	}
}

// Hundreds at once, on a vendor that fails in every way: nothing that may have
// been done is asked for again, afterwards there is exactly what the callers were
// told there is, and by the manual's recipes everybody ends with one of what they
// wanted.
func TestKeycrateLedgerEqualsTheCallersNotes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const each = 120
		counter := newKeycrateCounter(t, r, each)
		r.Server.ResetJournal()
		before := len(r.Server.Effects())
		troubles := injectTroubles(r.Server, keycrateOnceOps...)
		counter.serveAll(t.Context())

		books, tries := keycrateAudit(r.Keycrate), map[string]int{}
		for _, order := range counter.orders {
			order.assertSentOnce(t)
			order.assertTruth(t, books)
			tries[order.op] += len(order.tries)
		}
		for _, op := range keycrateOnceOps {
			r.Server.AssertCalls(t, tries[strings.TrimPrefix(op, "keycrate.")], op)
		}
		for op, verdicts := range counter.verdicts() {
			assert.Len(t, verdicts, 4, "every way in which a call can end: %s: %v", op, verdicts)
		}
		for _, trouble := range troubles {
			assert.NotZero(t, trouble.Hits())
		}
		r.Server.RemoveFaults()
		counter.settleAll(t)
		assertNoEffectTwice(t, r.Server.Effects()[before:])
	})
}

// A crowd that gives up all at once, some before the vendor has done anything,
// some after it, some in the wait that it asked for: everybody returns in that
// instant, nothing is sent any more, and the recipes work all the same.
func TestKeycrateCancelledCrowdIsSentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const third = 10
		counter := newKeycrateCounter(t, r, 3*third)
		r.Server.ResetJournal()
		before := len(r.Server.Effects())
		for _, op := range keycrateOnceOps {
			r.Server.Inject(mockserver.Fault{Op: op, Do: mockserver.Hang(), Times: third})
			r.Server.Inject(mockserver.Fault{Op: op, Do: mockserver.RateLimited(20 * time.Second), Times: third})
			r.Server.Inject(mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.Hang(), Times: third})
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer time.AfterFunc(patience, func() { cancel(errShopClosed) }).Stop()
		began := time.Now()
		counter.serveAll(ctx)
		assert.Equal(t, patience, time.Since(began))
		synctest.Wait()
		time.Sleep(time.Hour) // nothing goes on behind the callers' backs

		books, made := keycrateAudit(r.Keycrate), map[string]int{}
		for _, order := range counter.orders {
			require.ErrorIs(t, order.err, context.Canceled)
			require.ErrorIs(t, order.err, errShopClosed)
			require.Len(t, order.tries, 1)
			limited := order.tries[0].StatusCode == http.StatusTooManyRequests
			assert.Equal(t, !limited, errors.Is(order.err, keycrate.ErrUnknownOutcome), "%v", order.err)
			order.assertTruth(t, books)
			made[order.op] += order.made(books)
		}
		for op, verdicts := range counter.verdicts() {
			r.Server.AssertCalls(t, 3*third, "keycrate."+op)
			assert.Equal(t, map[string]int{"unknown": 2 * third, "not applied": third}, verdicts, op)
			assert.Equal(t, third, made[op], "%s: those whose answers were late", op)
		}
		r.Server.AssertCalls(t, 3*third*len(keycrateOnceOps)) // and nothing else
		r.Server.RemoveFaults()
		counter.settleAll(t)
		assertNoEffectTwice(t, r.Server.Effects()[before:])
	})
}

// The vendor's codes decide what an answer means, whatever its status: a refusal
// for the rate limit is waited out by every operation, a failure of the vendor
// only by those that may be repeated.
func TestKeycrateCodesDecideForEveryOperation(t *testing.T) {
	t.Parallel()
	v := keycrateMatrix()
	for _, op := range v.operations {
		for _, status := range []int{200, 400, 403, 404, 409, 503} {
			for _, code := range []string{"RATE_LIMITED", "SERVER_ERROR"} {
				t.Run(fmt.Sprintf("%s/%s under %d", op.ID, code, status), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { keycrateCodeDecides(t, v, op, status, code) })
				})
			}
		}
	}
}

func keycrateCodeDecides(t *testing.T, v vendorMatrix, op transport.Op, status int, code string) {
	s := mockserver.RunT(t, mockserver.WithStart(epoch))
	r := inProcess(t, s)
	r.serve(s)
	first := answerOnce{next: r.http.Transport, status: status, body: `{"error": "No.", "error_code": "` + code + `"}`}
	if op.ID == keycratewire.AuthenticateOp.ID || op.ID == keycratewire.RegisterOp.ID {
		first.body = `{"success": false, "message": "` + code + `"}`
	}
	r.http.Transport = &first
	d := v.stage(t, r, settings{}).drives[op.ID]
	err := d.call(t.Context())

	assert.True(t, first.done)
	if code == "SERVER_ERROR" && op.Class == transport.Once {
		require.ErrorIs(t, err, keycrate.ErrUnknownOutcome)
		assert.ErrorIs(t, err, keycrate.ErrServer)
		assert.Contains(t, err.Error(), d.recover)
		s.AssertCalls(t, 0, "keycrate.*")
		return
	}
	require.NoError(t, err)
	s.AssertCalls(t, 1)
	s.AssertCalls(t, 1, "keycrate."+op.ID)
	assert.Len(t, effectsOf(s, "keycrate."+op.ID), d.effects)
}

// answerOnce answers the first request by itself.
type answerOnce struct {
	next   http.RoundTripper
	status int
	body   string
	done   bool
}

func (a *answerOnce) RoundTrip(req *http.Request) (*http.Response, error) {
	if a.done {
		return a.next.RoundTrip(req)
	}
	a.done = true
	defer req.Body.Close()
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(a.status)
	answer.WriteString(a.body)
	return answer.Result(), nil
}

// Jitter makes the vendor's waits longer, never shorter, and spreads them:
// callers that failed together must not come back together.
func TestKeycrateAdvisedWaitsAreSpread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.RunT(t)
		r := inProcess(t, s)
		r.serve(s)
		s.Inject(mockserver.Fault{Op: keycratemock.OpListSubscriptions, Do: mockserver.Status(503)})
		waits := map[int][]time.Duration{}
		cfg := r.keycrateConfig()
		cfg.OnAttempt = func(_ context.Context, a keycrate.Attempt) { waits[a.Number] = append(waits[a.Number], a.Wait) }
		client, err := keycrate.New(cfg)
		require.NoError(t, err)
		const calls = 200
		for range calls {
			_, err := client.Subscriptions.List(t.Context(), r.Keycrate.AppID())
			require.ErrorIs(t, err, keycrate.ErrServer)
		}
		require.Len(t, waits, 4, "attempts")
		for i, advised := range []time.Duration{time.Second, 4 * time.Second, 10 * time.Second} {
			require.Len(t, waits[i+1], calls)
			var quarters [4]int
			for _, wait := range waits[i+1] {
				longer := wait - advised
				require.GreaterOrEqual(t, longer, time.Duration(0))
				require.Less(t, longer, advised/4)
				quarters[16*longer/advised]++
			}
			for q, n := range quarters { // 50 are expected in each; fewer than 15 in one of a billion runs
				assert.Greater(t, n, 15, "quarter %d of what is added to %v", q+1, advised)
			}
		}
	})
}

// Somebody who waits in front of a screen gives the call a deadline, and gets the
// vendor's error as soon as the next wait would not fit in.
func TestKeycrateAdvisedWaitsFitTheDeadline(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		key := r.Keycrate.AddLicense(keycratemock.License{}).Key
		r.Server.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Do: mockserver.Status(503)})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		_, err := r.keycrateApp(t).Authenticate(ctx, keycrate.AuthParams{License: key})

		require.ErrorIs(t, err, keycrate.ErrServer)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		var denial *keycrate.Denial
		assert.False(t, errors.As(err, &denial), "nobody has refused the user")
		assert.GreaterOrEqual(t, time.Since(began), time.Second)
		assert.LessOrEqual(t, time.Since(began), 1250*time.Millisecond)
		r.Server.AssertCalls(t, 2)

		r.Server.RemoveFaults()
		_, err = r.keycrateApp(t).Authenticate(t.Context(), keycrate.AuthParams{License: key})
		require.NoError(t, err)
	})
}
