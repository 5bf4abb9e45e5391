package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The machinery is tested with two vendors that exist only here: a shop with
// every feature that the server offers to a world, and a depot with none.

const (
	shopHost = "https://api.shop.test"

	opCreate = "shop.createItem"
	opList   = "shop.listItems"
	opGet    = "shop.getItem"
	opDelete = "shop.deleteItem"
	opCrash  = "shop.crash"
	opDepot  = "depot.ping"
)

// shop is the world and its public side in one.
type shop struct {
	env     core.Env
	items   map[int]string
	last    int
	limited bool
	inside  func() // called while an operation that reads is answered; nil: nothing is
}

func shopVendor() core.Vendor {
	return core.Vendor{Name: "shop", New: func(env core.Env) (core.World, any) {
		s := &shop{env: env, items: map[int]string{}}
		return s, s
	}}
}

func (s *shop) Root() string    { return "/api/v1" }
func (s *shop) Hosts() []string { return []string{"api.shop.test", "old.shop.test"} }

func (s *shop) RateLimits() (on, documented []core.RateLimit) {
	documented = []core.RateLimit{{Calls: 2, Per: time.Minute}}
	if s.limited {
		on = documented
	}
	return on, documented
}

func (s *shop) Counts() bool { return s.limited }

func (s *shop) SetRateLimits(t *core.Turn, limits []core.RateLimit) error {
	if len(limits) > 0 && t.Frozen {
		return errors.New("the clock is frozen")
	}
	s.limited = len(limits) > 0
	return nil
}

func (s *shop) Ops() []core.Op {
	return []core.Op{
		{ID: opCreate, Method: "POST", Path: "/api/v1/items"},
		{ID: opList, Method: "GET", Path: "/api/v1/items", Reads: true},
		{ID: opGet, Method: "GET", Path: "/api/v1/items/{id}", Reads: true},
		{ID: opDelete, Method: "DELETE", Path: "/api/v1/items/{id}"},
		{ID: opCrash, Method: "POST", Path: "/api/v1/crash/{how}"},
	}
}

// Canonical lets the items answer as goods, too, and PUT stand for POST.
func (s *shop) Canonical(method, path string) (string, string) {
	if method == http.MethodPut {
		method = http.MethodPost
	}
	return method, strings.Replace(path, "/api/v1/goods", "/api/v1/items", 1)
}

func (s *shop) EffectKinds() []string { return []string{"item.created", "item.deleted"} }

// Secrets has an item's id be a number, or a secret name for it.
func (s *shop) Secrets() core.Secrets {
	return core.Secrets{
		Secret: []string{"Authorization", "id", "secret", "secrets"},
		Plain:  []string{"at", "name", "page", "shop_error", "X-Shop"},
		IsID:   func(name, text string) bool { return name == "id" && core.IsDigits(text) },
	}
}

func (s *shop) Behaviours() []core.Behaviour {
	return []core.Behaviour{
		{ID: "shop.create", Statement: "An item is created.", Source: core.Documented},
		{ID: "shop.empty", Statement: "An item needs a name.", Source: core.Assumed},
	}
}

func (s *shop) Failure(status int) core.Answer {
	return answer(status, map[string]any{"shop_error": status})
}

func (s *shop) Serve(t *core.Turn, req *core.Request) core.Answer {
	id, _ := strconv.Atoi(req.Params.Get("id"))
	switch req.Op {
	case opCreate:
		if len(req.Body) == 0 {
			t.Decided("shop.empty")
			t.Finding("an item without a name was sent")
			return s.Failure(http.StatusBadRequest)
		}
		s.create(t, string(req.Body))
		return answer(http.StatusCreated, map[string]any{"id": s.last, "secret": t.Rand.UUID(), "at": t.Now})
	case opList:
		if s.inside != nil {
			s.inside()
		}
		return answer(http.StatusOK, s.items)
	case opGet:
		if _, ok := s.items[id]; !ok {
			return s.Failure(http.StatusNotFound)
		}
		return answer(http.StatusOK, map[string]any{"name": s.items[id]})
	case opDelete:
		delete(s.items, id)
		t.Effect("item.deleted", req.Params.Get("id"), "")
		return core.Answer{Status: http.StatusNoContent}
	case opCrash:
		switch req.Params.Get("how") {
		case "row":
			t.Decided("shop.no-such-row")
			return answer(http.StatusOK, nil)
		case "status":
			return core.Answer{}
		default:
			panic("the shop is on fire")
		}
	default:
		if len(req.Allow) > 0 {
			return s.Failure(http.StatusMethodNotAllowed)
		}
		return s.Failure(http.StatusNotFound)
	}
}

func (s *shop) Reset() { *s = shop{env: s.env, items: map[int]string{}} }

func (s *shop) create(t *core.Turn, name string) {
	s.last++
	s.items[s.last] = name
	t.Decided("shop.create")
	t.Effect("item.created", strconv.Itoa(s.last), name)
}

// Stock puts an item on the shelf, as a test would.
func (s *shop) Stock(name string) {
	s.env.Act("shop.stock", func(t *core.Turn) {
		if name == "" {
			t.Refuse("an item needs a name")
			return
		}
		s.create(t, name)
	})
}

// Limit switches the rate limit, of which the shop only has the switch.
func (s *shop) Limit(on bool) {
	s.env.Act("shop.limit", func(t *core.Turn) {
		if on && t.Frozen {
			t.Refuse("the clock is frozen: the limit would never recover")
			return
		}
		s.limited = on
	})
}

// Len looks at the state.
func (s *shop) Len() (n int) {
	s.env.Act("", func(*core.Turn) { n = len(s.items) })
	return n
}

func answer(status int, v any) core.Answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return core.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// depot has one operation, at the root of its host, and no dialect.
type depot struct{}

func depotVendor() core.Vendor {
	return core.Vendor{Name: "depot", New: func(core.Env) (core.World, any) { return depot{}, nil }}
}

func (depot) Root() string                 { return "/" }
func (depot) Hosts() []string              { return []string{"depot.test"} }
func (depot) Ops() []core.Op               { return []core.Op{{ID: opDepot, Method: "GET", Path: "/ping"}} }
func (depot) EffectKinds() []string        { return nil }
func (depot) Behaviours() []core.Behaviour { return nil }
func (depot) Reset()                       {}
func (depot) Snapshot() func() any         { return func() any { return nil } }
func (depot) Restore(json.RawMessage) (func(), error) {
	return func() {}, nil
}
func (depot) Serve(_ *core.Turn, req *core.Request) core.Answer {
	if req.Op == "" {
		return core.Answer{Status: http.StatusNotFound}
	}
	return core.Answer{Status: http.StatusOK, Body: []byte("pong")}
}

// with gives a server these vendors instead of the registered ones.
func with(vendors ...core.Vendor) Option {
	return func(c *config) { c.vendors = vendors }
}

// open returns a server with a shop, and the shop.
func open(t TB, opts ...Option) (*Server, *shop) {
	t.Helper()
	s := RunT(t, append([]Option{with(shopVendor())}, opts...)...)
	return s, s.vendor("shop").public.(*shop)
}

// recorder is a test that can be watched failing.
type recorder struct {
	mu       sync.Mutex
	errors   []string
	logs     []string
	fatal    string
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.mu.Lock()
	r.fatal = fmt.Sprintf(format, args...)
	r.mu.Unlock()
	runtime.Goexit()
}

// end runs what the test would run when it ends.
func (r *recorder) end() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

// fatality returns what the test says when do ends it.
func fatality(t *testing.T, r *recorder, do func()) string {
	t.Helper()
	done := make(chan bool)
	go func() {
		returned := false
		defer func() { done <- returned }()
		do()
		returned = true
	}()
	require.False(t, <-done, "the misuse passed unnoticed")
	return r.fatal
}

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
