package keygen

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// verifier checks that answers come from the account's vendor, are about the
// request that was sent, and are fresh.
type verifier struct {
	key     ed25519.PublicKey
	account string // canonical id; "" where only the slug is known
	maxAge  time.Duration
	now     func() time.Time
}

// newVerifier returns nil where no verification is wanted.
func newVerifier(cfg Config) (*verifier, error) {
	if cfg.SignatureMaxAge < 0 {
		return nil, fmt.Errorf("SignatureMaxAge is %v: it cannot be negative; 0 means %v", cfg.SignatureMaxAge, defaultSignatureAge)
	}
	if cfg.PublicKey == "" {
		return nil, nil
	}
	key, err := hex.DecodeString(cfg.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("PublicKey is not an Ed25519 verify key, which has %d hexadecimal digits: copy it from the dashboard",
			hex.EncodedLen(ed25519.PublicKeySize))
	}
	v := &verifier{key: key, maxAge: cfg.SignatureMaxAge, now: cfg.Now}
	v.account, _ = canonicalID(cfg.Account)
	if v.maxAge == 0 {
		v.maxAge = defaultSignatureAge
	}
	if v.now == nil {
		v.now = time.Now
	}
	return v, nil
}

// verify accepts an answer or says why not, as an ErrSignature.
func (v *verifier) verify(answer *transport.Answer) error {
	if err := v.check(answer); err != nil {
		return &signatureError{err}
	}
	return nil
}

func (v *verifier) check(answer *transport.Answer) error {
	values := answer.Header.Values(signatureHeader)
	if len(values) == 0 {
		return errors.New("it is not signed; the vendor signs nothing before it knows the account, so check Account and BaseURL")
	}
	if len(values) > 1 {
		return fmt.Errorf("it has more than one %s header", signatureHeader)
	}
	signed, err := parseSignature(values[0])
	if err != nil {
		return err
	}
	if id, ok := canonicalID(signed.keyID); v.account != "" && (!ok || id != v.account) {
		return errors.New("it is signed for another account")
	}
	date, err := v.date(answer.Header)
	if err != nil {
		return err
	}
	digest, err := digestOf(answer)
	if err != nil {
		return err
	}
	for _, host := range []string{answer.Host(), ports.ReplaceAllString(answer.Host(), "")} {
		text := fmt.Sprintf("(request-target): %s %s\nhost: %s\ndate: %s\ndigest: %s",
			strings.ToLower(answer.Op.Method), answer.Target(), host, date, digest)
		if ed25519.Verify(v.key, []byte(text), signed.signature) {
			return fitting(answer)
		}
	}
	return errors.New("its signature does not fit: it is not the vendor's, not about this request, or PublicKey is another account's")
}

// fitting wants a refusal whose body is one, and a success whose body is none.
// The status is not signed: changed on the way, it would make a license that was
// created look refused, and a refused deletion done.
func fitting(answer *transport.Answer) error {
	var said struct {
		Errors []json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(answer.Body, &said) // what cannot be read refuses nothing
	if refused := answer.StatusCode/100 != 2; refused != (len(said.Errors) > 0) {
		return errors.New("its status, which nobody signed, contradicts its body")
	}
	return nil
}

// ports finds the port of a host. Servers do not agree on whether it belongs to
// the host's name.
var ports = regexp.MustCompile(`:[0-9]+$`)

// date returns the signed date as it was written, if it is fresh.
func (v *verifier) date(header http.Header) (string, error) {
	text, err := signedHeader(header, "Date")
	if err != nil {
		return "", err
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return "", errors.New("its date has no form that HTTP knows")
	}
	switch age := v.now().Sub(date); {
	case age > v.maxAge:
		return "", fmt.Errorf("it was signed %v ago, and SignatureMaxAge is %v: it is an old one, or a clock is wrong", age.Round(time.Second), v.maxAge)
	case age < -v.maxAge:
		return "", fmt.Errorf("it was signed %v ahead of our time, and SignatureMaxAge is %v: a clock is wrong", (-age).Round(time.Second), v.maxAge)
	}
	return text, nil
}

// digestOf returns the signed digest as it was written, if it is the body's.
func digestOf(answer *transport.Answer) (string, error) {
	digest, err := signedHeader(answer.Header, "Digest")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(answer.Body)
	if digest != "sha-256="+base64.StdEncoding.EncodeToString(sum[:]) {
		return "", errors.New("its body is not the one that was signed")
	}
	return digest, nil
}

// signedHeader returns a header that is part of the signed text. The vendor
// sends each twice, once with a name of its own that no proxy rewrites.
func signedHeader(header http.Header, name string) (string, error) {
	values := header.Values("Keygen-" + name)
	if len(values) == 0 {
		values = header.Values(name)
	}
	if len(values) != 1 || values[0] == "" {
		return "", fmt.Errorf("it has no %s, or more than one, to go with its signature", name)
	}
	return values[0], nil
}

const signatureHeader = "Keygen-Signature"

// signature is what the signature header says.
type signature struct {
	keyID     string
	signature []byte
}

// parseSignature reads a header such as
//
//	keyid="…", algorithm="ed25519", signature="…", headers="(request-target) host date digest"
//
// Of the parameters, in any order, these four must be there, each once. Others
// sign nothing and are left alone.
func parseSignature(header string) (signature, error) {
	params, err := parseParams(header)
	if err != nil {
		return signature{}, err
	}
	for _, name := range []string{"keyid", "algorithm", "signature", "headers"} {
		if params[name] == "" {
			return signature{}, fmt.Errorf("its %s header lacks %s", signatureHeader, name)
		}
	}
	if params["algorithm"] != "ed25519" {
		return signature{}, errors.New("it is signed with another algorithm than ed25519")
	}
	if params["headers"] != "(request-target) host date digest" {
		return signature{}, errors.New("its signature covers other headers than the vendor documents")
	}
	bytes, err := base64.StdEncoding.DecodeString(params["signature"])
	if err != nil || len(bytes) != ed25519.SignatureSize || base64.StdEncoding.EncodeToString(bytes) != params["signature"] { // line breaks would pass
		return signature{}, errors.New("its signature is no Ed25519 signature in base64")
	}
	return signature{keyID: params["keyid"], signature: bytes}, nil
}

// parseParams reads name="value" pairs with commas between them. No value can
// hold a quote.
func parseParams(header string) (map[string]string, error) {
	garbled := fmt.Errorf("its %s header is garbled", signatureHeader)
	params := map[string]string{}
	for rest := header; ; {
		name, after, found := strings.Cut(rest, `="`)
		value, tail, closed := strings.Cut(after, `"`)
		if !found || !closed || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" {
			return nil, garbled
		}
		if _, twice := params[name]; twice {
			return nil, garbled
		}
		params[name] = value
		if tail == "" {
			return params, nil
		}
		if tail, found = strings.CutPrefix(tail, ","); !found {
			return nil, garbled
		}
		rest = strings.TrimLeft(tail, " \t")
	}
}

// signatureError says why an answer was not accepted.
type signatureError struct{ why error }

func (e *signatureError) Error() string { return e.why.Error() }
func (e *signatureError) Unwrap() error { return ErrSignature }
