package keygenmock

import (
	"fmt"
	"slices"
	"strings"
)

// role is what a bearer is, in the vendor's words.
type role string

const (
	roleAdmin     role = "admin"
	roleDeveloper role = "developer"
	roleSales     role = "sales agent"
	roleSupport   role = "support agent"
	roleReadOnly  role = "read only"
	roleUser      role = "user"
	roleProduct   role = "product"
	roleLicense   role = "license"
)

var roleOfUser = map[string]role{
	RoleAdmin:        roleAdmin,
	RoleDeveloper:    roleDeveloper,
	RoleSalesAgent:   roleSales,
	RoleSupportAgent: roleSupport,
	RoleReadOnly:     roleReadOnly,
	RoleUser:         roleUser,
}

// kindOf names the kind of a bearer's tokens, and the prefix of their secrets.
var kindOf = map[role]struct{ kind, prefix string }{
	roleAdmin:     {"admin-token", "admin"},
	roleDeveloper: {"developer-token", "dev"},
	roleSales:     {"sales-token", "sales"},
	roleSupport:   {"support-token", "spprt"},
	roleReadOnly:  {"read-only-token", "read"},
	roleUser:      {"user-token", "user"},
	roleProduct:   {"product-token", "prod"},
	roleLicense:   {"activation-token", "activ"},
}

// employees are those who work for the account, and see all of it.
var employees = []role{roleAdmin, roleDeveloper, roleSales, roleSupport, roleReadOnly}

// access is what an action asks of its bearer: a permission, which roles have
// by default, and beyond that one of some roles.
type access struct {
	permission string
	roles      []role
}

// permissions of those who do not have them all.
var permissions = map[role]func(permission string) bool{
	roleReadOnly: func(p string) bool { return strings.HasSuffix(p, ".read") },
	roleUser: func(p string) bool {
		return slices.Contains([]string{"license.read", "license.create", "license.delete"}, p)
	},
	roleLicense: func(p string) bool { return p == "license.read" },
	roleProduct: func(p string) bool {
		return strings.HasPrefix(p, "key.") || strings.HasPrefix(p, "license.") || strings.HasPrefix(p, "policy.") || p == "product.read"
	},
}

// authorize asks whether the bearer may take an action at all. Whether it may
// with this object is for [call.hides] and the like.
func (c *call) authorize(a access) *failure {
	role := c.bearer.role
	if has := permissions[role]; has != nil && !has(a.permission) {
		return c.lacksPermission()
	}
	if !slices.Contains(a.roles, role) {
		return c.forbid()
	}
	return nil
}

// lacksPermission is the refusal of a role that by default never may.
func (c *call) lacksPermission() *failure {
	c.Decided(ruleRolePermission)
	return denied(fmt.Sprintf("%s lacks permission to perform action", c.bearer.role))
}

// forbid is the refusal of somebody who has the permission, but not here.
func (c *call) forbid() *failure {
	c.Decided(ruleRoleForbidden)
	return errForbidden
}

// isEmployee reports whether the bearer sees all of the account.
func (c *call) isEmployee() bool { return slices.Contains(employees, c.bearer.role) }

// sees reports whether the bearer sees the objects of a policy's product. Users
// and licenses see no keys.
func (c *call) seesKeysOf(p *Policy) bool {
	return c.isEmployee() || c.bearer.product != nil && p != nil && p.ProductID == c.bearer.id
}

// seesPolicy reports whether a policy is there for the bearer: for an employee,
// for its product, and for those who have a license of it.
func (c *call) seesPolicy(p *Policy) bool {
	switch {
	case c.bearer.user != nil && !c.isEmployee():
		return c.account.licenses.rows.Count(licenseOfOwner.Is(c.bearer.id), licenseOfPolicy.Is(p.ID)) > 0
	case c.bearer.license != nil:
		return c.bearer.license.PolicyID == p.ID
	default:
		return c.seesKeysOf(p)
	}
}

// findPolicy finds the policy that the path names, as far as the bearer sees it.
func (c *call) findPolicy() (*Policy, *failure) {
	typed := c.req.Params.Get("policyId")
	id, _ := canonicalUUID(typed)
	p := c.account.policies.get(id)
	if p != nil && !c.seesPolicy(p) {
		c.Decided(ruleScopeHidden)
		p = nil
	}
	if p == nil {
		c.Decided(ruleNotFound)
		return nil, notFound("policy", typed)
	}
	return p, nil
}
