package keygenmock

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var noRoute = problem{
	Title:  "Not found",
	Detail: "The requested endpoint was not found (check your HTTP method, Accept header, and URL path)",
	Code:   "NOT_FOUND",
}

var mimeInvalid = problem{
	Title:  "Bad request",
	Detail: "The mime type of the request is not acceptable (check content-type and accept headers)",
	Code:   "MIME_TYPE_INVALID",
}

// early asserts a refusal from before the API proper.
func (r response) early(status int, want problem) response {
	r.Helper()
	r.refused(status, want).has("meta", "absent").says("Content-Type", "application/vnd.api+json; charset=utf-8")
	for name := range r.Header {
		require.False(r, strings.HasPrefix(name, "Keygen-") || name == "Digest" || name == "X-Request-Id" || name == "Date", name)
	}
	return r
}

var routeProofs = proofs{
	ruleRouteVerb: func(s *stage) {
		for _, verb := range []string{"BREW", "get", "X"} {
			s.call(verb, "/keys", "").early(400, problem{
				Title: "Bad request", Detail: "The HTTP method for the request is not valid", Code: "HTTP_METHOD_INVALID",
			})
		}
		s.call("PROPFIND", "/keys", "").refused(404, noRoute)
	},
	ruleRouteUnknown: func(s *stage) {
		for _, path := range []string{"/nothing", "/keys/1/2/3", "/v1", "/v1/accounts", "/v1/nothing/x", "/keys/a.b/policy", "/keys//policy"} {
			r := s.get(path).refused(404, noRoute)
			r.says("Keygen-Account", "").says("Keygen-Signature", "").says("Keygen-Edition", "CE").says("Content-Type", "application/vnd.api+json; charset=utf-8")
		}
		s.noted(0, 0, 0)
	},
	ruleRouteMethod: func(s *stage) {
		k := s.AddKey(Key{})
		for _, c := range [][2]string{
			{"POST", "/keys/" + k.ID}, {"PATCH", "/keys"}, {"DELETE", "/keys"}, {"PUT", "/keys"}, {"POST", pool(k.PolicyID)},
			{"DELETE", pool(k.PolicyID) + "/" + k.ID}, {"OPTIONS", "/keys"}, {"PATCH", "/policies/" + k.PolicyID + "/pool"},
		} {
			s.call(c[0], c[1], "").refused(404, noRoute)
		}
	},
	ruleRouteFormat: func(s *stage) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID+".json").is(200).has("data.id", quote(k.ID))
		s.get("/keys.json?limit=1").is(200)
		for _, path := range []string{"/keys/a.b", "/keys/" + k.ID + ".xml", "/keys.html", "/policies/x/pool/a.b"} {
			s.get(path).early(400, mimeInvalid)
		}
		l := s.AddLicense(License{Key: "key/with.dots"})
		s.get("/licenses/key%2Fwith.dots").is(200).has("data.id", quote(l.ID))
	},
	ruleRouteHTML: func(s *stage) {
		r := s.get("/nothing", with("Accept", "")).is(404).says("Content-Type", "text/html; charset=utf-8")
		require.Equal(s, "Not Found", string(r.Body))
	},
	ruleRouteAlias: func(s *stage) {
		k := s.AddKey(Key{})
		s.call("HEAD", "/keys/"+k.ID, "").is(200)
		body := `{"data":{"type":"keys","attributes":{"key":"` + thirtyChars + `"}}}`
		s.call("PUT", "/keys/"+k.ID, body).is(200).has("data.attributes.key", quote(thirtyChars))
	},
	ruleRouteSlash: func(s *stage) { s.get("/keys/").is(200) },
	ruleCORSPreflight: func(s *stage) {
		ask := func(r *core.Request) {
			r.Header.Set("Origin", "https://shop.example")
			r.Header.Set("Access-Control-Request-Method", "DELETE")
			r.Header.Set("Access-Control-Request-Headers", "authorization,keygen-version")
			r.Header.Del("Authorization")
		}
		for _, path := range []string{"/keys", "/nothing"} {
			s.call("OPTIONS", path, "", ask).is(200).says("Access-Control-Allow-Origin", "*").says("Access-Control-Max-Age", "86400").
				says("Access-Control-Allow-Headers", "authorization,keygen-version").says("Keygen-Version", "")
		}
		require.Contains(s, s.call("OPTIONS", "/keys", "", ask).Header.Get("Access-Control-Allow-Methods"), "DELETE")
	},
	ruleHeaderCORS: func(s *stage) {
		for _, path := range []string{"/keys", "/keys/a.b"} {
			r := s.get(path, with("Origin", "https://shop.example")).says("Access-Control-Allow-Origin", "*")
			for _, name := range []string{"Keygen-Signature", "X-RateLimit-Remaining", "X-Request-Id", "X-Signature", "Date", "Digest"} {
				require.Contains(s, r.Header.Get("Access-Control-Expose-Headers"), name)
			}
		}
		s.get("/keys").says("Access-Control-Allow-Origin", "")
	},
	ruleAccountName: func(s *stage) {
		keys := s.keys(1)
		for _, name := range []string{"acme", defaultAccountID, strings.ReplaceAll(defaultAccountID, "-", "")} {
			s.get("/v1/accounts/" + name + "/keys").shows(keys)
		}
		other := strings.ToUpper(s.other.ID())
		s.get("/v1/accounts/"+other+"/keys", as(s.other.Token())).is(200)
		for _, name := range []string{"ACME", "none", "00000000-0000-4000-8000-0000000000ff"} {
			s.get("/v1/accounts/"+name+"/keys", anonymous).hidden("account", name).says("Keygen-Signature", "")
		}
	},
	ruleAccountSingle: func(s *stage) {
		required := problem{Title: "Not found", Detail: "account is required", Code: "NOT_FOUND"}
		s.get("/v1/keys").refused(404, required)
		s.get("/v1/accounts/-/keys").hidden("account", "-")
		s.world.SetSingleplayer(true)
		k := s.AddKey(Key{})
		r := s.get("/v1/keys?page[number]=1").shows([]Key{k}).says("Keygen-Mode", "singleplayer")
		require.Equal(s, "/v1/keys?page%5Bnumber%5D=1&page%5Bsize%5D=10", r.Text("links.self"))
		s.delete("/v1" + pool(k.PolicyID)).is(200)
		s.get("/v1/accounts/acme/keys").is(200)
		s.get("/v1/accounts/other/keys").refused(404, problem{
			Title: "Not found", Detail: "account is invalid (expected " + defaultAccountID + ")", Code: "NOT_FOUND",
		})
		s.get("/v1/accounts/none/keys").hidden("account", "none")
	},
	ruleAccountInactive: func(s *stage) {
		want := problem{
			Title: "Account does not have an active subscription", Detail: "must have an active subscription to access this resource",
		}
		for _, status := range []string{StatusCanceled, StatusPaused} {
			s.SetStatus(status)
			s.get("/keys").refused(403, want).signed()
			s.get("/keys", anonymous).refused(403, want)
			s.call("POST", "/keys", "").refused(403, want)
			s.get("/v1/accounts/other/keys", as(s.other.Token())).is(200)
		}
		s.SetStatus(StatusActive)
		s.get("/keys").is(200)
	},
	ruleEnvironment: func(s *stage) {
		unsupported := problem{Title: "Bad request", Detail: "is unsupported", Code: "ENVIRONMENT_NOT_SUPPORTED"}
		inHeader, inQuery := unsupported, unsupported
		inHeader.Source, inQuery.Source = &source{Header: "Keygen-Environment"}, &source{Parameter: "environment"}
		s.get("/keys", with("Keygen-Environment", "x"), anonymous).refused(400, inHeader).signed()
		s.get("/keys?environment=x").refused(400, inQuery)
		s.get("/keys?environment=").is(200)
	},
	ruleQueryUnknown: func(s *stage) {
		keys := s.keys(2)
		s.get("/keys?include=policy&sort=key&fields[keys]=key&per_page=1&product_id=x").shows(keys).Finds(
			`unknown query parameter "fields" was ignored`, `unknown query parameter "include" was ignored`,
			`unknown query parameter "per_page" was ignored: the vendor's name is limit`,
			`unknown query parameter "product_id" was ignored: the vendor's name is product`,
			`unknown query parameter "sort" was ignored: the vendor's name is order`)
		s.get("/keys?page[cursor]=&limit=5&order=asc&product=&policy=&token=x").is(200).Finds()
		s.get("/keys/" + keys[0].ID + "?limit=1").is(200).Finds(`unknown query parameter "limit" was ignored`)
		s.get(pool(keys[0].PolicyID) + "?policy=x").is(200).Finds(`unknown query parameter "policy" was ignored`)
		s.call("DELETE", "/keys/"+keys[0].ID, "{}").is(204).Finds("a body was sent and ignored")
	},
	ruleQueryUnreadable: func(s *stage) {
		for _, query := range []string{"a=%zz", "a=%ff", "page=1&page[number]=2", "%"} {
			s.get("/keys", raw("/v1/accounts/acme/keys", query)).early(400, problem{
				Title:  "Bad request",
				Detail: "The request could not be completed because it contains invalid query parameters (check encoding)",
				Code:   "PARAMETERS_INVALID",
			})
		}
	},
}
