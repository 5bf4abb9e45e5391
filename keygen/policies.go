package keygen

import (
	"cmp"
	"context"
	"iter"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// PoliciesService has the vendor's operations on policies. Get it from
// [Client.Policies]; what concerns the pool of one is in [Pool].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: see [KeysService].
type PoliciesService struct{ service service }

// Create creates a policy. Set UsePool for one with a pool: it cannot be given
// one later.
//
//	POST /accounts/{account}/policies · Once
//
// After [ErrUnknownOutcome] there is one new policy or none: list the product's
// policies and look for one with the Name of this call that was created since.
// Names are not unique, so give each its own. Do the same after an error whose
// Outcome is [OutcomeApplied].
//
// Errors: [ErrInvalid] for parameters out of bounds, or a product that does not
// exist, of which a product's token gets [ErrForbidden]; [ErrUnknownOutcome].
func (s *PoliciesService) Create(ctx context.Context, params CreatePolicyParams) (*Policy, error) {
	req, err := s.service.createPolicy(params)
	answer, err := call[policyAnswer](ctx, s.service, keygenwire.CreatePolicyOp, req, err)
	if err != nil {
		return nil, err
	}
	return policyFromWire(answer.Data), nil
}

// Get returns one policy.
//
//	GET /accounts/{account}/policies/{policyId} · Read
//
// Errors: [ErrNotFound]; [ErrInvalid] for what is no id.
func (s *PoliciesService) Get(ctx context.Context, policyID string) (*Policy, error) {
	req, err := s.service.one("policyID", policyID, keygenwire.NewGetPolicyRequest)
	answer, err := call[policyAnswer](ctx, s.service, keygenwire.GetPolicyOp, req, err)
	if err != nil {
		return nil, err
	}
	return policyFromWire(answer.Data), nil
}

// List returns some policies, or one page of them. To walk over all, use
// [PoliciesService.All].
//
//	GET /accounts/{account}/policies · Read
//
// Errors: [ErrInvalid] for parameters out of bounds or that do not go together.
func (s *PoliciesService) List(ctx context.Context, params ListPoliciesParams) (*Page[Policy], error) {
	req, err := s.service.listPolicies(params)
	return list(ctx, s.service, keygenwire.ListPoliciesOp, params.Cursor, policyFromWire, req, err)
}

// All walks over the policies that params selects, as [KeysService.All] does
// over keys, with the same promises and errors.
//
//	GET /accounts/{account}/policies · Read, once per page
func (s *PoliciesService) All(ctx context.Context, params ListPoliciesParams) iter.Seq2[*Policy, error] {
	params.PageSize = cmp.Or(params.PageSize, maxRows)
	return walkOver(s.service, keygenwire.ListPoliciesOp, params.Cursor, (*Policy).id, func(cursor string) (*Page[Policy], error) {
		params := params
		params.Cursor = Set(cursor)
		return s.List(ctx, params)
	})
}

// Delete deletes a policy for good, and with it the keys of its pool and all
// its licenses: what end users have stops working. The vendor removes those a
// while after it has answered.
//
//	DELETE /accounts/{account}/policies/{policyId} · Idempotent
//
// If the vendor does not find the policy after an attempt whose outcome is
// unknown, that attempt has most likely deleted it, and Delete succeeds. After
// [ErrUnknownOutcome] call Delete again; then [ErrNotFound] means that it is
// done.
//
// Errors: [ErrNotFound]; [ErrInvalid] for what is no id; [ErrUnknownOutcome].
func (s *PoliciesService) Delete(ctx context.Context, policyID string) error {
	req, err := s.service.one("policyID", policyID, keygenwire.NewDeletePolicyRequest)
	return deletion(ctx, s.service, keygenwire.DeletePolicyOp, req, err)
}

func (p *Policy) id() string { return p.ID }
