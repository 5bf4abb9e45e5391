package keygenmock

import (
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const (
	host = "api.keygen.sh"
	root = "/v1"

	accountPath = root + "/accounts/{account}"
)

// operation is one operation of the API. Its handler runs when the account is
// known and the bearer authenticated.
type operation struct {
	core.Op
	handle func(*call) (core.Answer, *failure)
}

// op makes an entry of a table of operations; the path is that below an account.
func op(id, method, path string, handle func(*call) (core.Answer, *failure)) operation {
	return operation{core.Op{ID: id, Method: method, Path: accountPath + path, Reads: method == "GET"}, handle}
}

// operations are those of all files.
var operations = slices.Concat(keyOperations, poolOperations, policyOperations, productOperations, licenseOperations)

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
	req          *core.Request
	op           *operation
	id           string // of the request
	account      *account
	bearer       *bearer
	media        string  // Content-Type of the answer
	version      version // of the API that holds for the request
	versionAsked bool    // the request named it
	sent         []byte  // the body, as far as it is to be read
	body         value
	query        query
	algorithm    string // of the answer's signature
	usage        *usage // of the throttles, if there are any
	shown        *core.Shown[look]
}

func (v *vendor) Ops() []core.Op {
	ops := make([]core.Op, len(operations))
	for i, op := range operations {
		ops[i] = op.Op
	}
	return ops
}

func (v *vendor) Hosts() []string { return []string{host} }

func (v *vendor) Root() string { return root }

func (v *vendor) Behaviours() []core.Behaviour { return behaviours.Behaviours() }

func (v *vendor) EffectKinds() []string { return effectKinds }

// Serve answers one request: the checks in the vendor's order, then the
// operation.
func (v *vendor) Serve(t *core.Turn, req *core.Request) core.Answer {
	c := &call{turn: turn{t, v.state}, req: req, media: typeJSONAPI + charset, version: newest, algorithm: Ed25519, id: requestUUID(t.Now, t.Rand), shown: &v.shown}
	if v.Preflights(req) {
		return c.preflight()
	}
	answer, fail := c.run()
	if fail != nil {
		answer = c.refuse(fail)
	}
	return c.finish(answer, fail)
}

func (c *call) run() (core.Answer, *failure) {
	for _, check := range []func() *failure{
		c.throttle, c.checkVerb, c.route, c.negotiate, c.readQuery, c.readBody,
		c.checkVersion, c.findAccount, c.checkEnvironment, c.readAcceptSignature, c.checkSubscription,
		c.authenticate, c.checkNullBytes, c.noteInVain,
	} {
		if fail := check(); fail != nil {
			return core.Answer{}, fail
		}
	}
	return c.op.handle(c)
}
