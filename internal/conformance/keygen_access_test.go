package conformance

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

const licenseInvalidJSON = `{"title": "Unauthorized", "detail": "You must be authenticated to complete the request", "code": "LICENSE_INVALID",
	"links": {"about": "` + rowDocs + `authentication/#license-authentication"}}`

func basic(text string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(text))
}

// licensed adds a license of a new policy, and a token of it.
func (s *keygenStage) licensed(p keygenmock.Policy, l keygenmock.License) (license keygenmock.License, token string) {
	l.PolicyID = s.Keygen.AddPolicy(p).ID
	license = s.Keygen.AddLicense(l)
	return license, s.tokenOf(license.ID)
}

// admin is the default account's.
func (s *keygenStage) admin() (id, tokenID string) {
	return s.Keygen.Default().Users()[0].ID, s.Keygen.Default().Tokens()[0].ID
}

// assertKnown checks whom an answer calls its bearer.
func (s *keygenStage) assertKnown(a answer, bearerID, tokenID string) {
	s.Helper()
	s.assertHeader(a, "Keygen-Bearer", bearerID)
	s.assertHeader(a, "Keygen-Token", tokenID)
}

func tryList(s *keygenStage, client *keygen.Client) error {
	_, err := client.Keys.List(s.Context(), keygen.ListKeysParams{})
	return err
}

var keygenAccess = []scenario[*keygenStage]{
	{
		name:   "access: every form of a token",
		proves: "auth.bearer auth.basic auth.query",
		play: func(s *keygenStage) {
			token := s.Keygen.Token()
			id, tokenID := s.admin()
			for _, header := range []string{"Authorization: Bearer " + token, "Authorization: Token " + token, basic("token:" + token), basic(token + ":")} {
				s.assertKnown(s.assertStatus(s.get("/keys", header), 200), id, tokenID)
			}
			for _, query := range []string{"token=", "auth=", "token=token:", "auth=token%3A"} {
				s.assertKnown(s.assertStatus(s.get("/keys?"+query+token, anonymous), 200), id, tokenID)
				s.assertStatus(s.get("/keys?"+query+token, "Authorization: Digest x"), 200)
				s.assertErrors(s.get("/keys?"+query+token, bearer("other")), 401, rowTokenInvalid)
			}
			for _, credential := range []keygen.Credential{keygen.Token(token), keygen.BasicToken(token)} {
				require.NoError(s, tryList(s, s.clientAs(credential)))
			}
		},
	},
	{
		name:   "access: the key of a license",
		proves: "auth.license auth.basic auth.query role.permission",
		play: func(s *keygenStage) {
			for _, strategy := range []string{keygenmock.AuthLicense, keygenmock.AuthMixed} {
				l, _ := s.licensed(keygenmock.Policy{AuthenticationStrategy: strategy}, keygenmock.License{Key: "ключ " + strategy})
				for _, header := range []string{"Authorization: License " + l.Key, basic("license:" + l.Key)} {
					a := s.get("/keys", header)
					s.assertLacks(a, "license")
					s.assertKnown(a, l.ID, "")
				}
				s.assertLacks(s.get("/keys?auth=license:"+strings.ReplaceAll(l.Key, " ", "%20"), anonymous), "license")

				client := s.clientAs(keygen.BasicLicenseKey(l.Key))
				s.assertRefused(tryList(s, client), 403, keygen.ErrForbidden)
				own, err := client.Licenses.Get(s.Context(), l.ID)
				require.NoError(s, err)
				assert.Equal(s, l.Key, own.Key)
			}
			l, _ := s.licensed(keygenmock.Policy{AuthenticationStrategy: keygenmock.AuthLicense}, keygenmock.License{})
			own, err := s.clientAs(keygen.LicenseKey(l.Key)).Licenses.Get(s.Context(), l.ID)
			require.NoError(s, err)
			assert.Equal(s, l.Key, own.Key)
		},
	},
	{
		name:   "access: none",
		proves: "auth.missing auth.challenge",
		play: func(s *keygenStage) {
			for _, header := range []string{"", " Bearer", " Bearer ", " Token", " License", " Digest abc", " xyz"} {
				s.assertErrors(s.get("/keys", "Authorization:"+header), 401, rowTokenMissing)
			}
			s.assertErrors(s.get("/keys?token=&auth=", anonymous), 401, rowTokenMissing)
			for header, want := range map[string]string{
				"": "Bearer", " Bearer x": "Bearer", " Token x": "Token", " Basic x": "Basic", " License x": "License",
				" DIGEST x": "Digest", " <b> x": "Bearer",
			} {
				s.assertHeader(s.assertStatus(s.get("/keys", "Authorization:"+header), 401), "Www-Authenticate", want+` realm="keygen"`)
			}
			s.assertHeader(s.get("/keys"), "Www-Authenticate", "")
		},
	},
	{
		name:   "access: a scheme in lower case",
		proves: "auth.scheme-case auth.missing",
		finds:  []string{"with regard to case"},
		play: func(s *keygenStage) {
			for _, scheme := range []string{"bearer", "BEARER", "token"} {
				s.assertErrors(s.get("/keys", "Authorization: "+scheme+" "+s.Keygen.Token()), 401, rowTokenMissing)
			}
		},
	},
	{
		name:   "access: what is no token",
		proves: "auth.invalid auth.uuid auth.account",
		play: func(s *keygenStage) {
			for _, header := range []string{
				bearer("nobody"), bearer("admin-" + strings.Repeat("f", 64) + "v3"), bearer(strings.TrimSuffix(s.Keygen.Token(), "v3")),
				basic(""), basic(":"), basic("nobody:"), basic("token:nobody"), "Authorization: Basic %%%", basic("admin@acme.example:secret"),
				bearer(s.behind.token(test1, "admin").Value),
			} {
				s.assertErrors(s.get("/keys", header), 401, rowTokenInvalid)
			}
			_, id := s.admin()
			for _, id := range []string{id, strings.ReplaceAll(id, "-", "")} {
				s.assertErrors(s.get("/keys", bearer(id)), 401, `{"title": "Unauthorized", "code": "TOKEN_FORMAT_INVALID",
					"detail": "Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)",
					"links": {"about": "`+rowDocs+`authentication/#token-authentication"}}`)
				s.assertRefused(tryList(s, s.clientAs(keygen.Token(id))), 401, keygen.ErrUnauthorized, keygen.ErrTokenFormat)
			}
			s.assertRefused(tryList(s, s.clientAs(keygen.Token("nobody"))), 401, keygen.ErrUnauthorized, keygen.ErrTokenInvalid)
		},
	},
	{
		name:   "access: an expired token",
		proves: "auth.expired",
		play: func(s *keygenStage) {
			id, _ := s.admin()
			token := s.Keygen.AddToken(keygenmock.Token{BearerID: id, Expiry: epoch.Add(time.Hour)}).Value
			s.at(time.Hour - time.Millisecond)
			s.assertStatus(s.get("/keys", bearer(token)), 200)
			s.at(time.Hour)
			s.assertErrors(s.get("/keys", bearer(token)), 401, `{"title": "Unauthorized", "detail": "Token is expired", "code": "TOKEN_EXPIRED"}`)
			s.assertRefused(tryList(s, s.clientAs(keygen.Token(token))), 401, keygen.ErrUnauthorized, keygen.ErrTokenExpired)
		},
	},
	{
		name:   "access: the key of no license",
		proves: "auth.license-unknown",
		play: func(s *keygenStage) {
			elsewhere := s.Keygen.AddAccount("elsewhere").AddLicense(keygenmock.License{}).Key
			for _, key := range []string{"unknown", s.Keygen.AddKey(keygenmock.Key{}).Key, elsewhere} {
				s.assertErrors(s.get("/keys", "Authorization: License "+key), 401, licenseInvalidJSON)
				s.assertErrors(s.get("/keys", basic("license:"+key)), 401, licenseInvalidJSON)
				s.assertRefused(tryList(s, s.clientAs(keygen.LicenseKey(key))), 401, keygen.ErrUnauthorized, keygen.ErrLicenseInvalid)
			}
		},
	},
	{
		name:   "access: what the policy lets a license authenticate with",
		proves: "auth.strategy",
		play: func(s *keygenStage) {
			for _, c := range []struct {
				strategy       string
				token, license bool
			}{
				{"", true, false}, {keygenmock.AuthToken, true, false}, {keygenmock.AuthLicense, false, true},
				{keygenmock.AuthMixed, true, true}, {keygenmock.AuthNone, false, false},
			} {
				l, token := s.licensed(keygenmock.Policy{AuthenticationStrategy: c.strategy}, keygenmock.License{})
				if c.token {
					s.assertLacks(s.get("/keys", bearer(token)), "license")
				} else {
					s.assertErrors(s.get("/keys", bearer(token)), 403, `{"title": "Access denied", "code": "TOKEN_NOT_ALLOWED",
						"detail": "Token authentication is not allowed by policy", "links": {"about": "`+rowDocs+`authentication/#token-authentication"}}`)
					s.assertRefused(tryList(s, s.clientAs(keygen.Token(token))), 403, keygen.ErrForbidden, keygen.ErrTokenNotAllowed)
				}
				if c.license {
					s.assertLacks(s.get("/keys", "Authorization: License "+l.Key), "license")
				} else {
					s.assertErrors(s.get("/keys", "Authorization: License "+l.Key), 403, `{"title": "Access denied", "code": "LICENSE_NOT_ALLOWED",
						"detail": "License key authentication is not allowed by policy", "links": {"about": "`+rowDocs+`authentication/#license-authentication"}}`)
					s.assertRefused(tryList(s, s.clientAs(keygen.LicenseKey(l.Key))), 403, keygen.ErrForbidden, keygen.ErrLicenseNotAllowed)
				}
			}
		},
	},
	{
		name:   "access: who is barred",
		proves: "auth.banned auth.barred",
		play: func(s *keygenStage) {
			user := s.Keygen.AddUser(keygenmock.User{Role: keygenmock.RoleAdmin, Banned: true})
			s.assertErrors(s.get("/keys", bearer(s.tokenOf(user.ID))), 403, deniedJSON("USER_BANNED", "User is banned"))
			s.assertRefused(tryList(s, s.clientAs(keygen.Token(s.tokenOf(user.ID)))), 403, keygen.ErrForbidden, keygen.ErrBanned)
			for _, c := range []struct {
				expiration   string
				license      keygenmock.License
				code, detail string
				kind         error
			}{
				{"", keygenmock.License{OwnerID: user.ID, Suspended: true}, "LICENSE_BANNED", "License is banned", keygen.ErrBanned},
				{"", keygenmock.License{Suspended: true}, "LICENSE_SUSPENDED", "License is suspended", keygen.ErrLicenseSuspended},
				{keygenmock.RevokeAccess, keygenmock.License{Expiry: epoch}, "LICENSE_EXPIRED", "License is expired", keygen.ErrLicenseExpired},
				{keygenmock.RevokeAccess, keygenmock.License{Expiry: epoch.Add(time.Second)}, "", "", nil},
				{"", keygenmock.License{Expiry: epoch}, "", "", nil},
			} {
				l, _ := s.licensed(keygenmock.Policy{AuthenticationStrategy: keygenmock.AuthLicense, ExpirationStrategy: c.expiration}, c.license)
				a := s.get("/keys", "Authorization: License "+l.Key)
				if c.code == "" {
					s.assertLacks(a, "license")
					continue
				}
				s.assertErrors(a, 403, deniedJSON(c.code, c.detail))
				s.assertRefused(tryList(s, s.clientAs(keygen.LicenseKey(l.Key))), 403, keygen.ErrForbidden, c.kind)
			}
		},
	},
	{
		name:   "access: what each role may do with keys and pools",
		proves: "role.permission role.forbidden scope.hidden pool.customers",
		play:   playRoles,
	},
	{
		name:   "access: a product sees its own keys",
		proves: "scope.hidden key.filters",
		play: func(s *keygenStage) {
			mine, keys := s.pool(2)
			_, others := s.pool(1)
			client := s.clientAs(keygen.Token(s.tokenOf(mine.ProductID)))
			page, err := client.Keys.List(s.Context(), keygen.ListKeysParams{})
			require.NoError(s, err)
			assert.Equal(s, keyIDs(keys...), keygenIDs(page.Items))
			_, err = client.Keys.Get(s.Context(), others[0].ID)
			s.assertRefused(err, 404, keygen.ErrNotFound)
			s.assertIDs(s.get("/keys?policy="+others[0].PolicyID, bearer(s.tokenOf(mine.ProductID))))
		},
	},
}

func deniedJSON(code, detail string) string {
	return `{"title": "Access denied", "detail": "` + detail + `", "code": "` + code + `"}`
}

func keygenIDs(keys []*keygen.Key) (ids []string) {
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// Outcomes of an action.
const (
	may     = "may"
	lacks   = "lacks the permission"
	may403  = "has the permission, but not here"
	notSeen = "does not see it"
)

// rights has what comes of the actions on keys and pools for everybody, in the
// order of rightsOf.
var rights = map[string][]string{
	"admin":         {may, may, may, may, may, may, may},
	"developer":     {may, may, may, may, may, may, may},
	"sales agent":   {may, may, may403, may403, may403, may, may403},
	"support agent": {may, may, may403, may403, may403, may, may403},
	"read only":     {may, may, lacks, lacks, lacks, may, lacks},
	"its product":   {may, may, may, may, may, may, may},
	"product":       {may, notSeen, may403, notSeen, notSeen, notSeen, notSeen},
	"user":          {lacks, notSeen, lacks, notSeen, notSeen, notSeen, notSeen},
	"license":       {lacks, notSeen, lacks, notSeen, notSeen, notSeen, notSeen},
	"its user":      {lacks, notSeen, lacks, notSeen, notSeen, lacks, lacks},
	"its license":   {lacks, notSeen, lacks, notSeen, notSeen, lacks, lacks},
}

// playRoles has everybody try everything.
func playRoles(s *keygenStage) {
	tokens := s.tokens()
	policy, _ := s.pool(0)
	user := s.Keygen.AddUser(keygenmock.User{})
	license := s.Keygen.AddLicense(keygenmock.License{PolicyID: policy.ID, OwnerID: user.ID})
	tokens["its product"], tokens["its user"], tokens["its license"] = s.tokenOf(policy.ProductID), s.tokenOf(user.ID), s.tokenOf(license.ID)
	require.Len(s, tokens, len(rights))
	for who, token := range tokens {
		key := s.fill(policy.ID, 1)[0]
		pool, as := "/policies/"+policy.ID+"/pool", bearer(token)
		for i, action := range []struct {
			do         func() answer
			status     int
			kind, name string
		}{
			{func() answer { return s.get("/keys", as) }, 200, "", ""},
			{func() answer { return s.get("/keys/"+key.ID, as) }, 200, "key", key.ID},
			{func() answer { return s.post("/keys", newKeyDocument("by "+who+" itself", policy.ID), as) }, 201, "", ""},
			{func() answer { return s.raw("PATCH", "/keys/"+key.ID, updateDocument(""), as) }, 200, "key", key.ID},
			{func() answer { return s.remove("/keys/"+key.ID, as) }, 204, "key", key.ID},
			{func() answer { return s.get(pool, as) }, 200, "policy", policy.ID},
			{func() answer { return s.remove(pool, as) }, 200, "policy", policy.ID},
		} {
			if i == 6 {
				s.fill(policy.ID, 1)
			}
			a, role := action.do(), strings.TrimPrefix(who, "its ")
			switch rights[who][i] {
			case may:
				s.assertStatus(a, action.status)
			case lacks:
				s.assertLacks(a, role)
			case may403:
				s.assertForbidden(a)
			default:
				s.assertHidden(a, action.kind, action.name)
			}
		}
	}
	for _, header := range []string{anonymous, bearer(s.behind.token(test1, "admin").Value)} {
		s.assertStatus(s.get("/policies/"+policy.ID+"/pool", header), 401)
	}
}
