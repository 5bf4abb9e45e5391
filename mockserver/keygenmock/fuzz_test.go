package keygenmock

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// FuzzServe sends any request: there is always an answer in the vendor's words,
// and a refused call changes nothing.
func FuzzServe(f *testing.F) {
	f.Add("GET", "/v1/accounts/acme/keys", "page[cursor]=&page[size]=5&order=asc&policy=x", "Bearer "+defaultToken, "", "", "")
	f.Add("GET", "/v1/accounts/acme/keys", "page[number]=100&limit=3", "", "*/*", "1.2", "")
	f.Add("POST", "/v1/accounts/acme/keys", "token="+defaultToken, "", "application/json", "v1.8", newKey("12345678", fuzzPolicy))
	f.Add("POST", "/v1/accounts/acme/keys", "", "Token "+defaultToken, "", "", `{"data":{"type":"keys","meta":null,"attributes":[{}]}}`)
	f.Add("PATCH", "/v1/accounts/acme/keys/"+fuzzKey, "", "Bearer "+defaultToken, "", "", `{"Data":{"TYPE":"keys","attributes":{"key":"\u0000"}}}`)
	f.Add("PUT", "/v1/accounts/acme/keys/"+fuzzKey+".json/", "", "Bearer "+defaultToken, "", "", `{"data":{"type":"keys","attributes":{}}}`)
	f.Add("DELETE", "/v1/accounts/00000000000040008000000000000001/policies/"+fuzzPolicy+"/pool", "", "Bearer "+defaultToken, "", "", "")
	f.Add("POST", "/v1/accounts/acme/licenses", "", "Bearer "+defaultToken, "", "", newLicense(fuzzPolicy))
	f.Add("POST", "/v1/accounts/acme/policies", "", "Basic OmE=", "text/html, application/json;q=0.1", "", `{"data":{"type":"policies","attributes":{"usePool":true}}}`)
	f.Add("HEAD", "/v1/accounts/acme/keys/"+fuzzKey+"/policy", "a[b][c]=%00&a[]=1", "License x", "", "9", "null")
	f.Add("OPTIONS", "/v1", "%zz", "", "", "", "{")
	f.Add("BREW", "//", "&&=", "bearer", "x", "", "\xff")
	f.Fuzz(func(t *testing.T, method, path, query, authorization, accept, version, body string) {
		s := newStage(t)
		s.AddPolicy(Policy{ID: fuzzPolicy, Pooled: true})
		s.AddKey(Key{ID: fuzzKey, PolicyID: fuzzPolicy})
		s.AddKey(Key{PolicyID: fuzzPolicy, Key: "\u2028<&>"})
		keys, licenses, policies := s.Keys(), s.Licenses(), s.Policies()
		r := s.call(method, "", "", func(req *core.Request) {
			req.Path, req.RawQuery, req.Body = path, query, []byte(body)
			req.Query, _ = url.ParseQuery(query)
			req.Header["Authorization"], req.Header["Accept"], req.Header["Keygen-Version"] = []string{authorization}, []string{accept}, []string{version}
		})
		r.sane()
		if r.Status > 299 {
			require.Equal(t, keys, s.Keys(), "a refused call changes nothing")
			require.Equal(t, licenses, s.Licenses())
			require.Equal(t, policies, s.Policies())
			require.Empty(t, s.Events())
		}
		s.get("/keys?limit=100").is(200) // whatever it left can be shown
		s.get("/licenses?limit=100").is(200)
		s.get("/policies?limit=100").is(200)
	})
}

const (
	fuzzPolicy = "10000000-0000-4000-8000-000000000001"
	fuzzKey    = "10000000-0000-4000-8000-000000000002"
)

// sane asserts what holds for every answer.
func (r response) sane() {
	r.Helper()
	require.Contains(r, []int{200, 201, 204, 400, 401, 403, 404, 409, 422}, r.Status, "%s", r.Body)
	switch media := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(media, "text/html"):
		require.Equal(r, 404, r.Status)
	case len(r.Body) == 0:
		require.Empty(r, media)
	case r.Status > 299:
		require.NotEmpty(r, r.errors())
		require.Regexp(r, `^application/(vnd\.api\+)?json; charset=utf-8$`, media)
	default:
		require.True(r, json.Valid(r.Body), "%s", r.Body)
		r.signed()
	}
}

// FuzzPlay directs what callers, tests and the control plane do: in the end
// everything is found where it is listed, as in a state that is made anew from the
// lists.
func FuzzPlay(f *testing.F) {
	worldtest.Direct(f, func(t *testing.T, dice worldtest.Dice) {
		s, twin := newStage(t), newStage(t)
		for play := (player{s, dice.Rand}); dice.Left(); {
			play.step()
		}
		kept := s.Keep()
		twin.PutBack(kept)
		require.Equal(t, kept, twin.Keep())
		require.Equal(t, twin.found(), s.found())
	})
}

// found is all that the state has by all ways that lead to it, but for what
// signatures are made with and the numbers that rows of one moment are put in order
// by.
func (s *stage) found() map[string]string {
	leaves := worldtest.Leaves(s.state())
	maps.DeleteFunc(leaves, func(at, _ string) bool {
		return strings.Contains(at, ".signing") || strings.HasSuffix(at, ".number") || strings.HasSuffix(at, ".last")
	})
	return leaves
}
