package keygenmock

import (
	"net/http"
	"slices"
	"unicode/utf8"
)

// Rules of the texts of keys and the policies that take them.
var (
	ruleKeyNoPolicy   = rule(obs, "key.policy-not-found", "A policy that does not exist, or is another account's, is answered 422 POLICY_NOT_FOUND.")
	ruleKeyUnpooled   = rule(obs, "key.policy-not-supported", "A key is not added to a policy that is not pooled: 422 POLICY_NOT_SUPPORTED.")
	ruleKeyTaken      = rule(obs, "key.taken", "No two keys of an account have the same text, in whatever policies: 422 KEY_TAKEN.")
	ruleKeyReserved   = rule(obs, "key.reserved", "The texts action and actions are reserved: 422 KEY_NOT_ALLOWED.")
	ruleKeyLength     = rule(obs, "key.length", "A key has 8 to 1024 characters, else 422 KEY_TOO_SHORT or KEY_TOO_LONG.")
	ruleKeyConflict   = rule(obs, "key.conflict", "A key is neither the key nor the id of a license of the account: 422 KEY_CONFLICT.")
	ruleKeyElsewhere  = rule(obs, "key.other-account", "Keys and licenses of other accounts collide with nothing.")
	ruleKeyRecheck    = rule(obs, "key.recheck", "An update checks the text again even if it stays; whether the policy is pooled it does not.")
	ruleKeyErrorOrder = rule(obs, "key.error-order", "Several rules can fail at once: their errors are grouped by attribute, the groups in the order of their first failure, and errors of one code and pointer are one.")
)

const (
	keyPage       = "keys/#keys-object-attrs-key"
	keyPolicyPage = "keys/#keys-object-relationships-policy"

	keyPointer    = "/data/attributes/key"
	policyPointer = "/data/relationships/policy"

	minKeyLength = 8
	maxKeyLength = 1024
)

// violations are what an object does wrong, in the order of the vendor's checks.
type violations struct {
	*call
	problems []problem
}

func (v *violations) add(rule, pointer, code, detail, page string) {
	v.Decided(rule)
	v.problems = append(v.problems, problem{Title: titleUnprocessable, Detail: detail, Code: code, Source: at(pointer), Links: linkTo(page)})
}

// failure is the refusal of what was found, if anything.
func (v *violations) failure() *failure {
	if len(v.problems) == 0 {
		return nil
	}
	v.Decided(ruleKeyErrorOrder)
	return refusal(http.StatusUnprocessableEntity, grouped(v.problems)...)
}

// grouped brings the problems of one attribute together, and drops those that
// say what another says.
func grouped(problems []problem) (list []problem) {
	var pointers []string
	for _, p := range problems {
		if !slices.Contains(pointers, p.Source.Pointer) {
			pointers = append(pointers, p.Source.Pointer)
		}
	}
	for _, pointer := range pointers {
		for _, p := range problems {
			same := func(other problem) bool { return other.Code == p.Code && other.Source.Pointer == pointer }
			if p.Source.Pointer == pointer && !slices.ContainsFunc(list, same) {
				list = append(list, p)
			}
		}
	}
	return list
}

// checkNewKey checks a key that is to be added to a policy.
func (c *call) checkNewKey(text string, p *Policy) *failure {
	v := &violations{call: c}
	if p == nil {
		v.add(ruleKeyNoPolicy, policyPointer, "POLICY_NOT_FOUND", "must exist", keyPolicyPage)
	}
	v.checkText(text, nil)
	if p != nil && !p.Pooled {
		v.add(ruleKeyUnpooled, policyPointer, "POLICY_NOT_SUPPORTED", "cannot be added to an unpooled policy", keyPolicyPage)
	}
	v.checkConflicts(text)
	return v.failure()
}

// checkKey checks the text that a key is to have.
func (c *call) checkKey(text string, self *Key) *failure {
	c.Decided(ruleKeyRecheck)
	v := &violations{call: c}
	v.checkText(text, self)
	v.checkConflicts(text)
	return v.failure()
}

func (v *violations) checkText(text string, self *Key) {
	wrong := func(rule, code, detail string) { v.add(rule, keyPointer, code, detail, keyPage) }
	if other := v.account.keys.byText[text]; other != nil && other != self {
		wrong(ruleKeyTaken, "KEY_TAKEN", "has already been taken")
	}
	if text == "actions" || text == "action" {
		wrong(ruleKeyReserved, "KEY_NOT_ALLOWED", "is reserved")
	}
	switch n := utf8.RuneCountInString(text); {
	case n < minKeyLength:
		wrong(ruleKeyLength, "KEY_TOO_SHORT", "is too short (minimum is 8 characters)")
	case n > maxKeyLength:
		wrong(ruleKeyLength, "KEY_TOO_LONG", "is too long (maximum is 1024 characters)")
	}
}

// checkConflicts looks at the licenses of the account, and not at those of
// others.
func (v *violations) checkConflicts(text string) {
	if id, isID := canonicalUUID(text); isID && v.account.licenses.get(id) != nil {
		v.add(ruleKeyConflict, keyPointer, "KEY_CONFLICT", "must not conflict with another license's identifier (UUID)", keyPage)
	}
	if v.account.licenses.byText[text] != nil {
		v.add(ruleKeyConflict, keyPointer, "KEY_CONFLICT", "is already being used as a license's key", keyPage)
	}
	for _, other := range v.state.accounts {
		if other != v.account && (other.licenses.byText[text] != nil || other.keys.byText[text] != nil) {
			v.Decided(ruleKeyElsewhere)
		}
	}
}
