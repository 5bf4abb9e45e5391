package keycratemock

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// state is what the world of a stage remembers.
func (s *stage) state() *state { return s.Vendor.(*vendor).state }

// fullStage is a world in which nothing is as in a new one.
func fullStage(t testing.TB) *stage {
	s := newStage(t)
	w := s.world
	other := w.AddApp("other")
	w.SetAppEnabled(other.ID, false)
	w.RevokeAPIKey(w.AddAPIKey(other.ID))
	w.AddSubscription(Subscription{ID: noUUID, Name: "one key", Level: 2, SingleKeyPerHWID: true, Status: StatusPaused, CreatedAt: t0.Add(-time.Hour)})
	s.seed("full", License{
		SubscriptionID: s.sub.ID, HWIDLock: true, HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0.Add(-time.Minute),
		DurationUnit: UnitMonths, DurationValue: 2, ActivatedAt: t0.Add(-day), Metadata: map[string]any{"<&>": []any{"\u2028", json.Number("1e400")}},
		Tags: []string{"a", "b"}, UpdatedAt: t0.Add(1500 * time.Microsecond),
	})
	require.True(t, w.Register("full", "alice", "secret").Success)
	orphan := w.AddSubscription(Subscription{Name: "lost"})
	s.seed("orphan", License{SubscriptionID: orphan.ID})
	w.OrphanLicenses(orphan.ID)
	w.Blacklist(ByHWID, "stolen")
	w.Blacklist(ByCountry, "KP")
	w.SetOrigin(Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
	w.SetTeamEnabled(false)
	w.SetDurationStart(AtCreation)
	w.SetMismatchSpelling(CodeHWIDMismatchDoubleS)
	w.SetRetryAfter(false)
	w.SetRateLimit(100, time.Minute)
	s.Advance(time.Nanosecond)
	s.post("license/get", `{"license_key": "full"}`).ok()
	s.login("full", "pc").told(403, CodeTeamError)
	return s
}

// A field of the state that no snapshot keeps is found here.
func TestASnapshotKeepsEverything(t *testing.T) {
	t.Parallel()
	s, other := fullStage(t), newEmptyStage(t)
	kept := s.Keep()
	other.PutBack(kept)
	worldtest.Alike{Empty: []string{"License.Metadata"}}.Check(t, s.state(), other.state())
	assert.Equal(t, kept, other.Keep())
}

// What was taken down does not change with the world.
func TestASnapshotIsACopy(t *testing.T) {
	t.Parallel()
	s := fullStage(t)
	taken := s.Vendor.Snapshot()
	was := s.Keep().State
	s.state().licenses.change(s.state().licenses.byKey["full"], func(r *record) {
		r.Tags[0] = "changed"
		r.metadata[2] = 'x'
	})
	for k := range s.state().apiKeys.All() {
		k.AppIDs = append(k.AppIDs[:0], noUUID)
		k.Window.Calls++
	}
	for a := range s.state().apps.All() {
		a.Name = "changed"
	}
	is, err := json.Marshal(taken())
	require.NoError(t, err)
	assert.Equal(t, string(was), string(is))
}

// Whatever happened before: from a snapshot on, the same calls get the same
// answers and leave the same effects.
func TestFromASnapshotOnEverythingIsTheSame(t *testing.T) {
	t.Parallel()
	worldtest.CheckReplay(t, 60, newStage, func(s *stage, seed uint64) []string { return s.play(rand.New(rand.NewPCG(seed, 1))) })
}

// play does forty things at random, and returns what came of each.
func (s *stage) play(r *rand.Rand) (came []string) {
	s.Effects = nil
	p := player{s, r}
	for range 40 {
		came = append(came, p.act())
	}
	for _, e := range s.Effects {
		came = append(came, fmt.Sprint(e))
	}
	return came
}

// player chooses at random among what there is.
type player struct {
	*stage
	r *rand.Rand
}

func pick[T any](p player, from ...T) T { return from[p.r.IntN(len(from))] }

func (p player) act() string {
	switch p.r.IntN(12) {
	case 0, 1, 2, 3, 4:
		return p.callAPI()
	case 5, 6:
		return p.callAsUser()
	case 7, 8, 9:
		return p.steer()
	case 10:
		return p.doInGo()
	default:
		p.Advance(pick(p, time.Nanosecond, time.Minute, time.Hour, 8*day))
		return p.Now.String()
	}
}

func (p player) key() string {
	var keys []string
	for _, l := range p.world.Licenses() {
		keys = append(keys, l.Key)
	}
	return p.orNone("none", keys)
}

func (p player) subID() string {
	var ids []string
	for _, sub := range p.world.Subscriptions() {
		ids = append(ids, sub.ID)
	}
	return p.orNone(noUUID, ids)
}

func (p player) apiKey() string {
	var keys []string
	for k := range p.state().apiKeys.All() {
		keys = append(keys, k.Key)
	}
	return p.orNone(defaultAPIKey, keys)
}

// orNone chooses one that there is, or sometimes none.
func (p player) orNone(none string, all []string) string {
	if len(all) == 0 || p.r.IntN(6) == 0 {
		return none
	}
	return pick(p, all...)
}

func (p player) hwid() string { return pick(p, "pc", "mac", "phone", "") }
func (p player) user() string { return pick(p, "alice", "bob", "carol") }

// callAPI is a management call of a shop.
func (p player) callAPI() string {
	op := pick(p, operations[:22]...)
	fields := map[string]any{
		"app_id": defaultAppID, "subscription_id": p.subID(), "license_key": p.key(), "license_keys": []string{p.key(), p.key()}, "key_amount": 2,
		"duration_unit": pick(p, units...), "duration_value": 1 + p.r.IntN(9), "hwid_lock": pick(p, true, false), "hwid": p.hwid(),
		"hwid_reset_allowed": pick(p, true, false), "hwid_reset_cooldown": p.r.IntN(3), "tags": []string{pick(p, "a", "b")},
		"metadata": map[string]any{"n": p.r.IntN(9), "<": "&"}, "extend_seconds": 1 + p.r.IntN(1e6), "status": pick(p, StatusActive, StatusActive, StatusPaused),
		"username": p.user(), "password": pick(p, "one", "two"), "name": pick(p, "basic", "pro"), "level": p.r.IntN(3),
		"single_key_per_hwid": pick(p, true, false), "per_page": 100, "sort_field": pick(p, sortFields...),
	}
	body := map[string]any{}
	for _, name := range op.fields {
		if value, known := fields[name]; known {
			body[name] = value
		}
	}
	return p.answer(op.Path, body, as(p.apiKey()))
}

func (p player) callAsUser() string {
	login := map[string]any{"app_id": defaultAppID, "username": p.user(), "password": pick(p, "one", "two")}
	path := pick(p, "/auth", "/auth", "/register")
	if path == "/auth" {
		login["hwid"] = p.hwid()
	}
	if path == "/register" || p.r.IntN(3) > 0 {
		login["license"] = p.key()
	}
	return p.answer(path, login)
}

func (p player) answer(path string, body any, changes ...worldtest.Change) string {
	text, err := json.Marshal(body)
	require.NoError(p, err)
	a := p.send(strings.TrimPrefix(path, "/"), string(text), changes...)
	return fmt.Sprint(path, a.Status, a.Header, string(a.Body), a.Turn.Rows, a.Turn.Findings)
}

// steer is a call of the control plane.
func (p player) steer() string {
	sheets := map[string]map[string]any{
		"apps":     {"name": pick(p, "shop", "desk"), "enabled": p.r.IntN(5) > 0},
		"api-keys": {"apps": pick[any](p, nil, []string{"default"}, []string{}), "revoked": p.r.IntN(9) == 0},
		"subscriptions": {
			"name": pick(p, "basic", "pro", "team"), "level": p.r.IntN(3), "status": pick(p, StatusActive, StatusActive, StatusPaused), "createdAt": pick(p, "-2h", "now"),
		},
		"licenses": {
			"subscription": pick[any](p, nil, p.subID(), p.subID()), "username": pick[any](p, nil, p.user()), "password": pick(p, "one", "two"), "hwid": p.hwid(),
			"activatedAt": pick[any](p, nil, "-1h"), "hwidLock": pick(p, true, false), "createdAt": pick(p, "-3h", "-1h"),
		},
		"blacklist": {"kind": pick(p, "HWID", "country"), "value": pick(p, "NL", "phone")},
	}
	collection := pick(p, slices.Sorted(maps.Keys(sheets))...)
	sheet, err := json.Marshal(sheets[collection])
	require.NoError(p, err)
	method, id := pick(p, "POST", "POST", "POST", "PATCH", "PATCH", "DELETE"), p.orNone("none", p.IDs(collection))
	answer, err := p.Steer(method, collection, id, string(sheet))
	return fmt.Sprint(answer, err, p.IDs(collection))
}

// doInGo is what a test does.
func (p player) doInGo() string {
	w := p.world
	switch p.r.IntN(8) {
	case 0:
		w.SetOrigin(Origin{Country: pick(p, "NL", "DE"), ASN: 64496, IP: "192.0.2.1"})
	case 1:
		w.SetDurationStart(pick(p, AtFirstUse, AtCreation))
	case 2:
		w.SetMismatchSpelling(pick(p, spellings...))
	case 3:
		w.SetRetryAfter(pick(p, true, false))
	case 4:
		w.SetRateLimit(pick(p, 0, 2, 30), time.Hour)
	case 5:
		if subs := w.Subscriptions(); len(subs) > 2 {
			w.OrphanLicenses(subs[0].ID)
		}
	case 6:
		if key := p.key(); key != "none" {
			return fmt.Sprint(w.PortalReset(key))
		}
	default:
		return fmt.Sprint(w.Auth(p.key(), p.hwid()))
	}
	return "done"
}

// An end may lie where RFC 3339 has no years any more.
func TestASnapshotOfTheFarFuture(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Now = time.Date(9000, 12, 31, 0, 0, 0, 0, time.UTC)
	s.seed("K", License{DurationUnit: UnitYears, DurationValue: 1000})
	require.True(t, s.world.Auth("K", "").Success)
	require.Equal(t, 10000, s.license("K").ExpiresAt.Year())
	kept := s.Keep()
	s.PutBack(kept)
	assert.Equal(t, 10000, s.license("K").ExpiresAt.Year())
	assert.Equal(t, kept, s.Keep())
}

// A document that the world could not have written is refused, whatever is wrong
// with it, and changes nothing.
func TestASnapshotThatCannotBe(t *testing.T) {
	t.Parallel()
	s := fullStage(t)
	s.RefusesDamaged([][3]string{
		{`"TeamOff":true`, `"TeamOn":true`, `unknown field "TeamOn"`},
		{`"TeamOff":true`, `"TeamOff":1`, `TeamOff`},
		{`"Country":"NL"`, `"Country":"nl"`, `"nl" is no country`},
		{`"Calls":100`, `"Calls":-1`, "is no limit"},
		{`"LastAPIKey":2`, `"LastAPIKey":1`, "the latest API key cannot be number 1"},
		{`"Number":2`, `"Number":1`, "APIKeys[1]: number 1 does not come after 1"},
		{`"Key":"` + defaultAPIKey + `"`, `"Key":"kc_x"`, "the first API key is missing"},
		{`"Key":"` + defaultAPIKey + `"`, `"Key":"x"`, "APIKeys[0]: key is no API key"},
		{`"Key":"` + defaultAPIKey + `"`, `"Key":""`, "APIKeys[0]: key is missing"},
		{`"ID":"` + defaultAppID + `"`, `"ID":"` + noUUID + `"`, ": app names no app that there is"},
		{`"ID":"` + defaultAppID + `"`, `"ID":"x"`, `Apps[0]: id "x" is no id`},
		{`"ID":"` + defaultAppID + `"`, `"ID":""`, `Apps[0]: id is missing`},
		{`"ID":"` + s.sub.ID + `"`, `"ID":"` + noUUID + `"`, "Subscriptions[1]: id is taken by another subscription"},
		{`"ID":"` + s.sub.ID + `"`, `"ID":""`, "Subscriptions[1]: id is missing"},
		{noUUID + `","AppID":"` + defaultAppID, noUUID + `","AppID":"` + noUUID, "Subscriptions[0]: app names no app that there is"},
		{`"Level":2`, `"Level":-2`, "level -2 is negative"},
		{`"Key":"orphan"`, `"Key":"full"`, "Licenses[1]: key is taken by another license"},
		{`"Key":"orphan"`, `"Key":""`, "Licenses[1]: key is missing"},
		{`"Username":""`, `"Username":"alice"`, `Licenses[1]: username "alice" has a license`},
		{`"Username":"alice"`, `"Username":""`, `Licenses[0]: password cannot be: a license without a username has none`},
		{`"DurationUnit":"lifetime"`, `"DurationUnit":"days"`, "0 days is no duration"},
		{`"DurationUnit":"months"`, `"DurationUnit":"lifetime"`, "a lifetime has no value"},
		{`"DurationSeconds":5184000`, `"DurationSeconds":0`, "0 seconds are no duration"},
		{`"Metadata":{}`, `"Metadata":[]`, "metadata is no object"},
		{`"Tags":["a","b"]`, `"Tags":["a",""]`, "a tag is empty"},
		{`{"By":"HWID","Value":"stolen"}`, `{"By":"country","Value":"KP"}`, "Blacklist[1]: value is taken by another line"},
		{`{"By":"HWID","Value":"stolen"}`, `{"By":"planet","Value":"Mars"}`, "is no kind of blacklist"},
		{string(s.Keep().State), `{}`, "the first app is missing"},
	}...)
}
