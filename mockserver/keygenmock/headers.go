package keygenmock

import (
	"maps"
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What the server says of itself.
const (
	edition          = "CE"
	modeMultiplayer  = "multiplayer"
	modeSingleplayer = "singleplayer"
	revision         = "f00dfacef00dfacef00dfacef00dfacef00dface"
)

// exposed are the headers that a browser lets scripts see.
var exposed = strings.Join([]string{
	"Keygen-Version", "Keygen-Account", "Keygen-Account-Id", "Keygen-Bearer", "Keygen-Bearer-Id", "Keygen-Token", "Keygen-Token-Id",
	"Keygen-Edition", "Keygen-Mode", "Keygen-Revision", "Keygen-Date", "Keygen-Digest", "Keygen-Signature", "X-RateLimit-Window",
	"X-RateLimit-Count", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id", "X-Signature", "Date",
	"Digest",
}, ", ")

// refuse writes a failure as the answer of a call.
func (c *call) refuse(f *failure) core.Answer {
	if f.page != "" {
		return core.Answer{Status: f.status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte(f.page)}
	}
	c.Decided(ruleErrorForm)
	return f.answer(c.id)
}

// finish adds to an answer what every answer has. One that was decided outside
// of the controllers has nothing of theirs.
func (c *call) finish(answer core.Answer, f *failure) core.Answer {
	h := make(http.Header, len(answer.Header)+16) // others may have the same
	maps.Copy(h, answer.Header)
	answer.Header = h
	if c.req.Header.Get("Origin") != "" {
		c.Decided(ruleHeaderCORS)
		allowOrigin(h)
	}
	c.tellLimits(h)
	switch {
	case f != nil && f.page != "":
		return answer
	case f != nil && f.outside:
		c.Decided(ruleErrorOutside)
		h.Set("Content-Type", typeJSONAPI+charset)
		return answer
	case answer.Len() > 0:
		h.Set("Content-Type", c.media)
	}
	c.tellServer(h)
	if answer.Status == http.StatusUnauthorized {
		c.Decided(ruleAuthChallenge)
		h.Set("WWW-Authenticate", c.challenge())
	}
	if c.account != nil {
		c.tellIdentity(h)
		answer = c.sign(answer)
	}
	return answer
}

func (c *call) tellServer(h http.Header) {
	c.Decided(ruleHeaderServer)
	mode := modeMultiplayer
	if c.state.singleplayer {
		mode = modeSingleplayer
	}
	h.Set("Keygen-Version", c.version.String())
	h.Set("Keygen-Edition", edition)
	h.Set("Keygen-Mode", mode)
	h.Set("Keygen-Revision", revision)
	h.Set("X-Request-Id", c.id)
	h.Set("Cache-Control", "no-store")
}

// tellIdentity says whose request this was, as far as that is known.
func (c *call) tellIdentity(h http.Header) {
	c.Decided(ruleHeaderIdentity)
	h.Set(c.version.identityHeader(c.Turn, "Account"), c.account.id)
	if c.bearer == nil {
		return
	}
	h.Set(c.version.identityHeader(c.Turn, "Bearer"), c.bearer.id)
	if c.bearer.token != nil {
		h.Set(c.version.identityHeader(c.Turn, "Token"), c.bearer.token.ID)
	}
}

// sign lets the answer be signed when it is complete, and notes what decides how.
func (c *call) sign(answer core.Answer) core.Answer {
	c.Decided(ruleSignature, ruleSignatureDate, ruleSignatureDigest)
	if c.algorithm != Ed25519 {
		c.Decided(ruleSignatureAlgorithms, ruleSignatureForms)
	}
	if c.account.legacy {
		c.Decided(ruleHeaderLegacy)
	}
	s := seal{c.account.id, c.account.signing, c.algorithm, c.account.legacy, c.req.Method, c.req.Path, c.req.Host, c.Now.UTC().Format(http.TimeFormat)}
	if c.req.RawQuery != "" {
		s.target += "?" + c.req.RawQuery
	}
	answer.Finish = s.put
	if c.algorithm == RSAPSSSHA256 { // whose salts are drawn in the order of the answers
		answer = answer.Finished()
	}
	return answer
}

// seal is what the signature of an answer is made of, besides its body.
type seal struct {
	accountID            string
	keys                 *accountKeys
	algorithm            string
	legacy               bool
	method, target, host string
	date                 string
}

// put adds the time, the digest and the signature to an answer whose header is its
// own.
func (s seal) put(answer core.Answer) core.Answer {
	text := answer.Text()
	answer.Body, answer.List = text, nil // or it would have to be written once more
	h, digest := answer.Header, digestOf(text)
	signature := s.keys.sign(s.algorithm, signedText(s.method, s.target, s.host, s.date, digest))
	h.Set("Date", s.date)
	h.Set("Keygen-Date", s.date)
	h.Set("Digest", digest)
	h.Set("Keygen-Digest", digest)
	h.Set("Keygen-Signature", signatureHeader(s.accountID, s.algorithm, signature))
	if s.legacy {
		h.Set("X-Signature", s.keys.signBody(text))
	}
	return answer
}

// allowOrigin lets a browser read the answer.
func allowOrigin(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	h.Set("Access-Control-Expose-Headers", exposed)
	h.Set("Access-Control-Max-Age", "86400") // a day in seconds
}

// locate says where a new object is to be found: with the account's id, whatever
// the request called it.
func (c *call) locate(answer core.Answer, plural, id string) core.Answer {
	c.Decided(ruleHeaderLocation)
	return answer.With("Location", "https://"+c.req.Host+c.home().path(plural, id))
}

func (c *call) home() home { return home(c.account.id) }
