package junkiemock

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// TestASnapshotIsTheWholeWorld lets anything happen, takes the world down, lets
// more happen, and puts it back: then the same happens again, to the byte.
func TestASnapshotIsTheWholeWorld(t *testing.T) {
	t.Parallel()
	worldtest.CheckReplay(t, 40, newStage, func(s *stage, seed uint64) []string { return newScript(s, seed).play(60) })
}

// script is a run of random steps, the same for the same seed and world.
type script struct {
	*stage
	*rand.Rand
	told []string
}

func newScript(s *stage, seed uint64) *script {
	return scriptBy(s, rand.New(rand.NewPCG(seed, 1)))
}

func scriptBy(s *stage, chance *rand.Rand) *script {
	return &script{stage: s, Rand: chance}
}

// play takes so many steps, and returns what the world told and what it did.
func (s *script) play(steps int) []string {
	s.Helper()
	for range steps {
		since := len(s.Effects)
		s.Advance(time.Duration(s.Int64N(int64(20*time.Minute))) - time.Minute)
		s.step()
		for _, e := range s.Effects[since:] {
			s.told = append(s.told, fmt.Sprint(e))
		}
	}
	return s.told
}

func (s *script) step() {
	switch s.IntN(3) {
	case 0:
		s.callAPI()
	case 1:
		s.act()
	default:
		s.steer()
	}
}

// one picks one of several.
func one[T any](s *script, of ...T) T { return of[s.IntN(len(of))] }

// key picks a key: one that there is, or was, or never will be.
func (s *script) key() string {
	keys := s.world.Keys()
	if len(keys) == 0 || s.IntN(5) == 0 {
		return one(s, "first", "second", "1", "2", "nothing")
	}
	k := one(s, keys...)
	return one(s, decimal(k.ID), k.Value)
}

func (s *script) settings() string {
	return fmt.Sprintf(`"provider_id": %d, "key_name": %s, "hwid": %q, "validity_minutes": %d, "expiry_on_first_use": %t, "hwid_limit": %s, "one_time_use": %t, "folder_id": %s`,
		one(s, 2001, 2001, 2002, 7), one(s, `null`, `""`, `"n"`), one(s, "", "pc", "phone"), s.IntN(60), s.IntN(2) == 0, one(s, "null", "0", "1"), s.IntN(4) == 0, one(s, "null", "null", "4001"))
}

func (s *script) callAPI() {
	s.Helper()
	path := "/keys/" + url.PathEscape(s.key())
	apiKey := as(one(s, s.world.APIKey(), s.world.APIKey(), "other"))
	var r response
	switch s.IntN(9) {
	case 0:
		r = s.post("/keys", `{`+s.settings()+`}`, apiKey)
	case 1:
		r = s.post("/keys/batch", fmt.Sprintf(`{"amount": %d, %s}`, s.IntN(4), s.settings()), apiKey)
	case 2:
		r = s.post("/keys/bulk-delete", fmt.Sprintf(`{"keys": [%q, %d, "nothing"]}`, s.key(), s.IntN(9)), apiKey)
	case 3:
		r = s.get("/keys/folders", apiKey)
	case 4:
		r = s.get(path, apiKey)
	case 5:
		r = s.put(path, one(s, `{"is_invalidated": true}`, `{"hwids": []}`, `{"hwids": ["a", "b"]}`, `{"expires_at": null, "key_name": ""}`, `{"validity_minutes": 9}`, `{"folder_id": 4001}`), apiKey)
	case 6:
		r = s.delete(path, apiKey)
	case 7:
		r = s.post(path+"/reset-hwid", "", apiKey)
	default:
		r = s.get("/keys?limit="+one(s, "3", "100")+"&status="+one(s, "", "used", "expired"), apiKey)
	}
	s.told = append(s.told, fmt.Sprint(r.Status, r.Header, string(r.Body), r.Turn.Rows))
}

// act does what a test does through the Go API. What is refused is told, too.
func (s *script) act() {
	s.Helper()
	defer func() {
		if refusal := recover(); refusal != nil {
			s.told = append(s.told, fmt.Sprint(refusal))
		}
	}()
	w := s.world
	s.tell(one(s,
		func() any {
			return w.Verify(s.value(), one(s, "pc", "phone", "evil"), one(s, ByExecutorUser("1"), ForService(3001), ForService(8)))
		},
		func() any { return w.Verify(s.value(), one(s, "pc", "phone", "evil")) },
		func() any { return w.Redeem(s.value(), "12345678901234567") },
		func() any { return w.AddProvider(one(s, "shop", "store"), KeyPrefix(one(s, "", "SHOP"))) },
		func() any { return w.AddService(one(s, "hub", "free"), one(s, Premium(), Keyless())) },
		func() any { return w.AddFolder(one(s, "vip", "old")) },
		func() any {
			return w.AddKey(Key{ID: s.Int64N(40), Value: one(s, "", "first", "second"), UsedAt: one(s, time.Time{}, s.Now), ValidityMinutes: s.Int64N(90), HWIDLimit: s.Int64N(3)}).ID
		},
		func() any { return w.RemoveKey(s.Int64N(20)) },
		func() any { return w.AddAccount().AddKey(Key{Devices: []Device{{HWID: "evil"}}}).ID },
		func() any { return w.AddAPIKey(one(s, ScopeREST, "other")) },
		func() any {
			w.BanDevice(Ban{HWID: "evil", InvalidateKeys: s.IntN(2) == 0, Until: one(s, time.Time{}, s.Now.Add(time.Hour))})
			return nil
		},
		func() any { return w.UnbanDevice("evil") },
		func() any { w.SetRateLimit(s.IntN(4), time.Hour); return nil },
		func() any { return w.Keys() },
	)())
}

func (s *script) tell(told any) {
	s.Helper()
	text, err := json.Marshal(told)
	require.NoError(s, err)
	s.told = append(s.told, string(text))
}

func (s *script) value() string {
	if keys := s.world.Keys(); len(keys) > 0 {
		return one(s, keys...).Value
	}
	return "nothing"
}

// sheets are what the control plane is told of objects, right or wrong.
var sheets = map[string][]string{
	"accounts":  {`{}`, `{"id": 7, "apiKey": "other"}`, `{"apiKey": null}`},
	"api-keys":  {`{}`, `{"scopes": []}`, `{"revoked": true}`, `{"revoked": false}`, `{"account": 1002}`, `{"value": "other"}`},
	"providers": {`{"name": "shop"}`, `{"id": 7}`, `{"keyPrefix": "P"}`, `{"keyPrefix": "p"}`, `{"account": 1002}`},
	"services":  {`{"name": "hub"}`, `{"id": 8, "premium": true}`, `{"keyless": true}`, `{"account": 1002}`},
	"folders":   {`{"name": "vip"}`, `{"id": 9, "createdAt": "-1h"}`, `{"account": 1002}`},
	"keys": {
		`{}`, `{"provider": "shop"}`, `{"service": 8, "validity": "1h"}`, `{"folder": "vip", "name": ""}`, `{"value": "first"}`, `{"createdAt": "-1h", "expiresAt": "+1m"}`,
		`{"hwids": [{"hwid": "evil"}, {"hwid": "pc", "boundAt": "-1m"}], "hwidLimit": 0}`, `{"redemption": {"discordUserId": "1"}}`, `{"account": 1002, "invalidated": true}`,
	},
	"bans": {`{"hwid": "evil"}`, `{"hwid": "other", "until": "+1h"}`, `{"hwid": "evil", "invalidateKeys": true}`, `{"account": 1002, "hwid": "evil"}`},
}

// steer does what a program does through the control plane.
func (s *script) steer() {
	s.Helper()
	collection := one(s, slices.Sorted(maps.Keys(sheets))...)
	method, id := one(s, "POST", "POST", "PATCH", "DELETE"), one(s, append(s.IDs(collection), "0")...)
	answer, err := s.Steer(method, collection, id, one(s, sheets[collection]...))
	s.told = append(s.told, answer, fmt.Sprint(err))
}
