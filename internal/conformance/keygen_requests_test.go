package conformance

import (
	"context"
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

const (
	inJSONAPI = "application/vnd.api+json; charset=utf-8"
	inJSON    = "application/json; charset=utf-8"
)

var (
	noRouteJSON = `{"title": "Not found", "code": "NOT_FOUND",
		"detail": "The requested endpoint was not found (check your HTTP method, Accept header, and URL path)"}`
	mimeJSON    = badRequestJSON("MIME_TYPE_INVALID", "The mime type of the request is not acceptable (check content-type and accept headers)")
	badJSON     = badRequestJSON("JSON_INVALID", "The request could not be completed because it contains invalid JSON (check formatting/encoding)")
	badBytes    = badRequestJSON("ENCODING_INVALID", "The request could not be completed because it contains an invalid byte sequence (check encoding)")
	nullBytes   = badRequestJSON("ENCODING_INVALID", "The request could not be completed because it contains an unexpected null byte (check encoding)")
	versionJSON = `{"title": "Bad request", "detail": "unsupported API version requested", "code": "INVALID_API_VERSION",
		"links": {"about": "` + rowDocs + `versioning/"}}`
)

func acceptSignatureJSON(why string) string {
	return `{"title": "Bad request", "detail": "invalid accept-signature header (` + why + `)"}`
}

var keygenRequests = []scenario[*keygenStage]{
	{
		name:   "request: a method that is none",
		proves: "route.verb error.outside",
		finds:  []string{"is no method of"},
		play: func(s *keygenStage) {
			for _, verb := range []string{"BREW", "get", "X"} {
				s.assertEarly(s.raw(verb, "/keys", ""), 400, badRequestJSON("HTTP_METHOD_INVALID", "The HTTP method for the request is not valid"))
			}
			s.assertErrors(s.raw("PROPFIND", "/keys", ""), 404, noRouteJSON)
		},
	},
	{
		name:   "request: a path that leads nowhere",
		proves: "route.unknown route.html",
		finds:  []string{"no route"},
		play: func(s *keygenStage) {
			for _, path := range []string{"/nothing", "/keys/1/2/3", "//accounts", "//accounts/acme/x/y", "/keys/a.b/policy"} {
				a := s.assertErrors(s.get(path), 404, noRouteJSON)
				s.assertHeader(a, "Keygen-Account", "")
				s.assertHeader(a, "Keygen-Edition", "CE")
			}
			page := s.assertStatus(s.unwatched("GET", "/nothing", "", "Accept:"), 404)
			assert.Equal(s, "Not Found", page.Body)
			s.assertHeader(page, "Content-Type", "text/html; charset=utf-8")
		},
	},
	{
		name:   "request: another method",
		proves: "route.method route.unknown",
		finds:  []string{"is no method of"},
		play: func(s *keygenStage) {
			policy, keys := s.pool(1)
			pool := "/policies/" + policy.ID + "/pool"
			for _, c := range [][2]string{
				{"POST", "/keys/" + keys[0].ID}, {"PATCH", "/keys"}, {"DELETE", "/keys"}, {"PUT", "/keys"}, {"OPTIONS", "/keys"},
				{"POST", pool}, {"PATCH", pool}, {"DELETE", pool + "/" + keys[0].ID}, {"PATCH", "/policies/" + policy.ID},
			} {
				s.assertErrors(s.raw(c[0], c[1], ""), 404, noRouteJSON)
			}
			assert.Equal(s, keys, s.Keygen.Keys())
		},
	},
	{
		name:   "request: other forms that mean the same",
		proves: "route.alias route.slash route.format",
		play: func(s *keygenStage) {
			_, keys := s.pool(1)
			path := "/keys/" + keys[0].ID
			want := s.assertStatus(s.get(path), 200)
			for _, form := range []string{path + "/", path + ".json"} {
				assert.Equal(s, want.Body, s.assertStatus(s.get(form), 200).Body)
			}
			assert.Empty(s, s.assertStatus(s.raw("HEAD", path, ""), 200).Body)
			s.assertAttributes(s.raw("PUT", path, updateDocument(`"key": "put in place"`)), 200, map[string]any{"key": "put in place"})
			s.assertIDs(s.get("/keys.json?limit=1"), keys[0].ID)
			for _, path := range []string{"/keys/a.b", path + ".xml", "/keys.html", "/policies/x/pool/a.b"} {
				s.assertEarly(s.get(path), 400, mimeJSON)
			}
		},
	},
	{
		name:   "request: from a browser",
		proves: "cors.preflight cors.headers",
		finds:  []string{"no route OPTIONS"},
		play: func(s *keygenStage) {
			const origin = "Origin: https://shop.example"
			for _, path := range []string{"/keys", "/nothing"} {
				a := s.unwatched("OPTIONS", path, "", anonymous, origin, "Access-Control-Request-Method: DELETE", "Access-Control-Request-Headers: authorization,keygen-version")
				s.assertStatus(a, 200)
				s.assertHeader(a, "Access-Control-Allow-Origin", "*")
				s.assertHeader(a, "Access-Control-Max-Age", "86400")
				s.assertHeader(a, "Access-Control-Allow-Headers", "authorization,keygen-version")
				assert.Contains(s, a.Header.Get("Access-Control-Allow-Methods"), "DELETE")
			}
			for _, a := range []answer{s.get("/keys", origin), s.get("/keys/a.b", origin)} {
				s.assertHeader(a, "Access-Control-Allow-Origin", "*")
				for _, name := range []string{"Keygen-Signature", "X-RateLimit-Remaining", "X-Request-Id", "X-Signature", "Date", "Digest"} {
					assert.Contains(s, a.Header.Get("Access-Control-Expose-Headers"), name)
				}
			}
			s.assertHeader(s.get("/keys"), "Access-Control-Allow-Origin", "")
		},
	},
	{
		name:   "request: names of the account",
		proves: "account.name",
		play: func(s *keygenStage) {
			_, keys := s.pool(1)
			id := s.Keygen.AccountID()
			for _, name := range []string{s.Keygen.Account(), id, strings.ToUpper(id), strings.ReplaceAll(id, "-", "")} {
				s.assertIDs(s.get("//accounts/"+name+"/keys"), keys[0].ID)
			}
			for _, name := range []string{"ACME", "none", "00000000-0000-4000-8000-0000000000ff"} {
				for _, header := range []string{"Accept: " + jsonAPI, anonymous} {
					a := s.get("//accounts/"+name+"/keys", header)
					s.assertHidden(a, "account", name)
					s.assertHeader(a, "Keygen-Signature", "")
				}
			}
			byID := s.clientWith(func(c *keygen.Config) { c.Account = id })
			require.NoError(s, tryList(s, byID))
			nowhere := s.clientWith(func(c *keygen.Config) { c.Account = "none" })
			s.assertRefused(tryList(s, nowhere), 404, keygen.ErrNotFound, keygen.ErrAccountNotFound)
		},
	},
	{
		name:   "request: a server with one account",
		proves: "account.single",
		play: func(s *keygenStage) {
			policy, keys := s.pool(2)
			s.assertErrors(s.get("//keys"), 404, `{"title": "Not found", "detail": "account is required", "code": "NOT_FOUND"}`)
			s.Keygen.SetSingleplayer(true)
			a := s.assertIDs(s.get("//keys?page[number]=1"), keyIDs(keys...)...)
			s.assertHeader(a, "Keygen-Mode", "singleplayer")
			assert.Equal(s, "/v1/keys?page%5Bnumber%5D=1&page%5Bsize%5D=10", a.at(s, "links.self"))
			s.assertStatus(s.remove("//policies/"+policy.ID+"/pool"), 200)
			s.assertIDs(s.get("/keys"), keys[1].ID)
			s.assertErrors(s.get("//accounts/"+test1+"/keys"), 404,
				`{"title": "Not found", "detail": "account is invalid (expected `+s.Keygen.AccountID()+`)", "code": "NOT_FOUND"}`)
		},
	},
	{
		name:   "request: the account is inactive",
		proves: "account.inactive",
		play: func(s *keygenStage) {
			for _, status := range []string{keygenmock.StatusCanceled, keygenmock.StatusPaused} {
				s.Keygen.SetStatus(status)
				s.assertErrors(s.get("/keys", anonymous), 403, rowInactive)
				s.assertErrors(s.post("/keys", ""), 403, rowInactive)
				s.assertRefused(tryList(s, s.client()), 403, keygen.ErrForbidden, keygen.ErrAccountInactive)
			}
			s.Keygen.SetStatus(keygenmock.StatusActive)
			require.NoError(s, tryList(s, s.client()))
		},
	},
	{
		name:   "request: an environment in the query",
		proves: "environment.unsupported",
		play: func(s *keygenStage) {
			s.assertErrors(s.get("/keys?environment=x"), 400,
				`{"title": "Bad request", "detail": "is unsupported", "code": "ENVIRONMENT_NOT_SUPPORTED", "source": {"parameter": "environment"}}`)
			s.assertErrors(s.get("/keys", "Keygen-Environment: x", anonymous), 400, rowEnvironment)
			s.assertStatus(s.get("/keys?environment="), 200)
		},
	},
	{
		name:   "request: a query that cannot be read",
		proves: "query.unreadable error.outside",
		finds:  []string{"the query is malformed"},
		play: func(s *keygenStage) {
			for _, query := range []string{"a=%zz", "a=%ff", "page=1&page[number]=2", "%"} {
				s.assertEarly(s.get("/keys?"+query), 400, badRequestJSON("PARAMETERS_INVALID",
					"The request could not be completed because it contains invalid query parameters (check encoding)"))
			}
		},
	},
	{
		name:   "request: media types of bodies",
		proves: "content-type.json content-type.default content-type.malformed error.early",
		play: func(s *keygenStage) {
			policy, _ := s.pool(0)
			for i, media := range []string{
				" application/vnd.api+json", " application/vnd.keygen+json", " application/json", " Application/JSON ; charset=UTF-8",
				"", " text/plain", " application/x-www-form-urlencoded", " multipart/form-data; boundary=x",
			} {
				s.assertStatus(s.post("/keys", newKeyDocument(strings.Repeat("key", i+3), policy.ID), "Content-Type:"+media), 201)
			}
			for _, media := range []string{"vnd.api+xml", "json", "application/", "/json", "a/b/c"} {
				s.assertEarly(s.post("/keys", newKeyDocument("malformed", policy.ID), "Content-Type: "+media), 400, mimeJSON)
			}
		},
	},
	{
		name:   "request: a body in no JSON type",
		proves: "content-type.other content-type.as-accept json.empty",
		play: func(s *keygenStage) {
			policy, _ := s.pool(0)
			s.assertMalformed(s.post("/keys", newKeyDocument("not read", policy.ID), "Content-Type: application/xml"), "/data", "is missing")
			s.assertEarly(s.post("/keys", newKeyDocument("not read", policy.ID), "Content-Type: application/xml", "Accept:"), 400, mimeJSON)
		},
	},
	{
		name:   "request: media types of answers",
		proves: "accept.taken accept.wildcard accept.refused answer.type answer.type-any-application error.early",
		play: func(s *keygenStage) {
			for accept, want := range map[string]string{
				"": inJSONAPI, " *": inJSONAPI, " */*": inJSONAPI, " application/vnd.api+json": inJSONAPI, " application/json": inJSON,
				" application/vnd.keygen+json": inJSONAPI, " application/*": inJSON, " text/html, application/json": inJSON,
				" application/vnd.api+json, application/json": inJSONAPI, " application/json, application/vnd.api+json": inJSON,
				" application/json;q=0.5, application/vnd.api+json": inJSONAPI, " text/html, */*;q=0.8": inJSONAPI,
			} {
				s.assertHeader(s.assertStatus(s.get("/keys", "Accept:"+accept), 200), "Content-Type", want)
				s.assertHeader(s.assertStatus(s.get("/keys/x", "Accept:"+accept), 404), "Content-Type", want)
				s.assertEarly(s.post("/keys", "{", "Accept:"+accept), 400, badJSON)
			}
			for _, accept := range []string{"text/html", "text/plain", "application/xml", "text/html, application/xml;q=0.9", "json"} {
				s.assertEarly(s.get("/keys", "Accept: "+accept), 400, mimeJSON)
			}
		},
	},
	{
		name:   "request: versions",
		proves: "version.header version.unsupported version.empty version.headers",
		play: func(s *keygenStage) {
			id, tokenID := s.admin()
			for sent, want := range map[string]string{"1.0": "1.0", "1.7": "1.7", "v1.8": "1.8"} {
				s.assertHeader(s.assertStatus(s.get("/keys", "Keygen-Version: "+sent), 200), "Keygen-Version", want)
			}
			for version, suffix := range map[string]string{"1.3": "-Id", "1.4": ""} {
				a := s.get("/keys", "Keygen-Version: "+version)
				for name, want := range map[string]string{"Account": s.Keygen.AccountID(), "Bearer": id, "Token": tokenID} {
					s.assertHeader(a, "Keygen-"+name+suffix, want)
					assert.Len(s, a.Header.Values("Keygen-"+name+"-Id"), len(suffix)/3)
				}
			}
			s.assertErrors(s.get("/keys", "Keygen-Version: 1.9"), 400, versionJSON)
			s.assertErrors(s.get("//accounts/none/keys", "Keygen-Version: 2.0", anonymous), 400, versionJSON)
			s.assertHeader(s.assertStatus(s.emptyHeader("/keys", "Keygen-Version"), 200), "Keygen-Version", "1.8")

			var told []string
			asking := func(version string) *keygen.Client {
				return s.clientWith(func(c *keygen.Config) { c.Version = version; c.OnAttempt = noteVersion(&told) })
			}
			require.NoError(s, tryList(s, asking("v1.7")))
			assert.Equal(s, []string{"1.7"}, told)
			s.assertRefused(tryList(s, asking("2.0")), 400, keygen.ErrInvalid)
		},
	},
	{
		name:   "request: policies of older versions",
		proves: "version.policy version.concurrent",
		play: func(s *keygenStage) {
			policy, keys := s.pool(1)
			lax := s.Keygen.AddPolicy(keygenmock.Policy{Attributes: map[string]any{"overageStrategy": "ALWAYS_ALLOW_OVERAGE"}})
			for _, path := range []string{"/policies/" + policy.ID, "/keys/" + keys[0].ID + "/policy"} {
				for version, want := range map[string]map[string]any{
					"1.8": {"processLeasingStrategy": "PER_MACHINE", "machineUniquenessStrategy": "UNIQUE_PER_LICENSE"},
					"1.6": {"leasingStrategy": "PER_MACHINE", "machineUniquenessStrategy": "UNIQUE_PER_LICENSE"},
					"1.3": {"leasingStrategy": "PER_MACHINE", "fingerprintUniquenessStrategy": "UNIQUE_PER_LICENSE", "fingerprintMatchingStrategy": "MATCH_ANY"},
					"1.1": {"concurrent": false},
				} {
					a := s.unwatched("GET", path, "", "Keygen-Version: "+version)
					s.assertAttributes(a, 200, want)
					attributes := a.at(s, "data.attributes").(map[string]any)
					assert.Equal(s, version == "1.8", attributes["processLeasingStrategy"] != nil, version)
					assert.Equal(s, version >= "1.6", attributes["machineMatchingStrategy"] != nil, version)
					assert.Equal(s, version == "1.1", attributes["concurrent"] != nil, version)
				}
			}
			s.assertAttributes(s.unwatched("GET", "/policies/"+lax.ID, "", "Keygen-Version: 1.0"), 200, map[string]any{"concurrent": true})
		},
	},
	{
		name:   "request: what is no JSON",
		proves: "json.invalid json.depth json.encoding json.null-byte error.early",
		play: func(s *keygenStage) {
			_, keys := s.pool(1)
			for _, body := range []string{"{", " ", "{} {}", `{'a': 1}`, `{"a": NaN}`, strings.Repeat("[", 101) + strings.Repeat("]", 101)} {
				s.assertEarly(s.post("/keys", body), 400, badJSON)
			}
			s.assertEarly(s.post("/keys", "{", anonymous), 400, badJSON)
			s.assertEarly(s.post("/keys", "{\"a\": \"\xff\"}"), 400, badBytes)
			s.assertErrors(s.post("/keys", newKeyDocument("null\x00null", keys[0].PolicyID)), 400, nullBytes)
			s.assertErrors(s.post("/keys", `{"a\u0000": 1}`), 400, nullBytes)
			s.assertLocal("Key", func() error {
				_, err := s.client().Keys.Create(s.Context(), keygen.CreateKeyParams{Key: "null\x00null", PolicyID: keys[0].PolicyID})
				return err
			})
		},
	},
	{
		name:   "request: what counts as which document",
		proves: "json.wrapped json.empty json.names json.duplicate",
		play: func(s *keygenStage) {
			for body, detail := range map[string]string{
				`[]`: "type mismatch (received array expected object)", `"x"`: "type mismatch (received string expected object)",
				`null`: "cannot be null", ``: "is missing", `{}`: "is missing",
				strings.Repeat("[", 100) + strings.Repeat("]", 100): "type mismatch (received array expected object)",
			} {
				s.assertMalformed(s.post("/keys", body), "/data", detail)
			}
			for _, name := range []string{"usePool", "use_pool", "use-pool", "UsePool", "USE_POOL"} {
				s.assertAttributes(s.createPolicy(`"Name": "a", "`+name+`": true`), 201, map[string]any{"usePool": true, "name": "a"})
			}
			s.assertAttributes(s.createPolicy(`"name": "a", "name": "b"`), 201, map[string]any{"name": "b"})
			s.assertMalformed(s.post("/keys", `{"data": {"bad": 1}, "Data": null}`), "/data", "cannot be null")
			s.assertMalformed(s.post("/keys", `{"a": 1, "b": 1, "a": 1}`), "/a", "unpermitted parameter")
		},
	},
	{
		name:   "request: how the answer is to be signed",
		proves: "signature.malformed signature.unsupported signature.keyid signature.order signature.algorithms signature.forms",
		play: func(s *keygenStage) {
			sign := func(header string) answer { return s.get("/keys", "Keygen-Accept-Signature: "+header) }
			for _, header := range []string{"x", "algorithm=ed25519", `keyid="x"`} {
				s.assertErrors(sign(header), 400, acceptSignatureJSON("malformed"))
			}
			s.assertErrors(sign(`algorithm="none"`), 400, acceptSignatureJSON("unsupported algorithm"))
			s.assertErrors(sign(`keyid="x", algorithm="none"`), 400, acceptSignatureJSON("unsupported algorithm"))
			s.assertErrors(sign(`keyid="x", algorithm="ed25519"`), 400, acceptSignatureJSON("keyid not found"))
			s.assertStatus(s.emptyHeader("/keys", "Keygen-Accept-Signature"), 200)
			for algorithm, verify := range verifiers {
				for _, header := range []string{"", `keyid="` + s.Keygen.AccountID() + `", `} {
					a := s.assertStatus(sign(header+`algorithm="`+algorithm+`"`), 200)
					text, signature := s.signed(a, algorithm)
					assert.True(s, verify(s.Keygen.PublicKey(algorithm), text, signature), algorithm)
					assert.False(s, verify(s.Keygen.PublicKey(algorithm), text+"x", signature), algorithm)
				}
			}
		},
	},
	{
		name:   "request: an account from before 2021-06-11",
		proves: "header.legacy-signature",
		play:   playLegacySignature,
	},
}

// noteVersion keeps what answers say of the version in force.
func noteVersion(told *[]string) func(context.Context, keygen.Attempt) {
	return func(_ context.Context, a keygen.Attempt) { *told = append(*told, a.Header.Get("Keygen-Version")) }
}

// emptyHeader asks with a header that is empty rather than absent.
func (s *keygenStage) emptyHeader(path, name string) answer {
	s.Helper()
	outer := s.rig.raw
	s.rig.raw = &http.Client{Transport: adding{outer.Transport, name}}
	defer func() { s.rig.raw = outer }()
	return s.get(path)
}

// adding adds an empty header to every request.
type adding struct {
	next http.RoundTripper
	name string
}

func (a adding) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header[http.CanonicalHeaderKey(a.name)] = []string{""}
	return a.next.RoundTrip(req)
}
