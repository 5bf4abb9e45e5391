package keygenmock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	poolEmpty       = problem{Title: "Unprocessable entity", Detail: "pool is empty", Source: &source{Pointer: "/data/relationships/pool"}}
	poolUnsupported = problem{Title: "Unprocessable entity", Detail: "pool is not supported", Source: &source{Pointer: "/data/relationships/pool"}}
)

var poolProofs = proofs{
	rulePoolList: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 4)
		s.keys(2)
		s.get(poolOf(p)).shows(keys).has("links", "absent")
		s.get(poolOf(p) + "?order=asc&limit=1").shows(keys[3:])
		s.get(poolOf(p) + "?product=" + defaultAdminID + "&policy=none").shows(keys)
		s.get(poolOf(p)+"?page[number]=2&page[size]=3").shows(keys[3:]).
			has("links.self", `"/v1/accounts/acme/policies/`+p.ID+`/pool?page%5Bnumber%5D=2&page%5Bsize%5D=3"`)
		unpooled := s.policy(false)
		s.keysOf(unpooled, 2)
		s.get(poolOf(unpooled)).is(200).has("data", "[]")
	},
	rulePoolKey: func(s *stage) {
		k, other := s.AddKey(Key{}), s.AddKey(Key{})
		s.get(pool(k.PolicyID)+"/"+strings.ToUpper(k.ID)).is(200).has("data.id", quote(k.ID))
		s.get(pool(k.PolicyID)+"/"+other.ID).hidden("key", other.ID)
		s.get(pool(k.PolicyID)+"/"+k.Key).hidden("key", k.Key)
		unpooled := s.AddKey(Key{PolicyID: s.policy(false).ID})
		s.get(pool(unpooled.PolicyID)+"/"+unpooled.ID).hidden("key", unpooled.ID)
	},
	rulePoolUsers: func(s *stage) {
		k := s.AddKey(Key{})
		token := as(s.tokenOf(s.AddLicense(License{PolicyID: k.PolicyID}).ID))
		s.get(pool(k.PolicyID), token).lacks("license")
		s.get(pool(k.PolicyID)+"/"+k.ID, token).lacks("license")
		s.get(pool(k.PolicyID)+"/none", token).hidden("key", "none")
		s.delete(pool(k.PolicyID), token).lacks("license")
		s.delete(pool(s.AddKey(Key{}).PolicyID), token).is(404)
	},
	rulePoolPop: func(s *stage) {
		k := s.AddKey(Key{})
		s.Effects = nil
		shown := s.get("/keys/" + k.ID).Body
		r := s.delete(pool(k.PolicyID)).is(200).says("Location", "")
		require.Equal(s, string(shown), string(r.Body))
		require.Equal(s, []string{"key.popped " + k.ID}, s.Kinds())
		s.get("/keys/"+k.ID).hidden("key", k.ID)
		s.create(k.Key, k.PolicyID).is(201) // the text is free
	},
	rulePoolNewest: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 3)
		s.keys(1)
		s.delete(poolOf(p)).has("data.id", quote(keys[0].ID))
		s.delete(poolOf(p)).has("data.id", quote(keys[1].ID))
		newer := s.create(thirtyChars, p.ID).is(201).Text("data.id")
		s.delete(poolOf(p)).has("data.id", quote(newer))
		s.delete(poolOf(p)).has("data.id", quote(keys[2].ID))
	},
	rulePoolOldest: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 3)
		s.world.SetPoolOrder(true)
		s.delete(poolOf(p)).has("data.id", quote(keys[2].ID))
		s.call("POST", "/licenses", newLicense(p.ID)).is(201).has("data.attributes.key", quote(keys[1].Key))
		s.get(poolOf(p)).shows(keys[:1])
		s.world.SetPoolOrder(false)
		s.delete(poolOf(p)).has("data.id", quote(keys[0].ID))
	},
	rulePoolEmpty: func(s *stage) {
		k := s.AddKey(Key{})
		s.delete(pool(k.PolicyID)).is(200)
		s.delete(pool(k.PolicyID)).refused(422, poolEmpty)
	},
	rulePoolUnpooled: func(s *stage) {
		k := s.AddKey(Key{PolicyID: s.policy(false).ID})
		s.delete(pool(k.PolicyID)).refused(422, poolUnsupported)
		require.Equal(s, []Key{k}, s.Keys())
	},
	rulePoolAtomic: func(s *stage) {
		p := s.policy(true)
		s.keysOf(p, 5)
		popped := map[string]bool{}
		for range 5 {
			popped[s.delete(poolOf(p)).is(200).Text("data.id")] = true
		}
		require.Len(s, popped, 5)
	},
}

// A key that is also a license's is next in line again and again, until it is
// popped, deleted or overtaken.
func TestWedgedPool(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.policy(true)
	keys := s.keysOf(p, 2)
	conflict := problem{Title: "Conflict", Detail: "The request could not be completed because of a conflict"}
	s.AddLicense(License{Key: keys[0].Key})
	for range 3 {
		s.call("POST", "/licenses", newLicense(p.ID)).refused(409, conflict)
	}
	require.Len(t, s.Pool(p.ID), 2)
	require.Len(t, s.Licenses(), 1)
	s.update(keys[0], keys[0].Key).invalid(keyIsLicense)

	newer := s.AddKey(Key{PolicyID: p.ID})
	s.call("POST", "/licenses", newLicense(p.ID)).is(201).has("data.attributes.key", quote(newer.Key))
	s.call("POST", "/licenses", newLicense(p.ID)).refused(409, conflict)
	s.delete(poolOf(p)).is(200).has("data.id", quote(keys[0].ID))
	s.call("POST", "/licenses", newLicense(p.ID)).is(201).has("data.attributes.key", quote(keys[1].Key))
}
