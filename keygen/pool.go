package keygen

import (
	"cmp"
	"context"
	"iter"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// Pool has the vendor's operations on the pool of one policy. Get it from
// [Client.Pool], as often as you like; it is safe for concurrent use. Keys are
// put into a pool with [KeysService.Create], and leave it by [Pool.Pop], by
// [KeysService.Delete], or with [LicensesService.Create], which draws one.
// Nothing puts a key back: not even deleting the license does.
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return [ErrNotFound] if there is no such policy, and those that any call may:
// see [KeysService].
type Pool struct {
	policyID string
	service  service
}

// PolicyID returns the id of the policy, as it was given to [Client.Pool].
func (p *Pool) PolicyID() string { return p.policyID }

// Get returns one key of the pool by its id.
//
//	GET /accounts/{account}/policies/{policyId}/pool/{keyId} · Read
//
// Errors: [ErrNotFound], also if the key is in another pool; [ErrInvalid] for
// what is no id.
func (p *Pool) Get(ctx context.Context, keyID string) (*Key, error) {
	req, err := p.service.poolKey(p.policyID, keyID)
	answer, err := call[keyAnswer](ctx, p.service, keygenwire.GetPoolKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Data), nil
}

// List returns some keys of the pool, or one page of them. To walk over all,
// use [Pool.All]. The pool of a policy without one is an empty list, not an
// error.
//
//	GET /accounts/{account}/policies/{policyId}/pool · Read
//
// Errors: [ErrInvalid] for parameters out of bounds or that do not go together.
func (p *Pool) List(ctx context.Context, params ListPoolParams) (*Page[Key], error) {
	req, err := p.service.listPool(p.policyID, params)
	return list(ctx, p.service, keygenwire.ListPoolOp, params.Cursor, keyFromWire, req, err)
}

// All walks over the keys of the pool as [KeysService.All] does over those of
// all pools, with the same promises and errors.
//
//	GET /accounts/{account}/policies/{policyId}/pool · Read, once per page
func (p *Pool) All(ctx context.Context, params ListPoolParams) iter.Seq2[*Key, error] {
	params.PageSize = cmp.Or(params.PageSize, maxRows)
	return walkOver(p.service, keygenwire.ListPoolOp, params.Cursor, (*Key).id, func(cursor string) (*Page[Key], error) {
		params := params
		params.Cursor = Set(cursor)
		return p.List(ctx, params)
	})
}

// Pop takes a key out of the pool and returns it, for you to hand out by other
// means than a license of the vendor. The vendor gives no order; the newest key
// leaves first as a rule.
//
//	DELETE /accounts/{account}/policies/{policyId}/pool · Once
//
// The answer is the last that the vendor shows of the key. If it is lost, what
// the key was can be told only from a record of your own: after
// [ErrUnknownOutcome] (or an error whose Outcome is [OutcomeApplied]) list the
// pool and compare it with the keys that you have put in, or with a list from
// before the call. What is missing was popped by this call, or taken by others
// meanwhile. Never just call Pop again for the same order. Where no key may get
// lost, draw a license instead: [LicensesService.Create] finds out by itself.
//
// Two calls at the same moment might be given the same key (the vendor makes
// no promise here). Where several programs pop, let one of them do it for all.
//
// Errors: [ErrPoolEmpty]; [ErrPoolNotSupported] if the policy has no pool;
// [ErrInvalid] for what is no id; [ErrUnknownOutcome].
func (p *Pool) Pop(ctx context.Context) (*Key, error) {
	req, err := p.service.one("policyID", p.policyID, keygenwire.NewPopPoolRequest)
	answer, err := call[keyAnswer](ctx, p.service, keygenwire.PopPoolOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Data), nil
}
