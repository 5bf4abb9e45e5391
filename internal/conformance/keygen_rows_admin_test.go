package conformance

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenAdmin is the backstage of a suite in any language: the mock's control
// plane, and nothing else.
type keygenAdmin struct{ *keygenStage }

// rowMembers are those of a JSON object.
type rowMembers map[string]any

func (b *keygenAdmin) open(slug string) string {
	var made struct{ ID string }
	b.call("POST", "accounts", nil, rowMembers{"slug": slug}, &made)
	return made.ID
}

func (b *keygenAdmin) setStatus(slug, status string) {
	b.call("PATCH", "accounts/"+slug, nil, rowMembers{"status": status}, nil)
}

func (b *keygenAdmin) add(slug string, object any) {
	switch object := object.(type) {
	case keygenmock.User:
		b.create(slug, "users", rowMembers{"role": object.Role})
	case keygenmock.Product:
		b.create(slug, "products", rowMembers{
			"name": object.Name, "code": object.Code, "url": object.URL, "metadata": object.Metadata, "platforms": object.Attributes["platforms"],
		})
	case keygenmock.Policy:
		b.create(slug, "policies", rowMembers{
			"name": object.Name, "product": object.ProductID, "usePool": object.Pooled, "duration": int(object.Duration.Seconds()),
			"floating": object.Attributes["floating"],
		})
	case keygenmock.Key:
		b.create(slug, "keys", rowMembers{"key": object.Key, "policy": object.PolicyID})
	case keygenmock.License:
		b.create(slug, "licenses", rowMembers{"key": object.Key, "policy": object.PolicyID, "owner": object.OwnerID})
	case keygenmock.WebhookEndpoint:
		b.create(slug, "webhook-endpoints", rowMembers{"url": object.URL})
	default:
		b.Fatalf("a %T cannot be added", object)
	}
}

// create makes an object of what is said of it.
func (b *keygenAdmin) create(slug, kind string, said rowMembers) {
	for name, value := range said {
		if value == "" {
			delete(said, name)
		}
	}
	said["account"] = slug
	b.call("POST", kind, nil, said, nil)
}

func (b *keygenAdmin) token(slug, role string) keygenmock.Token {
	var made struct {
		ID, Token string
		Bearer    struct{ ID string }
	}
	b.call("POST", "tokens", nil, rowMembers{"account": slug, "role": role}, &made)
	return keygenmock.Token{ID: made.ID, Value: made.Token, BearerID: made.Bearer.ID}
}

func (b *keygenAdmin) look(slug string) keygenWorld {
	var w keygenWorld
	for _, u := range rowListed[struct {
		ID, Role, Email  string
		Banned           bool
		Created, Updated time.Time
	}](b, slug, "users") {
		w.Users = append(w.Users, keygenmock.User{ID: u.ID, Email: u.Email, Role: u.Role, Banned: u.Banned, Created: u.Created, Updated: u.Updated})
	}
	for _, p := range rowListed[struct {
		ID, Name, Code, URL string
		Created, Updated    time.Time
	}](b, slug, "products") {
		w.Products = append(w.Products, keygenmock.Product{ID: p.ID, Name: p.Name, Code: p.Code, URL: p.URL, Created: p.Created, Updated: p.Updated})
	}
	for _, p := range rowListed[struct {
		ID, Product, Name  string
		UsePool, Protected bool
		Duration           time.Duration // in seconds
		Floating           any
		Created, Updated   time.Time
	}](b, slug, "policies") {
		w.Policies = append(w.Policies, keygenmock.Policy{
			ID: p.ID, ProductID: p.Product, Name: p.Name, Pooled: p.UsePool, Protected: p.Protected, Duration: p.Duration * time.Second,
			Attributes: map[string]any{"floating": p.Floating}, Created: p.Created, Updated: p.Updated,
		})
	}
	for _, k := range rowListed[struct {
		ID, Policy, Key  string
		Created, Updated time.Time
	}](b, slug, "keys") {
		w.Keys = append(w.Keys, keygenmock.Key{ID: k.ID, Key: k.Key, PolicyID: k.Policy, Created: k.Created, Updated: k.Updated})
	}
	for _, l := range rowListed[struct {
		ID, Policy, Key, Owner string
		Created, Updated       time.Time
	}](b, slug, "licenses") {
		w.Licenses = append(w.Licenses, keygenmock.License{
			ID: l.ID, PolicyID: l.Policy, Key: l.Key, OwnerID: l.Owner, Created: l.Created, Updated: l.Updated,
		})
	}
	return w
}

// rowListed are the objects of one kind, oldest first.
func rowListed[T any](b *keygenAdmin, slug, kind string) []T {
	b.Helper()
	var list struct{ Items []T }
	b.call("GET", kind, url.Values{"account": {slug}}, nil, &list)
	return list.Items
}

func (b *keygenAdmin) noted(slug string) keygenNotes {
	var list struct {
		Counts keygenmock.Counts
		Items  []struct{ Event string }
	}
	b.call("GET", "events", url.Values{"account": {slug}}, nil, &list)
	notes := keygenNotes{Counts: list.Counts}
	for _, item := range list.Items {
		notes.Events = append(notes.Events, item.Event)
	}
	return notes
}

func (b *keygenAdmin) publicKey(slug string) ed25519.PublicKey {
	var list struct{ Items []struct{ Key string } }
	b.call("GET", "public-keys", url.Values{"account": {slug}, "algorithm": {"ed25519"}}, nil, &list)
	require.Len(b, list.Items, 1)
	return rowPublicKey(b, list.Items[0].Key)
}

// call sends a request to the control plane, which must succeed, and reads the
// answer into a value unless that is nil.
func (b *keygenAdmin) call(method, path string, query url.Values, said rowMembers, answer any) {
	b.Helper()
	address := strings.TrimSuffix(b.keygenURL, "/v1") + "/__admin/keygen/" + path + "?" + query.Encode()
	var body []byte
	if said != nil {
		var err error
		body, err = json.Marshal(said)
		require.NoError(b, err)
	}
	req, err := http.NewRequestWithContext(b.Context(), method, address, bytes.NewReader(body))
	require.NoError(b, err)
	resp, err := b.plain.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.Less(b, resp.StatusCode, 300, "%s %s %s was answered %s", method, address, body, text)
	if answer != nil {
		require.NoError(b, json.Unmarshal(text, answer))
	}
}
