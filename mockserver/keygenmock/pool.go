package keygenmock

import (
	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var poolOperations = []operation{
	op(OpListPool, "GET", "/policies/{policyId}/pool", (*call).listPool),
	op(OpGetPoolKey, "GET", "/policies/{policyId}/pool/{keyId}", (*call).getPoolKey),
	op(OpPopPool, "DELETE", "/policies/{policyId}/pool", (*call).popPool),
}

func (c *call) listPool() (core.Answer, *failure)   { return core.Answer{}, errInternal }
func (c *call) getPoolKey() (core.Answer, *failure) { return core.Answer{}, errInternal }
func (c *call) popPool() (core.Answer, *failure)    { return core.Answer{}, errInternal }

// nextKey returns the key that leaves the pool of a policy next, or nil if there
// is none. It stays in the pool: whoever has made its use certain calls draw.
func (t *turn) nextKey(a *account, policyID string) *Key {
	keys := a.keys.newestFirst()
	if t.state.fifo {
		keys = a.keys.oldestFirst()
	}
	for k := range keys {
		if k.PolicyID == policyID {
			return k
		}
	}
	return nil
}

// draw takes a key out of its pool for a license.
func (t *turn) draw(a *account, k *Key, licenseID string) {
	a.removeKey(k)
	t.Effect(EffectKeyDrawn, k.ID, licenseID)
}
