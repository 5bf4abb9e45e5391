package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

var policyOperations = []operation{
	op(OpListPolicies, "GET", "/policies", (*call).listPolicies),
	op(OpCreatePolicy, "POST", "/policies", (*call).createPolicy),
	op(OpGetPolicy, "GET", "/policies/{policyId}", (*call).getPolicy),
	op(OpDeletePolicy, "DELETE", "/policies/{policyId}", (*call).deletePolicy),
}

func (c *call) listPolicies() (core.Answer, *failure) { return core.Answer{}, errInternal }
func (c *call) createPolicy() (core.Answer, *failure) { return core.Answer{}, errInternal }
func (c *call) getPolicy() (core.Answer, *failure)    { return core.Answer{}, errInternal }
func (c *call) deletePolicy() (core.Answer, *failure) { return core.Answer{}, errInternal }

// encodePolicy shows a policy as the data of a document.
func (c *call) encodePolicy(p *Policy) any { return nil }
