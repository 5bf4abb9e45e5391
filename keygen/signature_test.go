package keygen

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/transport"
)

var (
	signingKey = ed25519.NewKeyFromSeed([]byte("a seed of 32 bytes for the tests"))
	otherKey   = ed25519.NewKeyFromSeed([]byte("another seed of exactly 32 bytes"))
	publicKey  = hex.EncodeToString(signingKey.Public().(ed25519.PublicKey))
)

// signer signs answers as the vendor does, unless a test changes something.
type signer struct {
	key                         ed25519.PrivateKey
	account, algorithm, headers string
	date                        time.Time
	method, target, host        string              // "" = those of the request
	before, after               func(http.Header)   // changes the headers that are signed, or those that are sent
	header                      func(string) string // changes the signature header
	body                        string              // signed instead; "" = the one that is sent
	unsigned                    bool
}

func (s signer) sign(next answer) answer {
	return func(call sent) (*http.Response, error) {
		resp, err := next(call)
		if err != nil || s.unsigned {
			return resp, err
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(strings.NewReader(string(body)))
		if s.body != "" {
			body = []byte(s.body)
		}
		sum := sha256.Sum256(body)
		h := resp.Header
		h.Set("Keygen-Date", s.date.UTC().Format(http.TimeFormat))
		h.Set("Keygen-Digest", "sha-256="+base64.StdEncoding.EncodeToString(sum[:]))
		if s.before != nil {
			s.before(h)
		}
		address, _ := url.Parse(call.URL)
		text := fmt.Sprintf("(request-target): %s %s\nhost: %s\ndate: %s\ndigest: %s", or(s.method, strings.ToLower(call.Method)),
			or(s.target, address.RequestURI()), or(s.host, address.Host), h.Get("Keygen-Date"), h.Get("Keygen-Digest"))
		signature := fmt.Sprintf(`keyid="%s", algorithm="%s", signature="%s", headers="%s"`, s.account, s.algorithm,
			base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, []byte(text))), s.headers)
		if s.header != nil {
			signature = s.header(signature)
		}
		h.Set(signatureHeader, signature)
		h.Set("Date", h.Get("Keygen-Date"))
		h.Set("Digest", h.Get("Keygen-Digest"))
		if s.after != nil {
			s.after(h)
		}
		return resp, nil
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

var signedAt = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

func honest() signer {
	return signer{key: signingKey, account: accountID, algorithm: "ed25519", headers: "(request-target) host date digest", date: signedAt}
}

func verifying(account string) Config {
	return Config{Account: account, Credential: Token(testToken), PublicKey: publicKey, Now: func() time.Time { return signedAt.Add(time.Second) }}
}

// signatureCases are answers that are signed in some way; why is what is wrong
// with them, "" if nothing is.
func signatureCases() map[string]struct {
	change func(*signer)
	why    string
} {
	flip := func(name string) func(*signer) {
		return func(s *signer) {
			s.after = func(h http.Header) {
				text := []byte(h.Get(name))
				text[len(text)/2] ^= 1
				h.Set(name, string(text))
			}
		}
	}
	set := func(name, value string) func(*signer) {
		return func(s *signer) { s.after = func(h http.Header) { h.Set(name, value) } }
	}
	drop := func(names ...string) func(*signer) {
		return func(s *signer) {
			s.after = func(h http.Header) {
				for _, name := range names {
					h.Del(name)
				}
			}
		}
	}
	header := func(change func(string) string) func(*signer) { return func(s *signer) { s.header = change } }
	replace := func(old, new string) func(*signer) {
		return header(func(h string) string { return strings.Replace(h, old, new, 1) })
	}
	return map[string]struct {
		change func(*signer)
		why    string
	}{
		"as documented": {func(*signer) {}, ""},
		"parameters in another order": {header(func(h string) string {
			parts := strings.Split(h, ", ")
			return strings.Join([]string{parts[3], parts[1], parts[0], parts[2]}, ",")
		}), ""},
		"a parameter more":          {header(func(h string) string { return h + `, created="1"` }), ""},
		"a date that a proxy wrote": {set("Date", "Thu, 01 Jan 2026 08:59:59 GMT"), ""},
		"a digest of a proxy":       {set("Digest", "sha-256=x"), ""},
		"plain headers alone":       {drop("Keygen-Date", "Keygen-Digest"), ""},
		"account in another case":   {func(s *signer) { s.account = strings.ToUpper(s.account) }, ""},
		"4 minutes old":             {func(s *signer) { s.date = signedAt.Add(-4 * time.Minute) }, ""},
		"4 minutes ahead":           {func(s *signer) { s.date = signedAt.Add(4 * time.Minute) }, ""},
		"exactly as old as may be":  {func(s *signer) { s.date = signedAt.Add(time.Second - 5*time.Minute) }, ""},
		"exactly as new as may be":  {func(s *signer) { s.date = signedAt.Add(time.Second + 5*time.Minute) }, ""},

		"not signed":                {drop(signatureHeader), "not signed"},
		"signed by another key":     {func(s *signer) { s.key = otherKey }, "does not fit"},
		"a flipped bit in the body": {func(s *signer) { s.body = "another body" }, "body is not the one"},
		"a flipped bit in the date": {set("Keygen-Date", "Thu, 01 Jan 2026 09:00:01 GMT"), "does not fit"},
		"a flipped bit in a digest": {flip("Keygen-Digest"), "body is not the one"},
		"a flipped bit in a signature": {header(func(h string) string {
			at := strings.Index(h, `signature="`) + len(`signature="`) + 20
			text := []byte(h)
			text[at] = map[bool]byte{true: 'B', false: 'A'}[text[at] == 'A']
			return string(text)
		}), "does not fit"},
		"too old":                      {func(s *signer) { s.date = signedAt.Add(-5 * time.Minute) }, "was signed 5m1s ago"},
		"a day old":                    {func(s *signer) { s.date = signedAt.AddDate(0, 0, -1) }, "SignatureMaxAge is 5m0s"},
		"too new":                      {func(s *signer) { s.date = signedAt.Add(5*time.Minute + 2*time.Second) }, "5m1s ahead of our time"},
		"no date":                      {drop("Keygen-Date", "Date"), "no Date"},
		"an odd date":                  {func(s *signer) { s.before = func(h http.Header) { h.Set("Keygen-Date", "yesterday") } }, "no form that HTTP knows"},
		"an empty date":                {set("Keygen-Date", ""), "no Date"},
		"two dates":                    {func(s *signer) { s.after = func(h http.Header) { h.Add("Keygen-Date", h.Get("Keygen-Date")) } }, "more than one"},
		"two plain dates":              {func(s *signer) { s.after = func(h http.Header) { h.Del("Keygen-Date"); h.Add("Date", "x") } }, "more than one"},
		"no digest":                    {drop("Keygen-Digest", "Digest"), "no Digest"},
		"two digests":                  {func(s *signer) { s.after = func(h http.Header) { h.Add("Keygen-Digest", "x") } }, "more than one"},
		"a digest of another kind":     {func(s *signer) { s.before = func(h http.Header) { h.Set("Keygen-Digest", "md5=abc") } }, "body is not the one"},
		"about another method":         {func(s *signer) { s.method = "put" }, "does not fit"},
		"about another path":           {func(s *signer) { s.target = "/v1/accounts/other/keys" }, "does not fit"},
		"about another host":           {func(s *signer) { s.host = "api.example.com" }, "does not fit"},
		"two signatures":               {func(s *signer) { s.after = func(h http.Header) { h.Add(signatureHeader, h.Get(signatureHeader)) } }, "more than one"},
		"another algorithm":            {func(s *signer) { s.algorithm = "rsa-sha256" }, "another algorithm"},
		"an algorithm in capitals":     {func(s *signer) { s.algorithm = "ED25519" }, "another algorithm"},
		"fewer headers":                {func(s *signer) { s.headers = "date digest" }, "covers other headers"},
		"headers in another order":     {func(s *signer) { s.headers = "host (request-target) date digest" }, "covers other headers"},
		"no keyid":                     {replace(`keyid="`+accountID+`", `, ""), "lacks keyid"},
		"no algorithm":                 {replace(`algorithm="ed25519", `, ""), "lacks algorithm"},
		"no headers":                   {replace(`, headers="(request-target) host date digest"`, ""), "lacks headers"},
		"an empty signature":           {header(func(h string) string { return `keyid="x", algorithm="ed25519", signature="", headers="h"` }), "lacks signature"},
		"a signature that is too long": {replace(`signature="`, `signature="AAAA`), "no Ed25519 signature"},
		"a signature that is no text":  {replace(`signature="`, `signature="!`), "no Ed25519 signature"},
		"a parameter twice":            {header(func(h string) string { return h + `, keyid="x"` }), "garbled"},
		"no quotes":                    {header(func(h string) string { return strings.ReplaceAll(h, `"`, "") }), "garbled"},
		"no end":                       {header(func(h string) string { return strings.TrimSuffix(h, `"`) }), "garbled"},
		"a comma at the end":           {header(func(h string) string { return h + "," }), "garbled"},
		"blanks between":               {replace(`, algorithm`, ` algorithm`), "garbled"},
		"names in capitals":            {replace(`keyid`, `KeyId`), "garbled"},
		"empty":                        {header(func(string) string { return "" }), "garbled"},
	}
}

// signedCases are calls of every class, with and without body, query and content.
func signedCases() (cases []callCase) {
	for _, c := range callCases() {
		if slices.Contains([]string{"list keys by number", "update a key", "delete a key", "pop", "create a license"}, c.name) {
			cases = append(cases, c)
		}
	}
	return cases
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	for name, test := range signatureCases() {
		for _, account := range []string{accountID, "acme"} {
			for _, c := range signedCases() {
				t.Run(name+": "+account+": "+c.name, func(t *testing.T) {
					t.Parallel()
					s := honest()
					test.change(&s)
					client, v := newClientWith(t, verifying(account), s.sign(c.fine()))
					got, err := c.call(t.Context(), client)
					if test.why == "" {
						require.NoError(t, err)
						assert.Equal(t, c.want, got)
						return
					}
					e := errorOf(t, err)
					assert.ErrorContains(t, e, test.why)
					want := []string{"bad response", "signature"}
					if c.class != transport.Read {
						want = append(want, "unknown outcome")
					}
					assert.ElementsMatch(t, want, kindsOf(e))
					v.AssertCalls(t, 1+min(1, c.questions()))
				})
			}
		}
	}
}

// Whichever bit of body or signed header is flipped, the answer is refused.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	body := document + keyJSON + `}`
	check := func(flip func(*http.Response), accepted bool, about string) {
		s := honest()
		client, _ := newClientWith(t, verifying(accountID), func(call sent) (*http.Response, error) {
			resp, err := s.sign(says(200, body))(call)
			flip(resp)
			return resp, err
		})
		_, err := client.Keys.Get(t.Context(), keyID)
		if accepted {
			require.NoError(t, err, about)
			return
		}
		require.ErrorIs(t, err, ErrSignature, about)
	}
	check(func(*http.Response) {}, true, "nothing")
	for at := 0; at < len(body); at += 97 {
		check(func(resp *http.Response) {
			text := []byte(body)
			text[at] ^= 1
			resp.Body = io.NopCloser(strings.NewReader(string(text)))
		}, false, fmt.Sprintf("body at %d", at))
	}
	for _, name := range []string{signatureHeader, "Keygen-Date", "Keygen-Digest"} {
		for at := range 80 {
			check(func(resp *http.Response) {
				text := []byte(resp.Header.Get(name))
				text[at*len(text)/80] ^= 1
				resp.Header.Set(name, string(text))
			}, false, fmt.Sprintf("%s at %d", name, at))
		}
	}
}

// An account that is known by its id must be the one that signed; of a slug,
// only the key tells.
func TestSignatureOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for account, accepted := range map[string]bool{accountID: false, strings.ToUpper(strings.ReplaceAll(accountID, "-", "")): false, "acme": true} {
		for _, keyid := range []string{policyID, "acme", "x"} {
			s := honest()
			s.account = keyid
			client, _ := newClientWith(t, verifying(account), s.sign(says(200, document+keyJSON+`}`)))
			_, err := client.Keys.Get(t.Context(), keyID)
			if accepted {
				assert.NoError(t, err, keyid)
			} else {
				assert.ErrorContains(t, err, "another account", keyid)
			}
		}
	}
}

// A refusal decides as much as a success, so it must be signed as well.
func TestRefusalsMustBeSigned(t *testing.T) {
	t.Parallel()
	unsigned, forged := honest(), honest()
	unsigned.unsigned = true
	forged.key = otherKey
	for _, refusal := range []answer{
		refuses(404, "Not found", "The requested key 'x' was not found", "NOT_FOUND", ""),
		refuses(422, "Unprocessable resource", "has already been taken", "KEY_TAKEN", "/data/attributes/key"),
		refuses(403, "Access denied", "no", "", ""), says(401, ``), saysAs(404, "<html>", "Content-Type", "text/html"),
	} {
		for _, s := range []signer{unsigned, forged} {
			for _, c := range signedCases() {
				client, v := newClientWith(t, verifying(accountID), s.sign(refusal))
				e := errorOf(t, c.dry(t.Context(), client))
				want := []string{"bad response", "signature"}
				if c.class != transport.Read {
					want = append(want, "unknown outcome")
				}
				assert.ElementsMatch(t, want, kindsOf(e), c.name)
				v.AssertCalls(t, 1+min(1, c.questions()))
			}
		}
	}
	s := honest()
	client, _ := newClientWith(t, verifying(accountID), s.sign(refuses(404, "Not found", "The requested key 'x' was not found", "NOT_FOUND", "")))
	_, err := client.Keys.Get(t.Context(), keyID)
	assert.ElementsMatch(t, []string{"not found"}, kindsOf(err))
}

// The status is not signed. What the body says must agree with it, or a created
// license could be made to look refused and a refused deletion done.
func TestStatusesChangedOnTheWay(t *testing.T) {
	t.Parallel()
	s := honest()
	for _, c := range signedCases() {
		for _, status := range []int{400, 401, 403, 404, 409, 422, 501} {
			client, v := newClientWith(t, verifying(accountID), s.sign(says(status, c.answer)))
			e := errorOf(t, c.dry(t.Context(), client))
			want := []string{"bad response", "signature"}
			if c.class != transport.Read {
				want = append(want, "unknown outcome")
			}
			assert.ElementsMatch(t, want, kindsOf(e), "%s: %d", c.name, status)
			assert.ErrorContains(t, e, "contradicts its body")
			v.AssertCalls(t, 1+min(1, c.questions()))
		}
		refusal := `{"errors": [{"title": "Access denied", "detail": "no"}]}`
		client, _ := newClientWith(t, verifying(accountID), s.sign(saysAs(max(c.status, 200), refusal, "Content-Type", mediaType)))
		assert.ErrorIs(t, c.dry(t.Context(), client), ErrSignature, c.name)
	}
}

// The words of a refusal that is not signed help to find a slip, such as a
// wrong account.
func TestUnsignedRefusalsKeepTheirWords(t *testing.T) {
	t.Parallel()
	client, _ := newClientWith(t, verifying(accountID), refuses(404, "Not found", "The requested account 'x' was not found", "NOT_FOUND", ""))
	_, err := client.Keys.Get(t.Context(), keyID)
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrSignature)
	assert.NotErrorIs(t, e, ErrNotFound)
	assert.Equal(t, 404, e.StatusCode)
	assert.Equal(t, "The requested account 'x' was not found", e.Message)
	assert.ErrorContains(t, e, "check Account and BaseURL")
}

// A forged not-found or conflict settles nothing about an attempt before.
func TestForgedRefusalsAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := refuses(404, "Not found", "The requested key 'x' was not found", "NOT_FOUND", "")
		client, _ := newClientWith(t, verifying(accountID), lost, gone)
		assert.ElementsMatch(t, []string{"bad response", "signature", "unknown outcome"}, kindsOf(client.Keys.Delete(t.Context(), keyID)))

		s := honest()
		client, _ = newClientWith(t, verifying(accountID), lost, s.sign(gone))
		assert.NoError(t, client.Keys.Delete(t.Context(), keyID), "signed, it does")

		taken := refuses(422, "Unprocessable resource", "has already been taken", "KEY_TAKEN", "/data/attributes/key")
		client, v := newClientWith(t, verifying(accountID), lost, taken)
		_, err := client.Keys.Create(t.Context(), CreateKeyParams{Key: testKey, PolicyID: policyID})
		assert.ElementsMatch(t, []string{"bad response", "signature", "unknown outcome"}, kindsOf(err))
		v.AssertCalls(t, 2)
	})
}

// Rate limits and failures come from before or beyond what can sign.
func TestWhatNeedNotBeSigned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := honest()
		client, v := newClientWith(t, verifying(accountID), says(429, ``, "Retry-After", "1"), says(503, ``), s.sign(says(200, document+keyJSON+`}`)))
		_, err := client.Keys.Get(t.Context(), keyID)
		assert.NoError(t, err)
		v.AssertCalls(t, 3)
	})
}

func TestCutAnswersProveNothingUnverified(t *testing.T) {
	t.Parallel()
	client, _ := newClientWith(t, verifying(accountID), func(call sent) (*http.Response, error) {
		resp, err := clienttest.Cuts(200, `{"data": {`)(call)
		resp.Header.Set("Content-Type", mediaType)
		return resp, err
	})
	_, err := client.Pool(policyID).Pop(t.Context())
	assert.Equal(t, OutcomeUnknown, errorOf(t, err).Outcome)
}

// A server of one's own may listen on a port, which the vendor may sign or not.
func TestSignedHostWithAPort(t *testing.T) {
	t.Parallel()
	for base, hosts := range map[string]map[string]bool{
		"https://keys.example:8443/v1": {"": true, "keys.example": true, "keys.example:443": false, "other.example": false, "keys.example:": false},
		"https://[::1]:8443/v1":        {"": true, "[::1]": true, "::1": false},
		"https://keys.example/v1":      {"": true, "keys.example": true, "keys": false},
	} {
		for host, accepted := range hosts {
			s := honest()
			s.host = host
			cfg := verifying(accountID)
			cfg.BaseURL = base
			client, _ := newClientWith(t, cfg, s.sign(says(200, document+keyJSON+`}`)))
			_, err := client.Keys.Get(t.Context(), keyID)
			assert.Equal(t, accepted, err == nil, "%s signed as %q", base, host)
		}
	}
}

func TestSignatureMaxAge(t *testing.T) {
	t.Parallel()
	for age, accepted := range map[time.Duration]bool{0: true, time.Minute: true, time.Minute + time.Second: false, -time.Minute: true, -61 * time.Second: false} {
		s := honest()
		cfg := verifying(accountID)
		cfg.SignatureMaxAge = time.Minute
		cfg.Now = func() time.Time { return signedAt.Add(age) }
		client, _ := newClientWith(t, cfg, s.sign(says(200, document+keyJSON+`}`)))
		_, err := client.Keys.Get(t.Context(), keyID)
		assert.Equal(t, accepted, err == nil, age)
	}
	synctest.Test(t, func(t *testing.T) { // without Now, it is time.Now that counts
		s := honest()
		s.date = time.Now()
		cfg := verifying(accountID)
		cfg.Now = nil
		client, _ := newClientWith(t, cfg, s.sign(says(200, document+keyJSON+`}`)))
		_, err := client.Keys.Get(t.Context(), keyID)
		assert.NoError(t, err)
		time.Sleep(6 * time.Minute)
		_, err = client.Keys.Get(t.Context(), keyID)
		assert.ErrorIs(t, err, ErrSignature)
	})
}

func TestWithoutAPublicKeyNothingIsVerified(t *testing.T) {
	t.Parallel()
	s := honest()
	s.key = otherKey
	client, _ := newClient(t, s.sign(says(200, document+keyJSON+`}`)))
	_, err := client.Keys.Get(t.Context(), keyID)
	assert.NoError(t, err)
}

func FuzzParseSignature(f *testing.F) {
	valid := `keyid="` + accountID + `", algorithm="ed25519", signature="` + base64.StdEncoding.EncodeToString(make([]byte, 64)) + `", headers="(request-target) host date digest"`
	for _, seed := range []string{valid, ``, `,`, `a="b"`, `a="b",`, `a="b", a="c"`, `="x"`, `keyid=`, strings.ReplaceAll(valid, ", ", ","), valid + `, x=""`, `a="b" , c="d"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		parsed, err := parseSignature(header)
		if err != nil {
			return
		}
		require.Len(t, parsed.signature, ed25519.SignatureSize)
		require.Contains(t, header, `keyid="`+parsed.keyID+`"`)
		require.Contains(t, header, base64.StdEncoding.EncodeToString(parsed.signature))
	})
}
