package keygenmock

import (
	"net/http"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of pools.
var (
	rulePoolList     = rule(obs, "pool.list", "The pool of a policy is listed like keys, but without filters; that of a policy that is not pooled is empty.")
	rulePoolKey      = rule(obs, "pool.key", "A key is found through the pool of its own policy only.")
	rulePoolUsers    = rule(obs, "pool.customers", "Who has a license of a policy sees the policy, but gets 403 for its pool; to others the policy does not exist.")
	rulePoolPop      = rule(doc, "pool.pop", "A pop takes a key out of the pool and answers 200 with it; nothing puts it back.")
	rulePoolNewest   = rule(obs, "pool.newest-first", "The newest key leaves a pool first, by pop and for licenses alike.")
	rulePoolOldest   = rule(asm, "pool.oldest-first", "If the test asks for it, the oldest key leaves a pool first.")
	rulePoolEmpty    = rule(obs, "pool.empty", "A pop from an empty pool is answered 422, without code and links.")
	rulePoolUnpooled = rule(obs, "pool.unpooled", "A pop from a policy that is not pooled is answered 422, even if it has keys.")
	rulePoolAtomic   = rule(asm, "pool.atomic", "No key leaves a pool twice, however many ask at once.")
)

var poolOperations = []operation{
	op(OpListPool, "GET", "/policies/{policyId}/pool", (*call).listPool),
	op(OpGetPoolKey, "GET", "/policies/{policyId}/pool/{keyId}", (*call).getPoolKey),
	op(OpPopPool, "DELETE", "/policies/{policyId}/pool", (*call).popPool),
}

var (
	toReadPool = access{"key.read", slices.Concat(employees, []role{roleProduct})}
	toPop      = access{"policy.pool.pop", makers}
)

func (c *call) listPool() (core.Answer, *failure) {
	policy, fail := c.findPolicy()
	if fail != nil {
		return core.Answer{}, fail
	}
	p, bad := readPaging(c.Turn, c.query)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	if fail := c.authorizePool(toReadPool); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(rulePoolList)
	inPool := nothing[Key]()
	if policy.Pooled {
		inPool = keyOfPolicy.Is(policy.ID)
	}
	return listOf(c, p, c.account.keys, keyOrders, core.Filter[*row[Key]]{inPool}, c.encodeKey)
}

// inPool reports whether a key is in the pool of a policy. A policy that is not
// pooled may have keys all the same, but no pool.
func (c *call) inPool(k *Key, p *Policy) bool { return p.Pooled && k.PolicyID == p.ID }

// authorizePool asks whether somebody who sees a policy may use its pool.
func (c *call) authorizePool(a access) *failure {
	fail := c.authorize(a)
	if fail != nil && (c.bearer.role == roleUser || c.bearer.role == roleLicense) {
		c.Decided(rulePoolUsers)
	}
	return fail
}

func (c *call) getPoolKey() (core.Answer, *failure) {
	policy, fail := c.findPolicy()
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(rulePoolKey)
	typed := c.req.Params.Get("keyId")
	id, _ := canonicalUUID(typed)
	k := c.account.keys.get(id)
	if k == nil || !c.inPool(k, policy) {
		c.Decided(ruleNotFound)
		return core.Answer{}, notFound("key", typed)
	}
	if fail := c.authorizePool(toReadPool); fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodeKey(k).JSON)
}

func (c *call) popPool() (core.Answer, *failure) {
	policy, fail := c.findPolicy()
	if fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.authorizePool(toPop); fail != nil {
		return core.Answer{}, fail
	}
	if !policy.Pooled {
		c.Decided(rulePoolUnpooled)
		return core.Answer{}, notPopped("pool is not supported")
	}
	k := c.nextKey(policy.ID)
	if k == nil {
		c.Decided(rulePoolEmpty)
		return core.Answer{}, notPopped("pool is empty")
	}
	shown := c.encodeKey(k).JSON
	c.account.keys.remove(k)
	c.Effect(EffectKeyPopped, k.ID, "")
	c.emit("policy.pool.popped", k.ID)
	c.Decided(rulePoolPop)
	return c.respond(http.StatusOK, shown)
}

// notPopped is how a pop fails, which no other refusal looks like.
func notPopped(detail string) *failure {
	return refusal(http.StatusUnprocessableEntity, problem{
		Title: "Unprocessable entity", Detail: detail, Source: at("/data/relationships/pool"),
	})
}

// nextKey returns the key that leaves the pool of a policy next, or nil if there
// is none. It stays in the pool until it is popped or drawn, so that a license
// that cannot be saved leaves it where it is.
func (c *call) nextKey(policyID string) *Key {
	c.Decided(rulePoolAtomic)
	pool, page := core.Filter[*row[Key]]{keyOfPolicy.Is(policyID)}, int64(1)
	if c.state.fifo {
		c.Decided(rulePoolOldest)
		page = max(1, c.account.keys.rows.Count(pool...)) // the last of pages with one key each
	} else {
		c.Decided(rulePoolNewest)
	}
	rows, _ := c.account.keys.rows.Page(pool, page, 1)
	if len(rows) == 0 {
		return nil
	}
	return rows[0].object
}

// draw takes a key out of its pool for a license.
func (c *call) draw(k *Key, licenseID string) {
	c.account.keys.remove(k)
	c.Effect(EffectKeyDrawn, k.ID, licenseID)
}
