package keygen

import (
	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// One function per kind of call checks the arguments and builds the request,
// or reports everything that is wrong with them. Ids are sent as the vendor
// writes them, whatever the spelling they came in, but not where a key or a code
// would do as well.

func (s service) listKeys(p ListKeysParams) (transport.Request, error) {
	var f faults
	f.paging(paging{p.Limit, p.Page, p.PageSize, p.Cursor, p.Order})
	p.PolicyID, p.ProductID = f.optionalID("PolicyID", p.PolicyID), f.optionalID("ProductID", p.ProductID)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewListKeysRequest(s.account, p.toWire())
}

func (s service) listPool(policyID string, p ListPoolParams) (transport.Request, error) {
	var f faults
	policyID = f.id("policyID", policyID)
	f.paging(paging{p.Limit, p.Page, p.PageSize, p.Cursor, p.Order})
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewListPoolRequest(s.account, policyID, p.toWire())
}

func (s service) listPolicies(p ListPoliciesParams) (transport.Request, error) {
	var f faults
	f.paging(paging{p.Limit, p.Page, p.PageSize, p.Cursor, p.Order})
	p.ProductID = f.optionalID("ProductID", p.ProductID)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewListPoliciesRequest(s.account, p.toWire())
}

func (s service) listLicenses(p ListLicensesParams) (transport.Request, error) {
	var f faults
	f.paging(paging{p.Limit, p.Page, p.PageSize, p.Cursor, p.Order})
	p.PolicyID, p.ProductID = f.optionalID("PolicyID", p.PolicyID), f.optionalID("ProductID", p.ProductID)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewListLicensesRequest(s.account, p.toWire())
}

func (s service) createKey(p CreateKeyParams) (transport.Request, error) {
	if err := p.check().Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := keygenwire.NewCreateKeyRequest(s.account, p.toWire())
	req.Secrets = []string{p.Key}
	return req, err
}

func (s service) updateKey(keyID string, p UpdateKeyParams) (transport.Request, error) {
	var f faults
	keyID = f.id("keyID", keyID)
	f.key("Key", p.Key, minKey, maxKey)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := keygenwire.NewUpdateKeyRequest(s.account, keyID, p.toWire())
	req.Secrets = []string{p.Key}
	return req, err
}

func (s service) createPolicy(p CreatePolicyParams) (transport.Request, error) {
	if err := p.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewCreatePolicyRequest(s.account, p.toWire())
}

func (s service) createProduct(p CreateProductParams) (transport.Request, error) {
	if err := p.check().Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewCreateProductRequest(s.account, p.toWire())
}

func (s service) createLicense(p CreateLicenseParams) (transport.Request, error) {
	if err := p.check().Err(); err != nil {
		return transport.Request{}, err
	}
	req, err := keygenwire.NewCreateLicenseRequest(s.account, p.toWire())
	req.Secrets = []string{p.Key}
	return req, err
}

// one is for the calls that take the id of one thing and nothing else.
func (s service) one(field, id string, build func(account, id string) (transport.Request, error)) (transport.Request, error) {
	var f faults
	id = f.id(field, id)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return build(s.account, id)
}

// oneOf is one for things that the vendor also finds by a text.
func (s service) oneOf(
	field, ref string, longest int, build func(account, ref string) (transport.Request, error),
) (transport.Request, error) {
	var f faults
	f.reference(field, ref, longest)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return build(s.account, ref)
}

func (s service) poolKey(policyID, keyID string) (transport.Request, error) {
	var f faults
	policyID, keyID = f.id("policyID", policyID), f.id("keyID", keyID)
	if err := f.Err(); err != nil {
		return transport.Request{}, err
	}
	return keygenwire.NewGetPoolKeyRequest(s.account, policyID, keyID)
}
