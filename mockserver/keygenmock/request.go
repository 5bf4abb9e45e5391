package keygenmock

import (
	"net/http"
	"slices"
	"strings"
)

// The checks of a request before its operation, in the order in which the
// pipeline runs them. What throttle, route and authenticate do stands in files
// of their own.

// negotiate reads the media types, and the format that the path may name.
func (c *call) negotiate() *failure {
	if fail := c.checkFormat(); fail != nil {
		return fail
	}
	n, bad := negotiate(c.Turn, c.req.Method, c.req.Header)
	if bad != nil {
		return bad.failure()
	}
	c.media = n.answerType
	if n.readsBody {
		c.sent = c.req.Body
	}
	return nil
}

// readQuery takes the query apart.
func (c *call) readQuery() *failure {
	q, err := parseQuery(c.req.RawQuery)
	if err != nil {
		c.Decided(ruleQueryUnreadable)
		return (&badRequest{
			detail: "The request could not be completed because it contains invalid query parameters (check encoding)",
			code:   "PARAMETERS_INVALID",
			early:  true,
		}).failure()
	}
	c.query = q
	return nil
}

// readBody takes the body apart, also where the operation takes none.
func (c *call) readBody() *failure {
	v, bad := parseBody(c.Turn, c.sent)
	if bad != nil {
		return bad.failure()
	}
	c.body = v
	return nil
}

// checkNullBytes refuses texts that no database takes. It is the database that
// the vendor hears it from, and so whoever may not come in hears that first.
func (c *call) checkNullBytes() *failure {
	names := c.req.Params.Get("licenseId") + c.req.Params.Get("productId") // which need not be ids
	if c.body.hasNullByte() || strings.Contains(c.req.RawQuery, "%00") || strings.ContainsRune(names, 0) {
		return nullByte(c.Turn).failure()
	}
	return nil
}

// checkVersion reads the version that the request asks for. Without one it is
// the account's, which is not known yet.
func (c *call) checkVersion() *failure {
	v, bad := readVersion(c.Turn, c.req.Header.Values("Keygen-Version"), noVersion)
	if bad != nil {
		return bad.failure()
	}
	if v != noVersion {
		c.version = v
	}
	c.versionAsked = v != noVersion
	return nil
}

const noVersion version = -1

// findAccount finds the account that the path names, by id or slug.
func (c *call) findAccount() *failure {
	typed, a := c.req.Params.Get("account"), (*account)(nil)
	switch {
	case c.state.singleplayer && len(c.state.accounts) > 0:
		c.Decided(ruleAccountSingle)
		a = c.state.accounts[0]
		if !namesAccount(c.req.Path) {
			break
		}
		switch c.state.account(typed) {
		case a:
		case nil:
			return c.noAccount(typed)
		default:
			return accountRefused("account is invalid (expected " + a.id + ")")
		}
	case !namesAccount(c.req.Path):
		c.Decided(ruleAccountSingle)
		return accountRefused("account is required")
	default:
		c.Decided(ruleAccountName)
		if a = c.state.account(typed); a == nil {
			return c.noAccount(typed)
		}
	}
	c.account = a
	c.account.counts.requestLogs.Add(1)
	if !c.versionAsked {
		c.version = a.version
	}
	return nil
}

func (c *call) noAccount(typed string) *failure {
	if strings.ContainsRune(typed, 0) {
		return nullByte(c.Turn).failure()
	}
	c.Decided(ruleNotFound)
	return notFound("account", typed)
}

func accountRefused(detail string) *failure {
	return refusal(http.StatusNotFound, problem{Title: titleNotFound, Detail: detail, Code: "NOT_FOUND"})
}

// checkEnvironment refuses environments, which only the vendor's other edition
// knows.
func (c *call) checkEnvironment() *failure {
	bad := badRequest{detail: "is unsupported", code: "ENVIRONMENT_NOT_SUPPORTED"}
	switch asked, _ := c.query.text("environment"); {
	case c.req.Header.Get("Keygen-Environment") != "":
		bad.header = "Keygen-Environment"
	case asked != "":
		bad.parameter = "environment"
	default:
		return nil
	}
	c.Decided(ruleEnvironment)
	return bad.failure()
}

// readAcceptSignature reads how the answer is to be signed.
func (c *call) readAcceptSignature() *failure {
	algorithm, bad := acceptedSignature(c.Turn, c.req.Header.Get("Keygen-Accept-Signature"), c.account.id)
	if bad != nil {
		return bad.failure()
	}
	c.algorithm = algorithm
	return nil
}

// checkSubscription asks whether the account may use the API at all.
func (c *call) checkSubscription() *failure {
	if c.account.status == StatusActive {
		return nil
	}
	c.Decided(ruleAccountInactive)
	return errInactive
}

// caller names who a throttle counts a request for: without looking anybody up,
// since that comes later.
func (c *call) caller() string {
	credential := c.req.Header.Get("Authorization") + " " + c.req.Query.Get("token") + c.req.Query.Get("auth")
	if segments := strings.Split(c.req.Path, "/"); namesAccount(c.req.Path) && len(segments) > 3 {
		return segments[3] + " " + credential
	}
	return credential
}

// accepts reports whether the request says which media types it takes.
func (c *call) accepts() bool {
	return slices.ContainsFunc(c.req.Header.Values("Accept"), func(v string) bool { return v != "" })
}
