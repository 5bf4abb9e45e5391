package keygenmock

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// signatureOf takes the signature out of its header.
func (r response) signatureOf() []byte {
	r.Helper()
	_, rest, found := strings.Cut(r.Header.Get("Keygen-Signature"), `signature="`)
	require.True(r, found)
	text, _, _ := strings.Cut(rest, `"`)
	signature, err := base64.StdEncoding.DecodeString(text)
	require.NoError(r, err)
	return signature
}

// textOf is what the signature of an answer is made of.
func (r response) textOf(target string) string {
	return "(request-target): " + target + "\nhost: api.keygen.sh\ndate: " + r.Header.Get("Date") + "\ndigest: " + r.Header.Get("Digest")
}

func malformedSignature(why string) problem {
	return problem{Title: "Bad request", Detail: "invalid accept-signature header (" + why + ")"}
}

var answerProofs = proofs{
	ruleErrorForm: func(s *stage) {
		r := s.get("/keys", as("x")).is(401)
		require.Regexp(s, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, r.Text("meta.id"))
		r.says("X-Request-Id", r.Text("meta.id")).has("data", "absent").has("errors.0.source", "absent")
	},
	ruleErrorOutside: func(s *stage) { s.get("/keys", with("Accept", "text/html")).early(400, mimeInvalid) },
	ruleHeaderServer: func(s *stage) {
		for _, status := range []int{200, 401} {
			who := as(defaultToken)
			if status == 401 {
				who = anonymous
			}
			s.get("/keys", who).is(status).says("Keygen-Version", "1.8").says("Keygen-Edition", "CE").says("Keygen-Mode", "multiplayer").
				says("Keygen-Revision", revision).says("Cache-Control", "no-store").says("Content-Type", "application/vnd.api+json; charset=utf-8")
		}
		require.NotEqual(s, s.get("/keys").Header.Get("X-Request-Id"), s.get("/keys").Header.Get("X-Request-Id"))
	},
	ruleHeaderIdentity: func(s *stage) {
		s.get("/keys").says("Keygen-Account", defaultAccountID).says("Keygen-Bearer", defaultAdminID).says("Keygen-Token", defaultTokenID)
		s.get("/keys", anonymous).says("Keygen-Account", defaultAccountID).says("Keygen-Bearer", "").says("Keygen-Token", "")
		s.get("/v1/accounts/none/keys").says("Keygen-Account", "").says("Keygen-Bearer", "")
		s.get("/keys?limit=0").is(400).says("Keygen-Bearer", defaultAdminID)
	},
	ruleHeaderLocation: func(s *stage) {
		r := s.create(thirtyChars, s.policy(true).ID).is(201)
		r.says("Location", "https://api.keygen.sh/v1/accounts/"+defaultAccountID+"/keys/"+r.Text("data.id"))
		s.get("/keys").says("Location", "")
	},
	ruleHeaderLegacy: func(s *stage) {
		s.get("/keys").says("X-Signature", "")
		var old *account
		s.world.act(ActAddAccount, func(t *turn) (err error) {
			old, err = t.makeAccount(accountSeed{slug: "old", legacy: true, admin: &User{}})
			return err
		})
		r := s.get("/v1/accounts/old/keys", as("x")).is(401)
		r.says("X-Signature", old.signing.signBody(r.Body))
	},
	ruleLinksAccount: func(s *stage) {
		k := s.AddKey(Key{})
		base := "/v1/accounts/" + defaultAccountID
		s.get("/keys/"+k.ID).has("data.links.self", quote(base+"/keys/"+k.ID)).
			has("data.relationships.account.links.related", quote(base)).
			has("data.relationships.policy.links.related", quote(base+"/keys/"+k.ID+"/policy"))
	},
	ruleSignature: func(s *stage) {
		public, err := hex.DecodeString(s.PublicKey(Ed25519))
		require.NoError(s, err)
		for _, c := range []struct {
			target string
			response
		}{
			{"get /v1/accounts/acme/keys?limit=5", s.get("/keys?limit=5")},
			{"get /v1/accounts/" + defaultAccountID + "/keys", s.get("/v1/accounts/" + defaultAccountID + "/keys")},
			{"delete /v1/accounts/acme/keys/x", s.delete("/keys/x")},
			{"post /v1/accounts/acme/keys", s.call("POST", "/keys", "")},
			{"delete /v1/accounts/acme/keys/" + s.keys(1)[0].ID, s.delete("/keys/" + s.Keys()[0].ID).is(204)},
			{"get /v1/accounts/acme/keys", s.get("/keys", anonymous).is(401)},
		} {
			c.signed()
			require.True(s, ed25519.Verify(public, []byte(c.textOf(c.target)), c.signatureOf()), "%s %s", c.target, c.Body)
		}
	},
	ruleSignatureAlgorithms: func(s *stage) {
		for _, algorithm := range []string{Ed25519, RSAPSSSHA256, RSASHA256, ECDSAP256} {
			for _, header := range []string{`algorithm="` + algorithm + `"`, `keyid="` + defaultAccountID + `", algorithm="` + algorithm + `"`} {
				r := s.get("/keys", with("Keygen-Accept-Signature", header)).is(200)
				require.Contains(s, r.Header.Get("Keygen-Signature"), `algorithm="`+algorithm+`"`)
				require.True(s, verify(s.TB.(*testing.T), algorithm, s.PublicKey(algorithm), r.textOf("get /v1/accounts/acme/keys"), r.signatureOf()))
			}
		}
	},
	ruleSignatureForms: func(s *stage) {
		r := s.get("/keys", with("Keygen-Accept-Signature", `algorithm="ecdsa-p256"`)).is(200)
		require.Equal(s, byte(0x30), r.signatureOf()[0], "a sequence in ASN.1")
	},
	ruleSignatureMalformed: func(s *stage) {
		for _, header := range []string{"x", `algorithm=ed25519`, `keyid="x"`} {
			s.get("/keys", with("Keygen-Accept-Signature", header), anonymous).refused(400, malformedSignature("malformed"))
		}
	},
	ruleSignatureUnknown: func(s *stage) {
		s.get("/keys", with("Keygen-Accept-Signature", `algorithm="none"`)).refused(400, malformedSignature("unsupported algorithm"))
	},
	ruleSignatureKeyID: func(s *stage) {
		s.get("/keys", with("Keygen-Accept-Signature", `keyid="x", algorithm="ed25519"`)).refused(400, malformedSignature("keyid not found"))
	},
	ruleSignatureOrder: func(s *stage) {
		s.get("/keys", with("Keygen-Accept-Signature", `keyid="x", algorithm="none"`)).refused(400, malformedSignature("unsupported algorithm"))
	},
	ruleSignatureDigest: func(s *stage) {
		k := s.AddKey(Key{})
		s.delete("/keys/"+k.ID).is(204).says("Digest", "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	},
	ruleSignatureDate: func(s *stage) {
		s.Advance(90 * time.Minute)
		for _, name := range []string{"Date", "Keygen-Date"} {
			s.get("/keys").says(name, "Fri, 02 Jan 2026 21:56:53 GMT")
		}
	},
}

func (s *stage) limit(windows ...RateWindow) { s.world.SetRateLimit(windows...) }

// counted asserts the window that an answer tells.
func (r response) counted(window, count, limit, remaining, reset string) response {
	r.Helper()
	for name, want := range map[string]string{"Window": window, "Count": count, "Limit": limit, "Remaining": remaining, "Reset": reset} {
		r.says("X-RateLimit-"+name, want)
	}
	return r
}

const minute = "1767385620" // the end of the minute of t0

var throttled = problem{
	Title:  "Too many requests",
	Detail: "Throttle limit has been reached for your IP address. Please slow down. See https://keygen.sh/docs/api/rate-limiting/ for more info.",
	Code:   "TOO_MANY_REQUESTS",
}

var rateProofs = proofs{
	ruleRateOff: func(s *stage) {
		for range 200 {
			s.get("/keys").is(200).says("X-RateLimit-Limit", "")
		}
	},
	ruleRateHeaders: func(s *stage) {
		s.limit(RateWindow{Limit: 60, Per: time.Minute}, RateWindow{Limit: 30, Per: time.Second})
		s.get("/keys").is(200).counted("1s", "1", "30", "29", "1767385614")
		s.Advance(time.Second)
		s.get("/keys", anonymous).is(401)
		s.limit(RateWindow{Limit: 3, Per: time.Minute}, RateWindow{Limit: 30, Per: time.Second})
		s.get("/keys").is(200).counted("1m", "1", "3", "2", minute)
		s.get("/keys/a.b").is(400).counted("1m", "2", "3", "1", minute)
	},
	ruleRateLimited: func(s *stage) {
		s.limit(RateWindow{Limit: 1, Per: time.Minute})
		s.SetStatus(StatusCanceled)
		s.get("/keys").is(403)
		s.call("BREW", "/keys", "").early(429, throttled).counted("1m", "2", "1", "0", minute)
	},
	ruleRateRetry: func(s *stage) {
		s.limit(RateWindow{Limit: 1, Per: time.Minute})
		s.get("/keys").is(200)
		s.get("/keys").early(429, throttled).says("Retry-After", "7")
		s.Advance(6 * time.Second)
		s.get("/keys").is(429).says("Retry-After", "1")
		s.Advance(time.Second)
		s.get("/keys").is(200).counted("1m", "1", "1", "0", "1767385680")
	},
	ruleRateWindow: func(s *stage) {
		s.limit(RateWindow{Limit: 2, Per: time.Second})
		for i := range 4 {
			r := s.get("/keys")
			require.Equal(s, i < 2, r.Status == 200)
		}
		s.Advance(time.Second - time.Millisecond*464) // exactly the next second
		s.get("/keys").is(200)
		s.limit()
		s.get("/keys").is(200).says("X-RateLimit-Limit", "")
	},
	ruleRateBucket: func(s *stage) {
		second := s.tokenOf(defaultAdminID)
		s.limit(RateWindow{Limit: 1, Per: time.Minute})
		s.get("/keys").is(200)
		s.get("/keys").is(429)
		s.get("/keys", as(second)).is(200)
		s.get("/v1/accounts/other/keys").is(401)
		s.get("/v1/accounts/" + defaultAccountID + "/keys").is(200)
		s.get("/keys?token="+second, anonymous).is(200)
		s.get("/keys?token="+defaultToken, anonymous).is(200)
	},
}

func TestRateLimitsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, w := range []RateWindow{{Limit: 0, Per: time.Second}, {Limit: 1, Per: 0}, {Limit: 1, Per: time.Millisecond}} {
		s.Refuses("is no throttle", func() { s.limit(w) })
	}
	s.Frozen = true
	s.Refuses("the clock is frozen", func() { s.limit(RateWindow{Limit: 1, Per: time.Second}) })
}

// TestRateLimitsAsTheServerSeesThem: the same throttles, by the names that all
// vendors share.
func TestRateLimitsAsTheServerSeesThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	on, documented := limited.RateLimits()
	assert.Empty(t, on)
	assert.Empty(t, documented, "the vendor publishes no figures")
	limits := []core.RateLimit{{Calls: 1, Per: time.Minute}, {Calls: 60, Per: time.Hour}}
	set := func(limits []core.RateLimit) (err error) {
		s.Act("limit", func(turn *core.Turn) { err = limited.SetRateLimits(turn, limits) })
		return err
	}
	require.NoError(t, set(limits))
	on, _ = limited.RateLimits()
	assert.Equal(t, limits, on)
	s.get("/keys").is(200)
	s.get("/keys").is(429)
	require.NoError(t, set(limits))
	s.get("/keys").is(200).counted("1m", "1", "1", "0", minute)
	require.ErrorContains(t, set([]core.RateLimit{{Calls: 1, Per: time.Millisecond}}), "is no throttle")
	on, _ = limited.RateLimits()
	assert.Equal(t, limits, on, "a limit that cannot be changes nothing")
	s.world.SetRateLimit()
	on, _ = limited.RateLimits()
	assert.Empty(t, on)
	s.Frozen = true
	require.ErrorContains(t, set(limits), "the clock is frozen")
	require.NoError(t, set(nil))
}
