package conformance

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func keygenMatrix() vendorMatrix {
	return vendorMatrix{
		name:       "keygen",
		operations: keygenwire.Operations(),
		kinds: []error{
			keygen.ErrUnauthorized, keygen.ErrForbidden, keygen.ErrNotFound, keygen.ErrConflict, keygen.ErrInvalid,
			keygen.ErrRateLimited, keygen.ErrServer, keygen.ErrBadResponse, keygen.ErrUnknownOutcome,
		},
		settles:  []int{404, 422}, // 422 where the string of a key is taken
		manual:   "https://keygen.sh/docs/",
		stage:    func(t *testing.T, r *rig, s settings) stage { return keygenScene(t, r, keygenClientWith(t, r, s)) },
		exhibits: keygenExhibits,
		explain: func(err error) (account, bool) {
			var e *keygen.Error
			if !errors.As(err, &e) {
				return account{}, false
			}
			return account{e.Op, e.StatusCode, e.Attempts, e.RetryAfter, e.Outcome.String()}, true
		},
	}
}

func keygenClientWith(t *testing.T, r *rig, s settings) *keygen.Client {
	cfg := r.keygenConfig()
	cfg.MaxResponseBytes = s.maxResponseBytes
	if s.noWaits {
		cfg.Retry = keygen.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
	}
	cfg.Logger = s.logger
	cfg.OnAttempt = func(_ context.Context, a keygen.Attempt) {
		if s.onAttempt != nil {
			s.onAttempt(step{a.Op, a.Number, a.StatusCode, a.Wait, a.Duration, a.Err})
		}
		if s.witness != nil {
			s.witness(a)
		}
	}
	client, err := keygen.New(cfg)
	require.NoError(t, err)
	return client
}

// keygenGoods is what the operations of the matrix are tried on.
type keygenGoods struct {
	t      *testing.T
	world  *keygenmock.World
	client *keygen.Client

	product            keygenmock.Product
	policy             keygenmock.Policy // with the keys below
	read, old, deleted keygenmock.Key
	popped, drawn      keygenmock.Policy // pools to take keys from
	license            keygenmock.License
	obsolete           keygenmock.License
	retired            keygenmock.Policy
	secrets            []string
}

// The strings that calls put into pools.
const (
	freshKey   = "FRESH-C1B6DE-39A6E3-DE1529"
	renamedKey = "RENAMED-8559A0-4AF593-11F0"
)

func keygenScene(t *testing.T, r *rig, client *keygen.Client) stage {
	w := r.Keygen
	g := &keygenGoods{t: t, world: w, client: client, secrets: []string{freshKey, renamedKey}}
	g.product = w.AddProduct(keygenmock.Product{Name: "editor", Code: "the-editor"})
	pool := func(keys int) keygenmock.Policy {
		p := w.AddPolicy(keygenmock.Policy{ProductID: g.product.ID, Pooled: true})
		for range keys {
			g.key(p)
		}
		return p
	}
	g.policy, g.popped, g.drawn = pool(0), pool(2), pool(2)
	g.read, g.old, g.deleted = g.key(g.policy), g.key(g.policy), g.key(g.policy)
	g.retired = w.AddPolicy(keygenmock.Policy{ProductID: g.product.ID})
	g.license, g.obsolete = w.AddLicense(keygenmock.License{}), w.AddLicense(keygenmock.License{})

	drives := map[string]drive{}
	for _, some := range []map[string]drive{g.keyDrives(), g.poolDrives(), g.ruleDrives(), g.licenseDrives()} {
		for op, d := range some {
			drives[op] = d
		}
	}
	return stage{drives, g.hidden, []string{
		g.read.ID, g.old.ID, g.deleted.ID, g.policy.ID, g.popped.ID, g.retired.ID, g.product.ID, g.product.Code, g.obsolete.ID,
	}}
}

func (g *keygenGoods) key(p keygenmock.Policy) keygenmock.Key {
	key := g.world.AddKey(keygenmock.Key{PolicyID: p.ID})
	g.secrets = append(g.secrets, key.Key) // it may leave the pool
	return key
}

// hidden is what opens something, now.
func (g *keygenGoods) hidden() []string {
	all := slices.Clone(g.secrets)
	for _, token := range g.world.Default().Tokens() {
		all = append(all, token.Value)
	}
	for _, license := range g.world.Licenses() {
		all = append(all, license.Key)
	}
	return all
}

// gets is the drive of a read of one thing that has an id.
func (g *keygenGoods) gets(want string, get func(context.Context) (id string, err error)) drive {
	return drive{class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
		id, err := get(ctx)
		if err == nil {
			assert.Equal(g.t, want, id)
		}
		return err
	}}
}

// lists is the drive of a read of a list with one thing in it.
func lists[T any](t *testing.T, page func(context.Context) (*keygen.Page[T], error), is func(*T) bool) drive {
	return drive{class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
		p, err := page(ctx)
		if err != nil {
			assert.Nil(t, p)
			return err
		}
		assert.True(t, slices.ContainsFunc(p.Items, is))
		return nil
	}}
}

func (g *keygenGoods) keyDrives() map[string]drive {
	keys := g.client.Keys
	return map[string]drive{
		"listKeys": lists(g.t, func(ctx context.Context) (*keygen.Page[keygen.Key], error) {
			return keys.List(ctx, keygen.ListKeysParams{PolicyID: g.policy.ID})
		}, func(k *keygen.Key) bool { return k.ID == g.read.ID }),
		"createKey": {class: transport.Idempotent, status: 201, effect: keygenmock.EffectKeyCreated, effects: 1, answer: partNeeded,
			taken: true, looks: "listKeys", recover: "List the policy's keys newest first",
			call: func(ctx context.Context) error {
				key, err := keys.Create(ctx, keygen.CreateKeyParams{Key: freshKey, PolicyID: g.policy.ID})
				if err != nil {
					assert.Nil(g.t, key)
					return err
				}
				created, exists := g.world.Key(key.ID)
				assert.True(g.t, exists)
				assert.Equal(g.t, freshKey, key.Key)
				assert.Equal(g.t, freshKey, created.Key)
				return nil
			}},
		"getKey": g.gets(g.read.ID, func(ctx context.Context) (string, error) {
			key, err := keys.Get(ctx, g.read.ID)
			return idOf(key, err), err
		}),
		"updateKey": {class: transport.Idempotent, status: 200, effect: keygenmock.EffectKeyUpdated, effects: 1, answer: partNeeded,
			recover: "Get the key and compare its text",
			call: func(ctx context.Context) error {
				key, err := keys.Update(ctx, g.old.ID, keygen.UpdateKeyParams{Key: renamedKey})
				if err != nil {
					assert.Nil(g.t, key)
					return err
				}
				assert.Equal(g.t, renamedKey, key.Key)
				return nil
			}},
		"deleteKey": {class: transport.Idempotent, status: 204, effect: keygenmock.EffectKeyDeleted, effects: 1, answer: bodyless, gone: true,
			recover: "Get the key: not found means that it is deleted",
			call:    func(ctx context.Context) error { return keys.Delete(ctx, g.deleted.ID) }},
		"getKeyPolicy": g.gets(g.policy.ID, func(ctx context.Context) (string, error) {
			policy, err := keys.Policy(ctx, g.read.ID)
			return idOf(policy, err), err
		}),
		"getKeyProduct": g.gets(g.product.ID, func(ctx context.Context) (string, error) {
			product, err := keys.Product(ctx, g.read.ID)
			return idOf(product, err), err
		}),
	}
}

func (g *keygenGoods) poolDrives() map[string]drive {
	return map[string]drive{
		"listPool": lists(g.t, func(ctx context.Context) (*keygen.Page[keygen.Key], error) {
			return g.client.Pool(g.policy.ID).List(ctx, keygen.ListPoolParams{})
		}, func(k *keygen.Key) bool { return k.ID == g.read.ID }),
		"getPoolKey": g.gets(g.read.ID, func(ctx context.Context) (string, error) {
			key, err := g.client.Pool(g.policy.ID).Get(ctx, g.read.ID)
			return idOf(key, err), err
		}),
		"popPool": {class: transport.Once, status: 200, effect: keygenmock.EffectKeyPopped, effects: 1, answer: partNeeded,
			recover: "compare the pool's list with one from before the call",
			call: func(ctx context.Context) error {
				key, err := g.client.Pool(g.popped.ID).Pop(ctx)
				if err != nil {
					assert.Nil(g.t, key)
					return err
				}
				assert.Contains(g.t, g.secrets, key.Key, "one that was put in")
				_, exists := g.world.Key(key.ID)
				assert.False(g.t, exists)
				assert.Len(g.t, g.world.Pool(g.popped.ID), 1)
				return nil
			}},
	}
}

// ruleDrives are those of policies and products.
func (g *keygenGoods) ruleDrives() map[string]drive {
	client, account := g.client, g.world.Default()
	return map[string]drive{
		"listPolicies": lists(g.t, func(ctx context.Context) (*keygen.Page[keygen.Policy], error) {
			return client.Policies.List(ctx, keygen.ListPoliciesParams{ProductID: g.product.ID})
		}, func(p *keygen.Policy) bool { return p.ID == g.policy.ID }),
		"createPolicy": {class: transport.Once, status: 201, effect: keygenmock.EffectPolicyCreated, effects: 1, answer: partNeeded,
			recover: "List the product's policies newest first",
			call: func(ctx context.Context) error {
				policy, err := client.Policies.Create(ctx, keygen.CreatePolicyParams{Name: "yearly", ProductID: g.product.ID, UsePool: true})
				if err != nil {
					assert.Nil(g.t, policy)
					return err
				}
				assert.True(g.t, slices.ContainsFunc(account.Policies(), func(p keygenmock.Policy) bool { return p.ID == policy.ID && p.Name == "yearly" }))
				return nil
			}},
		"getPolicy": g.gets(g.policy.ID, func(ctx context.Context) (string, error) {
			policy, err := client.Policies.Get(ctx, g.policy.ID)
			return idOf(policy, err), err
		}),
		"deletePolicy": {class: transport.Idempotent, status: 204, effect: keygenmock.EffectPolicyDeleted, effects: 1, answer: bodyless, gone: true,
			recover: "Get the policy: not found means that it is deleted",
			call:    func(ctx context.Context) error { return client.Policies.Delete(ctx, g.retired.ID) }},
		"createProduct": {class: transport.Once, status: 201, effect: keygenmock.EffectProductCreated, effects: 1, answer: partNeeded,
			recover: "Get the product by the code that was sent",
			call: func(ctx context.Context) error {
				product, err := client.Products.Create(ctx, keygen.CreateProductParams{Name: "player", Code: "player"})
				if err != nil {
					assert.Nil(g.t, product)
					return err
				}
				assert.True(g.t, slices.ContainsFunc(account.Products(), func(p keygenmock.Product) bool { return p.ID == product.ID && p.Code == "player" }))
				return nil
			}},
		"getProduct": g.gets(g.product.ID, func(ctx context.Context) (string, error) {
			product, err := client.Products.Get(ctx, g.product.Code)
			return idOf(product, err), err
		}),
		"createProductToken": {class: transport.Once, status: 200, effect: keygenmock.EffectTokenCreated, effects: 1, answer: partNeeded,
			recover: "Look in the dashboard for a token of the product",
			call: func(ctx context.Context) error {
				token, err := client.Products.CreateToken(ctx, g.product.ID)
				if err != nil {
					assert.Nil(g.t, token)
					return err
				}
				assert.True(g.t, slices.ContainsFunc(account.Tokens(), func(k keygenmock.Token) bool { return k.Value == token.Token && k.BearerID == g.product.ID }))
				return nil
			}},
	}
}

func (g *keygenGoods) licenseDrives() map[string]drive {
	licenses := g.client.Licenses
	return map[string]drive{
		"listLicenses": lists(g.t, func(ctx context.Context) (*keygen.Page[keygen.License], error) {
			return licenses.List(ctx, keygen.ListLicensesParams{PolicyID: g.license.PolicyID})
		}, func(l *keygen.License) bool { return l.ID == g.license.ID }),
		"createLicense": {class: transport.Once, status: 201, effect: keygenmock.EffectKeyDrawn + " " + keygenmock.EffectLicenseCreated, effects: 2,
			answer: partNeeded, looks: "getLicense", recover: "Get the license by the id that was sent",
			call: func(ctx context.Context) error {
				license, err := licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: g.drawn.ID, Name: "order 66"})
				if err != nil {
					assert.Nil(g.t, license)
					return err
				}
				assert.Contains(g.t, g.secrets, license.Key, "one that was put into the pool")
				created, exists := g.world.License(license.ID)
				assert.True(g.t, exists)
				assert.Equal(g.t, created.Key, license.Key)
				assert.Len(g.t, g.world.Pool(g.drawn.ID), 1, "exactly one key is gone")
				return nil
			}},
		"getLicense": g.gets(g.license.ID, func(ctx context.Context) (string, error) {
			license, err := licenses.Get(ctx, g.license.Key) // what must not be shown is then part of the request
			return idOf(license, err), err
		}),
		"deleteLicense": {class: transport.Idempotent, status: 204, effect: keygenmock.EffectLicenseDeleted, effects: 1, answer: bodyless, gone: true,
			recover: "Get the license: not found means that it is deleted",
			call:    func(ctx context.Context) error { return licenses.Delete(ctx, g.obsolete.ID) }},
	}
}

// idOf returns the id of what a call found, if it found something.
func idOf(found any, err error) string {
	if err != nil {
		return ""
	}
	switch found := found.(type) {
	case *keygen.Key:
		return found.ID
	case *keygen.Policy:
		return found.ID
	case *keygen.Product:
		return found.ID
	case *keygen.License:
		return found.ID
	}
	return "not a thing with an id"
}

func keygenExhibits(t *testing.T, r *rig) (shown []any, secrets []string) {
	cfg := r.keygenConfig()
	client, err := keygen.New(cfg)
	require.NoError(t, err)
	token := r.Keygen.Token()
	key, license := r.Keygen.AddKey(keygenmock.Key{}), r.Keygen.AddLicense(keygenmock.License{})
	pool := client.Pool(key.PolicyID)
	credential := keygen.LicenseKey(license.Key)
	// A key where an id belongs is a mistake that must not show.
	_, mistaken := client.Keys.Get(t.Context(), key.Key)
	_, misplaced := client.Pool(key.Key).Pop(t.Context())
	_, unsendable := client.Keys.Create(t.Context(), keygen.CreateKeyParams{Key: key.Key + "\x00", PolicyID: license.Key})
	bad := cfg
	bad.Account = token
	bad.BaseURL = "https://user:" + token + "@shop.example/v1?token=" + token
	bad.UserAgent = "shop\n" + token
	bad.Credential = keygen.Token(token + "\n")
	_, misconfigured := keygen.New(bad)
	r.Server.AssertCalls(t, 0, "keygen.*")
	return []any{
		cfg, &cfg, struct{ Config keygen.Config }{cfg}, struct{ Config *keygen.Config }{&cfg}, []keygen.Config{cfg}, map[string]keygen.Config{"shop": cfg},
		client, *client, client.Keys, client.Licenses, struct{ Client *keygen.Client }{client}, struct{ client *keygen.Client }{client}, struct{ client keygen.Client }{*client},
		pool, *pool, struct{ pool *keygen.Pool }{pool},
		keygen.Token(token), keygen.BasicToken(token), credential, keygen.BasicLicenseKey(license.Key), &credential, []keygen.Credential{credential},
		struct{ Credential keygen.Credential }{credential}, struct{ credential keygen.Credential }{credential}, struct{ credential *keygen.Credential }{&credential},
		mistaken, misplaced, unsendable, misconfigured, struct{ err error }{unsendable}, struct{ err error }{misconfigured},
	}, []string{token, key.Key, license.Key}
}
