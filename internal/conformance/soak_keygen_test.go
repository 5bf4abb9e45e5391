package conformance

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// soakKeygen is what a caller has at Keygen: a product with policies, a pool of
// its own that nobody else takes keys from, and licenses drawn from a pool that all
// callers share.
type soakKeygen struct {
	*soakCaller
	client           *keygen.Client
	world            *keygenmock.World
	product          string
	pool, empty, all string // policies: with the caller's keys, with none, with everybody's

	keys     soakShelf[soakKeygenThing]
	policies soakShelf[soakKeygenThing]
	products soakShelf[soakKeygenThing]
	licenses soakShelf[soakKeygenThing]
}

// soakKeygenThing is a thing as its owner knows it.
type soakKeygenThing struct {
	id   string
	name string // of a key its text, of a product its code as well
	key  string // of a license
}

func (k *soakKeygenThing) ledgerID() string { return k.id }

func newSoakKeygen(c *soakCaller) *soakKeygen {
	return &soakKeygen{soakCaller: c, client: c.client.keygen, world: c.rig.Keygen}
}

func (g *soakKeygen) settleIn() {
	g.keys, g.policies, g.products, g.licenses = soakShelf[soakKeygenThing]{}, soakShelf[soakKeygenThing]{}, soakShelf[soakKeygenThing]{}, soakShelf[soakKeygenThing]{}
	g.product = g.world.AddProduct(keygenmock.Product{Name: g.name("product")}).ID
	g.pool = g.world.AddPolicy(keygenmock.Policy{ProductID: g.product, Name: g.name("policy"), Pooled: true}).ID
	g.empty = g.world.AddPolicy(keygenmock.Policy{ProductID: g.product, Name: g.name("policy"), Pooled: true}).ID
	if g.id == 0 {
		g.soak.pool = g.world.AddPolicy(keygenmock.Policy{Name: "everybody's", Pooled: true}).ID
	}
	g.all = g.soak.pool
	for range soakRound / 2 { // more than the caller will draw
		g.world.AddKey(keygenmock.Key{PolicyID: g.all})
	}
}

func (g *soakKeygen) acts() []func() *soakDeed {
	return []func() *soakDeed{
		g.createKey, g.createKey, g.createKey, g.rename, g.deleteKey, g.deleteAbsent, g.pop, g.pop, g.popNothing,
		g.createPolicy, g.createPolicy, g.deletePolicy, g.createProduct, g.createProduct, g.createToken, g.createToken, g.createToken,
		g.createLicense, g.createLicense, g.deleteLicense,
		g.getKey, g.getPoolKey, g.getKeyPolicy, g.getKeyProduct, g.getPolicy, g.getProduct, g.getLicense,
		g.walkKeys, g.listPool, g.listPolicies, g.listLicenses,
	}
}

func (g *soakKeygen) owned() []string {
	list := func(kind string, things soakShelf[soakKeygenThing]) []string {
		return soakEach(things.items, func(k *soakKeygenThing) string { return kind + " of Keygen " + k.id + k.name })
	}
	licenses := soakEach(g.licenses.items, func(k *soakKeygenThing) string { return "license of Keygen " + k.id + k.name + k.key })
	return slices.Concat(list("key", g.keys), list("policy", g.policies), list("product", g.products), licenses)
}

func (g *soakKeygen) createKey() *soakDeed {
	if len(g.keys.items) >= soakCrowded {
		return g.pop()
	}
	key := &soakKeygenThing{name: g.name("order-key")}
	return &soakDeed{
		op: keygenmock.OpCreateKey, effects: map[string]int{keygenmock.EffectKeyCreated: 1},
		about: func() []string { return []string{key.id} },
		do: func(ctx context.Context) error {
			made, err := g.client.Keys.Create(ctx, keygen.CreateKeyParams{Key: key.name, PolicyID: g.pool})
			if err == nil {
				g.expect(ctx, made.Key == key.name && made.PolicyID == g.pool, "another key: %+v", made)
				key.id = made.ID
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			return soakWalk(g.client.Keys.All(ctx, keygen.ListKeysParams{PolicyID: g.pool}), func(k *keygen.Key) bool {
				if k.Key == key.name {
					key.id = k.ID
				}
				return k.Key == key.name
			})
		},
		done: func() { g.keys.put(key) },
	}
}

// soakWalk walks over a list to its end and reports whether something in it is
// what is looked for.
func soakWalk[T any](list iter.Seq2[T, error], is func(T) bool) (bool, error) {
	found := false
	for item, err := range list {
		if err != nil {
			return false, err
		}
		found = is(item) || found
	}
	return found, nil
}

func (g *soakKeygen) rename() *soakDeed {
	key := g.keys.one(g.dice, nil)
	if key == nil {
		return nil
	}
	name := g.name("renamed-key")
	return &soakDeed{
		op: keygenmock.OpUpdateKey, effects: map[string]int{keygenmock.EffectKeyUpdated: 1},
		about: func() []string { return []string{key.id} },
		do: func(ctx context.Context) error {
			told, err := g.client.Keys.Update(ctx, key.id, keygen.UpdateKeyParams{Key: name})
			if err == nil {
				g.expect(ctx, told.ID == key.id && told.Key == name, "another key: %+v", told)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			told, err := g.client.Keys.Get(ctx, key.id)
			return err == nil && told.Key == name, err
		},
		again: true,
		done:  func() { key.name = name },
	}
}

// removes is the deed that deletes something of which there is one.
func (g *soakKeygen) removes(op, effect string, shelf *soakShelf[soakKeygenThing], remove func(context.Context, string) error, get func(context.Context, string) error) *soakDeed {
	thing := shelf.one(g.dice, nil)
	if thing == nil {
		return nil
	}
	return &soakDeed{
		op: op, effects: map[string]int{effect: 1},
		about: func() []string { return []string{thing.id} },
		do:    func(ctx context.Context) error { return remove(ctx, thing.id) },
		find: func(ctx context.Context) (bool, error) {
			err := get(ctx, thing.id)
			if errors.Is(err, keygen.ErrNotFound) {
				return true, nil
			}
			return false, err
		},
		again: true, gone: true,
		done: func() { shelf.take(thing) },
	}
}

func (g *soakKeygen) deleteKey() *soakDeed {
	return g.removes(keygenmock.OpDeleteKey, keygenmock.EffectKeyDeleted, &g.keys, g.client.Keys.Delete, func(ctx context.Context, id string) error {
		_, err := g.client.Keys.Get(ctx, id)
		return err
	})
}

func (g *soakKeygen) deleteAbsent() *soakDeed {
	return g.deleteNothing(keygenmock.OpDeleteKey, func(ctx context.Context) error { return g.client.Keys.Delete(ctx, sampleID) }, func(ctx context.Context) error {
		_, err := g.client.Keys.Get(ctx, sampleID)
		return err
	})
}

func (g *soakKeygen) deletePolicy() *soakDeed {
	return g.removes(keygenmock.OpDeletePolicy, keygenmock.EffectPolicyDeleted, &g.policies, g.client.Policies.Delete, func(ctx context.Context, id string) error {
		_, err := g.client.Policies.Get(ctx, id)
		return err
	})
}

func (g *soakKeygen) deleteLicense() *soakDeed {
	return g.removes(keygenmock.OpDeleteLicense, keygenmock.EffectLicenseDeleted, &g.licenses, g.client.Licenses.Delete, func(ctx context.Context, id string) error {
		_, err := g.client.Licenses.Get(ctx, id)
		return err
	})
}

// pop takes a key out of the caller's own pool, of which it knows what is in it.
func (g *soakKeygen) pop() *soakDeed {
	if len(g.keys.items) == 0 {
		return nil
	}
	var popped *soakKeygenThing
	known := func(is func(*soakKeygenThing) bool) *soakKeygenThing {
		for _, key := range g.keys.items {
			if is(key) {
				return key
			}
		}
		return nil
	}
	return &soakDeed{
		op: keygenmock.OpPopPool, once: true, effects: map[string]int{keygenmock.EffectKeyPopped: 1},
		about: func() []string { return []string{popped.id} },
		do: func(ctx context.Context) error {
			key, err := g.client.Pool(g.pool).Pop(ctx)
			if err == nil {
				popped = known(func(k *soakKeygenThing) bool { return k.id == key.ID && k.name == key.Key })
				g.expect(ctx, popped != nil, "a key that is not the caller's: %+v", key)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			there := map[string]bool{}
			if _, err := soakWalk(g.client.Pool(g.pool).All(ctx, keygen.ListPoolParams{}), func(k *keygen.Key) bool {
				there[k.ID] = true
				return false
			}); err != nil {
				return false, err
			}
			g.expect(ctx, len(g.keys.items)-len(there) <= 1, "%d keys of %d are left", len(there), len(g.keys.items))
			popped = known(func(k *soakKeygenThing) bool { return !there[k.id] })
			return popped != nil, nil
		},
		done: func() { g.keys.take(popped) },
	}
}

// popNothing asks an empty pool for a key.
func (g *soakKeygen) popNothing() *soakDeed {
	return &soakDeed{
		op: keygenmock.OpPopPool, once: true, effects: map[string]int{keygenmock.EffectKeyPopped: 1}, refused: true,
		do: func(ctx context.Context) error {
			_, err := g.client.Pool(g.empty).Pop(ctx)
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			page, err := g.client.Pool(g.empty).List(ctx, keygen.ListPoolParams{})
			if err == nil {
				g.expect(ctx, len(page.Items) == 0, "an empty pool has keys")
			}
			return false, err
		},
	}
}

func (g *soakKeygen) createPolicy() *soakDeed {
	if len(g.policies.items) >= soakCrowded {
		return g.deletePolicy()
	}
	policy := &soakKeygenThing{name: g.name("policy")}
	return &soakDeed{
		op: keygenmock.OpCreatePolicy, once: true, effects: map[string]int{keygenmock.EffectPolicyCreated: 1},
		about: func() []string { return []string{policy.id} },
		do: func(ctx context.Context) error {
			made, err := g.client.Policies.Create(ctx, keygen.CreatePolicyParams{Name: policy.name, ProductID: g.product})
			if err == nil {
				g.expect(ctx, made.Name == policy.name && made.ProductID == g.product, "another policy: %+v", made)
				policy.id = made.ID
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			found := 0
			_, err := soakWalk(g.client.Policies.All(ctx, keygen.ListPoliciesParams{ProductID: g.product, PageSize: 20}), func(p *keygen.Policy) bool {
				if p.Name == policy.name {
					found, policy.id = found+1, p.ID
				}
				return true
			})
			return err == nil && g.count(ctx, found, 1), err
		},
		done: func() { g.policies.put(policy) },
	}
}

func (g *soakKeygen) createProduct() *soakDeed {
	product := &soakKeygenThing{name: g.name("code")}
	return &soakDeed{
		op: keygenmock.OpCreateProduct, once: true, effects: map[string]int{keygenmock.EffectProductCreated: 1},
		about: func() []string { return []string{product.id} },
		do: func(ctx context.Context) error {
			made, err := g.client.Products.Create(ctx, keygen.CreateProductParams{Name: product.name, Code: product.name})
			if err == nil {
				g.expect(ctx, made.Code == product.name, "another product: %+v", made)
				product.id = made.ID
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			made, err := g.client.Products.Get(ctx, product.name)
			switch {
			case errors.Is(err, keygen.ErrNotFound):
				return false, nil
			case err == nil:
				product.id = made.ID
			}
			return true, err
		},
		done: func() { g.products.put(product) },
	}
}

// createToken is of a product that has no other token.
func (g *soakKeygen) createToken() *soakDeed {
	product := g.products.one(g.dice, func(p *soakKeygenThing) bool { return p.key == "" })
	if product == nil {
		return nil
	}
	product.key = "has been asked for"
	var ids []string // unless the answer is lost
	return &soakDeed{
		op: keygenmock.OpCreateProductToken, once: true, effects: map[string]int{keygenmock.EffectTokenCreated: 1},
		about: func() []string { return ids },
		do: func(ctx context.Context) error {
			token, err := g.client.Products.CreateToken(ctx, product.id)
			if err == nil {
				g.expect(ctx, token.ProductID == product.id && token.Token != "", "another token: %v", token)
				ids = []string{token.ID}
			}
			return err
		},
	}
}

func (g *soakKeygen) createLicense() *soakDeed {
	if len(g.licenses.items) >= soakCrowded {
		return g.deleteLicense()
	}
	license := &soakKeygenThing{name: g.name("order")}
	learn := func(ctx context.Context, told *keygen.License) {
		g.expect(ctx, told.Name == license.name && told.PolicyID == g.all && told.Key != "", "another license: %+v", told)
		license.id, license.key = told.ID, told.Key
	}
	var sent string
	return &soakDeed{
		op: keygenmock.OpCreateLicense, once: true, effects: map[string]int{keygenmock.EffectLicenseCreated: 1, keygenmock.EffectKeyDrawn: 1},
		about: func() []string { return []string{license.id} },
		do: func(ctx context.Context) error {
			made, err := g.client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: g.all, Name: license.name})
			var e *keygen.Error
			if errors.As(err, &e) {
				sent = e.LicenseID
			}
			if err == nil {
				learn(ctx, made)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			made, err := g.client.Licenses.Get(ctx, sent)
			switch {
			case errors.Is(err, keygen.ErrNotFound):
				return false, nil
			case err == nil:
				learn(ctx, made)
			}
			return true, err
		},
		done: func() { g.licenses.put(license) },
	}
}

// reads is the deed that reads something of a thing.
func (g *soakKeygen) reads(op string, shelf *soakShelf[soakKeygenThing], read func(context.Context, *soakKeygenThing) (right bool, err error)) *soakDeed {
	thing := shelf.one(g.dice, nil)
	if thing == nil {
		return nil
	}
	return &soakDeed{op: op, do: func(ctx context.Context) error {
		right, err := read(ctx, thing)
		if err == nil {
			g.expect(ctx, right, "it is of something else")
		}
		return err
	}}
}

func (g *soakKeygen) getKey() *soakDeed {
	return g.reads(keygenmock.OpGetKey, &g.keys, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		key, err := g.client.Keys.Get(ctx, thing.id)
		return err == nil && key.ID == thing.id && key.Key == thing.name, err
	})
}

func (g *soakKeygen) getPoolKey() *soakDeed {
	return g.reads(keygenmock.OpGetPoolKey, &g.keys, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		key, err := g.client.Pool(g.pool).Get(ctx, thing.id)
		return err == nil && key.ID == thing.id && key.Key == thing.name, err
	})
}

func (g *soakKeygen) getKeyPolicy() *soakDeed {
	return g.reads(keygenmock.OpGetKeyPolicy, &g.keys, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		policy, err := g.client.Keys.Policy(ctx, thing.id)
		return err == nil && policy.ID == g.pool, err
	})
}

func (g *soakKeygen) getKeyProduct() *soakDeed {
	return g.reads(keygenmock.OpGetKeyProduct, &g.keys, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		product, err := g.client.Keys.Product(ctx, thing.id)
		return err == nil && product.ID == g.product, err
	})
}

func (g *soakKeygen) getPolicy() *soakDeed {
	return g.reads(keygenmock.OpGetPolicy, &g.policies, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		policy, err := g.client.Policies.Get(ctx, thing.id)
		return err == nil && policy.ID == thing.id && policy.Name == thing.name, err
	})
}

func (g *soakKeygen) getProduct() *soakDeed {
	return g.reads(keygenmock.OpGetProduct, &g.products, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		product, err := g.client.Products.Get(ctx, thing.name)
		return err == nil && product.ID == thing.id && product.Code == thing.name, err
	})
}

func (g *soakKeygen) getLicense() *soakDeed {
	return g.reads(keygenmock.OpGetLicense, &g.licenses, func(ctx context.Context, thing *soakKeygenThing) (bool, error) {
		license, err := g.client.Licenses.Get(ctx, thing.key)
		return err == nil && license.ID == thing.id && license.Name == thing.name, err
	})
}

func (g *soakKeygen) walkKeys() *soakDeed {
	return &soakDeed{op: keygenmock.OpListKeys, do: func(ctx context.Context) error {
		var seen []string
		_, err := soakWalk(g.client.Keys.All(ctx, keygen.ListKeysParams{PolicyID: g.pool, PageSize: 15}), func(k *keygen.Key) bool {
			seen = append(seen, k.ID+" "+k.Key)
			return true
		})
		if err == nil {
			g.same(ctx, seen, soakEach(g.keys.items, func(k *soakKeygenThing) string { return k.id + " " + k.name }))
		}
		return err
	}}
}

func (g *soakKeygen) listPool() *soakDeed {
	return &soakDeed{op: keygenmock.OpListPool, do: func(ctx context.Context) error {
		page, err := g.client.Pool(g.pool).List(ctx, keygen.ListPoolParams{Limit: 100})
		if err == nil {
			g.same(ctx, soakEach(page.Items, func(k *keygen.Key) string { return k.ID }), soakEach(g.keys.items, (*soakKeygenThing).ledgerID))
		}
		return err
	}}
}

func (g *soakKeygen) listPolicies() *soakDeed {
	return &soakDeed{op: keygenmock.OpListPolicies, do: func(ctx context.Context) error {
		var seen []string
		_, err := soakWalk(g.client.Policies.All(ctx, keygen.ListPoliciesParams{ProductID: g.product, PageSize: 20}), func(p *keygen.Policy) bool {
			if p.ID != g.pool && p.ID != g.empty {
				seen = append(seen, p.ID+" "+p.Name)
			}
			return true
		})
		if err == nil {
			g.same(ctx, seen, soakEach(g.policies.items, func(p *soakKeygenThing) string { return p.id + " " + p.name }))
		}
		return err
	}}
}

// listLicenses sees those of other callers, too, while they come and go.
func (g *soakKeygen) listLicenses() *soakDeed {
	return &soakDeed{op: keygenmock.OpListLicenses, do: func(ctx context.Context) error {
		page, err := g.client.Licenses.List(ctx, keygen.ListLicensesParams{PolicyID: g.all, Limit: 20})
		if err != nil {
			return err
		}
		known := map[string]*soakKeygenThing{}
		for _, license := range g.licenses.items {
			known[license.id] = license
		}
		for _, license := range page.Items {
			mine := known[license.ID]
			g.expect(ctx, license.PolicyID == g.all && (mine == nil || mine.name == license.Name && mine.key == license.Key), "another license: %+v", license)
		}
		return nil
	}}
}
