package keygenmock

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// verify checks a signature with nothing but the public key in the form that the
// vendor shows.
func verify(t *testing.T, algorithm, public, text string, signature []byte) bool {
	t.Helper()
	if algorithm == Ed25519 {
		key, err := hex.DecodeString(public)
		require.NoError(t, err)
		return ed25519.Verify(key, []byte(text), signature)
	}
	block, rest := pem.Decode([]byte(public))
	require.NotNil(t, block)
	require.Empty(t, rest)
	require.Equal(t, "PUBLIC KEY", block.Type)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	require.NoError(t, err)
	hash := sha256.Sum256([]byte(text))
	switch algorithm {
	case RSASHA256:
		return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, hash[:], signature) == nil
	case RSAPSSSHA256:
		return rsa.VerifyPSS(key.(*rsa.PublicKey), crypto.SHA256, hash[:], signature, nil) == nil
	}
	return ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), hash[:], signature)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	keys, again := newAccountKeys(core.NewRand(1, "keygen")), newAccountKeys(core.NewRand(1, "keygen"))
	others := newAccountKeys(core.NewRand(2, "keygen"))
	const text = "(request-target): get /v1/accounts/x/keys?limit=1\nhost: api.keygen.sh\ndate: Wed, 09 Jun 2021 16:08:15 GMT\ndigest: sha-256=x"
	for _, algorithm := range algorithms {
		public, err := keys.public(algorithm)
		require.NoError(t, err)
		signature := keys.sign(algorithm, text)
		assert.True(t, verify(t, algorithm, public, text, signature), algorithm)
		assert.False(t, verify(t, algorithm, public, text+" ", signature), "another text: %s", algorithm)
		signature[len(signature)/2] ^= 1
		assert.False(t, verify(t, algorithm, public, text, signature), "a flipped bit: %s", algorithm)
		if algorithm != RSASHA256 { // shares its key with RSAPSSSHA256
			assert.False(t, verify(t, algorithm, public, text, others.sign(algorithm, text)), "another account: %s", algorithm)
		}

		same, err := again.public(algorithm)
		require.NoError(t, err)
		assert.Equal(t, public, same, "the same seed, the same key: %s", algorithm)
	}
	assert.Equal(t, keys.sign(ECDSAP256, text), again.sign(ECDSAP256, text))
	assert.Equal(t, rsaBits, keys.rsa().N.BitLen())

	hexKey, _ := keys.public(Ed25519)
	assert.Regexp(t, `^[0-9a-f]{64}$`, hexKey)
	_, err := keys.public("rsa-sha512")
	assert.ErrorContains(t, err, "ed25519, rsa-pss-sha256")

	public, _ := keys.public(RSASHA256)
	old, err := base64.StdEncoding.DecodeString(keys.signBody([]byte("body")))
	require.NoError(t, err)
	assert.True(t, verify(t, RSASHA256, public, "body", old))
}

// TestSignatureKeysTakeLittle: whether slow keys are made does not change what
// the world draws afterwards.
func TestSignatureKeysTakeLittle(t *testing.T) {
	t.Parallel()
	a, b := core.NewRand(1, "keygen"), core.NewRand(1, "keygen")
	newAccountKeys(a).ecdsa()
	newAccountKeys(b)
	assert.Equal(t, a.UUID(), b.UUID())
}

// TestResetKeepsSlowKeys: after a reset an account signs as a new one does, and
// nobody waits for its keys again.
func TestResetKeepsSlowKeys(t *testing.T) {
	t.Parallel()
	v := &vendor{state: newState(nil)}
	signs := func() (*rsa.PrivateKey, []byte) {
		keys := v.state.accounts[0].signing
		return keys.rsa(), keys.sign(RSAPSSSHA256, "text")
	}
	key, signature := signs()
	for range 2 {
		v.Reset()
		keptKey, again := signs()
		assert.Same(t, key, keptKey)
		assert.Equal(t, signature, again, "the salts begin anew")
	}
	assert.Len(t, v.state.signing, 1, "only those of the last accounts are kept")
}

// TestSaltsAreDrawnOnce: those who sign at the same time have salts of their own.
func TestSaltsAreDrawnOnce(t *testing.T) {
	t.Parallel()
	keys := newAccountKeys(core.NewRand(1, "keygen"))
	signatures := make([]string, 8)
	var all sync.WaitGroup
	for i := range signatures {
		all.Go(func() { signatures[i] = string(keys.sign(RSAPSSSHA256, "text")) })
	}
	all.Wait()
	slices.Sort(signatures)
	assert.Len(t, slices.Compact(signatures), 8)
}

func TestSignedTextAndHeader(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "(request-target): post /v1/accounts/a/keys?x=1\nhost: api.keygen.sh\ndate: D\ndigest: sha-256=E",
		signedText("POST", "/v1/accounts/a/keys?x=1", "api.keygen.sh", "D", "sha-256=E"))
	assert.Equal(t, `keyid="A", algorithm="ed25519", signature="AQI=", headers="(request-target) host date digest"`,
		signatureHeader("A", Ed25519, []byte{1, 2}))
	assert.Equal(t, "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", digestOf(nil))
	assert.Equal(t, "sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", digestOf([]byte("abc")))
}

func TestAcceptedSignature(t *testing.T) {
	t.Parallel()
	const account = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	for header, want := range map[string]string{
		"":                           Ed25519,
		`algorithm="ed25519"`:        Ed25519,
		`algorithm="rsa-pss-sha256"`: RSAPSSSHA256,
		`algorithm="rsa-sha256"`:     RSASHA256,
		`algorithm="ecdsa-p256"`:     ECDSAP256,
		`keyid="` + account + `", algorithm="ecdsa-p256"`:  ECDSAP256,
		` keyid="` + account + `",algorithm="ed25519" `:    Ed25519,
		`KeyID="` + account + `"algorithm="RSA-SHA256" ; `: RSASHA256,
		`keyid="` + account + `" algorithm="ecdsa-p256";`:  ECDSAP256,
	} {
		got, bad := acceptedSignature(&core.Turn{}, header, account)
		assert.Nil(t, bad, header)
		assert.Equal(t, want, got, header)
	}
	for header, why := range map[string]string{
		`ed25519`:                 "malformed",
		`algorithm=ed25519`:       "malformed",
		`algorithm="ed25519`:      "malformed",
		`keyid="` + account + `"`: "malformed",
		`algorithm="ed25519", keyid="` + account + `"`: "malformed",
		`algorithm=""`:                      "malformed",
		`algorithm="rsa-sha512"`:            "unsupported algorithm",
		`keyid="x", algorithm="rsa-sha512"`: "unsupported algorithm",
		`keyid="x", algorithm="ed25519"`:    "keyid not found",
		`keyid="", algorithm="ed25519"`:     "malformed",
	} {
		turn := &core.Turn{}
		_, bad := acceptedSignature(turn, header, account)
		if assert.NotNil(t, bad, header) {
			assert.Equal(t, badRequest{detail: "invalid accept-signature header (" + why + ")"}, *bad, header)
		}
		assert.NotEmpty(t, turn.Rows)
	}
}
