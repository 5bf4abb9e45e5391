package luaprotmock

import (
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const (
	host = "luaprot.net"

	keysV1 = "/api/v1/keys"
	hubsV1 = "/api/v1/hubs/{hubId}"
	hubsV2 = "/api/v2/hubs/{hubId}"
)

// operation is one operation with the names it knows: query parameters, and
// fields of its JSON body.
type operation struct {
	core.Op
	handle func(*call) (core.Answer, *failure)
	query  []string
	body   bodyKind
	fields []string
}

type bodyKind int

const (
	noBody bodyKind = iota
	objectBody
	listBody
)

var operations = []operation{
	{core.Op{ID: OpFetchKeys, Method: "GET", Path: keysV1 + "/fetch", Reads: true}, (*call).fetchKeys, fetchParameters, noBody, nil},
	{core.Op{ID: OpDeleteKeys, Method: "POST", Path: keysV1 + "/bulk-delete"}, (*call).deleteKeysInBulk, nil, listBody, nil},
	{core.Op{ID: OpAddKey, Method: "POST", Path: hubsV2 + "/keys/add"}, (*call).addKey, nil, objectBody, addFields},
	{core.Op{ID: OpGenerateKeys, Method: "POST", Path: hubsV2 + "/keys/generate"}, (*call).generateKeys, nil, objectBody, generateFields},
	{core.Op{ID: OpGetKeyInfo, Method: "GET", Path: hubsV1 + "/keys/info", Reads: true}, (*call).getKeyInfo, lookupParameters, noBody, nil},
	{core.Op{ID: OpUpdateKey, Method: "PATCH", Path: hubsV2 + "/keys/update"}, (*call).updateKey, lookupParameters, objectBody, updateFields},
	{core.Op{ID: OpDeleteKey, Method: "DELETE", Path: hubsV1 + "/keys/delete"}, (*call).deleteKey, lookupParameters, noBody, nil},
	{core.Op{ID: OpResetHWID, Method: "PATCH", Path: hubsV1 + "/hwid/reset"}, (*call).resetHWID, lookupParameters, noBody, nil},
}

// routes finds operations for the only question that the server does not ask:
// would the other version of the path have been right?
var routes = core.NewRouter((&vendor{}).Ops())

// operationOf are the operations by their ids.
var operationOf = core.ByID(operations, func(op *operation) string { return op.ID })

// vendor is the world as the server drives it.
type vendor struct {
	state *state
	shown core.Shown[look]
}

// call is one request on its way through the checks.
type call struct {
	turn
	req    *core.Request
	op     *operation
	apiKey *apiKey
	hub    *hub // that the path names, if it names one
	shown  *core.Shown[look]
}

func (v *vendor) Ops() []core.Op {
	ops := make([]core.Op, len(operations))
	for i, op := range operations {
		ops[i] = op.Op
	}
	return ops
}

func (v *vendor) Hosts() []string { return []string{host} }

// Root is the host's own: the vendor's paths carry their versions themselves.
func (v *vendor) Root() string { return "/" }

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() {
	*v.state = *newState()
	v.shown.Forget()
}

func (v *vendor) Behaviours() []core.Behaviour { return behaviours.Behaviours() }

func (v *vendor) EffectKinds() []string { return effectKinds }

// Serve answers one request: the checks in their order, then the operation,
// which checks content before existence and both before it changes anything.
func (v *vendor) Serve(t *core.Turn, req *core.Request) core.Answer {
	c := &call{turn: newTurn(t, v.state), req: req, shown: &v.shown}
	for _, check := range []func() *failure{c.route, c.authenticate, c.checkAddress, c.throttle, c.noteInVain, c.findHub} {
		if fail := check(); fail != nil {
			return c.refuse(fail)
		}
	}
	answer, fail := c.op.handle(c)
	if fail != nil {
		return c.refuse(fail)
	}
	return answer
}

// route finds the operation of a request.
func (c *call) route() *failure {
	if c.op = operationOf[c.req.Op]; c.op != nil {
		return nil
	}
	c.Decided(ruleRouteUnknown)
	if len(c.req.Allow) > 0 {
		c.Decided(ruleRouteMethod)
	}
	other := strings.NewReplacer("/api/v1/", "/api/v2/", "/api/v2/", "/api/v1/").Replace(c.req.Path)
	if routes.Match(c.req.Method, other).Op != nil {
		c.Decided(ruleRouteVersions)
	}
	return errUnknownRoute
}

// findHub finds the hub that the path names.
func (c *call) findHub() *failure {
	id := c.req.Params.Get("hubId")
	if !c.req.Params.Has("hubId") {
		return nil
	}
	h := c.state.hubs.Get(id)
	if h != nil && h.Owner != c.apiKey.Owner {
		c.Decided(ruleAuthAccount)
		h = nil
	}
	if c.hub = h; h == nil {
		c.Decided(ruleHubNotFound)
		return errHubNotFound
	}
	return nil
}
