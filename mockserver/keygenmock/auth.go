package keygenmock

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// bearer is who sends a request: a user, a product, a license, each with a
// token, or a license with its key alone.
type bearer struct {
	id      string
	role    role
	token   *Token // nil: a license's key
	user    *User
	product *Product
	license *License
}

// credential is what a request brings to say who sends it.
type credential struct {
	token, license string
}

const (
	tokenPage   = "authentication/#token-authentication"
	licensePage = "authentication/#license-authentication"
)

var errUnauthorized = unauthorized("TOKEN_MISSING", mustAuthenticate, "authentication/")

const mustAuthenticate = "You must be authenticated to complete the request"

func unauthorized(code, detail, page string) *failure {
	p := problem{Title: titleUnauthorized, Detail: detail, Code: code}
	if page != "" {
		p.Links = linkTo(page)
	}
	return refusal(http.StatusUnauthorized, p)
}

func barred(code, detail, page string) *failure {
	p := problem{Title: titleDenied, Detail: detail, Code: code}
	if page != "" {
		p.Links = linkTo(page)
	}
	return refusal(http.StatusForbidden, p)
}

// authenticate finds out who sends the request.
func (c *call) authenticate() *failure {
	cred, fail := c.readCredential()
	switch {
	case fail != nil:
		return fail
	case cred.license != "":
		return c.authenticateLicense(cred.license)
	case cred.token != "":
		return c.authenticateToken(cred.token)
	default:
		c.Decided(ruleAuthMissing)
		return errUnauthorized
	}
}

// readCredential reads the header, or else the query.
func (c *call) readCredential() (cred credential, fail *failure) {
	scheme, rest, _ := strings.Cut(c.req.Header.Get("Authorization"), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case scheme == "Bearer", scheme == "Token":
		c.Decided(ruleAuthBearer)
		return credential{token: rest}, nil
	case strings.EqualFold(scheme, "Basic"):
		return c.readBasic(rest)
	case strings.EqualFold(scheme, "License"):
		c.Decided(ruleAuthLicense)
		return credential{license: rest}, nil
	case strings.EqualFold(scheme, "Bearer"), strings.EqualFold(scheme, "Token"):
		c.Decided(ruleAuthSchemeCase)
		c.Finding("Authorization says %q: this vendor reads Bearer and Token with regard to case", scheme)
		return credential{}, nil // nor is the query looked at
	}
	return c.readQueryCredential(), nil
}

// readBasic reads a user name and password, of which one is a credential: the
// password if the name says so, else the name, whatever the password.
func (c *call) readBasic(encoded string) (credential, *failure) {
	c.Decided(ruleAuthBasic)
	text, err := base64.StdEncoding.DecodeString(encoded)
	name, password, _ := strings.Cut(string(text), ":")
	switch {
	case err != nil:
	case name == "license" && password != "":
		return credential{license: password}, nil
	case name == "token" && password != "":
		return credential{token: password}, nil
	case name != "":
		return credential{token: name}, nil
	}
	c.Decided(ruleAuthInvalid)
	return credential{}, unauthorized("TOKEN_INVALID", mustAuthenticate, tokenPage)
}

func (c *call) readQueryCredential() credential {
	for _, name := range []string{"token", "auth"} {
		value, _ := c.query.text(name)
		if value == "" {
			continue
		}
		c.Decided(ruleAuthQuery)
		if key, found := strings.CutPrefix(value, "license:"); found {
			return credential{license: key}
		}
		return credential{token: strings.TrimPrefix(value, "token:")}
	}
	return credential{}
}

// looksLikeToken reports whether the vendor bothers to look a text up.
func looksLikeToken(s string) bool {
	return strings.HasSuffix(s, "v1") || strings.HasSuffix(s, "v2") || strings.HasSuffix(s, "v3")
}

func (c *call) authenticateToken(value string) *failure {
	if _, isID := canonicalUUID(value); isID {
		c.Decided(ruleAuthUUID)
		return unauthorized("TOKEN_FORMAT_INVALID",
			"Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)", tokenPage)
	}
	t := c.account.tokens.byText[value]
	if t == nil || !looksLikeToken(value) {
		c.Decided(ruleAuthInvalid)
		if slices.ContainsFunc(c.state.accounts, func(a *account) bool { return a.tokens.byText[value] != nil }) {
			c.Decided(ruleAuthAccount)
		}
		return unauthorized("TOKEN_INVALID", mustAuthenticate, tokenPage)
	}
	if !t.Expiry.IsZero() && !c.now().Before(t.Expiry) {
		c.Decided(ruleAuthExpired)
		return unauthorized("TOKEN_EXPIRED", "Token is expired", "")
	}
	b := c.account.bearerOf(t)
	if c.account.isBanned(b) {
		c.Decided(ruleAuthBanned)
		return barred("USER_BANNED", "User is banned", "")
	}
	if b.license != nil && !c.account.allows(b.license, AuthToken) {
		c.Decided(ruleAuthStrategy)
		return barred("TOKEN_NOT_ALLOWED", "Token authentication is not allowed by policy", tokenPage)
	}
	c.bearer = b
	return nil
}

func (c *call) authenticateLicense(key string) *failure {
	l := c.account.licenses.byText[key]
	if l == nil {
		c.Decided(ruleAuthLicenseUnknown)
		return unauthorized("LICENSE_INVALID", mustAuthenticate, licensePage)
	}
	if code, detail := c.bars(l); code != "" {
		c.Decided(ruleAuthBarred)
		return barred(code, detail, "")
	}
	if !c.account.allows(l, AuthLicense) {
		c.Decided(ruleAuthStrategy)
		return barred("LICENSE_NOT_ALLOWED", "License key authentication is not allowed by policy", licensePage)
	}
	c.bearer = &bearer{id: l.ID, role: roleLicense, license: l}
	return nil
}

// bars says why a license's key lets nobody in, if so.
func (c *call) bars(l *License) (code, detail string) {
	switch {
	case c.account.isBanned(&bearer{license: l}):
		return "LICENSE_BANNED", "License is banned"
	case l.Suspended:
		return "LICENSE_SUSPENDED", "License is suspended"
	case l.expired(c.now()) && c.account.policies.get(l.PolicyID).ExpirationStrategy == RevokeAccess:
		return "LICENSE_EXPIRED", "License is expired"
	default:
		return "", ""
	}
}

// isBanned reports whether a bearer is a banned user, or a license of one.
func (a *account) isBanned(b *bearer) bool {
	user := b.user
	if b.license != nil {
		user = a.users.get(b.license.OwnerID)
	}
	return user != nil && user.Banned
}

// allows reports whether the policy of a license lets it authenticate this way.
func (a *account) allows(l *License, way string) bool {
	strategy := a.policies.get(l.PolicyID).AuthenticationStrategy
	return strategy == way || strategy == AuthMixed || strategy == "" && way == AuthToken
}

// bearerOf finds whose a token is.
func (a *account) bearerOf(t *Token) *bearer {
	b := &bearer{id: t.BearerID, token: t}
	if b.user = a.users.get(t.BearerID); b.user != nil {
		b.role = roleOfUser[b.user.Role]
	} else if b.product = a.products.get(t.BearerID); b.product != nil {
		b.role = roleProduct
	} else if b.license = a.licenses.get(t.BearerID); b.license != nil {
		b.role = roleLicense
	}
	return b
}

// challenge is what a 401 asks for: the scheme of the request, if it has one.
func (c *call) challenge() string {
	scheme, _, _ := strings.Cut(c.req.Header.Get("Authorization"), " ")
	if scheme == "" || strings.ContainsFunc(scheme, func(c rune) bool { return c < 'A' || c > 'z' || c > 'Z' && c < 'a' }) {
		scheme = "bearer"
	}
	return strings.ToUpper(scheme[:1]) + strings.ToLower(scheme[1:]) + ` realm="keygen"`
}
