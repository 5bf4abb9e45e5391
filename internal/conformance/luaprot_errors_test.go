package conformance

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotRefusal is one way in which the vendor says no: what was asked for, what
// it answers to the letter, and what the client makes of it.
type luaprotRefusal struct {
	name    string
	call    func(*club) error // in a club where alice has the key "hers", and nobody else one
	status  int
	message string
	kinds   []error
}

var (
	asAbsent   = []error{luaprot.ErrNotFound}
	asNoHub    = []error{luaprot.ErrNotFound, luaprot.ErrNoHub}
	asTaken    = []error{luaprot.ErrConflict, luaprot.ErrAlreadyWhitelisted}
	asFull     = []error{luaprot.ErrConflict, luaprot.ErrUnassignedLimit}
	asGlobal   = []error{luaprot.ErrForbidden, luaprot.ErrGloballyBlacklisted}
	asAddress  = []error{luaprot.ErrForbidden, luaprot.ErrIPNotWhitelisted}
	hers, none = luaprot.ByKey("hers"), luaprot.ByKey("none")
)

// luaprotRefusals are all that are known.
var luaprotRefusals = []luaprotRefusal{
	{"info", func(s *club) error { return s.tryGet(none) }, 400, notFound, asAbsent},
	{"delete", func(s *club) error { return s.hub.Delete(s.Context(), none) }, 400, notFound, asAbsent},
	{"update", func(s *club) error { return s.tryUpdate(none, luaprot.UpdateKeyParams{}) }, 404, notUpdated, asAbsent},
	{"reset", func(s *club) error { return s.tryReset(none) }, 400, notReset, asAbsent},

	{"bulk delete without any hub", func(s *club) error {
		return s.as(s.LuaProt.AddAccount().APIKey()).Keys.BulkDelete(s.Context(), []string{"hers"})
	}, 404, noHubs, asNoHub},
	{"add to no hub", func(s *club) error { return s.nowhere().tryAdd(luaprot.AddKeyParams{}) }, 404, noHub, asNoHub},
	{"generate for no hub", func(s *club) error { return s.nowhere().tryGenerate() }, 404, noHub, asNoHub},
	{"info from no hub", func(s *club) error { return s.nowhere().tryGet(hers) }, 404, noHub, asNoHub},
	{"update in no hub", func(s *club) error { return s.nowhere().tryUpdate(hers, luaprot.UpdateKeyParams{}) }, 404, noHub, asNoHub},
	{"delete in no hub", func(s *club) error { return s.nowhere().hub.Delete(s.Context(), hers) }, 404, noHub, asNoHub},
	{"reset in no hub", func(s *club) error { return s.nowhere().tryReset(hers) }, 404, noHub, asNoHub},

	{"add for a user who has a key", func(s *club) error { return s.tryAdd(luaprot.AddKeyParams{DiscordID: alice}) }, 400, taken, asTaken},
	{"update to a user who has a key", func(s *club) error {
		other := luaprot.ByKey(s.seed(luaprotmock.Key{}))
		return s.tryUpdate(other, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(alice)})
	}, 400, taken, asTaken},
	{"generate too many", func(s *club) error { s.fill(4); return s.tryGenerate() }, 400, noRoom, asFull},
	{"add one too many", func(s *club) error { s.fill(0); return s.tryAdd(luaprot.AddKeyParams{}) }, 400, noRoom, asFull},
	{"lift what the vendor barred", func(s *club) error {
		s.LuaProt.BlacklistGlobally("hers", "r")
		_, err := s.hub.Unblacklist(s.Context(), hers)
		return err
	}, 403, globally, asGlobal},
	{"content", func(s *club) error { return s.tryAdd(luaprot.AddKeyParams{LimitedScripts: []string{"1"}}) },
		400, "limitedScripts[0] is no script of the hub.", []error{luaprot.ErrInvalid}},

	{"API key", func(s *club) error { s.LuaProt.RevokeAPIKey(s.LuaProt.APIKey()); return s.tryGet(hers) }, 401, noAPIKey, []error{luaprot.ErrUnauthorized}},
	{"address", func(s *club) error { s.LuaProt.SetIPWhitelisted(false); return s.tryGet(hers) }, 403, noAddress, asAddress},
	{"too many calls", func(s *club) error {
		s.LuaProt.SetRateLimit(luaprotmock.RateWindow{Calls: 1, Per: time.Hour})
		s.list(luaprot.ListKeysParams{})
		return s.tryGet(hers)
	}, 429, tooMany, []error{luaprot.ErrRateLimited}},
	{"unknown path", func(s *club) error { s.fail(404); return s.tryGet(hers) }, 404, noRoute, asAbsent},
	{"a vendor that fails", func(s *club) error { s.fail(500); return s.tryGet(hers) }, 500, hasFailed, []error{luaprot.ErrServer}},
}

// luaprotErrors has a scenario for each refusal.
func luaprotErrors() (list []scenario[*club]) {
	for _, r := range luaprotRefusals {
		list = append(list, scenario[*club]{name: "refusal: " + r.name, play: func(s *club) {
			s.seed(luaprotmock.Key{Value: "hers", DiscordID: alice})
			s.client = s.clientWith(func(c *luaprot.Config) { c.Pacing, c.Retry.MaxAttempts = luaprot.NoPacing(), 1 })
			s.hub = s.client.Hub(s.home.ID)
			e := s.assertRefused(r.call(s), r.status, r.message, r.kinds...)
			assert.Contains(s, e.Error(), r.message)
			assert.NotContains(s, e.Error(), "hers", "a key in an error's text")
		}})
	}
	return list
}

// The calls that may fail.

func (s *club) tryAdd(params luaprot.AddKeyParams) error {
	_, err := s.hub.Add(s.Context(), params)
	return err
}

func (s *club) tryGenerate() error {
	_, err := s.hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 5})
	return err
}

func (s *club) tryGet(ref luaprot.KeyRef) error {
	_, err := s.hub.Get(s.Context(), ref)
	return err
}

func (s *club) tryUpdate(ref luaprot.KeyRef, params luaprot.UpdateKeyParams) error {
	_, err := s.hub.Update(s.Context(), ref, params)
	return err
}

func (s *club) tryReset(ref luaprot.KeyRef) error {
	_, err := s.hub.ResetHWID(s.Context(), ref)
	return err
}

// nowhere is the club in a hub that does not exist.
func (s *club) nowhere() *club { return s.in(luaprotmock.Hub{ID: "1"}) }

// fail makes the next info fail.
func (s *club) fail(status int) {
	s.Server.Inject(mockserver.Fault{Op: luaprotmock.OpGetKeyInfo, Do: mockserver.Status(status), Times: 1})
}
