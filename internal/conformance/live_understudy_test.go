package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// understudy is the mock on TCP, which plays all vendors: the live contract is
// proven with it. It has objects of its own, which a run must not touch.
type understudy struct {
	*mockserver.Server
	environ []string // as the standalone program would set it
	plan    map[string]liveSettings
	before  map[string]any // the vendors' objects when the run began
	began   int            // effects by then
}

// newUnderstudy starts one. The twists change what it answers, as a vendor that
// keeps other rules than the mock.
func newUnderstudy(t *testing.T, twists ...func(*exchange)) *understudy {
	t.Helper()
	s := mockserver.New()
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	endpoint, err := s.Listen("")
	require.NoError(t, err)
	u := &understudy{Server: s, environ: append(endpoint.Environ(), liveSwitch+"="+liveMock)}
	environ, err := throughMockserver(t.Context(), u.environ)
	require.NoError(t, err)
	if len(twists) > 0 {
		address := twisted(t, endpoint.URL, twists)
		for i, entry := range environ {
			environ[i] = strings.Replace(entry, endpoint.URL, address, 1)
		}
	}
	u.plan, err = livePlan(environ)
	require.NoError(t, err)
	addStrangers(s)
	u.before, u.began = u.objects(), len(s.Effects())
	return u
}

// twisted is the address of a proxy that changes answers.
func twisted(t *testing.T, target string, twists []func(*exchange)) string {
	transport := &http.Transport{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchange{req: r}
		x.sent, _ = io.ReadAll(r.Body)
		out, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.RequestURI(), bytes.NewReader(x.sent))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		out.Header, out.Host = r.Header.Clone(), r.Host
		if x.resp, err = transport.RoundTrip(out); err != nil {
			panic(http.ErrAbortHandler)
		}
		defer x.resp.Body.Close()
		if x.got, err = io.ReadAll(x.resp.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		for _, twist := range twists {
			twist(&x)
		}
		x.resp.Header.Del("Content-Length")
		maps.Copy(w.Header(), x.resp.Header)
		w.WriteHeader(x.resp.StatusCode)
		_, _ = w.Write(x.got)
	}))
	t.Cleanup(func() { proxy.Close(); transport.CloseIdleConnections() })
	return proxy.URL
}

// change rewrites the body of an answer.
func (x *exchange) change(rewrite func(body map[string]any)) {
	var body map[string]any
	if json.Unmarshal(x.got, &body) != nil {
		return
	}
	rewrite(body)
	x.got, _ = json.Marshal(body)
}

// is reports whether an exchange is about a method and a path that ends so.
func (x *exchange) is(method, pathEnd string) bool {
	return x.req.Method == method && strings.HasSuffix(x.req.URL.Path, pathEnd)
}

// addStrangers gives every vendor objects that no run has made, beside those that
// runs make: under the same provider, in the same hub, of the same product and app.
func addStrangers(s *mockserver.Server) {
	plan := func(v *liveVendor) liveSettings { return v.pretend(standIn(s)) }
	for range 3 {
		s.Junkie().AddKey(junkiemock.Key{ProviderID: 2001, FolderID: 4001, Name: "sold", Devices: []junkiemock.Device{{HWID: "pc"}}})
		s.LuaProt().AddKey(luaprotmock.Key{HubID: plan(luaprotLive())["HUB_ID"], Note: "sold"})
	}
	s.LuaProt().AddKey(luaprotmock.Key{HubID: plan(luaprotLive())["HUB_ID"], DiscordID: alice, HWID: "pc", Activated: true})
	sub := s.Keycrate().AddSubscription(keycratemock.Subscription{Name: "basic", Level: 1})
	s.Keycrate().AddLicense(keycratemock.License{SubscriptionID: sub.ID, Username: "alice", Tags: []string{"order-1"}})
	s.Keycrate().AddLicense(keycratemock.License{SubscriptionID: sub.ID, HWIDLock: true, HWID: "pc"})
	policy := s.Keygen().AddPolicy(keygenmock.Policy{ProductID: plan(keygenLive())["PRODUCT_ID"], Name: "Giveaway", Pooled: true})
	s.Keygen().AddKey(keygenmock.Key{PolicyID: policy.ID})
	s.Keygen().AddKey(keygenmock.Key{PolicyID: policy.ID})
	s.Keygen().AddLicense(keygenmock.License{PolicyID: policy.ID})
}

// objects are all that the vendors hold.
func (u *understudy) objects() map[string]any {
	return map[string]any{
		"junkie":   u.Junkie().Keys(),
		"luaprot":  u.LuaProt().Keys(),
		"keycrate": []any{u.Keycrate().Licenses(), u.Keycrate().Subscriptions()},
		"keygen":   []any{u.Keygen().Default().Policies(), u.Keygen().Keys(), u.Keygen().Licenses(), u.Keygen().Default().Products()},
	}
}

// visit is what a run has to do with a vendor that the understudy plays. Time
// does not have to be waited for: it is the mock's.
func (u *understudy) visit(t *testing.T, v *liveVendor) *visit {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	visit := v.visit(u.plan[v.name], newMark(), transport)
	visit.contract = loadContract(t, v.name)
	visit.ctx = t.Context()
	visit.wait = advance(u.Server)
	return visit
}

// ask runs a vendor's live contract with the understudy.
func (u *understudy) ask(t *testing.T, v *liveVendor) liveReport {
	t.Helper()
	r := newLiveRun(v, u.visit(t, v))
	r.ask(t.Context())
	return r.end()
}

// assertUntouched checks that the vendors hold what they held before the run, and
// that in the meantime nothing changed but what the run had made.
func (u *understudy) assertUntouched(t *testing.T) {
	t.Helper()
	require.Equal(t, u.before, u.objects(), "what the run has left behind, or taken away")
	u.assertOnlyOwn(t)
}

func (u *understudy) assertOnlyOwn(t *testing.T) {
	t.Helper()
	made := map[string]bool{}
	for _, effect := range u.Effects()[u.began:] {
		made[effect.ID] = made[effect.ID] || strings.HasSuffix(effect.Kind, ".created")
		require.True(t, made[effect.ID], "the run has touched what it has not made: %v", effect)
	}
	require.NotEmpty(t, made)
}
