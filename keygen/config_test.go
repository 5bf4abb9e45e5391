package keygen

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		BaseURL: "http://example.com", UserAgent: "shop\n", Retry: RetryPolicy{MaxAttempts: -1, BaseDelay: -2, MaxDelay: -3, MaxRetryAfter: -4},
		AttemptTimeout: -5, MaxResponseBytes: -6, Version: "latest", PublicKey: "abc", SignatureMaxAge: -7,
	})
	require.Error(t, err)
	for _, fault := range []string{
		"Account is empty", "Credential is missing", "BaseURL", "UserAgent", "Retry.MaxAttempts is -1", "Retry.BaseDelay is -2ns", "Retry.MaxDelay is -3ns",
		"Retry.MaxRetryAfter is -4ns", "AttemptTimeout is -5ns", "MaxResponseBytes is -6", `Version is "latest"`, "SignatureMaxAge is -7ns",
	} {
		assert.ErrorContains(t, err, fault)
	}
	assert.True(t, strings.HasPrefix(err.Error(), "keygen: "))
	for _, line := range strings.Split(err.Error(), "\n") {
		assert.NotEmpty(t, strings.TrimSpace(line))
	}
	client, err := New(Config{Account: "acme"})
	assert.Nil(t, client)
	assert.EqualError(t, err, "keygen: Credential is missing: make one with keygen.Token or keygen.LicenseKey")
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	for account, fault := range map[string]string{
		accountID: "", strings.ToUpper(accountID): "", strings.ReplaceAll(accountID, "-", ""): "", "acme": "", "acme-2": "", "my_co": "", "7": "",
		"": "is empty", "Acme": `found 'A'`, "acme.json": `found '.'`, "a/b": `found '/'`, "..": `found '.'`, " acme": `found ' '`, "é": `found 'é'`,
		"acme\n": `found '\n'`, testToken: "looks like a token", tokenSecret: "looks like a token",
	} {
		_, err := New(Config{Account: account, Credential: Token(testToken)})
		if fault == "" {
			assert.NoError(t, err, account)
			continue
		}
		assert.ErrorContains(t, err, fault)
		assert.NotContains(t, fmt.Sprint(err), testToken)
	}
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	for key, fine := range map[string]bool{
		"": true, publicKey: true, strings.ToUpper(publicKey): true, publicKey[2:]: false, publicKey + "00": false, "z" + publicKey[1:]: false,
		" " + publicKey: false, "-----BEGIN PUBLIC KEY-----": false,
	} {
		_, err := New(Config{Account: "acme", Credential: Token(testToken), PublicKey: key})
		if fine {
			assert.NoError(t, err, key)
		} else {
			assert.ErrorContains(t, err, "64 hexadecimal digits", key)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for version, fine := range map[string]bool{"1.8": true, "v1.8": true, "1.10": true, "1": false, "1.8.0": false, "v": false, "1.8\r\nX: y": false, " 1.8": false} {
		_, err := New(Config{Account: "acme", Credential: Token(testToken), Version: version})
		assert.Equal(t, fine, err == nil, version)
	}
	client, v := newClientWith(t, Config{Credential: Token(testToken), Version: "v1.8"}, says(200, `{"data": []}`))
	_, err := client.Keys.List(t.Context(), ListKeysParams{})
	require.NoError(t, err)
	assert.Equal(t, []string{"v1.8"}, v.Calls[0].Header["Keygen-Version"])
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	basic := func(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }
	for name, test := range map[string]struct {
		credential Credential
		sent, text string
		choosesID  bool
	}{
		"token":             {Token(testToken), "Bearer " + testToken, "Token(…)", true},
		"user's token":      {Token("user-0123v3"), "Bearer user-0123v3", "Token(…)", false},
		"license key":       {LicenseKey(testKey), "License " + testKey, "LicenseKey(…)", false},
		"basic token":       {BasicToken(testToken), basic("token:" + testToken), "BasicToken(…)", true},
		"basic user's":      {BasicToken("user-0123v3"), basic("token:user-0123v3"), "BasicToken(…)", false},
		"basic license key": {BasicLicenseKey("a key: é"), basic("license:a key: é"), "BasicLicenseKey(…)", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClientWith(t, Config{Credential: test.credential}, says(201, document+licenseJSON+`}`))
			_, err := client.Licenses.Create(t.Context(), CreateLicenseParams{PolicyID: policyID})
			require.NoError(t, err)
			assert.Equal(t, []string{test.sent}, v.Calls[0].Header["Authorization"])
			assert.Equal(t, test.text, test.credential.String())

			var body struct{ Data struct{ ID *string } }
			require.NoError(t, json.Unmarshal([]byte(v.Calls[0].Body), &body))
			assert.Equal(t, test.choosesID, body.Data.ID != nil, "whether an id is sent")
			if test.choosesID {
				assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, *body.Data.ID)
			}
		})
	}
	assert.Equal(t, "Credential(none)", Credential{}.String())
}

func TestNewRefusesASlipOfCopying(t *testing.T) {
	t.Parallel()
	for _, credential := range []Credential{
		Token(""), Token(testToken + "\n"), Token(" " + testToken), Token(testToken + "\u200b"), Token("Bearer " + testToken), LicenseKey(""),
		LicenseKey(testKey + " "), BasicToken(""), BasicLicenseKey(""),
	} {
		_, err := New(Config{Account: "acme", Credential: credential})
		require.ErrorContains(t, err, "keygen: Credential ")
		assert.NotContains(t, err.Error(), testToken)
		assert.NotContains(t, err.Error(), testKey)
	}
}

func TestNewNeedsNothingButAccountAndCredential(t *testing.T) {
	t.Parallel()
	client, err := New(Config{Account: accountID, Credential: Token(testToken)})
	require.NoError(t, err)
	assert.NotNil(t, client.Keys)
	assert.NotNil(t, client.Policies)
	assert.NotNil(t, client.Products)
	assert.NotNil(t, client.Licenses)
	assert.NotNil(t, client.Pool(policyID))
}

func TestNewLeavesTheCallersHTTPClientAlone(t *testing.T) {
	t.Parallel()
	own := &http.Client{Transport: &vendor{Answers: []answer{says(200, `{"data": []}`)}}, Timeout: time.Minute}
	before := *own
	client, err := New(Config{Account: "acme", Credential: Token(testToken), HTTPClient: own})
	require.NoError(t, err)
	_, err = client.Keys.List(t.Context(), ListKeysParams{})
	require.NoError(t, err)
	assert.Equal(t, before, *own)
}

type ctxKey struct{}

func TestSettingsReachTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{Answers: []answer{refuses(503, "Request timeout", "busy", "", ""), says(200, `{"data": []}`, "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "59")}}
		var attempts []Attempt
		client, err := New(Config{
			Account: "acme", Credential: Token(testToken), BaseURL: "http://vendor.example/mock/v1/", AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: v},
			UserAgent: "shop/1.2", Retry: RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 2},
			OnAttempt: func(ctx context.Context, a Attempt) {
				assert.Equal(t, "here", ctx.Value(ctxKey{}))
				attempts = append(attempts, a)
			},
		})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.Keys.List(context.WithValue(t.Context(), ctxKey{}, "here"), ListKeysParams{})
		require.NoError(t, err)

		assert.Less(t, time.Since(began), time.Millisecond)
		require.Len(t, v.Calls, 2)
		assert.Equal(t, "http://vendor.example/mock/v1/accounts/acme/keys", v.Calls[0].URL)
		assert.True(t, strings.HasPrefix(v.Calls[0].Header.Get("User-Agent"), "shop/1.2 keysmith-go/"))
		require.Len(t, attempts, 2)
		assert.Equal(t, Attempt{Op: "listKeys", Number: 2, StatusCode: 200, Header: attempts[1].Header, Duration: attempts[1].Duration}, attempts[1])
		limit, ok := RateLimitOf(attempts[1])
		assert.True(t, ok)
		assert.Equal(t, RateLimit{Limit: 60, Remaining: 59}, limit)
		assert.Equal(t, 503, attempts[0].StatusCode)
		e := errorOf(t, attempts[0].Err)
		assert.ErrorIs(t, e, ErrServer)
		assert.Equal(t, "busy", e.Message)
		assert.Equal(t, []ErrorObject{{Title: "Request timeout", Detail: "busy"}}, e.Errors)
	})
}

func TestLimitsReachTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := Config{Account: "acme", Credential: Token(testToken)}
		cfg := base
		cfg.Retry, cfg.AttemptTimeout, cfg.HTTPClient = RetryPolicy{MaxAttempts: 1}, time.Second, &http.Client{Transport: clienttest.Hangs{}}
		client, err := New(cfg)
		require.NoError(t, err)
		began := time.Now()
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(began))

		cfg = base
		cfg.MaxResponseBytes = 10
		client, _ = newClientWith(t, cfg, says(200, `{"data": []}`))
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.ErrorIs(t, err, ErrBadResponse)
		assert.ErrorContains(t, err, "MaxResponseBytes")

		cfg = base
		cfg.Retry = RetryPolicy{MaxRetryAfter: 9 * time.Second}
		client, _ = newClientWith(t, cfg, says(429, ``, "Retry-After", "10"))
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.Equal(t, 10*time.Second, errorOf(t, err).RetryAfter)
		assert.Equal(t, 1, errorOf(t, err).Attempts)
	})
}

// The credential must not appear in anything that can be printed, and neither
// must a new token's secret or what calls name in their address.
func TestCanary(t *testing.T) {
	t.Parallel()
	const licenseKey = "hidden-license-key"
	for _, secret := range []struct {
		credential Credential
		text       string
	}{{Token(testToken), testToken}, {LicenseKey(testToken), testToken}, {BasicToken(testToken), testToken}, {BasicLicenseKey(testToken), testToken}} {
		var printed clienttest.Printer
		echo := func(call sent) (*http.Response, error) { // a vendor that repeats everything it is told
			return says(400, fmt.Sprintf(`{"meta": {"id": %q}, "errors": [{"title": %q, "detail": %q, "code": %q, "source": {"pointer": %q}}]}`,
				secret.text, call.Header.Get("Authorization"), call.URL, secret.text, secret.text), "X-Request-Id", secret.text)(call)
		}
		broken := func(call sent) (*http.Response, error) {
			return nil, errors.New("cannot reach " + call.URL + " with " + call.Header.Get("Authorization"))
		}
		v := &vendor{}
		cfg := Config{
			Account: "acme", Credential: secret.credential, HTTPClient: &http.Client{Transport: v}, Logger: printed.Logger(), Retry: RetryPolicy{MaxAttempts: 1},
			PublicKey: publicKey, Version: "1.8", SignatureMaxAge: time.Minute, Now: time.Now,
			OnAttempt: func(_ context.Context, a Attempt) {
				a.Header = nil // as it came, so it is the one thing that a vendor can spoil
				fmt.Fprintf(&printed, "%v %+v %#v %s\n", a, a, a, a.Err)
			},
		}
		client, err := New(cfg)
		require.NoError(t, err)
		for _, answers := range [][]answer{{echo}, {broken}, {says(200, secret.text)}, {saysAs(302, ``, "Location", "https://other.example/?k="+secret.text)}} {
			for _, c := range callCases() {
				v.Answers, v.Calls = answers, nil
				printed.Show(c.dry(t.Context(), client))
			}
			_, err := client.Licenses.Get(t.Context(), licenseKey)
			printed.Show(err)
			_, err = client.Keys.Get(t.Context(), licenseKey)
			printed.Show(err)
			_, err = client.Keys.List(t.Context(), ListKeysParams{PolicyID: licenseKey, Cursor: Set(licenseKey)})
			printed.Show(err)
			_, err = client.Keys.Create(t.Context(), CreateKeyParams{Key: licenseKey + "\x00"})
			printed.Show(err)
			printed.Show(client.Keys.Delete(t.Context(), licenseKey))
		}
		for _, v := range []any{cfg, &cfg, struct{ C Config }{cfg}, []Config{cfg}, map[string]any{"c": &cfg}, cfg.Credential, &cfg.Credential,
			struct{ C Credential }{cfg.Credential}, client, *client, client.Keys, *client.Keys, client.Pool(policyID), client.Licenses, client.Products, client.Policies} {
			printed.Show(v)
		}
		_, err = New(Config{Account: testToken, Credential: Token(testToken + "\x00"), BaseURL: "https://user:" + testToken + "@h/?" + testToken, PublicKey: testToken, Version: "v1"})
		printed.Show(err)
		fmt.Fprintf(&printed, "%p %p %p\n", &cfg, client, client.Keys)
		printed.Dump(client)
		printed.Dump(cfg.Credential)
		encoded := base64.StdEncoding.EncodeToString([]byte("token:" + testToken))
		printed.AssertHides(t, testToken, licenseKey, encoded, base64.StdEncoding.EncodeToString([]byte("license:"+testToken)))
		assert.Contains(t, printed.String(), `keygen.Config{Account: "acme", Credential: `+secret.credential.String())
		assert.Contains(t, printed.String(), `"op":"popPool"`, "the log of the client is in it")
	}
}

// The secret of a new token is printed by nothing but JSON, which stores it.
func TestProductTokenIsNotPrinted(t *testing.T) {
	t.Parallel()
	token := tokenWant()
	for _, text := range []string{fmt.Sprint(token), fmt.Sprintf("%v %+v %#v %s %q %x", *token, *token, *token, *token, *token, *token), token.String(), token.LogValue().String(),
		fmt.Sprintf("%+v", struct{ T ProductToken }{*token})} {
		assert.NotContains(t, text, tokenSecret)
		assert.NotContains(t, text, fmt.Sprintf("%x", tokenSecret))
		assert.Contains(t, text, tokenID)
	}
	stored, err := json.Marshal(token)
	require.NoError(t, err)
	var back ProductToken
	require.NoError(t, json.Unmarshal(stored, &back))
	assert.Equal(t, *token, back)
}
