package keygenmock

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

func basic(text string) worldtest.Change {
	return with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(text)))
}

// Refusals of somebody unknown.
var (
	tokenMissing = problem{
		Title: "Unauthorized", Detail: "You must be authenticated to complete the request", Code: "TOKEN_MISSING",
		Links: &about{"https://keygen.sh/docs/api/authentication/"},
	}
	tokenInvalid = problem{
		Title: "Unauthorized", Detail: "You must be authenticated to complete the request", Code: "TOKEN_INVALID",
		Links: &about{"https://keygen.sh/docs/api/authentication/#token-authentication"},
	}
	licenseInvalid = problem{
		Title: "Unauthorized", Detail: "You must be authenticated to complete the request", Code: "LICENSE_INVALID",
		Links: &about{"https://keygen.sh/docs/api/authentication/#license-authentication"},
	}
)

// licensed adds a license of a new policy and returns its key and a token.
func (s *stage) licensed(p Policy, l License) (key, token string) {
	l.PolicyID = s.AddPolicy(p).ID
	l = s.AddLicense(l)
	return l.Key, s.tokenOf(l.ID)
}

// lists asserts that a credential is that of somebody who may list keys, or of a
// license, which may not: in any case it is known.
func (s *stage) known(id string, change worldtest.Change) response {
	s.Helper()
	r := s.get("/keys", change)
	require.Contains(s, []int{200, 403}, r.Status, "%s", r.Body)
	return r.says("Keygen-Bearer", id)
}

var accessProofs = proofs{
	ruleAuthMissing: func(s *stage) {
		for _, header := range []string{"", "Bearer", "Bearer ", "Token", "License", "License ", "Digest abc", "xyz"} {
			s.get("/keys", with("Authorization", header)).refused(401, tokenMissing)
		}
		s.get("/keys?token=&auth=", anonymous).refused(401, tokenMissing)
	},
	ruleAuthBearer: func(s *stage) {
		for _, scheme := range []string{"Bearer ", "Token "} {
			s.known(defaultAdminID, with("Authorization", scheme+defaultToken)).says("Keygen-Token", defaultTokenID)
		}
	},
	ruleAuthSchemeCase: func(s *stage) {
		for _, scheme := range []string{"bearer ", "BEARER ", "token "} {
			s.get("/keys", with("Authorization", scheme+defaultToken)).refused(401, tokenMissing).Finds("with regard to case")
			s.get("/keys?token="+defaultToken, with("Authorization", scheme+"x")).refused(401, tokenMissing)
		}
	},
	ruleAuthBasic: func(s *stage) {
		key, _ := s.licensed(Policy{AuthenticationStrategy: AuthLicense}, License{})
		s.known(defaultAdminID, basic("token:"+defaultToken))
		s.known(defaultAdminID, basic(defaultToken+":"))
		s.known(defaultAdminID, basic(defaultToken+":ignored"))
		s.known(s.Licenses()[0].ID, basic("license:"+key)).lacks("license")
	},
	ruleAuthLicense: func(s *stage) {
		key, _ := s.licensed(Policy{AuthenticationStrategy: AuthMixed}, License{})
		s.known(s.Licenses()[0].ID, with("Authorization", "License "+key)).lacks("license").says("Keygen-Token", "")
	},
	ruleAuthQuery: func(s *stage) {
		key, _ := s.licensed(Policy{AuthenticationStrategy: AuthLicense}, License{})
		for _, query := range []string{"token=", "auth=", "token=token:", "auth=token%3A"} {
			s.get("/keys?"+query+defaultToken, anonymous).is(200)
			s.get("/keys?"+query+defaultToken, with("Authorization", "Digest x")).is(200)
			s.get("/keys?"+query+defaultToken, as("other")).refused(401, tokenInvalid)
		}
		s.get("/keys?auth=license:"+key, anonymous).lacks("license")
		links := s.get("/keys?token="+defaultToken+"&page[number]=1", anonymous).is(200).Text("links.self")
		require.Equal(s, "/v1/accounts/acme/keys?page%5Bnumber%5D=1&page%5Bsize%5D=10", links)
	},
	ruleAuthInvalid: func(s *stage) {
		for _, change := range []worldtest.Change{
			as("nobody"), as("admin-" + strings.Repeat("f", 64) + "v3"), as(strings.TrimSuffix(defaultToken, "v3")),
			basic(""), basic(":"), basic(":" + defaultToken), basic("nobody:"), basic("token:nobody"), with("Authorization", "Basic"), with("Authorization", "Basic %%%"),
			basic("admin@acme.example:secret"),
		} {
			s.get("/keys", change).refused(401, tokenInvalid)
		}
		s.AddToken(Token{BearerID: defaultAdminID, Value: "admin-without-version"})
		s.get("/keys", as("admin-without-version")).refused(401, tokenInvalid)
	},
	ruleAuthAccount: func(s *stage) {
		s.get("/keys", as(s.other.Token())).refused(401, tokenInvalid)
		s.get("/v1/accounts/other/keys", as(s.other.Token())).is(200)
	},
	ruleAuthUUID: func(s *stage) {
		for _, id := range []string{defaultTokenID, strings.ReplaceAll(defaultTokenID, "-", "")} {
			s.get("/keys", as(id)).refused(401, problem{
				Title:  "Unauthorized",
				Detail: "Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)",
				Code:   "TOKEN_FORMAT_INVALID",
				Links:  &about{"https://keygen.sh/docs/api/authentication/#token-authentication"},
			})
		}
	},
	ruleAuthExpired: func(s *stage) {
		token := s.AddToken(Token{BearerID: defaultAdminID, Expiry: t0.Add(time.Hour)}).Value
		s.get("/keys", as(token)).is(200)
		s.Advance(time.Hour)
		s.get("/keys", as(token)).refused(401, problem{Title: "Unauthorized", Detail: "Token is expired", Code: "TOKEN_EXPIRED"})
	},
	ruleAuthLicenseUnknown: func(s *stage) {
		for _, key := range []string{"unknown", s.AddKey(Key{}).Key, s.other.AddLicense(License{}).Key} {
			s.get("/keys", with("Authorization", "License "+key)).refused(401, licenseInvalid)
			s.get("/keys", basic("license:"+key)).refused(401, licenseInvalid)
		}
	},
	ruleAuthStrategy: func(s *stage) {
		noToken := problem{
			Title: "Access denied", Detail: "Token authentication is not allowed by policy", Code: "TOKEN_NOT_ALLOWED", Links: tokenInvalid.Links,
		}
		noLicense := problem{
			Title: "Access denied", Detail: "License key authentication is not allowed by policy", Code: "LICENSE_NOT_ALLOWED",
			Links: licenseInvalid.Links,
		}
		for _, c := range []struct {
			strategy           string
			byToken, byLicense bool
		}{{"", true, false}, {AuthToken, true, false}, {AuthLicense, false, true}, {AuthMixed, true, true}, {AuthNone, false, false}} {
			key, token := s.licensed(Policy{AuthenticationStrategy: c.strategy}, License{})
			if r := s.get("/keys", as(token)); c.byToken {
				r.lacks("license")
			} else {
				r.refused(403, noToken)
			}
			if r := s.get("/keys", with("Authorization", "License "+key)); c.byLicense {
				r.lacks("license")
			} else {
				r.refused(403, noLicense)
			}
		}
	},
	ruleAuthBanned: func(s *stage) {
		token := s.tokenOf(s.AddUser(User{Role: RoleAdmin, Banned: true}).ID)
		banned := problem{Title: "Access denied", Detail: "User is banned", Code: "USER_BANNED"}
		s.get("/keys", as(token)).refused(403, banned)
		owner := s.AddUser(User{Banned: true})
		_, token = s.licensed(Policy{AuthenticationStrategy: AuthNone}, License{OwnerID: owner.ID})
		s.get("/keys", as(token)).refused(403, banned)
	},
	ruleAuthBarred: func(s *stage) {
		banned := s.AddUser(User{Banned: true})
		for _, c := range []struct {
			Policy
			License
			code, detail string
		}{
			{Policy{}, License{OwnerID: banned.ID, Suspended: true}, "LICENSE_BANNED", "License is banned"},
			{Policy{}, License{Suspended: true}, "LICENSE_SUSPENDED", "License is suspended"},
			{Policy{AuthenticationStrategy: AuthToken}, License{Suspended: true}, "LICENSE_SUSPENDED", "License is suspended"},
			{Policy{ExpirationStrategy: RevokeAccess}, License{Expiry: t0}, "LICENSE_EXPIRED", "License is expired"},
			{Policy{ExpirationStrategy: RevokeAccess}, License{Expiry: t0.Add(time.Second)}, "", ""},
			{Policy{}, License{Expiry: t0}, "", ""},
		} {
			c.Policy.AuthenticationStrategy = cmp.Or(c.Policy.AuthenticationStrategy, AuthLicense)
			key, _ := s.licensed(c.Policy, c.License)
			r := s.get("/keys", with("Authorization", "License "+key))
			if c.code == "" {
				r.lacks("license")
				continue
			}
			r.refused(403, problem{Title: "Access denied", Detail: c.detail, Code: c.code})
		}
	},
	ruleAuthChallenge: func(s *stage) {
		for header, want := range map[string]string{
			"":               `Bearer realm="keygen"`,
			"Bearer x":       `Bearer realm="keygen"`,
			"Token x":        `Token realm="keygen"`,
			"token x":        `Token realm="keygen"`,
			"Basic x":        `Basic realm="keygen"`,
			"License x":      `License realm="keygen"`,
			"DIGEST x":       `Digest realm="keygen"`,
			"<script> x":     `Bearer realm="keygen"`,
			defaultToken[:9]: `Bearer realm="keygen"`,
		} {
			s.get("/keys", with("Authorization", header)).is(401).says("WWW-Authenticate", want)
		}
		s.get("/keys").is(200).says("WWW-Authenticate", "")
	},
	ruleRolePermission: func(s *stage) {
		for _, r := range []role{roleUser, roleLicense} {
			s.get("/keys", as(s.bearers()[r])).lacks(string(r))
		}
	},
	ruleRoleForbidden: func(s *stage) {
		s.create(thirtyChars, s.policy(true).ID, as(s.bearers()[roleSales])).forbidden()
	},
	ruleScopeHidden: func(s *stage) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID, as(s.bearers()[roleProduct])).hidden("key", k.ID)
	},
	ruleNotFound: func(s *stage) {
		for kind, path := range map[string]string{
			"key": "/keys/%s", "policy": "/policies/%s/pool", "account": "/v1/accounts/%s/keys",
		} {
			for _, id := range []string{"none", "00000000-0000-4000-8000-00000000000F"} {
				s.get(strings.Replace(path, "%s", id, 1)).hidden(kind, id)
			}
		}
	},
}

// Outcomes of an action, as the table of roles has them.
const (
	may     = "may"
	lacks   = "lacks" // the permission, by the name of the role
	general = "general"
	hides   = "hides" // 404
)

// attempt is one action on a key of one policy, with somebody's credential.
type attempt struct {
	name string
	ok   int
	do   func(s *stage, k Key, who worldtest.Change) response
}

var attempts = []attempt{
	{"list keys", 200, func(s *stage, _ Key, who worldtest.Change) response { return s.get("/keys", who) }},
	{"show key", 200, func(s *stage, k Key, who worldtest.Change) response { return s.get("/keys/"+k.ID, who) }},
	{"key to policy", 200, func(s *stage, k Key, who worldtest.Change) response { return s.get("/keys/"+k.ID+"/policy", who) }},
	{"key to product", 200, func(s *stage, k Key, who worldtest.Change) response { return s.get("/keys/"+k.ID+"/product", who) }},
	{"create key", 201, func(s *stage, k Key, who worldtest.Change) response { return s.create(thirtyChars, k.PolicyID, who) }},
	{"update key", 200, func(s *stage, k Key, who worldtest.Change) response { return s.update(k, thirtyChars, who) }},
	{"delete key", 204, func(s *stage, k Key, who worldtest.Change) response { return s.delete("/keys/"+k.ID, who) }},
	{"list pool", 200, func(s *stage, k Key, who worldtest.Change) response { return s.get(pool(k.PolicyID), who) }},
	{"show pool key", 200, func(s *stage, k Key, who worldtest.Change) response { return s.get(pool(k.PolicyID)+"/"+k.ID, who) }},
	{"pop", 200, func(s *stage, k Key, who worldtest.Change) response { return s.delete(pool(k.PolicyID), who) }},
}

// who are all kinds of bearers towards the key of an attempt.
var bearerKinds = []string{
	"admin", "developer", "sales agent", "support agent", "read only", "its product", "other product",
	"user", "user with a license", "license", "license of the policy", "nobody", "other account",
}

// rolesTable says what each attempt comes to for each of them.
var rolesTable = map[string]map[string]string{
	"list keys":      {"user": lacks, "user with a license": lacks, "license": lacks, "license of the policy": lacks},
	"show key":       hiddenFromCustomers,
	"key to policy":  hiddenFromCustomers,
	"key to product": hiddenFromCustomers,
	"create key": {
		"sales agent": general, "support agent": general, "read only": lacks, "other product": general,
		"user": lacks, "user with a license": lacks, "license": lacks, "license of the policy": lacks,
	},
	"update key": changedByMakers,
	"delete key": changedByMakers,
	"list pool": {
		"other product": hides, "user": hides, "license": hides, "user with a license": lacks, "license of the policy": lacks,
	},
	"show pool key": {
		"other product": hides, "user": hides, "license": hides, "user with a license": lacks, "license of the policy": lacks,
	},
	"pop": {
		"sales agent": general, "support agent": general, "read only": lacks,
		"other product": hides, "user": hides, "license": hides, "user with a license": lacks, "license of the policy": lacks,
	},
}

var (
	hiddenFromCustomers = map[string]string{
		"other product": hides, "user": hides, "user with a license": hides, "license": hides, "license of the policy": hides,
	}
	changedByMakers = map[string]string{
		"sales agent": general, "support agent": general, "read only": lacks,
		"other product": hides, "user": hides, "user with a license": hides, "license": hides, "license of the policy": hides,
	}
)

// bearer returns a token of one of bearerKinds, and the role's name in refusals.
func (s *stage) bearer(kind string, k Key) (token, role string) {
	switch kind {
	case "its product":
		return s.tokenOf(s.productOf(k.PolicyID)), "product"
	case "other product":
		return s.tokenOf(s.AddProduct(Product{}).ID), "product"
	case "user with a license":
		u := s.AddUser(User{})
		s.AddLicense(License{PolicyID: k.PolicyID, OwnerID: u.ID})
		return s.tokenOf(u.ID), "user"
	case "license of the policy":
		return s.tokenOf(s.AddLicense(License{PolicyID: k.PolicyID}).ID), "license"
	case "nobody":
		return "", ""
	case "other account":
		return s.other.Token(), ""
	}
	for r, token := range s.bearers() {
		if string(r) == kind {
			return token, kind
		}
	}
	s.Fatalf("no bearer %q", kind)
	return "", ""
}

// TestRoles tries every action on keys as everybody.
func TestRoles(t *testing.T) {
	t.Parallel()
	for _, a := range attempts {
		for _, kind := range bearerKinds {
			t.Run(a.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				k := s.AddKey(Key{})
				token, role := s.bearer(kind, k)
				before := s.Keys()
				r := a.do(s, k, as(token))
				switch want := rolesTable[a.name][kind]; {
				case role == "":
					r.is(401)
				case want == lacks:
					r.lacks(role)
				case want == general:
					r.forbidden()
				case want == hides && strings.Contains(a.name, "pool"), want == hides && a.name == "pop":
					r.hidden("policy", k.PolicyID)
				case want == hides:
					r.hidden("key", k.ID)
				default:
					r.is(a.ok)
				}
				if r.Status > 299 {
					require.Equal(t, before, s.Keys(), "a refused call changes nothing")
				}
			})
		}
	}
}

// A product that lists keys sees its own, all others everything.
func TestScopeOfLists(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	keys := s.keys(4)
	for r, token := range s.bearers() {
		if slices.Contains(employees, r) {
			s.get("/keys", as(token)).shows(keys)
		}
	}
	s.get("/keys", as(s.tokenOf(s.productOf(keys[2].PolicyID)))).shows(keys[2:3])
	s.get("/keys?product="+s.productOf(keys[1].PolicyID), as(s.tokenOf(s.productOf(keys[2].PolicyID)))).shows(nil)
	s.get("/keys", as(s.bearers()[roleProduct])).shows(nil)
}

// The prefix of a token tells its kind, and nothing else of it is fixed.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for r, token := range s.bearers() {
		digits := 64
		if r == roleLicense {
			digits = 32
		}
		require.Regexp(t, `^`+kindOf[r].prefix+`-[0-9a-f]{`+strconv.Itoa(digits)+`}v3$`, token)
	}
	require.Regexp(t, `^admin-[0-9a-f]{64}v3$`, s.Token())
}
