package keygenmock

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Algorithms of response signatures, as Keygen-Signature names them.
const (
	Ed25519      = "ed25519" // the default
	RSAPSSSHA256 = "rsa-pss-sha256"
	RSASHA256    = "rsa-sha256"
	ECDSAP256    = "ecdsa-p256"
)

var algorithms = []string{Ed25519, RSAPSSSHA256, RSASHA256, ECDSAP256}

// Rules of signatures.
var (
	ruleSignature           = rule(obs, "signature.header", "Once the account is known, answers are signed: Keygen-Signature over method, path with query, host, date and digest, by default with Ed25519.")
	ruleSignatureAlgorithms = rule(obs, "signature.algorithms", "Keygen-Accept-Signature picks ed25519, rsa-pss-sha256, rsa-sha256 or ecdsa-p256.")
	ruleSignatureForms      = rule(asm, "signature.forms", "The salt of rsa-pss-sha256 is as long as possible; signatures of ecdsa-p256 are in ASN.1, of the SHA-256 of the text.")
	ruleSignatureMalformed  = rule(obs, "signature.malformed", "A Keygen-Accept-Signature that is not algorithm=\"...\", with keyid=\"...\" before it or not, is answered 400 (malformed).")
	ruleSignatureUnknown    = rule(obs, "signature.unsupported", "Another algorithm is answered 400 (unsupported algorithm).")
	ruleSignatureKeyID      = rule(obs, "signature.keyid", "A keyid that is not the id of the account is answered 400 (keyid not found).")
	ruleSignatureOrder      = rule(asm, "signature.order", "The algorithm is looked at before the keyid, and an empty header counts as not sent.")
	ruleSignatureDigest     = rule(obs, "signature.digest", "Digest is sha-256= and the SHA-256 of the body in base64, of an empty one too.")
	ruleSignatureDate       = rule(obs, "signature.date", "Date and Keygen-Date are the time that is signed.")
)

// accountKeys are the keys with which an account's answers are signed. They
// follow from one seed, so that a seeded server signs alike every time. They are
// made when they are first needed.
type accountKeys struct {
	*pairs
	drawing sync.Mutex    // guards the salts: answers to reads are signed side by side
	salts   *rand.ChaCha8 // nil: none has been drawn yet
}

// pairs are the private keys, each made once.
type pairs struct {
	seed    []byte
	onces   [3]sync.Once
	ofEd    ed25519.PrivateKey
	ofRSA   *rsa.PrivateKey
	ofECDSA *ecdsa.PrivateKey
}

func newAccountKeys(r *core.Rand) *accountKeys {
	seed, err := hex.DecodeString(r.Hex(ed25519.SeedSize))
	if err != nil {
		panic("keygenmock: " + err.Error()) // Hex writes hexadecimal digits: cannot be
	}
	return &accountKeys{pairs: &pairs{seed: seed}}
}

func (p *pairs) ed25519() ed25519.PrivateKey {
	p.onces[0].Do(func() { p.ofEd = ed25519.NewKeyFromSeed(p.seed) })
	return p.ofEd
}

func (p *pairs) rsa() *rsa.PrivateKey {
	p.onces[1].Do(func() { p.ofRSA = newRSAKey(stream(p.seed, "rsa")) })
	return p.ofRSA
}

func (p *pairs) ecdsa() *ecdsa.PrivateKey {
	p.onces[2].Do(func() { p.ofECDSA = newECDSAKey(stream(p.seed, "ecdsa")) })
	return p.ofECDSA
}

// drawn is what the salts of signatures are drawn from.
func (k *accountKeys) drawn() *rand.ChaCha8 {
	if k.salts == nil {
		k.salts = stream(k.seed, "salts")
	}
	return k.salts
}

// fresh returns the same keys as if nothing had been signed with them yet. Slow
// ones that are made already need not be made again.
func (k *accountKeys) fresh() *accountKeys { return &accountKeys{pairs: k.pairs} }

// stream is randomness of its own for each purpose, so that the order in which
// keys are asked for does not matter.
func stream(seed []byte, purpose string) *rand.ChaCha8 {
	return rand.NewChaCha8(sha256.Sum256(append(slices.Clone(seed), purpose...)))
}

// newECDSAKey takes the first number that is a private key.
func newECDSAKey(r *rand.ChaCha8) *ecdsa.PrivateKey {
	secret := make([]byte, 32)
	for {
		_, _ = r.Read(secret)
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret); err == nil {
			return key
		}
	}
}

const (
	rsaBits     = 2048
	rsaExponent = 65537
)

// newRSAKey makes a key by searching its primes itself: the standard library
// deliberately makes another key each time, whatever it reads.
func newRSAKey(r *rand.ChaCha8) *rsa.PrivateKey {
	one, e := big.NewInt(1), big.NewInt(rsaExponent)
	for {
		p, q := newPrime(r, rsaBits/2), newPrime(r, rsaBits/2)
		totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, totient)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{
			PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: rsaExponent},
			D:         d,
			Primes:    []*big.Int{p, q},
		}
		key.Precompute()
		if key.Validate() == nil {
			return key
		}
	}
}

// newPrime finds a prime of so many bits, of which the highest two are set, so
// that the product of two has twice as many.
func newPrime(r *rand.ChaCha8, bits int) *big.Int {
	candidate := make([]byte, bits/8)
	for {
		_, _ = r.Read(candidate)
		candidate[0] |= 0xc0
		candidate[len(candidate)-1] |= 1
		if p := new(big.Int).SetBytes(candidate); p.ProbablyPrime(20) {
			return p
		}
	}
}

// sign signs a text with one of the algorithms.
func (k *accountKeys) sign(algorithm, text string) []byte {
	if algorithm == Ed25519 {
		return ed25519.Sign(k.ed25519(), []byte(text))
	}
	return k.signHash(algorithm, sha256.Sum256([]byte(text)))
}

func (k *accountKeys) signHash(algorithm string, hash [sha256.Size]byte) []byte {
	var signature []byte
	var err error
	switch algorithm {
	case RSASHA256:
		signature, err = rsa.SignPKCS1v15(nil, k.rsa(), crypto.SHA256, hash[:])
	case RSAPSSSHA256:
		k.drawing.Lock()
		defer k.drawing.Unlock()
		signature, err = rsa.SignPSS(k.drawn(), k.rsa(), crypto.SHA256, hash[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto})
	case ECDSAP256:
		signature, err = k.ecdsa().Sign(nil, hash[:], crypto.SHA256) // without randomness: the same each time
	}
	if err != nil {
		panic("keygenmock: cannot sign: " + err.Error()) // the keys are valid: cannot be
	}
	return signature
}

// signBody signs a body alone, as old accounts had it in X-Signature.
func (k *accountKeys) signBody(body []byte) string {
	return base64.StdEncoding.EncodeToString(k.signHash(RSASHA256, sha256.Sum256(body)))
}

// public returns the public key of an algorithm as the vendor shows it: 64
// hexadecimal digits for Ed25519, PEM for the others.
func (k *accountKeys) public(algorithm string) (string, error) {
	var key any
	switch algorithm {
	case Ed25519:
		return hex.EncodeToString(k.ed25519().Public().(ed25519.PublicKey)), nil
	case RSAPSSSHA256, RSASHA256:
		key = k.rsa().Public()
	case ECDSAP256:
		key = k.ecdsa().Public()
	default:
		return "", fmt.Errorf("there is no algorithm %q: use %s", algorithm, strings.Join(algorithms, ", "))
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// signedText is what a signature is made of. The target is the path as it was
// sent, with the query.
func signedText(method, target, host, date, digest string) string {
	return "(request-target): " + strings.ToLower(method) + " " + target + "\n" +
		"host: " + host + "\n" +
		"date: " + date + "\n" +
		"digest: " + digest
}

// signatureHeader is the value of Keygen-Signature.
func signatureHeader(accountID, algorithm string, signature []byte) string {
	return fmt.Sprintf(`keyid="%s", algorithm="%s", signature="%s", headers="(request-target) host date digest"`,
		accountID, algorithm, base64.StdEncoding.EncodeToString(signature))
}

// digestOf is the value of Digest.
func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// acceptSignatureForm is as generous as the vendor: names in any case, with or
// without a comma, and a semicolon at the end.
var acceptSignatureForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*(?:keyid="([^"]+)")?(?:\s*,)?\s*algorithm="([^"]+)"\s*;?\s*$`)
})

// acceptedSignature returns the algorithm that a request wants its answer
// signed with.
func acceptedSignature(t *core.Turn, header, accountID string) (string, *badRequest) {
	if header == "" {
		return Ed25519, nil
	}
	found := acceptSignatureForm().FindStringSubmatchIndex(header)
	if found == nil {
		t.Decided(ruleSignatureMalformed)
		return Ed25519, signatureRefused("malformed")
	}
	algorithm := strings.ToLower(header[found[4]:found[5]])
	if !slices.Contains(algorithms, algorithm) {
		t.Decided(ruleSignatureUnknown, ruleSignatureOrder)
		return Ed25519, signatureRefused("unsupported algorithm")
	}
	if found[2] >= 0 {
		t.Decided(ruleSignatureKeyID)
		if header[found[2]:found[3]] != accountID {
			return Ed25519, signatureRefused("keyid not found")
		}
	}
	t.Decided(ruleSignatureAlgorithms)
	return algorithm, nil
}

func signatureRefused(why string) *badRequest {
	return &badRequest{detail: "invalid accept-signature header (" + why + ")"}
}
