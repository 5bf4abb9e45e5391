package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// rowDocument is the whole document of an answer, of which nothing may be
// missing and to which nothing may be added.
type rowDocument func(*rowPlay) string

// rowObject is one object of an answer.
type rowObject func(*rowPlay) string

// rowData is a document of one object.
func rowData(object rowObject) rowDocument {
	return func(p *rowPlay) string { return `{"data": ` + object(p) + `}` }
}

// rowList is a list without pages: the keys of these indices, such as 4, 3, 2.
func rowList(indices ...int) rowDocument {
	return func(p *rowPlay) string { return `{"data": ` + p.keyList(indices) + `}` }
}

// rowPage is a list with links, each null or the query that leads there.
func rowPage(links string, indices ...int) rowDocument {
	return func(p *rowPlay) string {
		path := "/v1/accounts/" + test1 + "/keys?"
		links := strings.ReplaceAll(p.expand(links), "?", path)
		return fmt.Sprintf(`{"data": %s, "links": %s}`, p.keyList(indices), links)
	}
}

// rowDown counts from one index down to another.
func rowDown(from, to int) []int {
	var indices []int
	for i := from; i >= to; i-- {
		indices = append(indices, i)
	}
	return indices
}

// rowWholePool is a list of all keys of the oldest policy.
func rowWholePool(p *rowPlay) string {
	list := []string{}
	for _, key := range p.before.keysOf(p.before.Policies[0].ID) {
		list = append(list, p.keyJSON(key))
	}
	return `{"data": [` + strings.Join(list, ",") + `]}`
}

func (p *rowPlay) keyList(indices []int) string {
	list := []string{}
	for _, i := range indices {
		list = append(list, p.keyJSON(p.before.Keys[i]))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// rowKey is a key as it was before.
func rowKey(index int) rowObject {
	return func(p *rowPlay) string { return p.keyJSON(p.before.Keys[index]) }
}

// rowNewKey is a key that was not there before, in the oldest policy.
func rowNewKey(text string) rowObject {
	return func(p *rowPlay) string {
		key := keygenmock.Key{ID: p.newID("keys"), Key: text, PolicyID: p.before.Policies[0].ID, Created: p.now, Updated: p.now}
		return p.keyJSON(key)
	}
}

// rowRenamed is the oldest key with another text.
func rowRenamed(text string) rowObject {
	return func(p *rowPlay) string {
		key := p.before.Keys[0]
		key.Key, key.Updated = text, p.now
		return p.keyJSON(key)
	}
}

// newID is the id of the only object of a kind that was not there before, which
// must be the newest now.
func (p *rowPlay) newID(kind string) string {
	p.Helper()
	before, after := p.before.ids(kind), p.after.ids(kind)
	require.Len(p, after, len(before)+1)
	require.Equal(p, before, after[:len(before)])
	id := after[len(before)]
	require.Regexp(p, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
	return id
}

func (p *rowPlay) keyJSON(k keygenmock.Key) string {
	return p.objectJSON("keys", k.ID, map[string]any{
		"key": k.Key, "created": keygenTime(k.Created), "updated": keygenTime(k.Updated),
	}, map[string]any{
		"product": p.relation("keys", k.ID, "product", p.linkage("products", p.before.policy(k.PolicyID).ProductID)),
		"policy":  p.relation("keys", k.ID, "policy", p.linkage("policies", k.PolicyID)),
	})
}

// rowPolicyOfKey is the policy of the oldest key.
func rowPolicyOfKey(p *rowPlay) string {
	policy := p.before.policy(p.before.Keys[0].PolicyID)
	attributes := map[string]any{
		"name": policy.Name, "duration": policy.Duration.Seconds(), "usePool": policy.Pooled, "maxMachines": 1,
		"strict": false, "floating": false, "encrypted": false, "protected": policy.Protected, "scheme": nil,
		"maxProcesses": nil, "maxUsers": nil, "maxCores": nil, "maxMemory": nil, "maxDisk": nil, "maxUses": nil,
		"machineUniquenessStrategy": "UNIQUE_PER_LICENSE", "machineMatchingStrategy": "MATCH_ANY",
		"componentUniquenessStrategy": "UNIQUE_PER_MACHINE", "componentMatchingStrategy": "MATCH_ANY",
		"expirationStrategy": "RESTRICT_ACCESS", "expirationBasis": "FROM_CREATION", "renewalBasis": "FROM_EXPIRY",
		"transferStrategy": "KEEP_EXPIRY", "authenticationStrategy": "TOKEN", "machineLeasingStrategy": "PER_LICENSE",
		"processLeasingStrategy": "PER_MACHINE", "overageStrategy": "NO_OVERAGE",
		"requireProductScope": false, "requirePolicyScope": false, "requireMachineScope": false, "requireFingerprintScope": false,
		"requireComponentsScope": false, "requireUserScope": false, "requireChecksumScope": false, "requireVersionScope": false,
		"requireCheckIn": false, "checkInInterval": nil, "checkInIntervalCount": nil, "requireHeartbeat": false,
		"heartbeatDuration": nil, "heartbeatCullStrategy": "DEACTIVATE_DEAD", "heartbeatResurrectionStrategy": "NO_REVIVE",
		"heartbeatBasis": "FROM_FIRST_PING", "metadata": map[string]any{},
		"created": keygenTime(policy.Created), "updated": keygenTime(policy.Updated),
	}
	if policy.Duration == 0 {
		attributes["duration"] = nil
	}
	if policy.Attributes["floating"] == true {
		attributes["floating"], attributes["maxMachines"] = true, nil
	}
	relations := map[string]any{
		"product": p.relation("policies", policy.ID, "product", p.linkage("products", policy.ProductID)),
	}
	for _, name := range []string{"pool", "licenses", "entitlements"} {
		relations[name] = p.relation("policies", policy.ID, name, nil)
	}
	return p.objectJSON("policies", policy.ID, attributes, relations)
}

// rowProductOfKey is the product of the oldest key, which is also the oldest.
func rowProductOfKey(p *rowPlay) string {
	product := p.before.Products[0]
	require.Equal(p, p.before.policy(p.before.Keys[0].PolicyID).ProductID, product.ID)
	relations := map[string]any{}
	for _, name := range []string{"policies", "licenses", "machines", "users", "tokens", "platforms", "channels", "releases", "artifacts"} {
		relations[name] = p.relation("products", product.ID, name, nil)
	}
	return p.objectJSON("products", product.ID, map[string]any{
		"name": "Example App", "code": "example-app", "distributionStrategy": "LICENSED", "url": "https://app.example",
		"platforms": []string{"linux", "windows"}, "metadata": map[string]any{"team": "blue"},
		"created": keygenTime(product.Created), "updated": keygenTime(product.Updated),
	}, relations)
}

// rowNewLicense is a license of the oldest policy whose key is that of its
// newest key.
func rowNewLicense(p *rowPlay) string {
	id, policy := p.newID("licenses"), p.before.Policies[0]
	relation := func(name string, with map[string]any) map[string]any { return p.relation("licenses", id, name, with) }
	return p.objectJSON("licenses", id, map[string]any{
		"name": nil, "key": p.before.keysOf(policy.ID)[0].Key, "expiry": keygenTime(p.now.Add(policy.Duration)), "status": "ACTIVE",
		"uses": 0, "suspended": false, "scheme": nil, "encrypted": false, "strict": false, "floating": true, "protected": false,
		"version": nil, "maxMachines": nil, "maxProcesses": nil, "maxUsers": nil, "maxCores": nil, "maxMemory": nil, "maxDisk": nil,
		"maxUses": nil, "requireHeartbeat": false, "requireCheckIn": false, "lastValidated": nil, "lastCheckIn": nil,
		"nextCheckIn": nil, "lastCheckOut": nil, "metadata": map[string]any{},
		"created": keygenTime(p.now), "updated": keygenTime(p.now),
	}, map[string]any{
		"product":      relation("product", p.linkage("products", policy.ProductID)),
		"policy":       relation("policy", p.linkage("policies", policy.ID)),
		"group":        relation("group", map[string]any{"data": nil}),
		"owner":        relation("owner", map[string]any{"data": nil}),
		"users":        relation("users", map[string]any{"meta": map[string]any{"count": 0}}),
		"machines":     relation("machines", map[string]any{"meta": map[string]any{"cores": 0, "memory": 0, "disk": 0, "count": 0}}),
		"tokens":       relation("tokens", nil),
		"entitlements": relation("entitlements", nil),
	})
}

// objectJSON is an object of test1; its relation to the account goes without
// saying.
func (p *rowPlay) objectJSON(kind, id string, attributes, relations map[string]any) string {
	account := "/v1/accounts/" + p.ids[test1]
	relations["account"] = map[string]any{
		"links": map[string]any{"related": account}, "data": map[string]any{"type": "accounts", "id": p.ids[test1]},
	}
	text, err := json.Marshal(map[string]any{
		"id": id, "type": kind, "attributes": attributes, "relationships": relations,
		"links": map[string]any{"self": account + "/" + kind + "/" + id},
	})
	require.NoError(p, err)
	return string(text)
}

// relation is a relationship by its link, and more.
func (p *rowPlay) relation(kind, id, name string, with map[string]any) map[string]any {
	relation := map[string]any{"links": map[string]any{"related": "/v1/accounts/" + p.ids[test1] + "/" + kind + "/" + id + "/" + name}}
	maps.Copy(relation, with)
	return relation
}

func (p *rowPlay) linkage(kind, id string) map[string]any {
	return map[string]any{"data": map[string]any{"type": kind, "id": id}}
}

// rowRefused is a document of these errors.
func rowRefused(problems ...string) rowDocument {
	return func(p *rowPlay) string {
		return fmt.Sprintf(`{"meta": {"id": %q}, "errors": [%s]}`,
			p.answer.Header.Get("X-Request-Id"), p.expand(strings.Join(problems, ",")))
	}
}

const rowDocs = "https://keygen.sh/docs/api/"

// Errors to the letter.
const (
	rowInactive     = `{"title": "Account does not have an active subscription", "detail": "must have an active subscription to access this resource"}`
	rowTokenMissing = `{"title": "Unauthorized", "detail": "You must be authenticated to complete the request", "code": "TOKEN_MISSING",
		"links": {"about": "` + rowDocs + `authentication/"}}`
	rowTokenInvalid = `{"title": "Unauthorized", "detail": "You must be authenticated to complete the request", "code": "TOKEN_INVALID",
		"links": {"about": "` + rowDocs + `authentication/#token-authentication"}}`
	rowEnvironment = `{"title": "Bad request", "detail": "is unsupported", "code": "ENVIRONMENT_NOT_SUPPORTED", "source": {"header": "Keygen-Environment"}}`
	rowPoolEmpty   = `{"title": "Unprocessable resource", "detail": "pool is empty", "code": "POLICY_POOL_EMPTY",
		"source": {"pointer": "/data/relationships/policy"}, "links": {"about": "` + rowDocs + `licenses/#licenses-object-relationships-policy"}}`
)

// rowLacks says that a role may never do that.
func rowLacks(role string) string {
	return `{"title": "Access denied", "detail": "You do not have permission to complete the request (` + role + ` lacks permission to perform action)"}`
}

func rowNotFound(kind, id string) string {
	return `{"title": "Not found", "detail": "The requested ` + kind + ` '` + id + `' was not found", "code": "NOT_FOUND"}`
}

// rowMalformed says that a member of the document breaks a rule.
func rowMalformed(pointer, detail string) string {
	return `{"title": "Bad request", "detail": "` + detail + `", "source": {"pointer": "` + pointer + `"}}`
}

// rowOutOfRange says that a parameter is none of 1 to 100.
func rowOutOfRange(parameter, name string, got int) string {
	return fmt.Sprintf(`{"title": "Bad request", "detail": "%s must be a number between 1 and 100 (got %d)", "source": {"parameter": %q}}`, name, got, parameter)
}

// rowBadKey says what is wrong with the text of a key.
func rowBadKey(code, detail string) string {
	return rowUnprocessable("/data/attributes/key", code, detail, "attrs-key")
}

// rowBadPolicy says what is wrong with the policy of a key.
func rowBadPolicy(code, detail string) string {
	return rowUnprocessable("/data/relationships/policy", code, detail, "relationships-policy")
}

func rowUnprocessable(pointer, code, detail, anchor string) string {
	return fmt.Sprintf(`{"title": "Unprocessable resource", "detail": %q, "code": %q, "source": {"pointer": %q}, "links": {"about": %q}}`,
		detail, code, pointer, rowDocs+"keys/#keys-object-"+anchor)
}

// rowNoPop says why nothing can be popped.
func rowNoPop(detail string) string {
	return `{"title": "Unprocessable entity", "detail": "` + detail + `", "source": {"pointer": "/data/relationships/pool"}}`
}
