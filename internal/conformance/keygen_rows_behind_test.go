package conformance

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenBehind is the way behind the curtain that goes with the way to the mock.
func keygenBehind(s *keygenStage) keygenBackstage {
	if s.plain != nil {
		return &keygenAdmin{s}
	}
	return &keygenGo{s, map[string]*keygenmock.Account{}}
}

// keygenGo is the backstage of a test in Go.
type keygenGo struct {
	*keygenStage
	accounts map[string]*keygenmock.Account
}

func (b *keygenGo) open(slug string) string {
	b.accounts[slug] = b.Keygen.AddAccount(slug)
	return b.accounts[slug].ID()
}

func (b *keygenGo) setStatus(slug, status string) { b.accounts[slug].SetStatus(status) }

func (b *keygenGo) add(slug string, object any) {
	account := b.accounts[slug]
	switch object := object.(type) {
	case keygenmock.User:
		account.AddUser(object)
	case keygenmock.Product:
		account.AddProduct(object)
	case keygenmock.Policy:
		account.AddPolicy(object)
	case keygenmock.Key:
		account.AddKey(object)
	case keygenmock.License:
		account.AddLicense(object)
	case keygenmock.WebhookEndpoint:
		account.AddWebhookEndpoint(object)
	default:
		b.Fatalf("a %T cannot be added", object)
	}
}

func (b *keygenGo) token(slug, role string) keygenmock.Token {
	world, bearer := b.look(slug), ""
	switch role {
	case "product":
		bearer = world.Products[0].ID
	case "license":
		bearer = world.Licenses[0].ID
	default:
		i := slices.IndexFunc(world.Users, func(u keygenmock.User) bool { return u.Role == role })
		require.GreaterOrEqual(b, i, 0, "nobody is %s", role)
		bearer = world.Users[i].ID
	}
	return b.accounts[slug].AddToken(keygenmock.Token{BearerID: bearer})
}

func (b *keygenGo) look(slug string) keygenWorld {
	account := b.accounts[slug]
	return keygenWorld{account.Users(), account.Products(), account.Policies(), account.Keys(), account.Licenses()}
}

func (b *keygenGo) noted(slug string) keygenNotes {
	notes := keygenNotes{Counts: b.accounts[slug].Counts()}
	for _, event := range b.accounts[slug].Events() {
		notes.Events = append(notes.Events, event.Name)
	}
	return notes
}

func (b *keygenGo) publicKey(slug string) ed25519.PublicKey {
	return rowPublicKey(b, b.accounts[slug].PublicKey(keygenmock.Ed25519))
}

// rowPublicKey reads a public key as the vendor's dashboard shows it.
func rowPublicKey(t testing.TB, digits string) ed25519.PublicKey {
	t.Helper()
	key, err := hex.DecodeString(digits)
	require.NoError(t, err)
	require.Len(t, key, ed25519.PublicKeySize)
	return key
}
