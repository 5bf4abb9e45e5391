package conformance

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// verifiers check a signature of a text with a public key as the vendor shows
// it, by algorithm.
var verifiers = map[string]func(key, text string, signature []byte) bool{
	keygenmock.Ed25519: func(key, text string, signature []byte) bool {
		bytes, err := hex.DecodeString(key)
		return err == nil && ed25519.Verify(bytes, []byte(text), signature)
	},
	keygenmock.RSASHA256: func(key, text string, signature []byte) bool {
		public, hash := parsePEM(key).(*rsa.PublicKey), sha256.Sum256([]byte(text))
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], signature) == nil
	},
	keygenmock.RSAPSSSHA256: func(key, text string, signature []byte) bool {
		public, hash := parsePEM(key).(*rsa.PublicKey), sha256.Sum256([]byte(text))
		longest := &rsa.PSSOptions{SaltLength: public.Size() - sha256.Size - 2}
		return rsa.VerifyPSS(public, crypto.SHA256, hash[:], signature, longest) == nil
	},
	keygenmock.ECDSAP256: func(key, text string, signature []byte) bool {
		hash := sha256.Sum256([]byte(text))
		return ecdsa.VerifyASN1(parsePEM(key).(*ecdsa.PublicKey), hash[:], signature)
	},
}

func parsePEM(text string) any {
	block, _ := pem.Decode([]byte(text))
	key, _ := x509.ParsePKIXPublicKey(block.Bytes)
	return key
}

var signatureHeader = regexp.MustCompile(`^keyid="([^"]*)", algorithm="([^"]*)", signature="([^"]*)", headers="\(request-target\) host date digest"$`)

// signed returns what was signed of the last exchange, put together from what
// was sent and received, and the signature.
func (s *keygenStage) signed(a answer, algorithm string) (text string, signature []byte) {
	s.Helper()
	req := s.seen.read().req
	parts := signatureHeader.FindStringSubmatch(a.Header.Get("Keygen-Signature"))
	require.NotNil(s, parts)
	assert.Equal(s, []string{s.Keygen.AccountID(), algorithm}, parts[1:3])
	signature, err := base64.StdEncoding.DecodeString(parts[3])
	require.NoError(s, err)
	return fmt.Sprintf("(request-target): %s %s\nhost: %s\ndate: %s\ndigest: %s", strings.ToLower(req.Method), req.URL.RequestURI(),
		req.URL.Host, a.Header.Get("Date"), a.Header.Get("Digest")), signature
}

// playLegacySignature has an account made that signs as old ones do.
func playLegacySignature(s *keygenStage) {
	req := httptest.NewRequest("POST", "http://127.0.0.1/__admin/keygen/accounts", strings.NewReader(`{"slug": "old", "legacy": true}`))
	req.Header.Set("Content-Type", "application/json")
	req.RemoteAddr = "127.0.0.1:1"
	made := httptest.NewRecorder()
	s.Server.Handler().ServeHTTP(made, req)
	require.Equal(s, http.StatusCreated, made.Code, made.Body)
	accounts := s.Keygen.Accounts()
	old := accounts[len(accounts)-1]
	require.Equal(s, "old", old.Slug())
	for _, header := range []string{bearer(old.Token()), anonymous} {
		a := s.get("//accounts/old/keys", header)
		signature, err := base64.StdEncoding.DecodeString(a.Header.Get("X-Signature"))
		require.NoError(s, err)
		assert.True(s, verifiers[keygenmock.RSASHA256](old.PublicKey(keygenmock.RSASHA256), a.Body, signature))
	}
	s.assertHeader(s.get("/keys"), "X-Signature", "")
}

// altering changes answers on their way to the client.
type altering struct {
	next  http.RoundTripper
	alter func(n int, resp *http.Response) // n counts from 1
	n     int
}

func (a *altering) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.next.RoundTrip(req)
	if err == nil {
		a.n++
		a.alter(a.n, resp)
	}
	return resp, err
}

// verifying is a configuration with verification on.
func (r *rig) verifying() keygen.Config {
	cfg := r.keygenConfig()
	cfg.PublicKey = r.Keygen.PublicKey(keygenmock.Ed25519)
	cfg.Now = r.Server.Now
	return cfg
}

func (r *rig) verifyingClient(t *testing.T, alter func(n int, resp *http.Response)) *keygen.Client {
	t.Helper()
	cfg := r.verifying()
	cfg.HTTPClient = &http.Client{Transport: &altering{next: r.http.Transport, alter: alter}}
	client, err := keygen.New(cfg)
	require.NoError(t, err)
	return client
}

// keygenCall is one operation of the client.
type keygenCall struct {
	name string
	read bool
	call func(t *testing.T, c *keygen.Client, w *keygenmock.World, first keygenmock.Key) error
}

// keygenCalls are all operations of the client that one call can show, each in
// a pool that has a key of the text "first" at the time.
var keygenCalls = []keygenCall{
	{"Keys.Create", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.Create(t.Context(), keygen.CreateKeyParams{Key: "a new key", PolicyID: k.PolicyID})
		return err
	}},
	{"Keys.Get", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.Get(t.Context(), k.ID)
		return err
	}},
	{"Keys.Update", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.Update(t.Context(), k.ID, keygen.UpdateKeyParams{Key: "another text"})
		return err
	}},
	{"Keys.Delete", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		return c.Keys.Delete(t.Context(), k.ID)
	}},
	{"Keys.List", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.List(t.Context(), keygen.ListKeysParams{PolicyID: k.PolicyID, Page: 1, PageSize: 7, Order: keygen.OldestFirst})
		return err
	}},
	{"Keys.Policy", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.Policy(t.Context(), k.ID)
		return err
	}},
	{"Keys.Product", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Keys.Product(t.Context(), k.ID)
		return err
	}},
	{"Pool.List", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Pool(k.PolicyID).List(t.Context(), keygen.ListPoolParams{Cursor: keygen.Set("")})
		return err
	}},
	{"Pool.Get", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Pool(k.PolicyID).Get(t.Context(), k.ID)
		return err
	}},
	{"Pool.Pop", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Pool(k.PolicyID).Pop(t.Context())
		return err
	}},
	{"Policies.Create", false, func(t *testing.T, c *keygen.Client, w *keygenmock.World, _ keygenmock.Key) error {
		_, err := c.Policies.Create(t.Context(), keygen.CreatePolicyParams{Name: "Pool", UsePool: true, ProductID: w.Default().Products()[0].ID})
		return err
	}},
	{"Policies.Get", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Policies.Get(t.Context(), k.PolicyID)
		return err
	}},
	{"Policies.List", true, func(t *testing.T, c *keygen.Client, w *keygenmock.World, _ keygenmock.Key) error {
		_, err := c.Policies.List(t.Context(), keygen.ListPoliciesParams{ProductID: w.Default().Products()[0].ID})
		return err
	}},
	{"Policies.Delete", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		return c.Policies.Delete(t.Context(), k.PolicyID)
	}},
	{"Products.Create", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, _ keygenmock.Key) error {
		_, err := c.Products.Create(t.Context(), keygen.CreateProductParams{Name: "Ünïcode <App>"})
		return err
	}},
	{"Products.Get", true, func(t *testing.T, c *keygen.Client, w *keygenmock.World, k keygenmock.Key) error {
		code := "an app/" + k.ID
		w.AddProduct(keygenmock.Product{Code: code})
		_, err := c.Products.Get(t.Context(), code)
		return err
	}},
	{"Products.CreateToken", false, func(t *testing.T, c *keygen.Client, w *keygenmock.World, _ keygenmock.Key) error {
		_, err := c.Products.CreateToken(t.Context(), w.Default().Products()[0].ID)
		return err
	}},
	{"Licenses.Create", false, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Licenses.Create(t.Context(), keygen.CreateLicenseParams{PolicyID: k.PolicyID})
		return err
	}},
	{"Licenses.Get", true, func(t *testing.T, c *keygen.Client, w *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Licenses.Get(t.Context(), w.AddLicense(keygenmock.License{Key: "ключ / " + k.ID}).Key)
		return err
	}},
	{"Licenses.List", true, func(t *testing.T, c *keygen.Client, _ *keygenmock.World, k keygenmock.Key) error {
		_, err := c.Licenses.List(t.Context(), keygen.ListLicensesParams{PolicyID: k.PolicyID, Limit: 3})
		return err
	}},
	{"Licenses.Delete", false, func(t *testing.T, c *keygen.Client, w *keygenmock.World, _ keygenmock.Key) error {
		return c.Licenses.Delete(t.Context(), w.AddLicense(keygenmock.License{}).ID)
	}},
}

// The mock signs every answer so that the client accepts it, whatever the
// account is called, and long after the client was made. 204 has no body, and
// is signed as well.
func TestKeygenSignaturesFitEveryOperation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		names := []string{r.Keygen.Account(), r.Keygen.AccountID(), strings.ToUpper(r.Keygen.AccountID())}
		for i, account := range names {
			cfg := r.verifying()
			cfg.Account = account
			client, err := keygen.New(cfg)
			require.NoError(t, err)
			for j, op := range keygenCalls {
				r.Server.Advance(36 * time.Hour)
				first := r.Keygen.AddKey(keygenmock.Key{})
				require.NoError(t, op.call(t, client, r.Keygen, first), "%s of %s", op.name, account)
				r.clearTexts()
				r.Server.AssertCalls(t, i*len(keygenCalls)+j+1, "keygen.*")
			}
		}
	})
}

// clearTexts removes keys with the texts of keygenCalls, so that these can be
// used again.
func (r *rig) clearTexts() {
	for _, k := range r.Keygen.Keys() {
		if k.Key == "a new key" || k.Key == "another text" {
			r.Keygen.RemoveKey(k.ID)
		}
	}
}

// Refusals of a vendor that knows the account are signed, too, and so is their
// kind believed. One by a stranger is not.
func TestKeygenRefusalsAreVerified(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		client := r.verifyingClient(t, func(int, *http.Response) {})
		_, err := client.Keys.Get(t.Context(), sampleID)
		require.ErrorIs(t, err, keygen.ErrNotFound)
		assert.NotErrorIs(t, err, keygen.ErrSignature)

		r.Keygen.SetStatus(keygenmock.StatusCanceled)
		_, err = client.Keys.Get(t.Context(), sampleID)
		require.ErrorIs(t, err, keygen.ErrAccountInactive)

		cfg := r.verifying()
		cfg.Account = "nobody"
		stranger, newErr := keygen.New(cfg)
		require.NoError(t, newErr)
		_, err = stranger.Keys.Get(t.Context(), sampleID)
		require.ErrorIs(t, err, keygen.ErrSignature)
		assert.NotErrorIs(t, err, keygen.ErrNotFound, "an unsigned refusal proves nothing")
		r.Server.AssertCalls(t, 3, keygenmock.OpGetKey)
	})
}

// forgeries are ways in which an answer is not what the vendor said just now.
var forgeries = map[string]func(t *testing.T, r *rig) func(n int, resp *http.Response){
	"a bit of the body": func(t *testing.T, _ *rig) func(int, *http.Response) {
		return func(_ int, resp *http.Response) {
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			if len(body) == 0 { // of a 204: a bit that there should not be
				resp.Header.Set("Keygen-Digest", flipBit(resp.Header.Get("Keygen-Digest")))
			} else {
				body[len(body)/2] ^= 1
			}
			resp.Body = io.NopCloser(strings.NewReader(string(body)))
		}
	},
	"a bit of the signature": func(*testing.T, *rig) func(int, *http.Response) {
		return func(_ int, resp *http.Response) {
			parts := strings.Split(resp.Header.Get("Keygen-Signature"), `"`)
			parts[5] = flipBit(parts[5])
			resp.Header.Set("Keygen-Signature", strings.Join(parts, `"`))
		}
	},
	"another date": func(_ *testing.T, r *rig) func(int, *http.Response) {
		return func(_ int, resp *http.Response) {
			resp.Header.Set("Keygen-Date", r.Server.Now().Add(-time.Second).UTC().Format(http.TimeFormat))
		}
	},
	"too late": func(_ *testing.T, r *rig) func(int, *http.Response) {
		return func(int, *http.Response) { r.Server.Advance(5*time.Minute + time.Second) }
	},
	"no signature": func(*testing.T, *rig) func(int, *http.Response) {
		return func(_ int, resp *http.Response) { resp.Header.Del("Keygen-Signature") }
	},
}

// flipBit changes one bit of the first byte of what a base64 text holds.
func flipBit(text string) string {
	prefix, encoded := "", text
	if digest, found := strings.CutPrefix(text, "sha-256="); found {
		prefix, encoded = "sha-256=", digest
	}
	bytes, _ := base64.StdEncoding.DecodeString(encoded)
	bytes[0] ^= 1
	return prefix + base64.StdEncoding.EncodeToString(bytes)
}

// Nothing that was tampered with is believed or asked for again.
func TestKeygenForgeriesAreRefused(t *testing.T) {
	t.Parallel()
	for what, forge := range forgeries {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				client := r.verifyingClient(t, forge(t, r))
				for i, op := range keygenCalls {
					err := op.call(t, client, r.Keygen, r.Keygen.AddKey(keygenmock.Key{}))
					assertForged(t, err, op.read, op.name)
					r.Server.AssertCalls(t, i+1+lookups(i), "keygen.*")
					r.clearTexts()
				}
			})
		})
	}
}

// lookups are how often a license of a forged creation was looked for by its id,
// up to an entry of keygenCalls. What came of that was not believed either.
func lookups(i int) int {
	if slices.ContainsFunc(keygenCalls[:i+1], func(c keygenCall) bool { return c.name == "Licenses.Create" }) {
		return 1
	}
	return 0
}

func assertForged(t *testing.T, err error, read bool, what string) {
	t.Helper()
	require.ErrorIs(t, err, keygen.ErrSignature, what)
	assert.ErrorIs(t, err, keygen.ErrBadResponse, what)
	var e *keygen.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 1, e.Attempts, what)
	assert.Equal(t, !read, errors.Is(err, keygen.ErrUnknownOutcome), what)
	if read {
		assert.Equal(t, keygen.OutcomeNotApplied, e.Outcome, what)
	} else {
		assert.Equal(t, keygen.OutcomeUnknown, e.Outcome, what)
	}
}

// What another account's vendor signed, or signed for another request, is no
// answer to this one.
func TestKeygenAnswersOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(r *rig, other *keygenmock.Account, cfg *keygen.Config){
		"the public key is another account's": func(_ *rig, other *keygenmock.Account, cfg *keygen.Config) {
			cfg.PublicKey = other.PublicKey(keygenmock.Ed25519)
		},
		"another account answers": func(r *rig, other *keygenmock.Account, cfg *keygen.Config) {
			cfg.HTTPClient = &http.Client{Transport: diverted{r.http.Transport, r.Keygen.Account(), other}}
		},
		"another account answers one known by its id": func(r *rig, other *keygenmock.Account, cfg *keygen.Config) {
			cfg.Account = r.Keygen.AccountID()
			cfg.HTTPClient = &http.Client{Transport: diverted{r.http.Transport, r.Keygen.AccountID(), other}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				cfg := r.verifying()
				config(r, r.Keygen.AddAccount("other"), &cfg)
				client, err := keygen.New(cfg)
				require.NoError(t, err)
				_, err = client.Keys.List(t.Context(), keygen.ListKeysParams{})
				assertForged(t, err, true, name)
				r.Server.AssertCalls(t, 1, keygenmock.OpListKeys)
				assert.Equal(t, []int{200}, statusesOf(r.Server, keygenmock.OpListKeys))
			})
		})
	}
}

// diverted leads requests to another account, with its own token.
type diverted struct {
	next http.RoundTripper
	from string
	to   *keygenmock.Account
}

func (d diverted) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Path = strings.Replace(req.URL.Path, d.from, d.to.Slug(), 1)
	req.Header.Set("Authorization", "Bearer "+d.to.Token())
	return d.next.RoundTrip(req)
}

// An old answer is right in all but its time. An answer to another request is
// right in all but what it is about.
func TestKeygenReplaysAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		pool := r.Keygen.AddPolicy(keygenmock.Policy{Pooled: true})
		key := r.Keygen.AddKey(keygenmock.Key{PolicyID: pool.ID})
		recorder := &replaying{next: r.http.Transport}
		cfg := r.verifying()
		cfg.HTTPClient = &http.Client{Transport: recorder}
		client, err := keygen.New(cfg)
		require.NoError(t, err)
		_, err = client.Keys.Get(t.Context(), key.ID)
		require.NoError(t, err)
		recorder.play = true

		r.Server.Advance(5 * time.Minute)
		_, err = client.Keys.Get(t.Context(), key.ID)
		require.NoError(t, err, "to the request itself, within the time that is allowed")
		_, err = client.Pool(pool.ID).Get(t.Context(), key.ID)
		assertForged(t, err, true, "to another request")
		_, err = client.Pool(pool.ID).Pop(t.Context())
		assertForged(t, err, false, "to a change")
		r.Server.Advance(time.Second)
		_, err = client.Keys.Get(t.Context(), key.ID)
		assertForged(t, err, true, "five minutes and a second later")
		assert.Equal(t, []keygenmock.Key{key}, r.Keygen.Keys())
		r.Server.AssertCalls(t, 1, "keygen.*")
	})
}

// replaying keeps the first answer and gives it again.
type replaying struct {
	next http.RoundTripper
	play bool
	resp *http.Response
	body []byte
}

func (r *replaying) RoundTrip(req *http.Request) (*http.Response, error) {
	if !r.play {
		resp, err := r.next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		r.resp = resp
		r.body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	again := *r.resp
	again.Header, again.Request, again.Body = r.resp.Header.Clone(), req, io.NopCloser(bytes.NewReader(r.body))
	return &again, nil
}
